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

/** Whether a stream, standard output unless given, is a terminal that wants colour. */
export function wantsColour(stream: NodeJS.WriteStream = process.stdout): boolean {
  return stream.isTTY === true && !process.env.NO_COLOR && process.env.TERM !== 'dumb'
}

/** Colours a text where standard output wants that. */
export const paint = (colour: Colour, text: string): string => paintOn(process.stdout)(colour, text)

/** Colours texts for a stream. */
export function paintOn(stream: NodeJS.WriteStream): (colour: Colour, text: string) => string {
  if (!wantsColour(stream)) return (_, text) => text
  return (colour, text) => {
    const [on, off] = SGR[colour]
    return `\u001b[${on}m${text}\u001b[${off}m`
  }
}

/** Columns of a terminal, or no limit where a stream is none. */
export function streamWidth(stream: NodeJS.WriteStream): number {
  return stream.isTTY === true && stream.columns > 0 ? stream.columns : Number.POSITIVE_INFINITY
}
