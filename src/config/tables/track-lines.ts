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

/** A weight and whether success and failure are exchanged. */
export interface TrackWeight {
  readonly weight: number
  readonly reverse: boolean
}

/** The blocks of tracked objects. */
export type TrackKeyword = 'track_interface' | 'track_script' | 'track_file' | 'track_process' | 'track_bfd'

/** Weights beyond this change no priority more than this one does. */
export const MAX_WEIGHT = 253

/** `-253..253 [reverse]`; a number beyond is held to the range, which has the same effect as in keepalived. */
export const TRACK_WEIGHT: Argument<TrackWeight> = weightArgument({max: MAX_WEIGHT, held: true})

/** A weight of a tracked object: what is beyond `max` is refused, or held to it. */
export function weightArgument({
  max,
  held = false,
}: {
  readonly max: number
  readonly held?: boolean
}): Argument<TrackWeight> {
  return {
    form: `-${max}..${max} [reverse]`,
    read: cursor => {
      const weight = readWeight(cursor, {refusedBeyond: held ? Number.POSITIVE_INFINITY : max, heldTo: max})
      if (weight === REFUSED) return REFUSED
      return {weight, reverse: readTurn(cursor, ['reverse']) === 'reverse'}
    },
    print: ({weight, reverse}) => `${weight}${reverse ? ' reverse' : ''}`,
  }
}

/** The blocks of tracked objects of one kind, such as `track_script`. */
export const trackLines = (name: TrackKeyword, facts: BlockFacts): Entry<readonly TrackLine[]> =>
  lines(name, trackLine(LINE_RULES[name], name === 'track_interface'), facts)

interface WeightRules {
  readonly refusedBeyond: number
  readonly heldTo: number
}

interface LineRules extends WeightRules {
  readonly turns: readonly ('reverse' | 'noreverse')[]
  /** Whether a wrong word after the weight takes the whole line with it. */
  readonly wrongWordDrops: boolean
}

const BOTH = ['reverse', 'noreverse'] as const

/** keepalived reads the five each in its way. */
const LINE_RULES: {readonly [Keyword in TrackKeyword]: LineRules} = {
  track_interface: {refusedBeyond: 254, heldTo: MAX_WEIGHT, turns: ['reverse'], wrongWordDrops: false},
  track_script: {refusedBeyond: 254, heldTo: MAX_WEIGHT, turns: BOTH, wrongWordDrops: false},
  track_file: {refusedBeyond: 254, heldTo: 254, turns: BOTH, wrongWordDrops: true},
  track_process: {refusedBeyond: 254, heldTo: 254, turns: BOTH, wrongWordDrops: false},
  track_bfd: {refusedBeyond: MAX_WEIGHT, heldTo: MAX_WEIGHT, turns: BOTH, wrongWordDrops: true},
}

function trackLine(rules: LineRules, isInterface: boolean): DataLines<TrackLine> {
  const {heldTo: max, turns} = rules
  return {
    form: `${isInterface ? 'INTERFACE' : 'NAME'} [weight -${max}..${max} [${turns.join('|')}]]`,
    read: (cursor, {position}) => {
      const name = isInterface ? interfaceName.read(cursor) : readName(cursor)
      const options = name === REFUSED ? REFUSED : readOptions(cursor, rules)
      return name === REFUSED || options === REFUSED ? REFUSED : {position, name, ...options}
    },
    print: line => writtenTrack(line, turns),
  }
}

function readName(cursor: Cursor): string | Refused {
  const given = cursor.require()
  return given === REFUSED ? REFUSED : given.text
}

function readOptions(cursor: Cursor, rules: LineRules): Pick<TrackLine, 'weight' | 'reverse'> | Refused {
  const inherited = {weight: undefined, reverse: undefined}
  const option = cursor.next()
  if (!option) return inherited
  if (option.text !== 'weight') {
    const hint = /^weight.+/.test(option.text) ? 'write weight NUMBER, with a space' : 'weight NUMBER [reverse]'
    return cursor.fail(option, `${cursor.show(option)} is no option here; the line is ignored`, hint)
  }
  if (!cursor.peek()) {
    return cursor.fail(option, 'weight has no value; the line is ignored', 'weight NUMBER', 'argument-missing')
  }
  const weight = readWeight(cursor, rules)
  if (weight === REFUSED) {
    while (cursor.next());
    return inherited
  }
  const turn = readTurn(cursor, rules.turns)
  if (turn === REFUSED && rules.wrongWordDrops) return REFUSED
  return {weight, reverse: turn === undefined || turn === REFUSED ? undefined : turn === 'reverse'}
}

/** The number of a weight. */
function readWeight(cursor: Cursor, {refusedBeyond, heldTo}: WeightRules): number | Refused {
  const given = cursor.require()
  if (given === REFUSED) return REFUSED
  const hint = `-${heldTo} to ${heldTo}`
  if (!/^[-+]?\d{1,9}$/.test(given.text)) return cursor.fail(given, `${cursor.show(given)} is not a weight`, hint)
  const weight = Number(given.text)
  if (Math.abs(weight) > refusedBeyond) {
    return cursor.fail(given, `the weight ${weight} is out of range; it is ignored`, hint)
  }
  const held = Math.max(-heldTo, Math.min(heldTo, weight)) + 0
  if (held !== weight) {
    cursor.note('argument-corrected', given, `the weight ${weight} is out of range; ${held} is used`, hint)
  }
  return held
}

/** The word after a weight; refused, and reported, when it is none of these. */
function readTurn<Turn extends string>(cursor: Cursor, turns: readonly Turn[]): Turn | Refused | undefined {
  const given = cursor.next()
  if (!given) return undefined
  const turn = turns.find(word => word === given.text)
  if (turn !== undefined) return turn
  while (cursor.next());
  return cursor.fail(given, `${cursor.show(given)} cannot stand after a weight`, turns.join(' or '))
}

function writtenTrack({name, weight, reverse}: TrackLine, turns: LineRules['turns']): string {
  if (weight === undefined) return writtenWord(name)
  const turn = reverse === undefined ? undefined : reverse ? 'reverse' : 'noreverse'
  const said = turn !== undefined && turns.includes(turn) ? ` ${turn}` : ''
  return `${writtenWord(name)} weight ${weight}${said}`
}
