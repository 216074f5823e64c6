import {expect, test} from 'vitest'
import {createPatch} from '../../src/tui/patch.ts'
import type {ScreenLine} from '../../src/tui/screen-layout.ts'
import {seededRandom} from '../sim/random.ts'

const line = (text: string, isChosen = false): ScreenLine => ({spans: [{text}], isChosen})

test('only lines that differ are drawn, in their places', () => {
  const patch = createPatch()
  expect(patch.take([line('a'), line('b'), line('c')])).toEqual([0, 1, 2])
  expect(patch.drawn('A\nB\nC')).toBe('A\nB\nC')
  expect(patch.take([line('a'), line('x'), line('c', true)])).toEqual([1, 2])
  expect(patch.drawn('X\nC!')).toBe('A\nX\nC!')
  expect(patch.take([line('a'), line('x')])).toEqual([])
  expect(patch.drawn('')).toBe('A\nX')
  // What Ink writes without having been asked is not put anywhere.
  expect(patch.drawn('A\nX')).toBeUndefined()
})

test('an empty terminal is drawn wholly, and what was asked for twice is drawn once', () => {
  const patch = createPatch()
  patch.take([line('a')])
  expect(patch.take([line('b'), line('c')])).toEqual([0, 1])
  expect(patch.drawn('B\nC')).toBe('B\nC')
  patch.reset()
  expect(patch.take([line('b'), line('c')])).toEqual([0, 1])
})

test('a line that was drawn before is not drawn again, wherever it stands, but one of those that differ is', () => {
  const patch = createPatch()
  patch.take([line('a'), line('b')])
  patch.drawn('A\nB')
  expect(patch.take([line('c'), line('d')])).toEqual([0, 1])
  expect(patch.drawn('C\nD')).toBe('C\nD')
  expect(patch.take([line('b'), line('e')])).toEqual([1])
  expect(patch.drawn('E')).toBe('B\nE')
  // What Ink is given differs from what it drew last, or it would not draw at all.
  expect(patch.take([line('b'), line('a')])).toEqual([1])
  expect(patch.drawn('A')).toBe('B\nA')
  expect(patch.take([line('b', true), line('a')])).toEqual([0])
  patch.drawn('B!')
  patch.reset()
  expect(patch.take([line('b', true), line('a')])).toEqual([0, 1])
})

test('what was drawn long ago is drawn again', () => {
  const patch = createPatch()
  const draw = (text: string): number => {
    const rows = patch.take([line('same'), line(text), line(`${text} more`)])
    patch.drawn(rows.map(row => `${text} ${row}`).join('\n'))
    return rows.length
  }
  expect(draw('x')).toBe(3)
  for (let n = 0; n < 400; n++) expect(draw(`${n}`)).toBe(2)
  expect(draw('x')).toBe(1)
  for (let n = 400; n < 1_000; n++) draw(`${n}`)
  expect(draw('x')).toBe(2)
})

test('after any changes the screen is what would have been drawn wholly', () => {
  const random = seededRandom(7)
  const patch = createPatch()
  for (let n = 0; n < 500; n++) {
    const lines = Array.from({length: random(6)}, () => line('abc'[random(3)] ?? '', random(2) === 0))
    const drawnAs = ({spans: [span], isChosen}: ScreenLine): string => `${span?.text}${isChosen ? '!' : ''}`
    const rows = patch.take(lines)
    expect(patch.drawn(rows.map(row => drawnAs(lines[row] ?? line('?'))).join('\n'))).toBe(
      lines.map(drawnAs).join('\n'),
    )
    if (random(20) === 0) patch.reset()
  }
})
