import {closeSync, constants, type FSWatcher, fstatSync, openSync, readSync, rmSync, watch} from 'node:fs'
import {basename, dirname} from 'node:path'
import {errorText} from '../../errors.ts'

/** When to reload; `daily`: the text names no date. Milliseconds since the epoch. */
export type ReloadMoment =
  | {readonly ok: true; readonly at: number; readonly daily: boolean}
  | {readonly ok: false; readonly reason: string}

/** What a reload at a time needs to know and to tell. */
export interface ReloadClockOptions {
  readonly onDue: () => void
  /** What was understood of the file, or why it was not. */
  readonly onNote: (text: string) => void
}

/**
 * The moment that a line names, seen from `now` (milliseconds since the epoch): `HH:MM:SS`, `YY-MM-DD HH:MM:SS` or
 * `YYYY-MM-DD HH:MM:SS`, in local time or with a `Z` in UTC. A time without a date is the next one.
 * keepalived.conf(5), reload_time_file
 */
export function reloadMoment(text: string, now: number): ReloadMoment {
  const match = /^(?:(\d\d|\d{4})-(\d\d)-(\d\d) )?(\d\d):(\d\d):(\d\d)(Z?)$/.exec(text)
  if (!match) return {ok: false, reason: 'it is not a time such as 23:59:59 or 2030-12-31 23:59:59Z'}
  const [, yearText, ...rest] = match
  const [month, day, hour, minute, second] = rest.slice(0, 5).map(Number) as [number, number, number, number, number]
  const utc = match[7] === 'Z'
  if (hour > 23 || minute > 59 || second > 59) return {ok: false, reason: 'there is no such time'}
  if (yearText === undefined) return {ok: true, at: nextDaily({hour, minute, second, utc}, now), daily: true}
  const year = Number(yearText) + (yearText.length === 2 ? 2_000 : 0)
  const checked = new Date(Date.UTC(year, month - 1, day))
  if (checked.getUTCMonth() !== month - 1 || checked.getUTCDate() !== day) {
    return {ok: false, reason: 'there is no such day'}
  }
  const at = utc
    ? Date.UTC(year, month - 1, day, hour, minute, second)
    : new Date(year, month - 1, day, hour, minute, second).getTime()
  return at > now ? {ok: true, at, daily: false} : {ok: false, reason: 'it is in the past'}
}

/**
 * `reload_time_file`: reads the moment of the next reload from a file whenever the file changes. When it has come, the
 * file is removed, unless `reload_repeat` stands and it names no date. keepalived.conf(5)
 */
export class ReloadClock {
  readonly #options: ReloadClockOptions
  #file: string | undefined
  #repeat = false
  #watcher: FSWatcher | undefined
  #settle: NodeJS.Timeout | undefined
  #timer: NodeJS.Timeout | undefined
  #moment: {readonly at: number; readonly daily: boolean} | undefined
  #told = ''

  constructor(options: ReloadClockOptions) {
    this.#options = options
  }

  /** Watches this file from now on and no other; undefined: none. A folder that is not there is not waited for. */
  configure(file: string | undefined, repeat: boolean): void {
    this.stop()
    this.#file = file
    this.#repeat = repeat
    if (file === undefined) return
    try {
      this.#watcher = watch(dirname(file), (_, name) => {
        if (name === null || name === basename(file)) this.#lookSoon()
      })
      this.#watcher.on('error', error => this.#note(`cannot be watched any more: ${errorText(error)}`))
    } catch (error) {
      this.#note(`cannot be watched: ${errorText(error)}`)
      return
    }
    this.#look()
  }

  /** Forgets everything; no callback comes after it. */
  stop(): void {
    this.#watcher?.close()
    this.#watcher = undefined
    clearTimeout(this.#settle)
    clearTimeout(this.#timer)
    this.#moment = undefined
  }

  /** Not at the first sign: whoever writes the file may not have finished. */
  #lookSoon(): void {
    clearTimeout(this.#settle)
    this.#settle = setTimeout(() => this.#look(), SETTLE_MS)
  }

  #look(): void {
    const before = this.#moment
    const line = this.#read()
    const moment = line === undefined ? undefined : reloadMoment(line, Date.now())
    this.#moment = moment?.ok ? moment : undefined
    clearTimeout(this.#timer)
    if (this.#moment) {
      if (this.#moment.at !== before?.at) this.#note(`reload at ${new Date(this.#moment.at).toISOString()}`)
      this.#arm(this.#moment.at)
      return
    }
    if (moment && !moment.ok) this.#note(`${JSON.stringify(line)} is ignored: ${moment.reason}`)
    else if (before) this.#note('it is gone, and with it the reload')
  }

  /** The first line; undefined where there is no file to read. */
  #read(): string | undefined {
    try {
      return firstLine(this.#file ?? '')
    } catch (error) {
      if ((error as {code?: string}).code !== 'ENOENT') this.#note(errorText(error))
      return undefined
    }
  }

  /** In steps: a clock that is set meanwhile is noticed, and no step is longer than a timer can be. */
  #arm(at: number): void {
    const waitMs = Math.min(STEP_MS, Math.max(1, at - Date.now()))
    this.#timer = setTimeout(() => (Date.now() >= at ? this.#due() : this.#arm(at)), waitMs)
  }

  #due(): void {
    const moment = this.#moment
    if (!moment) return
    this.#moment = undefined
    if (this.#repeat && moment.daily) this.#look()
    else this.#remove()
    this.#options.onDue()
  }

  #remove(): void {
    try {
      if (this.#file !== undefined) rmSync(this.#file, {force: true})
    } catch (error) {
      this.#note(`cannot be removed: ${errorText(error)}`)
    }
  }

  /** Not the same twice in a row: a reload reads the file again. */
  #note(text: string): void {
    const whole = `reload_time_file ${this.#file}: ${text}`
    if (whole !== this.#told) this.#options.onNote(whole)
    this.#told = whole
  }
}

const SETTLE_MS = 100
const STEP_MS = 60_000
const DAY_MS = 86_400_000
const MAX_LINE_BYTES = 64

interface TimeOfDay {
  readonly hour: number
  readonly minute: number
  readonly second: number
  readonly utc: boolean
}

function nextDaily({hour, minute, second, utc}: TimeOfDay, now: number): number {
  const on = (day: Date): number =>
    utc
      ? Date.UTC(day.getUTCFullYear(), day.getUTCMonth(), day.getUTCDate(), hour, minute, second)
      : new Date(day.getFullYear(), day.getMonth(), day.getDate(), hour, minute, second).getTime()
  const today = on(new Date(now))
  if (today > now) return today
  if (utc) return today + DAY_MS
  // A day is not always 24 hours long.
  const tomorrow = new Date(now)
  tomorrow.setDate(tomorrow.getDate() + 1)
  return on(tomorrow)
}

/** A pipe must not be waited for, and a big file not be read. */
function firstLine(file: string): string {
  const fd = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK)
  try {
    if (!fstatSync(fd).isFile()) throw new Error('it is not a regular file')
    const bytes = Buffer.alloc(MAX_LINE_BYTES)
    const text = bytes.toString('latin1', 0, readSync(fd, bytes))
    return text.split('\n', 1)[0] ?? ''
  } finally {
    closeSync(fd)
  }
}
