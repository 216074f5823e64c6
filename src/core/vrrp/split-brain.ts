import type {IpAddress} from '../ip.ts'
import {after, type MonotonicMs} from '../units.ts'

/** Somebody who acts as master of a virtual router while this node does. */
export interface Rival {
  /** The address that it advertises from, or the hardware address that a virtual address answers from. */
  readonly name: string
  readonly how: 'advertises' | 'answers'
  readonly firstAt: MonotonicMs
  readonly lastAt: MonotonicMs
  /** How often in a row, with no more than a master's silence between. */
  readonly times: number
  /** Silence after which it is no rival any more, milliseconds. */
  readonly forgottenAfterMs: number
}

/** Those who act as master beside this node; `since`: it counts as a split brain from then on. */
export interface RivalWatch {
  readonly rivals: readonly Rival[]
  readonly since: MonotonicMs | undefined
}

/** What was noticed of another master. */
export interface Notice {
  readonly name: string | IpAddress
  readonly how: Rival['how']
  /** How often it is to be expected, milliseconds. */
  readonly everyMs: number
}

export const NO_RIVALS: RivalWatch = {rivals: [], since: undefined}

/** A take-over leaves one or two stray packets; a third in a row is another master. */
const TIMES = 3
/** A neighbour that has to yield may be slow; what lasts longer than this is no election, milliseconds. */
const LASTS_MS = 500
/** Silence that a loaded machine may bring about, milliseconds. */
const LEAST_SILENCE_MS = 1_000
/** Silent intervals until a rival is forgotten. */
const FORGOTTEN_INTERVALS = 4
/** Whoever forges senders must not fill the memory. */
const MAX_RIVALS = 8

/** Counts another master that was noticed while this node was master. */
export function noticeRival(watch: RivalWatch, {name, how, everyMs}: Notice, now: MonotonicMs): RivalWatch {
  const kept = watch.rivals.filter(rival => !isForgotten(rival, now))
  const known = kept.find(rival => rival.name === name)
  const rival: Rival = {
    name,
    how,
    firstAt: known?.firstAt ?? now,
    lastAt: now,
    times: (known?.times ?? 0) + 1,
    forgottenAfterMs: Math.max(LEAST_SILENCE_MS, FORGOTTEN_INTERVALS * everyMs),
  }
  const others = kept.filter(each => each !== known)
  if (!known && others.length >= MAX_RIVALS) return {...watch, rivals: others}
  const split = rival.times >= TIMES && now - rival.firstAt >= Math.max(LASTS_MS, everyMs)
  return {rivals: [...others, rival], since: watch.since ?? (split ? now : undefined)}
}

/** Forgets rivals that went silent; with the last of them a split brain is over. */
export function forgetRivals(watch: RivalWatch, now: MonotonicMs): RivalWatch {
  if (watch.rivals.length === 0) return watch
  const rivals = watch.rivals.filter(rival => !isForgotten(rival, now))
  if (rivals.length === watch.rivals.length) return watch
  return {rivals, since: rivals.some(({times}) => times >= TIMES) ? watch.since : undefined}
}

const isForgotten = ({lastAt, forgottenAfterMs}: Rival, now: MonotonicMs): boolean =>
  after(lastAt, forgottenAfterMs) < now
