import {describe, expect, it} from 'vitest'
import {DIAGNOSTIC_KINDS} from '../../../src/config/diagnostic-codes.ts'
import {
  codeExplanations,
  explainableWords,
  explainKeyword,
  explainOption,
  suggestion,
  unsupportedKeywords,
} from '../../../src/config/manual/explain.ts'
import {blockManuals, keywordManuals} from '../../../src/config/manual/keywords.ts'
import {findingsOfExample} from '../../../src/config/manual/placed.ts'
import {TEXT_WORDS, textWord} from '../../../src/config/manual/text-words.ts'
import {NOT_ACTED_ON} from '../../../src/config/not-acted-on.ts'
import {CHECKS_OF_INCLUDE} from '../../../src/config/text/include-check.ts'
import {isPredefined} from '../../../src/config/text/predefined.ts'
import {isRepetition} from '../../../src/config/text/repetition.ts'
import {parse} from '../support.ts'

const places = (word: string): string[] =>
  explainKeyword(word).flatMap(({paths}) => paths.map(path => path.join(' > ') || 'outside'))

describe('a keyword', () => {
  it.each([
    ['of one block', 'priority', ['vrrp_instance']],
    ['of several blocks', 'notify_master', ['vrrp_instance', 'vrrp_sync_group']],
    ['outside of blocks and in one', 'linkbeat_use_polling', ['outside', 'vrrp_instance']],
    ['with its block', 'vrrp_sync_group.notify_master', ['vrrp_sync_group']],
    [
      'of two blocks of one name',
      'url.path',
      ['virtual_server > real_server > HTTP_GET > url', 'virtual_server > real_server > SSL_GET > url'],
    ],
    ['with two blocks around it', 'SSL_GET.url.path', ['virtual_server > real_server > SSL_GET > url']],
    ['in a block that does not have it', 'global_defs.priority', []],
    ['in a block that is none', 'nowhere.priority', []],
    ['that is none', 'priorities', []],
    ['that is empty', '', []],
    ['with an empty block', '.priority', []],
    ['of another case', 'Priority', []],
  ])('is found: %s', (_what, word, expected) => {
    expect(places(word)).toEqual(expected)
  })

  it('is told with what stands in it, once for each place', () => {
    const [block] = explainKeyword('vrrp_script')
    expect(block?.inside.map(({keyword}) => keyword)).toContain('interval')
    expect(block?.paths).toEqual([[]])
    expect(explainKeyword('vrrp_track_file')[0]?.inside.map(({keyword}) => keyword)).toContain('init_file')
    expect(explainKeyword('track_file')[0]?.paths).toEqual([[]])
  })

  it('that is out of date says what to write', () => {
    expect(explainKeyword('global_tracking')[0]?.outOfDate).toBe('deprecated: write sync_group_tracking_weight')
    expect(explainKeyword('lvs_flush_onstop')[0]?.outOfDate).toBe('an old name: write lvs_flush_on_stop')
    expect(explainKeyword('lvs_flush_on_stop')[0]?.outOfDate).toBeUndefined()
  })

  it('that the agent does not act on says what comes of it', () => {
    expect(explainKeyword('bfd_instance')[0]).toMatchObject({actedOn: false, effect: 'the session counts as down'})
    expect(explainKeyword('vrrp_instance.interface')[0]?.actedOn).toBe(true)
    expect(explainKeyword('TCP_CHECK.connect_ip')[0]?.actedOn).toBe(true)
    expect(explainKeyword('BFD_CHECK')[0]).toMatchObject({actedOn: false, effect: 'the session counts as down'})
  })

  it('never throws, whatever it is', () => {
    for (const word of ['.', '..', '__proto__', 'constructor', 'a.b.c.d', '\u0000', '${', '{', 'x'.repeat(100_000)]) {
      expect(explainKeyword(word)).toEqual([])
      expect(explainOption(word)).toEqual([])
      suggestion(word)
    }
  })
})

describe('an option of a line', () => {
  it('is one where it is the same in several blocks', () => {
    const [only, ...others] = explainOption('broadcast')
    expect(others).toEqual([])
    expect(only?.words).toEqual(['brd', 'broadcast'])
    const blocks = ['static_ipaddress', 'virtual_ipaddress', 'virtual_ipaddress_excluded']
    expect([...(only?.blocks ?? [])].sort()).toEqual(blocks)
  })

  it('is found with its block', () => {
    expect(explainOption('virtual_rules.fwmark').map(({blocks}) => blocks)).toEqual([['virtual_rules']])
    expect(explainOption('virtual_rules.label')).toEqual([])
  })
})

describe('what was meant', () => {
  it.each([
    ['a misspelt keyword', 'garp_maser_delay', 'did you mean garp_master_delay?'],
    ['another case', 'PRIORITY', 'did you mean priority?'],
    ['a misspelt keyword of a block', 'vrrp_instance.prioritty', 'did you mean vrrp_instance.priority?'],
    ['a misspelt block', 'vrrp_instnace.notify_master', 'did you mean vrrp_instance.notify_master?'],
    ['another block', 'global_defs.priority', 'did you mean vrrp_instance.priority?'],
    ['no block', 'global_defs.vrrp_instance', 'did you mean vrrp_instance?'],
    ['a misspelt option', 'noprefixrout', 'did you mean noprefixroute?'],
    ['a code that is none', 'HC9999', 'see the codes: hactl config explain --codes'],
    ['nothing like it', 'zzzzzzzz', undefined],
  ])('is told of %s', (_what, word, expected) => {
    expect(suggestion(word)).toBe(expected)
  })
})

describe('the words of the text', () => {
  const names = TEXT_WORDS.map(({word}) => word)

  it('are those that the reader knows', () => {
    expect(names.filter(name => name.startsWith('include'))).toEqual(Object.keys(CHECKS_OF_INCLUDE))
    const predefined = ['_PWD', '_INSTANCE', '_RANDOM', '_HASH', '_BANG', '_ENV']
    expect(names.filter(name => name.startsWith('_'))).toEqual(predefined)
    expect(predefined.every(isPredefined)).toBe(true)
    expect(names.filter(name => name.startsWith('~') && isRepetition(`${name}(`))).toEqual(['~SEQ', '~SEQx', '~LST'])
    expect(new Set(names).size).toBe(names.length)
  })

  it.each(TEXT_WORDS.map(entry => [entry.word, entry] as const))('have an example: %s', (_word, {example, doc}) => {
    expect(doc).toMatch(/^[a-z].*[^.]$/)
    const files = {'routers/*.conf': 'use_pid_dir', '/routers/*.conf': 'use_pid_dir'}
    const inBlock = example.includes(' vrrp_version ') ? `global_defs {\n${example}\n}` : example
    const {diagnostics} = parse(inBlock, files)
    expect(diagnostics.filter(({severity, code}) => severity !== 'info' && code !== 'HC1117')).toEqual([])
  })

  it.each(['_PWD', '$_PWD', `\${_PWD}`])('are found as %s', word => {
    expect(textWord(word)?.word).toBe('_PWD')
  })

  it('are found with and without the sign of a repetition', () => {
    expect(textWord('LST')?.word).toBe('~LST')
    expect(textWord('~SEQx')?.word).toBe('~SEQx')
    expect(textWord('@^')?.word).toBe('@^')
    expect(textWord('')).toBeUndefined()
    expect(textWord('PWD')).toBeUndefined()
  })
})

describe('what the agent does not act on yet', () => {
  const listed = unsupportedKeywords()

  it('is each keyword of the list, in words of the list', () => {
    for (const [kind, words] of NOT_ACTED_ON) {
      for (const [word, effect] of words) {
        const entry = listed.find(({block, keyword}) => block === kind && keyword.split('|').includes(word))
        expect(entry, `${word} of ${kind}`).toBeDefined()
        if (effect !== undefined) expect(entry?.effect).toBe(effect)
      }
    }
    expect(listed).toHaveLength([...NOT_ACTED_ON.values()].reduce((sum, {size}) => sum + size, 0))
  })

  it('is told of each of them when it is used', () => {
    const silent = keywordManuals().filter(manual => {
      if (manual.actedOn || NOT_ACTED_ON.get(manual.block)?.has(manual.keyword) !== true) return false
      return !findingsOfExample(manual).some(({code}) => code === 'HC1901' || code === 'HC1902')
    })
    expect(silent.map(({block, keyword}) => `${block}.${keyword}`)).toEqual([])
  })
})

describe('what can be explained', () => {
  it('is everything: keywords, options and words of the text', () => {
    const words = explainableWords()
    for (const word of ['priority', 'noprefixroute', '~LST', 'include', 'url']) expect(words).toContain(word)
    expect(new Set(words).size).toBe(words.length)
    for (const word of words) {
      const found = explainKeyword(word).length + explainOption(word).length + Number(textWord(word) !== undefined)
      expect(found, word).toBeGreaterThan(0)
    }
  })

  it('is every block with where it stands', () => {
    expect(blockManuals().find(({name}) => name === 'auth_hmac')?.paths).toEqual([['vrrp_instance']])
    expect(blockManuals()[0]?.name).toBe('')
  })

  it('is every code, in order', () => {
    const codes = codeExplanations().map(({code}) => code)
    expect(codes).toEqual(codes.toSorted())
    expect(codes).toHaveLength(Object.keys(DIAGNOSTIC_KINDS).length)
  })
})
