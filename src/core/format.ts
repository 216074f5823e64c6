const SECOND_MS = 1000
const MINUTE_MS = 60 * SECOND_MS
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS

/** A length of time for people, its two largest units: "345 ms", "12.3 s", "3 min 2 s", "5 h 12 min", "3 d 4 h". */
export function formatDuration(ms: number): string {
  const whole = Math.max(0, Math.round(ms))
  if (whole < SECOND_MS) return `${whole} ms`
  if (whole < 10 * SECOND_MS) return `${trimZeros((whole / SECOND_MS).toFixed(1))} s`
  if (whole < MINUTE_MS) return `${Math.floor(whole / SECOND_MS)} s`
  if (whole < HOUR_MS) return twoUnits(whole, MINUTE_MS, 'min', SECOND_MS, 's')
  if (whole < DAY_MS) return twoUnits(whole, HOUR_MS, 'h', MINUTE_MS, 'min')
  return twoUnits(whole, DAY_MS, 'd', HOUR_MS, 'h')
}

/** A configured or measured interval, exact to the hundredth of a millisecond: "100 ms", "3609.38 ms", "2 s". */
export function formatInterval(ms: number): string {
  if (ms >= SECOND_MS && ms % SECOND_MS === 0) return `${ms / SECOND_MS} s`
  return `${trimZeros(ms.toFixed(2))} ms`
}

/** A moment (ISO 8601) in the host's time zone, to the millisecond: "2026-01-31 08:05:09.123". */
export function formatTime(iso: string): string {
  const at = new Date(iso)
  if (Number.isNaN(at.getTime())) return iso
  const day = [at.getFullYear(), two(at.getMonth() + 1), two(at.getDate())].join('-')
  const time = [two(at.getHours()), two(at.getMinutes()), two(at.getSeconds())].join(':')
  return `${day} ${time}.${String(at.getMilliseconds()).padStart(3, '0')}`
}

/** Milliseconds from one moment to another (ISO 8601), 0 when they are the wrong way round or unreadable. */
export function elapsedMs({from, to}: {readonly from: string; readonly to: string}): number {
  const ms = Date.parse(to) - Date.parse(from)
  return Number.isFinite(ms) ? Math.max(0, ms) : 0
}

/** "1 warning", "2 warnings". */
export const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`

/** A number of at most six characters, with a tenth below 10,000: 9999, 0.5, 12.3K, 988M. Units are powers of 1000. */
export function shortNumber(value: number): string {
  if (value < 10_000) return String(Number.isInteger(value) ? value : Math.round(value * 10) / 10)
  let rest = value
  let unit = -1
  // What would be rounded up to 1000 takes the next unit.
  while (rest >= 999.5 && unit < UNITS.length - 1) {
    rest /= 1000
    unit++
  }
  const digits = rest < 9.995 ? 2 : rest < 99.95 ? 1 : 0
  return `${rest.toFixed(digits)}${UNITS[unit] ?? ''}`
}

const UNITS = ['K', 'M', 'G', 'T', 'P', 'E']

function twoUnits(ms: number, large: number, largeName: string, small: number, smallName: string): string {
  const rest = Math.floor((ms % large) / small)
  const first = `${Math.floor(ms / large)} ${largeName}`
  return rest === 0 ? first : `${first} ${rest} ${smallName}`
}

const two = (n: number): string => String(n).padStart(2, '0')
const trimZeros = (text: string): string => text.replace(/\.?0+$/, '')
