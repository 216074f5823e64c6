import {expect, test} from 'vitest'
import {isUtf8, UTF8_GLYPHS} from '../../src/tui/glyphs.ts'
import {cells, cutLine, cutText, lineWidth, plainText, safeText, wrapText} from '../../src/tui/lines.ts'
import {changedLines} from '../../src/tui/screen.ts'

test.each([
  ['abcdef', 6, 'abcdef'],
  ['abcdef', 5, 'abcd…'],
  ['abcdef', 1, '…'],
  ['abcdef', 0, ''],
  // Two columns each.
  ['日本語', 6, '日本語'],
  ['日本語', 5, '日本…'],
  ['日本語', 4, '日…'],
] as const)('%s in %i columns is %s', (text, width, cut) => {
  expect(cutText(text, width, '…')).toBe(cut)
})

test('a line keeps the tones of what is left of it, and shows that something is missing', () => {
  const line = [{text: 'abc', tone: 'good'}, {text: 'def'}] as const
  expect(cutLine(line, 6, '…')).toBe(line)
  expect(cutLine(line, 5, '…')).toEqual([{text: 'abc', tone: 'good'}, {text: 'd…'}])
  expect(cutLine(line, 3, '…')).toEqual([{text: 'ab…', tone: 'good'}])
  expect(lineWidth(cutLine(line, 0, '…'))).toBe(0)
})

test('cells stand below each other, numbers at the right', () => {
  const columns = [
    {head: 'A', width: 4},
    {head: 'B', width: 3, right: true},
    {head: 'C', width: 5},
  ]
  expect(plainText(cells(columns, ['x', '7', 'end'], UTF8_GLYPHS))).toBe('x       7  end')
  expect(plainText(cells(columns, ['too long', '12345', 'y'], UTF8_GLYPHS))).toBe('too…  12…  y')
})

test('texts are broken between words, and words that are too long inside', () => {
  expect(wrapText('no advertisement for 3609 ms', 12)).toEqual(['no', 'advertisemen', 't for 3609', 'ms'])
  expect(wrapText('', 5)).toEqual([''])
})

test.each([
  ['plain', 'plain'],
  ['\u001b[2Jx\u0007\n', '?[2Jx??'],
  ['\u009b31m', '?31m'],
  ['a\u202eb\u2028', 'a?b?'],
  ['ä', 'ä'],
])('%j is shown as %j', (text, safe) => {
  expect(safeText(text, false)).toBe(safe)
  expect(safeText(text, true)).toMatch(/^[\x20-\x7e]*$/)
})

test.each([
  [{LANG: 'de_DE.UTF-8'}, true],
  [{LANG: 'C.utf8'}, true],
  [{LANG: 'de_DE.UTF-8', LC_ALL: 'C'}, false],
  [{LC_ALL: '', LC_CTYPE: 'C.UTF-8', LANG: 'C'}, true],
  [{}, false],
])('%j has UTF-8: %s', (env, utf8) => {
  expect(isUtf8(env)).toBe(utf8)
})

test('only lines that differ are written, each at its place', () => {
  expect(changedLines(['a', 'b'], ['a', 'b'])).toBe('')
  expect(changedLines(['a', 'b', 'c'], ['a', 'x'])).toBe('\u001b[2;1H\u001b[0m\u001b[Kx\u001b[3;1H\u001b[0m\u001b[K')
})
