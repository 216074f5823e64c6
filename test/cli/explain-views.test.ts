import {afterEach, beforeEach, describe, expect, it, vi} from 'vitest'
import {
  blocksText,
  codesText,
  codeText,
  explanationsText,
  optionsText,
  textWordsText,
  unsupportedText,
} from '../../src/cli/explain-views.ts'
import {codeExplanations, explainKeyword, explainOption, unsupportedKeywords} from '../../src/config/manual/explain.ts'
import {blockManuals, keywordManuals} from '../../src/config/manual/keywords.ts'
import {TEXT_WORDS} from '../../src/config/manual/text-words.ts'

const before = {isTTY: process.stdout.isTTY, columns: process.stdout.columns}
const terminal = (columns: number | undefined): void => {
  Object.assign(process.stdout, {isTTY: columns !== undefined, columns})
}
beforeEach(() => {
  vi.stubEnv('NO_COLOR', '1')
  terminal(undefined)
})
afterEach(() => {
  vi.unstubAllEnvs()
  Object.assign(process.stdout, before)
})

describe('an explanation', () => {
  it('says all there is to say of a keyword', () => {
    expect(explanationsText(explainKeyword('preempt_delay'))).toBe(
      [
        'preempt_delay 0..1000 seconds',
        '  time to wait before taking over from a master of lower priority',
        '  stands       in vrrp_instance',
        '  default      0',
        '  since        keepalived 2.2.7 or earlier',
        '  given again  the later one counts, with a warning',
        '  agent        acts on it',
        '  example      preempt_delay 0',
      ].join('\n'),
    )
  })

  it('says what comes of a keyword that the agent does not act on, and what to write for an old one', () => {
    expect(explanationsText(explainKeyword('bfd_instance'))).toContain(
      '\n  agent        does not act on it yet: the session counts as down\n',
    )
    expect(explanationsText(explainKeyword('lvs_flush_onstop'))).toContain(
      '\n  out of date  an old name: write lvs_flush_on_stop\n',
    )
  })

  it('of a block shows an example and what can stand in it', () => {
    const text = explanationsText(explainKeyword('authentication'))
    expect(text).toContain('  example      authentication {\n                 auth_type PASS\n')
    expect(text).toContain('\n               }\n  inside\n    auth_type  kind of authentication of version 2\n')
  })

  it('of a block of lines shows their options', () => {
    expect(explanationsText(explainKeyword('virtual_ipaddress'))).toContain(
      '  options\n    dev INTERFACE\n      interface to set it on\n    scope SCOPE\n',
    )
  })

  it('names the places together where it is the same in all', () => {
    const text = explanationsText(explainKeyword('bind_port'))
    expect(text.match(/^bind_port/gm)).toHaveLength(1)
    expect(text).toContain('in virtual_server > real_server > TCP_CHECK, or in virtual_server > real_server > HTTP_GET')
    expect(explanationsText(explainKeyword('weight')).match(/^weight/gm)?.length).toBeGreaterThan(3)
  })

  it('of an option names the blocks whose lines have it', () => {
    expect(optionsText(explainOption('goto'))).toMatch(
      /^goto 0\.\.4294967295\n.*\n {2}stands {7}in lines of static_rules/,
    )
  })

  it('of a word of the text shows how it is written', () => {
    expect(textWordsText(TEXT_WORDS.filter(({word}) => word === '_ENV'))).toMatch(
      /^\$\{_ENV NAME\}\n.*\n.*\n.*2\.4\.0\n/,
    )
  })

  it('of a code says what severity and class mean', () => {
    const [code] = codeExplanations().filter(entry => entry.code === 'HC1203')
    expect(code && codeText(code)).toBe(
      [
        'HC1203',
        '  A keyword lacks its argument and is ignored.',
        '  name         argument-missing',
        '  severity     error: the line has no effect, or another than it says; keepalived complains too',
        '  class        syntax: how it is written',
        '  left out by  hactl validate config --ignore HC1203',
      ].join('\n'),
    )
    for (const entry of codeExplanations()) expect(codeText(entry)).not.toMatch(/: $/m)
  })
})

/** Words of the configuration are not broken, so that they can be copied. */
const breakable = (line: string): boolean => /\S \S/.test(line.trim())

describe.each([40, 80, 120])('on a terminal of %i columns', columns => {
  it.each([
    ['keywords', () => explanationsText(explainKeyword('connect_ip'))],
    ['options', () => optionsText(explainOption('fwmark'))],
    ['words of the text', () => textWordsText(TEXT_WORDS)],
    ['codes', () => codesText(codeExplanations())],
    ['a code', () => codeExplanations().map(codeText).join('\n')],
  ])('no line is longer, but for words that cannot be broken: %s', (_what, text) => {
    terminal(columns)
    const long = text()
      .split('\n')
      .filter(line => line.length > columns && !/^ {2}(example|inside)|^ {15}/.test(line))
    expect(long.filter(breakable)).toEqual([])
  })

  it.each([
    ['blocks', () => blocksText(blockManuals())],
    ['what is not acted on', () => unsupportedText(unsupportedKeywords())],
  ])('a table gives way as far as it can: %s', (_what, text) => {
    terminal(columns)
    const widest = Math.max(
      ...text()
        .split('\n')
        .map(line => line.length),
    )
    expect(widest).toBeLessThanOrEqual(Math.max(columns, 75))
  })
})

describe('into a pipe', () => {
  it('nothing is cut off', () => {
    const text = unsupportedText(unsupportedKeywords())
    expect(text).not.toContain('…')
    expect(text).toContain('signals write no dumps: ask with hactl vrrp show --json')
    expect(blocksText(blockManuals())).not.toContain('…')
  })

  it('every keyword can be shown', () => {
    for (const {keyword} of keywordManuals()) expect(explanationsText(explainKeyword(keyword))).not.toBe('')
  })
})
