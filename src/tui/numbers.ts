import {formatDuration, formatInterval, shortNumber} from '../core/format.ts'

/** A rate per second, with a tenth where it is small: "0.4", "12". */
export const rateText = (perSecond: number): string =>
  perSecond > 0 && perSecond < 10 ? String(Math.round(perSecond * 10) / 10) : shortNumber(Math.round(perSecond))

/** A measured time: to the hundredth of a millisecond where it is short, as fine as it matters else. */
export function latencyText(ms: number): string {
  return ms < 100 ? formatInterval(Math.round(ms * 100) / 100) : formatDuration(ms)
}

/**
 * For how long something has been so: "56 s", "12 min", "5 h 12 min", "3 d 4 h"; without room the larger unit alone. No
 * finer than that matters: rows whose ages ran on would be drawn anew each second.
 */
export function ageText(ms: number, hasRoom = true): string {
  if (ms < MINUTE_MS) return `${Math.floor(Math.max(0, ms) / 1_000)} s`
  const text = formatDuration(ms)
  return hasRoom && ms >= HOUR_MS ? text : text.split(' ').slice(0, 2).join(' ')
}

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS

/** "1 warning", "2,000 connections". */
export const countedMany = (count: number, noun: string): string =>
  `${count.toLocaleString('en')} ${noun}${count === 1 ? '' : 's'}`

/** "a", "a and b", "a, b and c". */
export function listed(names: readonly string[], most = 6): string {
  if (names.length > most) return `${names.slice(0, most - 1).join(', ')} and ${names.length - most + 1} more`
  if (names.length < 2) return names.join('')
  return `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`
}
