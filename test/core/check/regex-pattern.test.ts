import {expect, test} from 'vitest'
import {translateRegex} from '../../../src/core/check/regex-pattern.ts'
import {seededRandom} from '../../sim/random.ts'

type Case = readonly [pattern: string, options: readonly string[], matches: readonly string[], not: readonly string[]]

// pcre2pattern(3)
test.each<Case>([
  ['hello', [], ['say hello'], ['HELLO']],
  ['hello', ['caseless'], ['HELLO'], ['help']],
  ['(?i)hello', [], ['HELLO'], []],
  ['^b', [], ['b'], ['a\nb']],
  ['^b', ['multiline'], ['a\nb'], ['a\rb']],
  ['^$', ['multiline'], ['', 'a\n\nb'], ['a\n']],
  ['a^', ['multiline', 'alt_circumflex'], [], ['a\n']],
  ['a$', [], ['a', 'a\n'], ['a\n\n', 'a\nb', 'a\r']],
  ['a$', ['dollar_endonly'], ['a'], ['a\n']],
  ['a$', ['multiline'], ['a\nb'], ['a\rb']],
  ['a.b', [], ['a\rb'], ['a\nb']],
  ['a.b', ['dotall'], ['a\nb'], ['ab']],
  ['\\Aa\\z', [], ['a'], ['a\n', 'ba']],
  ['a\\Z', [], ['a\n'], ['a\n\n']],
  ['a b # c\nd', ['extended'], ['abd'], ['a b']],
  ['a\\ b', ['extended'], ['a b'], ['ab']],
  ['[]a]', [], [']', 'a'], ['b']],
  ['[^]a]', [], ['b'], [']', 'a']],
  ['[[:digit:]x]+z', [], ['1x2z'], ['az']],
  ['[[:^digit:]]', [], [], []],
  ['\\h\\d', [], ['\t1', '\xa01'], ['\n1']],
  ['a\\sb', [], ['a\x0bb'], ['a\xa0b']],
  ['[\\s]', [], [' '], ['\xa0']],
  ['\\x41\\x{42}\\103?', [], ['AB'], ['A']],
  ['\\Qa.b\\E+', [], ['a.bb'], ['aab']],
  ['a{,2}', [], ['a{,2}'], ['aa']],
  ['{a}]', [], ['{a}]'], ['a']],
  ['(?P<q>["\'])x(?P=q)', [], ['"x"'], ['"x\'']],
  ['(a)(?:b)\\g{1}', [], ['aba'], ['abb']],
  ['(?#none)a', [], ['a'], ['b']],
  ['(?<=a)b(?!c)', [], ['ab'], ['abc', 'b']],
  ['(a)(b)', ['no_auto_capture'], ['ab'], ['ba']],
  ['\u00e9', [], ['\xc3\xa9'], ['\u00e9']],
  ['^\u00e9$', ['utf'], ['\u00e9'], ['\xc3\xa9']],
  ['^.\\-"\\x{1f600}$', ['utf'], ['a-"\u{1f600}'], ['-"\u{1f600}']],
])('%s with %j matches as with PCRE2', (pattern, options, matches, not) => {
  const translated = translateRegex(pattern, options)
  if (pattern === '[[:^digit:]]') {
    expect(translated).toEqual({ok: false, reason: 'the regular expression is not supported: "[:^digit:]"'})
    return
  }
  if (!translated.ok) throw new Error(translated.reason)
  const found = (text: string): boolean => {
    translated.regex.lastIndex = 0
    return translated.regex.test(text)
  }
  expect(matches.filter(text => !found(text))).toEqual([])
  expect(not.filter(found)).toEqual([])
})

test.each([
  ['a+', 'aa'],
  ['a+?', 'aaa'],
])('with ungreedy %s finds the other one', (pattern, text) => {
  const translated = translateRegex(`^${pattern}(?=a|$)`, ['ungreedy'])
  if (!translated.ok) throw new Error(translated.reason)
  expect(translated.regex.exec('aaa')?.[0]).toBe(text === 'aa' ? 'a' : 'aaa')
})

test.each([
  ['a++', '"a++", a possessive quantifier'.replace('"a++"', '++')],
  ['(?>a)', '"(?>"'],
  ['(?R)', '"(?R"'],
  ['(*ACCEPT)', '"(*A"'],
  ['\\Ka', '"\\K"'],
  ['a\\Xb', '"\\X"'],
  ['[a', 'a class without an end'],
  ['(a', 'its form'],
  ['a)', 'its form'],
  ['a**', 'its form'],
])('%s is not supported, and it says so', (pattern, what) => {
  expect(translateRegex(pattern, [])).toEqual({
    ok: false,
    reason: `the regular expression is not supported: ${what}`,
  })
})

test('any text is translated or refused', () => {
  const alphabet = '\\[](){}^$.*+?|:=!<>-,#PQEkgx0179az \n\u00e9'
  const random = seededRandom(7)
  let accepted = 0
  for (let round = 0; round < 20_000; round++) {
    const pattern = Array.from({length: 1 + random(12)}, () => alphabet[random(alphabet.length)]).join('')
    const options = ['utf', 'extended', 'multiline', 'alt_bsux', 'ungreedy'].filter(() => random(3) === 0)
    if (translateRegex(pattern, options).ok) accepted++
  }
  expect(accepted).toBeGreaterThan(2000)
})
