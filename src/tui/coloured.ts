import {plainText} from './lines.ts'
import type {Tone} from './model.ts'
import type {ScreenLine} from './screen-layout.ts'

/** Text before and after what is drawn so. */
type Rendition = readonly [on: string, off: string]

/** Select Graphic Rendition, ECMA-48 section 8.3.117: numbers that turn something on and off. */
const sgr = (...pairs: readonly (readonly [on: number, off: number])[]): Rendition => [
  pairs.map(([on]) => `\u001b[${on}m`).join(''),
  pairs.map(([, off]) => `\u001b[${off}m`).join(''),
]

/** What each tone is drawn with. */
const TONES: {readonly [tone in Tone]: Rendition} = {
  good: sgr([32, 39]),
  backup: sgr([36, 39]),
  warning: sgr([33, 39]),
  bad: sgr([31, 39], [1, 22]),
  unknown: sgr([35, 39]),
  dim: sgr([2, 22]),
  strong: sgr([1, 22]),
}
const CHOSEN = sgr([7, 27])

/** A line with its colours. One that is chosen has none, for they would become grounds: symbols and words are left. */
export function coloured({spans, isChosen}: ScreenLine): string {
  if (isChosen) return between(CHOSEN, plainText(spans))
  return spans.map(({text, tone}) => (tone === undefined ? text : between(TONES[tone], text))).join('')
}

const between = ([on, off]: Rendition, text: string): string => (text === '' ? '' : on + text + off)
