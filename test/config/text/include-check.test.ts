import {chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {loadConfig} from '../../../src/config/load.ts'
import {applyIncludeCheck, INCLUDE_CHECKS, writtenIncludeCheck} from '../../../src/config/text/include-check.ts'
import {complaints, parse} from '../support.ts'

describe('the words of include_check', () => {
  it.each([
    ['', [], ['read', 'match', 'wildcard_match', 'brace_match']],
    ['read', ['match'], ['read']],
    ['match', [], ['read', 'match']],
    ['match -read', [], ['match']],
    ['match -match', [], ['read']],
    ['+match', [], ['match']],
    ['+match', ['read', 'brace_match'], ['read', 'match', 'brace_match']],
    ['-match', ['read', 'match'], ['read']],
    ['match +wildcard_match', ['brace_match'], ['read', 'match', 'wildcard_match']],
    ['match wildcard_match', [], ['read', 'match']],
    ['frob', ['match'], []],
  ] as const)('%j after %j mean %j', (words, before, checks) => {
    expect(applyIncludeCheck(words === '' ? [] : words.split(' '), before).checks).toEqual(checks)
  })

  it.each([
    ['readable', [{index: 0, problem: 'unknown'}]],
    ['match read', [{index: 1, problem: 'sign-missing'}]],
    ['match +', [{index: 1, problem: 'unknown'}]],
  ])('%j are wrong', (words, problems) => {
    expect(applyIncludeCheck(words.split(' '), []).problems).toEqual(problems)
  })

  it('are written so that they mean the same again', () => {
    for (let bits = 1; bits < 16; bits++) {
      const checks = INCLUDE_CHECKS.filter((_check, i) => (bits >> i) % 2 === 1)
      const words = writtenIncludeCheck(checks)
      expect(applyIncludeCheck(words === '' ? [] : words.split(' '), INCLUDE_CHECKS).checks).toEqual(checks)
    }
  })
})

describe('a failing include', () => {
  let directory = ''
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'hactl-include-'))
    mkdirSync(join(directory, 'dir.conf'))
    for (const name of ['a.conf', 'run.conf']) writeFileSync(join(directory, name), '')
    chmodSync(join(directory, 'run.conf'), 0o755)
  })
  afterAll(() => rmSync(directory, {recursive: true, force: true}))

  /** What keepalived 2.2.7 does: `-` nothing, `w` a line in the log, `e` an error. */
  const VERDICTS: readonly (readonly [pattern: string, verdicts: string])[] = [
    // include includer includem includew includeb includea
    ['none.conf', 'w w e e w e'],
    ['*.none', '- - - e - e'],
    ['none?.conf', '- - - e - e'],
    ['{a,none}.conf', 'w w w w e e'],
    ['{none,nil}.conf', 'w w w w e e'],
    ['{*.none,*.nil}', '- - - e - e'],
    ['{*.none,none.conf}', 'w w w w e e'],
    ['{*.none,a.conf}', '- - - - - -'],
    // Without a check they are left out without a word, which is worth one here.
    ['run.conf', 'w e e e e e'],
    ['dir.conf', 'w e e e e e'],
    ['*.conf', 'w e e e e e'],
  ]
  const KEYWORDS = ['include', 'includer', 'includem', 'includew', 'includeb', 'includea']
  const cases = VERDICTS.flatMap(([pattern, verdicts]) =>
    verdicts.split(' ').map((verdict, i) => [`${KEYWORDS[i]} ${pattern}`, verdict] as const),
  )

  it.each(cases)('%s: %s', (line, verdict) => {
    const path = join(directory, 'main')
    writeFileSync(path, line)
    const found = new Set(loadConfig(path).diagnostics.map(({severity}) => severity))
    expect([...found]).toEqual({'-': [], w: ['warning'], e: ['error']}[verdict])
  })
})

describe('include_check', () => {
  const checks = 'global_defs {\ninclude_check match\n}\n'
  it.each([
    ['holds below it', `${checks}include none.conf`, ['HC1003 error 4:9']],
    ['does not hold above it', `include none.conf\n${checks}`, ['HC1002 warning 1:9']],
    ['holds within a file included below it', `${checks}include uses.conf`, ['HC1003 error 1:9']],
    ['of an included file ends with it', 'include sets.conf\ninclude none.conf', ['HC1002 warning 2:9']],
    [
      'may stand on the line of its block',
      'global_defs { include_check match }\ninclude none.conf',
      ['HC1003 error 2:9'],
    ],
    ['is complained about', 'global_defs {\ninclude_check readable\n}', ['HC1204 error 2:15']],
  ])('%s', (_what, text, expected) => {
    const files = {'uses.conf': 'include none.conf', 'sets.conf': checks}
    expect(complaints(parse(text, files))).toEqual(expected)
  })
})
