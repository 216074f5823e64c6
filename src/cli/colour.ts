import type {RouterStateName} from '../control/model.ts'

export type Colour = 'green' | 'cyan' | 'yellow' | 'red' | 'bold' | 'dim'

/** Select Graphic Rendition, ECMA-48 section 8.3.117: on and off. */
const SGR: {readonly [colour in Colour]: readonly [number, number]} = {
  bold: [1, 22],
  dim: [2, 22],
  red: [31, 39],
  green: [32, 39],
  yellow: [33, 39],
  cyan: [36, 39],
}

/** What each state is shown in. */
export const STATE_COLOURS: {readonly [state in RouterStateName]: Colour} = {
  init: 'yellow',
  backup: 'cyan',
  master: 'green',
  fault: 'red',
}

/** Whether standard output is a terminal that wants colour. */
export function wantsColour(): boolean {
  return process.stdout.isTTY === true && !process.env.NO_COLOR && process.env.TERM !== 'dumb'
}

/** Colours a text where that is wanted. */
export function paint(colour: Colour, text: string): string {
  if (!wantsColour()) return text
  const [on, off] = SGR[colour]
  return `\u001b[${on}m${text}\u001b[${off}m`
}
