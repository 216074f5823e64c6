import {readFileSync} from 'node:fs'
import {describe, expect, it} from 'vitest'
import {parseConfig} from '../../../src/config/parse.ts'
import {splitAtBraces, splitQuoted, splitWords, stripComment} from '../../../src/config/text/lexer.ts'
import {mapped} from '../../../src/config/text/mapped-text.ts'
import type {Statement} from '../../../src/config/text/pieces.ts'
import type {ReadInclude} from '../../../src/config/text/source-lines.ts'
import {CORPUS, corpusName, hasCorpus, statementsOf} from '../support.ts'

describe('comments', () => {
  it.each([
    ['a # b', 'a '],
    ['m#n o', 'm'],
    ['o!p q', 'o'],
    ['"a # b ! c" d', '"a # b ! c" d'],
    ['k\\#l m\\!n', 'k#l m!n'],
    ['"k\\#l"', '"k\\#l"'],
    ['# all', ''],
    ['a "unclosed # b', 'a "unclosed # b'],
    ['a \\" # b', 'a \\" '],
  ])('of %j leave %j', (text, left) => {
    expect(stripComment(mapped(text)).text).toBe(left)
  })

  it('leave the columns of the source where an escape is dropped', () => {
    const {words} = splitWords(stripComment(mapped('k\\#l mn')))
    expect(words.map(({text, column}) => [text, column])).toEqual([
      ['k#l', 1],
      ['mn', 6],
    ])
  })
})

describe('words', () => {
  it.each([
    ['a  b\tc', ['a', 'b', 'c'], undefined],
    ['e"f g"h', ['e', 'f g', 'h'], undefined],
    ['a "" b', ['a', '', 'b'], undefined],
    ["'i j' k", ["'i", "j'", 'k'], undefined],
    ['a "b c', ['a'], 3],
    ['a\\b c\\"d e', ['a\\b', 'c\\'], 7],
    ['', [], undefined],
  ])('of %j are %j', (text, words, unterminatedAt) => {
    const split = splitWords(mapped(text))
    expect(split.words.map(({text}) => text)).toEqual(words)
    expect(split.unterminatedAt).toBe(unterminatedAt)
  })

  it.each([
    ['/bin/x a', ['/bin/x', 'a']],
    ['"/bin/x a b" root', ['/bin/x a b', 'root']],
    [`'/bin/x "a b"' c`, ['/bin/x "a b"', 'c']],
    [`e'r t'y`, ['er ty']],
    ['\\x41\\102\\t', ['AB\t']],
    ['\\\\ \\q', ['\\', 'q']],
    ['\\cA', ['\u0001']],
    ['a\\', ['a\\']],
  ])('of the command %j are %j', (text, words) => {
    expect(splitQuoted(mapped(text), true).words.map(({text}) => text)).toEqual(words)
  })

  it('of a command end at a quote that is not closed', () => {
    expect(splitQuoted(mapped('/bin/x "a b'), true)).toMatchObject({words: [{text: '/bin/x'}], unterminatedAt: 8})
  })
})

describe('braces', () => {
  it.each([
    ['a{b}c', ['a', '{', 'b', '}', 'c']],
    ['"a{b}c" {', ['"a{b}c" ', '{']],
    ['}}', ['}', '}']],
    ['a "{', ['a "{']],
  ])('split %j into %j', (text, pieces) => {
    const split = splitAtBraces(mapped(text))
    expect(
      split.map(piece => (piece.type === 'text' ? piece.content.text : piece.type === 'open' ? '{' : '}')),
    ).toEqual(pieces)
  })
})

interface LexerCase {
  readonly name: string
  readonly args: readonly string[]
  readonly conf: string
  readonly '2.4.3': {readonly router: string | null; readonly tokens: readonly string[] | null; readonly exit_t: number}
}

/** Cases of which only the verdict is compared, and why. */
const VERDICT_ONLY: {readonly [name: string]: string} = {
  sub_undefined_brace: 'an undefined name does not split the line',
  sub_random_badparam: 'a malformed name does not split the line',
  sub_random_seed: 'other numbers are drawn',
  seq_after_text: 'an undefined name does not split the line',
  seq_via_def: 'expanded, as 2.2.7 does, with a warning',
  line_1022: 'the dump it comes from cuts the name',
}

describe.skipIf(!hasCorpus)(corpusName('collected lexical cases'), () => {
  const cases: readonly LexerCase[] = hasCorpus ? JSON.parse(readFileSync(`${CORPUS}lexer/cases.json`, 'utf8')) : []
  const files = new Map([
    ['inc/a.conf', 'a1\n'],
    ['inc/b.conf', 'b1\n'],
    ['rid.conf', ' router_id FROMINC\n'],
    ['sub/deep.conf', 'rel1\n'],
  ])
  const readInclude: ReadInclude = pattern => {
    const names =
      pattern === 'inc/{b,a}.conf'
        ? ['inc/b.conf', 'inc/a.conf']
        : pattern.startsWith('inc/{')
          ? ['inc/a.conf']
          : [pattern]
    const found = names.flatMap(name => (files.has(name) ? [{file: name, text: files.get(name) ?? ''}] : []))
    return {files: found, problems: [], partly: pattern.includes('zz')}
  }

  // Crashes have a negative exit.
  const compared = cases.filter(({'2.4.3': made}) => made.exit_t >= 0)
  it('are nearly all of them', () => {
    expect(cases.length - compared.length).toBeLessThan(3)
  })

  it.each(compared.map(entry => [entry.name, entry] as const))('%s', (name, {args, conf, '2.4.3': made}) => {
    const directory = name === 'sub_pwd' ? (made.tokens?.[0] ?? '').slice(0, -'/x'.length) : '/etc'
    const environment = (variable: string): string | undefined => (variable === 'LEXENV' ? 'fromenv' : undefined)
    const source = {file: `${directory}/a.conf`, text: conf, configId: args[1] ?? 'vm', environment}
    const {config, diagnostics} = parseConfig(source, readInclude)
    if (VERDICT_ONLY[name] === undefined) {
      const tokens = wordsOf(statementsOf(source, readInclude), 'notification_email')
      if (made.tokens !== null && made.tokens.length > 0) expect(tokens).toEqual(made.tokens)
      if (made.router !== null && made.router !== 'vm') expect(config.global.routerId).toBe(made.router)
    }
    if (made.exit_t === 0) expect(diagnostics.filter(({severity}) => severity === 'error')).toEqual([])
    else expect(diagnostics.filter(({severity}) => severity !== 'info')).not.toEqual([])
  })
})

/** All words in the blocks of one keyword. */
function wordsOf(statements: readonly Statement[], keyword: string): readonly string[] {
  return statements.flatMap(statement => {
    const inner = statement.block
    if (!inner) return []
    if (statement.keyword.text !== keyword) return wordsOf(inner.statements, keyword)
    return inner.statements.flatMap(line => [line.keyword.text, ...line.words.map(({text}) => text)])
  })
}
