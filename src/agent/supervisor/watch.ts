import type {StreamListener, StreamRoom} from '../../control/event-stream.ts'
import type {AgentEvent, AgentStatus} from '../../control/model.ts'
import {WATCH_EVERY_MS, type WatchEvent} from '../../control/watch-model.ts'
import type {ServicesTold} from '../channel.ts'
import type {Board} from './board.ts'
import type {CheckProcess} from './check-process.ts'
import type {Journal} from './journal.ts'
import {WatchedRouters} from './watch-routers.ts'
import {WatchedServiceTexts} from './watch-services.ts'

/** Where what is watched comes from. */
export interface WatchSources {
  readonly board: Pick<Board, 'subscribe' | 'routers' | 'observedAt'>
  readonly journal: Pick<Journal, 'records'>
  readonly check: Pick<CheckProcess, 'watch'>
  status(): AgentStatus
  /** For tests; 5 s unless given. */
  readonly servicesWithinMs?: number
}

/** Records of the journal that a new reader is told. */
const RECORDS_TOLD = 200
/** Figures that are due, and the agent itself, are looked at this often, milliseconds. */
const LOOK_EVERY_MS = 250
/** A new reader waits this long for the check process to tell what there is, milliseconds; then it goes without. */
const SERVICES_WITHIN_MS = 5_000

/** How far a reader has been told what there is. */
type Told = 'nothing' | 'node' | 'services'

interface Reader {
  readonly listener: StreamListener<WatchEvent>
  readonly room: StreamRoom
  told: Told
}

/**
 * `GET /v1/watch`: tells each reader everything that there is and then whatever changes. Each line is made once for all
 * readers; without a reader nothing is done, here and in the check process.
 */
export class Watch {
  readonly #sources: WatchSources
  readonly #readers = new Set<Reader>()
  readonly #routers = new WatchedRouters()
  readonly #services = new WatchedServiceTexts()
  readonly #waiting = new Set<() => void>()
  #lines: string[] = []
  #stop: (() => void) | undefined
  #agent: {readonly key: string; readonly toldAtMs: number} = {key: '', toldAtMs: 0}

  constructor(sources: WatchSources) {
    this.#sources = sources
  }

  /** Adds a reader; returns what ends it. */
  subscribe(listener: StreamListener<WatchEvent>, room: StreamRoom): () => void {
    const reader: Reader = {listener, room, told: 'nothing'}
    this.#readers.add(reader)
    this.#stop ??= this.#start()
    room(() => this.#tellNode(reader))
    return () => {
      this.#readers.delete(reader)
      if (this.#readers.size > 0) return
      this.#stop?.()
      this.#stop = undefined
    }
  }

  #start(): () => void {
    const {board, check} = this.#sources
    this.#routers.reset(board.routers, Date.now())
    const endEvents = board.subscribe(event => this.#happened(event))
    const endServices = check.watch({
      onServices: message => this.#servicesTold(message),
      onDied: () => this.#tellServices(this.#services.fail(now(), 'the check process is not running')),
    })
    let lookedAtMs = Date.now()
    const timer = setInterval(() => {
      const nowMs = Date.now()
      this.#look(nowMs, Math.max(0, nowMs - lookedAtMs))
      lookedAtMs = nowMs
    }, LOOK_EVERY_MS)
    return () => {
      clearInterval(timer)
      endEvents()
      endServices()
      this.#services.clear()
      this.#waiting.clear()
    }
  }

  #happened(event: AgentEvent): void {
    const nowMs = Date.now()
    if (event.type === 'snapshot') this.#routers.reset(event.routers, nowMs)
    if (event.type === 'lost' || (event.type === 'router' && !this.#routers.changed(event.router, nowMs))) return
    this.#tell(event)
  }

  #look(nowMs: number, sinceMs: number): void {
    const at = this.#sources.board.observedAt
    for (const router of this.#routers.due(nowMs, sinceMs)) this.#tell({type: 'router', at, router})
    const agent = this.#sources.status()
    const key = keyOf(agent)
    const age = Math.abs(nowMs - this.#agent.toldAtMs)
    if (key === this.#agent.key && age < WATCH_EVERY_MS - LOOK_EVERY_MS / 2) return
    this.#agent = {key, toldAtMs: nowMs}
    this.#tell({type: 'agent', at: now(), agent})
  }

  /** What is told in one turn goes out at its end, as one piece. */
  #tell(event: WatchEvent): void {
    this.#lines.push(JSON.stringify(event))
    if (this.#lines.length === 1) queueMicrotask(() => this.#flush())
  }

  #flush(): void {
    const lines = this.#lines.join('\n')
    this.#lines = []
    for (const {told, listener} of [...this.#readers]) if (told !== 'nothing') listener(lines)
  }

  #tellNode(reader: Reader): void {
    const {board, journal, status} = this.#sources
    const events: WatchEvent[] = [
      {type: 'snapshot', at: board.observedAt, routers: board.routers},
      {type: 'agent', at: now(), agent: status()},
      ...journal.records.slice(-RECORDS_TOLD).map(record => ({type: 'journal', at: record.at, record}) as const),
    ]
    reader.told = 'node'
    reader.listener(events.map(event => JSON.stringify(event)).join('\n'))
    if (this.#services.isWhole) this.#tellAllServices(reader)
    else this.#awaitServices(reader)
  }

  #awaitServices(reader: Reader): void {
    const go = (): void => {
      clearTimeout(timer)
      this.#waiting.delete(go)
      if (this.#readers.has(reader)) this.#tellAllServices(reader)
    }
    const timer = setTimeout(() => {
      if (this.#waiting.has(go)) this.#services.fail(now(), 'the check process does not answer')
      go()
    }, this.#sources.servicesWithinMs ?? SERVICES_WITHIN_MS)
    timer.unref()
    this.#waiting.add(go)
  }

  #tellAllServices(reader: Reader): void {
    const lines = this.#services.lines()
    const next = (): void => {
      const {value, done} = lines.next()
      if (done) {
        reader.listener({type: 'ready', at: now()})
        return
      }
      reader.told = 'services'
      reader.listener(value)
      reader.room(next)
    }
    reader.room(next)
  }

  #servicesTold(message: ServicesTold): void {
    this.#tellServices(this.#services.take(message))
    if (this.#services.isWhole) for (const go of [...this.#waiting]) go()
  }

  #tellServices(line: string): void {
    for (const {told, listener} of [...this.#readers]) if (told === 'services') listener(line)
  }
}

/** All of an agent's account of itself but what is never twice the same. */
function keyOf(agent: AgentStatus): string {
  const processes = agent.processes.map(process => ({...process, loopLagMs: null, memoryBytes: null}))
  return JSON.stringify({...agent, memoryBytes: 0, processes})
}

const now = (): string => new Date().toISOString()
