import {HactlError} from '../errors.ts'

const UNIT_SECONDS: {readonly [unit: string]: number} = {s: 1, m: 60, h: 3_600, d: 86_400}
/** A year. */
const MOST_SECONDS = 31_536_000

/** Reads a time such as "90s", "10m", "2h" or "1d"; whole seconds. Throws USAGE for anything else. */
export function parseDuration(text: string): number {
  const [, digits, unit] = /^(\d{1,8})([smhd])$/.exec(text) ?? []
  const seconds = digits === undefined || unit === undefined ? 0 : Number(digits) * (UNIT_SECONDS[unit] ?? 0)
  if (seconds >= 1 && seconds <= MOST_SECONDS) return seconds
  throw new HactlError('USAGE', `${text} is not a time`, 'such as 90s, 10m, 2h or 1d, at most a year')
}
