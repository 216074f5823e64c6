import {join} from 'node:path'
import type {Override} from '../../control/model.ts'
import {errorText, HactlError} from '../../errors.ts'
import {orderQueue} from '../../lvs/order-queue.ts'
import {readStateFile, saveStateFile} from '../state-file.ts'

/** What a pause concerns, by the names of the configuration; null: all of them. */
export interface PauseScope {
  readonly virtualServer: string | null
  readonly realServer: string | null
}

/** Checks that an operator has paused, as it is kept. */
export interface Pause extends PauseScope {
  /** "check-7" */
  readonly id: string
  readonly since: string
  readonly reason: string | null
  readonly until: string | null
}

const FILE = 'checks.json'
/** More than an operator ever enters by hand. */
const MAX_PAUSES = 1_000
/** A timer takes no more than 24 days; a pause may last a year. */
const LONGEST_TIMER_MS = 24 * 60 * 60 * 1_000

/** Pauses of checks on disk, before they are so; each ends when its time is over. */
export class Pauses {
  readonly #onChange: () => void
  readonly #queue = orderQueue()
  #path: string | undefined
  #list: readonly Pause[] = []
  #lastId = 0
  #problem: string | undefined
  #timer: NodeJS.Timeout | undefined

  /** `onChange` is called after every change, also when one ends by itself. */
  constructor(onChange: () => void) {
    this.#onChange = onChange
  }

  get list(): readonly Pause[] {
    return this.#list
  }

  /** Why the file is behind what is so; undefined: it is not. */
  get problem(): string | undefined {
    return this.#problem
  }

  /** Reads what earlier runs left; answers what was wrong with the file. Once only. */
  open(directory: string): string | undefined {
    if (this.#path !== undefined) return undefined
    this.#path = join(directory, FILE)
    const {entries, problem} = readStateFile(this.#path, isPause)
    this.#list = entries.slice(0, MAX_PAUSES)
    this.#lastId = Math.max(0, ...this.#list.map(({id}) => numberOf(id)))
    this.#endInTime()
    return problem
  }

  /** Adds some; one that concerns exactly the same goes. Rejects with REFUSED or FAILED: then nothing has changed. */
  add(scopes: readonly PauseScope[], {reason, until}: Pick<Pause, 'reason' | 'until'>): Promise<void> {
    return this.#change(list => {
      const since = new Date().toISOString()
      const added = scopes.map(
        (scope): Pause => ({id: `${ID_PREFIX}${++this.#lastId}`, since, reason, until, ...scope}),
      )
      const isReplaced = (old: Pause): boolean => added.some(pause => isSameScope(pause, old))
      const kept = list.filter(old => !isReplaced(old))
      if (kept.length + added.length > MAX_PAUSES) {
        const message = `there are ${kept.length} pauses of checks, and ${MAX_PAUSES} at most`
        throw new HactlError('REFUSED', message, 'pause whole virtual servers, or end some: hactl check resume')
      }
      return [...kept, ...added]
    })
  }

  /** Ends some. Rejects as `add` does. */
  remove(which: (pause: Pause) => boolean): Promise<void> {
    return this.#change(list => list.filter(pause => !which(pause)))
  }

  close(): void {
    clearTimeout(this.#timer)
  }

  #change(next: (list: readonly Pause[]) => readonly Pause[]): Promise<void> {
    return this.#queue.run(async () => {
      if (this.#path === undefined) throw new HactlError('TIMED_OUT', 'the check process is starting', 'ask again')
      const list = next(this.#list)
      try {
        await saveStateFile(this.#path, textOf(list))
      } catch (error) {
        const message = `${this.#path} cannot be written, and nothing was changed: ${errorText(error)}`
        throw new HactlError('FAILED', message, 'see to the disk of the state directory', {cause: error})
      }
      this.#use(list, undefined)
    })
  }

  #use(list: readonly Pause[], problem: string | undefined): void {
    this.#list = list
    this.#problem = problem
    this.#endInTime()
    this.#onChange()
  }

  #endInTime(): void {
    clearTimeout(this.#timer)
    const ends = this.#list.flatMap(({until}) => (until === null ? [] : [Date.parse(until)]))
    if (ends.length === 0) return
    const delayMs = Math.max(0, Math.min(...ends) - Date.now())
    this.#timer = setTimeout(() => void this.#endThoseOver(), Math.min(delayMs, LONGEST_TIMER_MS))
  }

  /** They end whether or not the disk takes it: when it is read again, their time is over all the same. */
  async #endThoseOver(): Promise<void> {
    await this.#queue.runFirst(async () => {
      const now = Date.now()
      const list = this.#list.filter(({until}) => until === null || Date.parse(until) > now)
      if (list.length === this.#list.length) return this.#endInTime()
      const problem = await this.#save(list)
      this.#use(list, problem)
    })
  }

  async #save(list: readonly Pause[]): Promise<string | undefined> {
    try {
      await saveStateFile(this.#path as string, textOf(list))
      return undefined
    } catch (error) {
      return `${this.#path}: ${errorText(error)}`
    }
  }
}

/** Whether a pause is one of checks, by the name that the API has for it. */
export const isPauseId = (id: string): boolean => id.startsWith(ID_PREFIX)

/** Whether everything that the second concerns is concerned by the first, too. */
export function covers(scope: PauseScope, other: PauseScope): boolean {
  return (
    (scope.virtualServer === null || scope.virtualServer === other.virtualServer) &&
    (scope.realServer === null || scope.realServer === other.realServer)
  )
}

/** A pause as the list of overrides shows it; `applies`: the configuration has something that it concerns. */
export function pauseOverride(pause: Pause, applies: boolean): Override {
  const {id, virtualServer, realServer, since, until} = pause
  const what = realServer === null ? 'checks paused' : `checks of ${realServer} paused`
  const text = pause.reason === null ? what : `${what}: ${pause.reason}`
  return {id, kind: 'check-pause', instance: virtualServer, text, since, until, applies}
}

const ID_PREFIX = 'check-'
const numberOf = (id: string): number => Number(id.slice(ID_PREFIX.length))
const isSameScope = (a: PauseScope, b: PauseScope): boolean => covers(a, b) && covers(b, a)
const textOf = (list: readonly Pause[]): string => `[${list.map(pause => JSON.stringify(pause)).join(',\n')}]\n`

function isPause(value: unknown): value is Pause {
  if (typeof value !== 'object' || value === null) return false
  const {id, virtualServer, realServer, since, reason, until} = value as Record<string, unknown>
  return (
    typeof id === 'string' &&
    /^check-[1-9]\d{0,14}$/.test(id) &&
    typeof since === 'string' &&
    [virtualServer, realServer, reason, until].every(each => each === null || typeof each === 'string') &&
    (until === null || !Number.isNaN(Date.parse(until as string)))
  )
}
