import type {IpAddress} from '../ip.ts'
import {after, type MonotonicMs} from '../units.ts'

/** Which addresses of a master are to be asked for, and when: somebody else may have them too. */
export interface Questions {
  /** When the next address has its turn; undefined: that is not known yet. */
  readonly nextAt: MonotonicMs | undefined
  /** How many had their turn. */
  readonly turn: number
  /** Addresses that somebody else claimed, and until when they are asked for every time. */
  readonly suspects: ReadonlyMap<IpAddress, MonotonicMs>
}

/** Nothing was asked yet. */
export const NO_QUESTIONS: Questions = {nextAt: undefined, turn: 0, suspects: new Map()}

/** Who was master until now may still be about to leave, and who listens for answers about to begin, milliseconds. */
const FIRST_AFTER_MS = 500
/** Every address is asked for once in so long after the first round, milliseconds. */
const ROUND_MS = 30_000
/** A claim is followed up for so long after it was last heard, milliseconds. */
const SUSPECT_MS = 5_000
/** Whoever claims all of them is noticed by the first. */
const MAX_SUSPECTS = 4

/** Somebody else claimed an address: it is asked for until nobody has for a while. */
export function suspect(questions: Questions, address: IpAddress, now: MonotonicMs): Questions {
  const {suspects} = questions
  if (!suspects.has(address) && suspects.size >= MAX_SUSPECTS) return questions
  return {...questions, suspects: new Map([...suspects, [address, after(now, SUSPECT_MS)]])}
}

/** The addresses to ask for now, and what to remember. To be called about once a second while the router is master. */
export function askNow(
  questions: Questions,
  vips: readonly IpAddress[],
  now: MonotonicMs,
): {readonly questions: Questions; readonly addresses: readonly IpAddress[]} {
  const {turn, nextAt = after(now, FIRST_AFTER_MS)} = questions
  const suspects = new Map([...questions.suspects].filter(([address, until]) => until > now && vips.includes(address)))
  const inTurn = nextAt <= now ? vips[turn % vips.length] : undefined
  if (inTurn === undefined) return {questions: {nextAt, turn, suspects}, addresses: [...suspects.keys()]}
  // Who was master before may have left all of them behind: the first round is a quick one.
  const waitMs = turn + 1 < vips.length ? 0 : ROUND_MS / vips.length
  const next = {nextAt: after(now, waitMs), turn: turn + 1, suspects}
  return {questions: next, addresses: [...new Set([...suspects.keys(), inTurn])]}
}
