import {expect, test} from 'vitest'
import {coloured} from '../../src/tui/coloured.ts'
import {Screen} from '../top/screen.ts'

/** What a terminal shows of a line: each of its pieces that are drawn alike. */
function shown(text: string): Screen {
  const screen = new Screen(20, 1)
  screen.write(text)
  return screen
}

test('each piece is drawn in its tone, and what follows is not', () => {
  const line = {
    spans: [
      {text: 'up', tone: 'good'},
      {text: ' and '},
      {text: 'down', tone: 'bad'},
      {text: '', tone: 'dim'},
      {text: '.'},
    ],
    isChosen: false,
  } as const
  expect(coloured(line)).toBe('\u001b[32mup\u001b[39m and \u001b[31m\u001b[1mdown\u001b[39m\u001b[22m.')
  expect(shown(coloured(line)).lines).toEqual(['up and down.'])
})

test('the line that is chosen is inverse as a whole, without colours', () => {
  const line = {spans: [{text: 'up', tone: 'good'}, {text: ' and running'}], isChosen: true} as const
  expect(coloured(line)).toBe('\u001b[7mup and running\u001b[27m')
})

test('an empty line is nothing', () => {
  expect(coloured({spans: [], isChosen: false})).toBe('')
  expect(coloured({spans: [{text: ''}], isChosen: true})).toBe('')
})
