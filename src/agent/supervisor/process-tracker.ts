import type {TrackProcessConfig} from '../../config/config.ts'
import type {ProcessEvent} from '../../core/netlink/connector.ts'
import {
  comparesCommandLine,
  decidingBytes,
  describeCount,
  INITIAL_PROCESS_STATE,
  judgeProcesses,
  type ProcessFacts,
  type ProcessState,
  processDelayEnded,
  processMatcher,
} from '../../core/track/process.ts'
import {earliest} from '../../core/units.ts'
import {monotonicNow} from '../../kernel/clock.ts'
import {ProcessConnector} from '../../kernel/process-connector.ts'
import type {TrackerStanding} from '../channel.ts'
import {listProcesses, readProcess, type WantedFacts} from './process-tracker-scan.ts'

/** Where news of processes go. */
export interface ProcessTrackerOptions {
  readonly onChange: (standing: TrackerStanding, before: TrackerStanding) => void
  /** Something that concerns all of them, once. */
  readonly onTrouble: (text: string) => void
}

interface Watched {
  config: TrackProcessConfig
  matches: (facts: ProcessFacts) => boolean
  count: number
  /** The count when the scan under way began. */
  countBefore: number
  state: ProcessState
  standing: TrackerStanding
  /** Why the count is not what it was when the state was last judged. */
  cause: 'fork' | 'exit' | 'other' | undefined
}

interface Counted {
  readonly watched: Set<Watched>
  /** The scan, or the event during it, that saw the process last. */
  scan: number
}

/**
 * Counts processes for `vrrp_track_process`: all at first, and then by what the kernel tells of each that begins, ends,
 * or becomes another program. Where the kernel does not tell, all are looked at every second. However many there are, a
 * turn of the loop takes a bounded time; when events were lost, all are looked at again.
 */
export class ProcessTracker {
  readonly #options: ProcessTrackerOptions
  readonly #watched = new Map<string, Watched>()
  readonly #processes = new Map<number, Counted>()
  #wanted: WantedFacts = {name: false, commandLineBytes: 0}
  #connector: ProcessConnector | undefined
  #bufferBytes: number | undefined
  #polls = false
  #configuring = false
  #scan = 0
  #unseen: readonly number[] = []
  #scanning = false
  #slice: NodeJS.Immediate | undefined
  #rescan: NodeJS.Timeout | undefined
  #delay: NodeJS.Timeout | undefined

  constructor(options: ProcessTrackerOptions) {
    this.#options = options
  }

  /** Takes what is to be watched; patterns that stay keep their counts. On a host of usual size all are known after. */
  configure(processes: readonly TrackProcessConfig[], receiveBufferBytes: number | undefined): void {
    const before = new Map(this.#watched)
    this.#watched.clear()
    let isNew = false
    for (const config of processes) {
      const known = before.get(config.name)
      const stays = known !== undefined && samePattern(known.config, config)
      if (stays) known.config = config
      isNew ||= !stays
      this.#watched.set(config.name, stays ? known : newWatched(config))
    }
    const kept = new Set(this.#watched.values())
    for (const {watched} of this.#processes.values()) {
      for (const each of watched) if (!kept.has(each)) watched.delete(each)
    }
    this.#wanted = wantedBy(processes)
    this.#configuring = true
    if (processes.length === 0) this.stop()
    else {
      this.#listen(receiveBufferBytes)
      if (isNew) this.#startScan(FIRST_SLICE_MS)
      else this.#judge()
    }
    this.#configuring = false
  }

  get standings(): readonly TrackerStanding[] {
    return [...this.#watched.values()].map(standingOf)
  }

  /** Ends watching; no callback comes after it. */
  stop(): void {
    this.#connector?.close()
    this.#connector = undefined
    this.#polls = false
    clearImmediate(this.#slice)
    clearTimeout(this.#rescan)
    clearTimeout(this.#delay)
    this.#rescan = undefined
    this.#scanning = false
    this.#watched.clear()
    this.#processes.clear()
  }

  #listen(receiveBufferBytes: number | undefined): void {
    if (this.#polls || (this.#connector && receiveBufferBytes === this.#bufferBytes)) return
    this.#connector?.close()
    this.#bufferBytes = receiveBufferBytes
    this.#connector = ProcessConnector.open({
      receiveBufferBytes,
      onEvents: events => this.#happened(events),
      onOverrun: () => this.#rescanIn(AFTER_OVERRUN_MS),
      onRefused: reason => this.#poll(reason),
    })
  }

  #poll(reason: string): void {
    this.#connector = undefined
    this.#polls = true
    const text = `the kernel does not tell of processes here (${reason}): they are counted every second instead`
    this.#options.onTrouble(text)
    this.#rescanIn(POLL_EVERY_MS)
  }

  #happened(events: readonly ProcessEvent[]): void {
    for (const event of events) {
      switch (event.type) {
        case 'forked':
          this.#forked(event.parent, event.child)
          break
        case 'executed':
          this.#look(event.pid)
          break
        case 'renamed':
          if (this.#wanted.name) this.#look(event.pid)
          break
        case 'exited':
          this.#set(event.pid, NOTHING, 'exit')
      }
    }
    // Once for all of them: what comes and goes within one turn has not changed.
    this.#judge()
  }

  /** A child is what its parent is until it becomes another program. */
  #forked(parent: number, child: number): void {
    const watched = this.#processes.get(parent)?.watched
    if (watched && !this.#processes.has(child)) this.#set(child, [...watched], 'fork')
  }

  #look(pid: number, cause?: 'other'): void {
    const facts = readProcess(pid, this.#wanted)
    if (!facts) this.#set(pid, NOTHING, cause ?? 'exit')
    else this.#set(pid, matching(this.#watched, facts), 'other')
  }

  #set(pid: number, watched: readonly Watched[], cause: 'fork' | 'exit' | 'other'): void {
    const counted = this.#processes.get(pid)
    if (!counted && watched.length === 0) return
    const before = counted?.watched ?? NOBODY
    for (const each of before) {
      if (watched.includes(each)) continue
      each.count--
      each.cause = cause
    }
    for (const each of watched) {
      if (before.has(each)) continue
      each.count++
      each.cause = cause
    }
    if (watched.length === 0) this.#processes.delete(pid)
    else this.#processes.set(pid, {watched: new Set(watched), scan: this.#scan})
  }

  #rescanIn(delayMs: number): void {
    this.#rescan ??= setTimeout(() => {
      this.#rescan = undefined
      this.#startScan(SLICE_MS)
    }, delayMs)
  }

  #startScan(firstSliceMs: number): void {
    if (this.#watched.size === 0) return
    clearImmediate(this.#slice)
    this.#scan++
    this.#scanning = true
    for (const each of this.#watched.values()) each.countBefore = each.count
    this.#unseen = listProcesses()
    this.#goOn(firstSliceMs)
  }

  #goOn(sliceMs: number): void {
    const endAt = monotonicNow() + sliceMs
    let done = 0
    for (const pid of this.#unseen) {
      this.#look(pid, 'other')
      if (++done % CHECKED_EVERY === 0 && monotonicNow() >= endAt) break
    }
    this.#unseen = this.#unseen.slice(done)
    if (this.#unseen.length === 0) this.#finishScan()
    else this.#slice = setImmediate(() => this.#goOn(SLICE_MS))
  }

  #finishScan(): void {
    this.#scanning = false
    for (const [pid, {scan}] of this.#processes) if (scan !== this.#scan) this.#set(pid, NOTHING, 'other')
    // What was not told came by a fork or went by an exit, and so has their delays.
    for (const each of this.#watched.values()) each.cause = each.count > each.countBefore ? 'fork' : 'exit'
    this.#judge()
    if (this.#polls) this.#rescanIn(POLL_EVERY_MS)
  }

  /** Counts are not whole while a scan is under way. */
  #judge(): void {
    if (this.#scanning) return
    const now = monotonicNow()
    for (const each of this.#watched.values()) {
      const {config, count, cause = 'other'} = each
      each.state = processDelayEnded(judgeProcesses(each.state, config, {count, cause}, now), config, count, now)
      each.cause = undefined
    }
    this.#armDelay()
    for (const each of [...this.#watched.values()]) this.#announce(each)
  }

  #announce(each: Watched): void {
    const before = each.standing
    if (each.state.verdict === before.verdict) return
    each.standing = standingOf(each)
    // Whoever configures reads the standings after it.
    if (before.verdict !== 'unknown' || !this.#configuring) this.#options.onChange(each.standing, before)
  }

  #armDelay(): void {
    clearTimeout(this.#delay)
    const due = earliest([...this.#watched.values()].map(({state}) => state.due))
    if (due !== undefined) this.#delay = setTimeout(() => this.#judge(), Math.max(1, Math.ceil(due - monotonicNow())))
  }
}

const NOTHING: readonly Watched[] = []
const NOBODY: ReadonlySet<Watched> = new Set()

/** What a scan may take of one turn, ms: the first one while nothing runs yet, so that all is known when it does. */
const FIRST_SLICE_MS = 200
const SLICE_MS = 5
const CHECKED_EVERY = 16
const POLL_EVERY_MS = 1_000
/** Where events were lost, more are: looking again waits until that may be over. */
const AFTER_OVERRUN_MS = 1_000

function newWatched(config: TrackProcessConfig): Watched {
  const state = INITIAL_PROCESS_STATE
  const standing: TrackerStanding = {kind: 'process', name: config.name, verdict: 'unknown', detail: undefined}
  return {config, matches: processMatcher(config), count: 0, countBefore: 0, state, standing, cause: undefined}
}

const standingOf = ({config, count, state}: Watched): TrackerStanding => ({
  kind: 'process',
  name: config.name,
  verdict: state.verdict,
  detail: state.verdict === 'unknown' ? undefined : describeCount(config, count),
})

const matching = (watched: ReadonlyMap<string, Watched>, facts: ProcessFacts): readonly Watched[] =>
  [...watched.values()].filter(({matches}) => matches(facts))

const wantedBy = (processes: readonly TrackProcessConfig[]): WantedFacts => ({
  name: processes.some(config => !comparesCommandLine(config)),
  commandLineBytes: Math.max(0, ...processes.filter(comparesCommandLine).map(decidingBytes)),
})

const samePattern = (a: TrackProcessConfig, b: TrackProcessConfig): boolean =>
  a.fullCommand === b.fullCommand &&
  a.parameterMatch === b.parameterMatch &&
  JSON.stringify(a.process) === JSON.stringify(b.process)
