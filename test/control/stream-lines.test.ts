import {expect, test} from 'vitest'
import {MAX_LINE_CHARS, streamLines} from '../../src/control/stream-lines.ts'

/** What is made of these pieces: values, and "refused". */
function read(pieces: readonly (string | Buffer)[]): readonly unknown[] {
  const found: unknown[] = []
  const push = streamLines({value: value => found.push(value), refused: () => found.push('refused')})
  for (const piece of pieces) push(Buffer.from(piece))
  return found
}

test('lines come in whatever pieces', () => {
  const bytes = Buffer.from('{"a":"ü"}\n[1]\nnull\n')
  const expected = [{a: 'ü'}, [1], null]
  expect(read([bytes])).toEqual(expected)
  expect(read([...bytes].map(byte => Buffer.from([byte])))).toEqual(expected)
})

test('a line that is no JSON is refused, and the next one read', () => {
  expect(read(['{"a":\n\n{}\n\ufffd\n1\n'])).toEqual(['refused', {}, 'refused', 1])
})

test('a line that does not end is not told', () => expect(read(['{}', '\n[1'])).toEqual([{}]))

test('a line that is too long is refused, and the next one read', () => {
  const most = `"${'x'.repeat(MAX_LINE_CHARS - 2)}"`
  expect(read([most, '\n1\n'])).toEqual([most.slice(1, -1), 1])
  expect(read([most, ' ', ' ', '\n1\n'])).toEqual(['refused', 1])
})
