import {describe, expect, it, test} from 'vitest'
import {excerpt} from '../../src/diagnostics/excerpt.ts'
import {countFindings, type Finding, selectFindings} from '../../src/diagnostics/finding.ts'
import {countsText, findingsText, findingText, type Look} from '../../src/diagnostics/human.ts'
import {endOfWord, sourceTexts} from '../../src/diagnostics/source-texts.ts'
import {brokenLines} from '../../src/diagnostics/wrap.ts'

const look = (width = Number.POSITIVE_INFINITY): Look => ({
  paint: (_, text) => text,
  width,
  fileName: file => file.replace('/here/', ''),
})

const finding = (fields: Partial<Finding> = {}): Finding => ({
  code: 'HC1201',
  severity: 'error',
  class: 'syntax',
  message: "unknown keyword 'prioritty' in vrrp_instance; it is ignored",
  position: {file: '/here/a.conf', line: 2, column: 3},
  hint: 'did you mean priority?',
  ...fields,
})

const SOURCES = sourceTexts(new Map([['/here/a.conf', 'vrrp_instance V {\n  prioritty 7 # high\n}\n']]))

describe('a finding', () => {
  it('is told with its place, its line, a caret below its word, and what to do', () => {
    expect(findingText(finding(), SOURCES, look())).toBe(
      [
        "a.conf:2:3: error: unknown keyword 'prioritty' in vrrp_instance; it is ignored [HC1201]",
        '    2 |   prioritty 7 # high',
        '      |   ^^^^^^^^^',
        '  help: did you mean priority?',
      ].join('\n'),
    )
  })

  it('is broken between words where the terminal is narrow', () => {
    const lines = findingText(finding(), SOURCES, look(40)).split('\n')
    expect(lines.slice(0, 3)).toEqual([
      'a.conf:2:3: error: unknown keyword',
      "  'prioritty' in vrrp_instance; it is",
      '  ignored [HC1201]',
    ])
    expect(lines.every(line => line.length <= 40)).toBe(true)
  })

  it('names the other places it is about', () => {
    const related = [{position: {file: '/here/b.conf', line: 4, column: 1}, message: 'priority 100 here'}]
    expect(findingText(finding({related}), SOURCES, look())).toMatch(/\n {2}note: b\.conf:4:1: priority 100 here$/)
  })

  it.each([
    ['whose file is not at hand', {file: '/elsewhere', line: 2, column: 3}],
    ['behind the end of its file', {file: '/here/a.conf', line: 99, column: 1}],
    ['on an empty line', {file: '/here/a.conf', line: 4, column: 1}],
  ])('%s has no excerpt', (_, position) => {
    expect(findingText(finding({position}), SOURCES, look())).not.toContain('|')
  })

  it('about this host comes last, under a heading of its own', () => {
    const here = finding({class: 'environment', severity: 'warning', message: 'there is no eth0', code: 'HC1701'})
    const text = findingsText([here, finding()], SOURCES, look())
    expect(text.indexOf('HC1201')).toBeLessThan(text.indexOf('What this host lacks'))
    expect(text.indexOf('What this host lacks')).toBeLessThan(text.indexOf('HC1701'))
  })

  it('is coloured where it should be', () => {
    const coloured: Look = {...look(), paint: (hue, text) => `<${hue}>${text}</>`}
    const text = findingText(finding(), SOURCES, coloured)
    expect(text).toContain('<bold>a.conf:2:3:</> <red>error:</> unknown')
    expect(text).toContain('<red>^^^^^^^^^</>')
    expect(text).toContain('  <green>help:</> did')
  })
})

test.each([
  [{error: 1, warning: 2, info: 3}, '1 error, 2 warnings, 3 remarks'],
  [{error: 0, warning: 0, info: 1}, '1 remark'],
  [{error: 0, warning: 0, info: 0}, 'nothing found'],
])('%o is summed up as "%s"', (counts, text) => expect(countsText(counts)).toBe(text))

describe('of all findings', () => {
  const all = [
    finding(),
    finding({severity: 'warning', code: 'HC1801'}),
    finding({class: 'environment', severity: 'info', code: 'HC1701'}),
  ]
  const codes = (selection: Partial<Parameters<typeof selectFindings>[1]>) =>
    selectFindings(all, {offline: false, only: undefined, ignore: [], ...selection}).map(({code}) => code)

  it.each([
    [{}, ['HC1201', 'HC1801', 'HC1701']],
    [{offline: true}, ['HC1201', 'HC1801']],
    [{only: ['HC1701', 'HC1801']}, ['HC1801', 'HC1701']],
    [{ignore: ['HC1201']}, ['HC1801', 'HC1701']],
    [{only: ['HC1701'], offline: true}, []],
  ])('%o keeps %o', (selection, expected) => expect(codes(selection)).toEqual(expected))

  it('there are so many of each severity', () => {
    expect(countFindings(all)).toEqual({error: 1, warning: 1, info: 1})
  })
})

describe('an excerpt', () => {
  const shown = (text: string, column: number, room = 40) => {
    const {line, indent, width} = excerpt({text, hidden: []}, column, room)
    return `${line}\n${' '.repeat(indent)}${'^'.repeat(width)}`
  }

  it.each([
    ['underlines one word', 'priority x', 10, 'priority x\n         ^'],
    ['shows tabs as blanks', '\tpriority\tx', 11, '    priority    x\n                ^'],
    ['underlines a quoted text whole', 'script "a b" c', 8, 'script "a b" c\n       ^^^^^'],
    ['underlines a brace alone', 'a {b', 3, 'a {b\n  ^'],
    ['points behind the end of a line', 'auth_pass', 10, 'auth_pass\n         ^'],
    ['names a blank that is none', 'a\u00a0b', 2, 'a<U+00A0>b\n ^^^^^^^^'],
    ['names what has no width', 'a\u200bb', 1, 'a<U+200B>b\n^^^^^^^^^^'],
    ['shows what would command a terminal', 'a \u001b[2J', 3, 'a ␛[2J\n  ^^^^'],
    ['leaves room for wide characters', '日本 x', 4, '日本 x\n     ^'],
  ])('%s', (_, text, column, expected) => expect(shown(text, column)).toBe(expected))

  it('of a long line shows the word, with what is around it as far as it fits', () => {
    const text = `${'a '.repeat(100)}WORD ${'b '.repeat(100)}`
    const lines = shown(text, 201, 30).split('\n')
    expect(lines[0]).toMatch(/^…(a| )+WORD (b| )+…$/)
    expect(lines[0]?.length).toBeLessThanOrEqual(30)
    expect(lines[1]?.indexOf('^')).toBe(lines[0]?.indexOf('WORD'))
    expect(lines[1]?.trim()).toBe('^^^^')
  })

  it.each([1, 5, 17, 40, 200])('of any line keeps within %i columns and never fails', room => {
    for (const text of ['', ' ', '\t\t', 'x'.repeat(300), `${'日'.repeat(90)} {`, '"', '\u0301']) {
      for (const column of [1, 2, 40, 300, 301]) {
        const {line, indent, width} = excerpt({text, hidden: []}, column, Math.max(20, room))
        expect(line.length, `${text} ${column}`).toBeLessThanOrEqual(Math.max(20, room))
        expect(indent).toBeGreaterThanOrEqual(0)
        expect(width).toBeGreaterThanOrEqual(1)
      }
    }
  })
})

test.each([
  ['abc def', 1, 4],
  ['abc def', 5, 8],
  ['abc{', 1, 4],
  ['abc{', 4, 5],
  ['"a b" c', 1, 6],
  ['"a b', 1, 5],
  ['abc', 4, 4],
  ['abc', 99, 99],
])('the word in %o from column %i ends before column %i', (text, column, end) => {
  expect(endOfWord(text, column)).toBe(end)
})

test.each([
  ['one two three', 8, 'one two\n  three'],
  ['one two three', 80, 'one two three'],
  ['one  two', 4, 'one  two'],
  ['waytoolongforit x', 5, 'waytoolongforit\n  x'],
])('%o in %i columns', (text, width, expected) => expect(brokenLines(text, {width, indent: 2})).toBe(expected))
