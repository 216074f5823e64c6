import {spawnSync} from 'node:child_process'
import {readFileSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, it} from 'vitest'
import {codeExplanations} from '../../../src/config/manual/explain.ts'
import {keywordManuals} from '../../../src/config/manual/keywords.ts'
import {manualPage} from '../../../src/config/manual/manual-page.ts'
import {SMALL_CONFIGURATION, TEXT_EXAMPLE} from '../../../src/config/manual/prose.ts'
import {roffForm, roffText} from '../../../src/config/manual/roff.ts'
import {TEXT_WORDS} from '../../../src/config/manual/text-words.ts'
import {parse} from '../support.ts'

const FILE = join(import.meta.dirname, '..', '..', '..', 'man', 'hactl.conf.5')
const page = manualPage()
const hasGroff = spawnSync('groff', ['--version']).status === 0
const groffName = hasGroff ? '' : ' (skipped: there is no groff)'

describe('hactl.conf(5)', () => {
  it('is checked in as the tables make it; npm run build writes it', () => {
    expect(readFileSync(FILE, 'utf8') === page).toBe(true)
  })

  it('is the same each time', () => {
    expect(manualPage()).toBe(page)
  })

  it('has its sections in the usual order', () => {
    expect([...page.matchAll(/^\.SH (.*)$/gm)].map(([, title]) => title)).toEqual([
      'NAME',
      'SYNOPSIS',
      'DESCRIPTION',
      'TEXT',
      'BLOCKS',
      'KEYWORDS',
      'ADDRESSES, ROUTES AND RULES',
      'FINDINGS',
      'DIFFERENCES FROM KEEPALIVED',
      'FILES',
      'SEE ALSO',
    ])
  })

  it('has every keyword with what follows it, what it does, and its default', () => {
    for (const {keyword, form, doc, defaultText, opens} of keywordManuals()) {
      const tag = form === '' ? '' : ` ${roffForm(form)}`
      const sentence = roffText(`${doc.charAt(0).toUpperCase()}${doc.slice(1)}.`)
      expect(page).toContain(`.TP\n\\fB${roffText(keyword)}\\fR${tag}\n${sentence}\n`)
      if (!opens) expect(page).toContain(`Default: ${roffText(defaultText)}.\n`)
    }
  })

  it('has every word of the text, every option of a line and every code', () => {
    for (const {written} of TEXT_WORDS) expect(page).toContain(`.TP\n\\fB${roffText(written)}\\fR\n`)
    for (const {words} of keywordManuals().flatMap(({options}) => options)) {
      expect(page).toContain(`.TP\n${words.map(word => `\\fB${roffText(word)}\\fR`).join('|')}`)
    }
    for (const {code} of codeExplanations()) expect(page).toContain(`.TP\n\\fB${code}\\fR (`)
  })

  it('says which blocks stand in which, at any depth', () => {
    expect(page).toContain('\nvirtual_server ADDRESS [1..65535] | fwmark 1..4294967295 | group NAME\n  real_server')
    expect(page).toMatch(/\n {4}SSL_GET\n {6}url\n/)
  })

  it('has a configuration that nothing is found in but that its addresses are for documentation', () => {
    const {config, diagnostics} = parse(SMALL_CONFIGURATION)
    expect(diagnostics.map(({code}) => code)).toEqual(['HC1871'])
    expect(config.instances).toHaveLength(1)
    expect(page).toContain(roffText(SMALL_CONFIGURATION))
  })

  it('has an example of definitions that means what it says', () => {
    const read = (host: string) =>
      parse(`${TEXT_EXAMPLE}\nglobal_defs {\nrouter_id \${VIP_11}-\${PRIORITY}\n}\n`, {}, host)
    expect(read('director1').config.global.routerId).toBe('192.0.2.11-150')
    expect(read('director2').config.global.routerId).toBe('192.0.2.11-100')
    expect(read('director1').diagnostics).toEqual([])
  })

  it.skipIf(!hasGroff)(`is set by groff without a complaint, within 80 columns${groffName}`, () => {
    const run = spawnSync('groff', ['-man', '-Tutf8', '-ww', '-rLL=80n', '-P-cbou'], {input: page, encoding: 'utf8'})
    expect(run.stderr).toBe('')
    const lines = run.stdout.split('\n')
    expect(lines.length).toBeGreaterThan(1_000)
    expect(lines.filter(line => [...line].length > 80)).toEqual([])
    expect(lines.filter(line => line.includes('vrrp_garp_master_refresh_repeat')).length).toBeGreaterThan(1)
  })
})

describe('text for troff', () => {
  it.each([
    ['a backslash', 'a\\b', 'a\\eb'],
    ['a minus, which would become a hyphen', '--json', '\\-\\-json'],
    ['a dot at the start of a line, which would be a request', '.x\n.y', '\\&.x\n\\&.y'],
    ['signs that troff makes typographic', "it's ^~`", 'it\\(aqs \\(ha\\(ti\\(ga'],
    ['an ellipsis', 'NAME …', 'NAME \\&...'],
  ])('keeps %s', (_what, text, expected) => {
    expect(roffText(text)).toBe(expected)
  })

  it('tells placeholders from what is written as it stands', () => {
    expect(roffForm('NAME [port 1..65535]')).toBe('\\fINAME\\fR [port 1..65535]')
    expect(roffForm('TCP_CHECK')).toBe('\\fITCP_CHECK\\fR')
  })
})
