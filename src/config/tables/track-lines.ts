import type {Position} from '../config.ts'
import {interfaceName} from '../schema/arguments.ts'
import {type BlockFacts, type DataLines, lines} from '../schema/entries.ts'
import {type Argument, type Cursor, type Entry, REFUSED, type Refused} from '../schema/schema.ts'
import {writtenWord} from '../text/written.ts'

/** One line of a `track_…` block; what is not given is that of the tracked object. */
export interface TrackLine {
  readonly position: Position
  /** The name of the script, file, process, BFD session or interface. */
  readonly name: string
  readonly weight: number | undefined
  readonly reverse: boolean | undefined
}

/** Weights beyond this change no priority more than this one does. */
export const MAX_WEIGHT = 253

/** A weight and whether success and failure are exchanged. */
export interface TrackWeight {
  readonly weight: number
  readonly reverse: boolean
}

/** `-253..253 [reverse]`; a number beyond is held to the range, which has the same effect as in keepalived. */
export const TRACK_WEIGHT: Argument<TrackWeight> = {
  form: `-${MAX_WEIGHT}..${MAX_WEIGHT} [reverse]`,
  read: cursor => {
    const weight = readWeight(cursor)
    if (weight === REFUSED) return REFUSED
    const reverse = cursor.peek()?.text === 'reverse'
    if (reverse) cursor.next()
    return {weight, reverse}
  },
  print: ({weight, reverse}) => `${weight}${reverse ? ' reverse' : ''}`,
}

/** The blocks of tracked objects of one kind, such as `track_script`. */
export const trackLines = (name: string, facts: BlockFacts): Entry<readonly TrackLine[]> =>
  lines(name, name === 'track_interface' ? INTERFACE_LINE : NAMED_LINE, facts)

/** The number of a weight. */
export function readWeight(cursor: Cursor): number | Refused {
  const given = cursor.require()
  if (given === REFUSED) return REFUSED
  if (!/^[-+]?\d{1,9}$/.test(given.text)) {
    return cursor.fail(given, `${cursor.show(given)} is not a weight`, `-${MAX_WEIGHT} to ${MAX_WEIGHT}`)
  }
  const weight = Number(given.text)
  const held = Math.max(-MAX_WEIGHT, Math.min(MAX_WEIGHT, weight)) + 0
  if (held !== weight) {
    const message = `the weight ${weight} is out of range; ${held} is used`
    cursor.note('argument-corrected', given, message, `-${MAX_WEIGHT} to ${MAX_WEIGHT}`)
  }
  return held
}

const NAMED_LINE: DataLines<TrackLine> = {
  form: `NAME [weight -${MAX_WEIGHT}..${MAX_WEIGHT} [reverse|noreverse]]`,
  read: (cursor, {position}) => {
    const given = cursor.require()
    return given === REFUSED ? REFUSED : {position, name: given.text, ...readOptions(cursor)}
  },
  print: writtenTrack,
}

const INTERFACE_LINE: DataLines<TrackLine> = {
  form: `INTERFACE [weight -${MAX_WEIGHT}..${MAX_WEIGHT} [reverse|noreverse]]`,
  read: (cursor, {position}) => {
    const name = interfaceName.read(cursor)
    return name === REFUSED ? REFUSED : {position, name, ...readOptions(cursor)}
  },
  print: writtenTrack,
}

function readOptions(cursor: Cursor): Pick<TrackLine, 'weight' | 'reverse'> {
  const none = {weight: undefined, reverse: undefined}
  const option = cursor.peek()
  if (!option) return none
  cursor.next()
  if (option.text !== 'weight') {
    while (cursor.next()) continue
    const hint = /^weight.+/.test(option.text) ? 'write weight NUMBER, with a space' : 'weight NUMBER [reverse]'
    cursor.note('argument-invalid', option, `${cursor.show(option)} is no option here; it is ignored`, hint)
    return none
  }
  const weight = readWeight(cursor)
  if (weight === REFUSED) return none
  const turn = cursor.peek()?.text
  if (turn !== 'reverse' && turn !== 'noreverse') return {weight, reverse: undefined}
  cursor.next()
  return {weight, reverse: turn === 'reverse'}
}

function writtenTrack({name, weight, reverse}: TrackLine): string {
  const turn = reverse === undefined ? '' : reverse ? ' reverse' : ' noreverse'
  return weight === undefined ? writtenWord(name) : `${writtenWord(name)} weight ${weight}${turn}`
}
