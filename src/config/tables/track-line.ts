import type {Position} from '../config.ts'
import {type Cursor, REFUSED, type Refused} from '../schema/schema.ts'
import type {Statement} from '../text/blocks.ts'
import {readWeight} from './vrrp-script.ts'

/** One line of `track_script`; what is not given is the script's own. */
export interface TrackLine {
  readonly position: Position
  readonly script: string
  readonly weight: number | undefined
  readonly reverse: boolean | undefined
}

/** Reads `NAME [weight W [reverse|noreverse]]`. */
export function readTrack(cursor: Cursor, statement: Statement): TrackLine | Refused {
  const name = cursor.require()
  if (name === REFUSED) return REFUSED
  const line = {position: statement.position, script: name.text, weight: undefined, reverse: undefined}
  if (cursor.peek()?.text !== 'weight') return line
  cursor.next()
  const weight = readWeight(cursor)
  if (weight === REFUSED) return line
  const turn = cursor.peek()?.text
  if (turn !== 'reverse' && turn !== 'noreverse') return {...line, weight}
  cursor.next()
  return {...line, weight, reverse: turn === 'reverse'}
}
