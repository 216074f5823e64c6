import {describe, expect, it} from 'vitest'
import {PLAIN, Screen} from './screen.ts'
import {screenSvg} from './svg.ts'

const E = '\u001b'

/** What a screen of 8 x 3 shows after it was written to. */
const shown = (...pieces: readonly string[]): readonly string[] => {
  const screen = new Screen(8, 3)
  for (const piece of pieces) screen.write(piece)
  return screen.lines
}

describe('the screen of a test', () => {
  it.each([
    ['lines begin where they are told to', ['one\r\ntwo\nthree'], ['one', 'two', '   three']],
    ['the last column is used before a line goes on', ['12345678', '9'], ['12345678', '9', '']],
    ['a full last column does not begin a line by itself', ['12345678', '\r\nx'], ['12345678', 'x', '']],
    ['it scrolls at its end', ['1\r\n2\r\n3\r\n4'], ['2', '3', '4']],
    ['the cursor goes home and up', [`a\r\nb${E}[H1`, `${E}[2;4H2${E}[1A3`], ['1   3', 'b  2', '']],
    ['lines are erased', [`abc\r\ndef${E}[1A${E}[2K${E}[1Gx`], ['x', 'def', '']],
    ['what is behind the cursor is erased', [`abcdef\r\nghi${E}[1;3H${E}[0J`], ['ab', '', '']],
    ['a sequence is cut in pieces', ['a', E, '[', '2', 'Cb'], ['a  b', '', '']],
    ['a title and modes are not shown', [`${E}]0;title\u0007${E}[?25l${E}[?2026ha${E}(Bb`], ['ab', '', '']],
    ['the alternate screen gives back what was there', [`one${E}[?1049h${E}[Htwo`, `${E}[?1049l`], ['one', '', '']],
    ['a character may be of four bytes', ['a\u{1f600}b'], ['a\u{1f600}b', '', '']],
  ] as const)('%s', (_, pieces, expected) => expect(shown(...pieces)).toEqual(expected))

  it('knows colours and attributes', () => {
    const screen = new Screen(8, 1)
    screen.write(`${E}[1;31ma${E}[0;38;5;196mb${E}[48;2;1;2;3mc${E}[39;49;7md${E}[me`)
    const styles = screen.cells[0]?.slice(0, 5).map(({style}) => style)
    expect(styles).toEqual([
      {...PLAIN, isBold: true, foreground: '#ff6b6b'},
      {...PLAIN, foreground: '#ff0000'},
      {...PLAIN, foreground: '#ff0000', background: '#010203'},
      {...PLAIN, isInverse: true},
      PLAIN,
    ])
  })

  it('is drawn word by word, each in its column', () => {
    const screen = new Screen(8, 2)
    screen.write(`a <b\r\n${E}[7mc${E}[0m \u25cfd`)
    const svg = screenSvg(screen)
    const texts = [...svg.matchAll(/<text x="([\d.]+)" y="([\d.]+)"[^>]*>([^<]*)</g)].map(([, x, y, text]) => [
      x,
      y,
      text,
    ])
    expect(texts).toEqual([
      ['14', '28.5', 'a'],
      ['32.06', '28.5', '&lt;b'],
      ['14', '47.5', 'c'],
      ['32.06', '47.5', '\u25cf'],
      ['41.09', '47.5', 'd'],
    ])
    expect(svg.match(/<rect x=/g)).toHaveLength(1)
  })
})
