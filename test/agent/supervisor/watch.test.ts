import {afterEach, beforeEach, expect, test, vi} from 'vitest'
import type {ServicesTold} from '../../../src/agent/channel.ts'
import {Board} from '../../../src/agent/supervisor/board.ts'
import type {ServicesListener} from '../../../src/agent/supervisor/check-process.ts'
import {Watch} from '../../../src/agent/supervisor/watch.ts'
import type {AgentStatus} from '../../../src/control/model.ts'
import type {WatchEvent} from '../../../src/control/watch-model.ts'
import type {JournalRecord} from '../../../src/core/journal/record.ts'
import {fakeRouter, fakeStatus, SEEN_AT} from '../../fake-agent.ts'

const RECORDS: readonly JournalRecord[] = Array.from({length: 300}, (_, i) => ({
  seq: i + 1,
  at: SEEN_AT,
  kind: 'operator',
  text: `order ${i + 1}`,
  facts: {},
}))

let board: Board
let watcher: ServicesListener | undefined
let status: AgentStatus
let watch: Watch

beforeEach(() => {
  vi.useFakeTimers()
  board = new Board()
  board.update({at: SEEN_AT, all: true, routers: [fakeRouter(), fakeRouter({name: 'VI_2'})]})
  watcher = undefined
  status = fakeStatus()
  watch = new Watch({
    board,
    journal: {records: RECORDS},
    check: {
      watch: listener => {
        watcher = listener
        return () => {
          watcher = undefined
        }
      },
    },
    status: () => status,
  })
})
afterEach(() => vi.useRealTimers())

interface Reading {
  readonly events: WatchEvent[]
  /** Types of the lines since it was asked last. */
  readonly types: () => readonly string[]
  readonly end: () => void
  /** Each time it is set, one more part is taken; undefined: parts are taken at once. */
  slow: boolean
  resume: (() => void) | undefined
}

function read(): Reading {
  const events: WatchEvent[] = []
  let seen = 0
  const reading: Reading = {
    events,
    types: () => {
      const types = events.slice(seen).map(({type}) => type)
      seen = events.length
      return types
    },
    end: () => {},
    slow: false,
    resume: undefined,
  }
  const end = watch.subscribe(
    event => {
      if (typeof event !== 'string') events.push(event)
      else for (const line of event.split('\n')) events.push(JSON.parse(line) as WatchEvent)
    },
    resume => {
      if (reading.slow) reading.resume = resume
      else setImmediate(resume)
    },
  )
  return Object.assign(reading, {end})
}

const turns = (): Promise<unknown> => vi.advanceTimersByTimeAsync(10)

function tellServices(names: readonly string[], fields: Partial<ServicesTold> = {}): void {
  const services = names.map(name => ({name, text: JSON.stringify({name})}))
  const told = {
    type: 'services',
    at: SEEN_AT,
    all: false,
    more: false,
    gone: [],
    problem: null,
    everyMs: 2_000,
  } as const
  watcher?.onServices({...told, services, ...fields})
}

const names = (n: number): readonly string[] => Array.from({length: n}, (_, i) => `192.0.2.1:${i + 1}/tcp`)

/** Services as they are after these events. */
function servicesOf(events: readonly WatchEvent[]): readonly string[] {
  const known = new Set<string>()
  for (const event of events) {
    if (event.type !== 'services') continue
    if (event.all) known.clear()
    for (const {name} of event.services) known.add(name)
    for (const name of event.gone) known.delete(name)
  }
  return [...known]
}

/** A reader that has been told everything. */
async function whole(): Promise<Reading> {
  const reading = read()
  await turns()
  tellServices(names(2), {all: true})
  await turns()
  reading.types()
  return reading
}

test('a reader is told the snapshot, the agent, the newest of the journal, services in parts, and ready', async () => {
  const reading = read()
  await turns()
  expect(reading.types()).toEqual(['snapshot', 'agent', ...Array.from({length: 200}, () => 'journal')])
  expect(reading.events.at(-1)).toMatchObject({record: {seq: 300}})
  tellServices(names(70), {all: true, more: true})
  await turns()
  expect(reading.types()).toEqual([])
  tellServices(['192.0.2.2:1/tcp'])
  await turns()
  expect(reading.types()).toEqual(['services', 'services', 'ready'])
  expect(servicesOf(reading.events)).toEqual([...names(70), '192.0.2.2:1/tcp'])
})

test('a second reader is told what the first one knows, and the check process is not asked again', async () => {
  const first = await whole()
  const asked = watcher
  const second = read()
  await turns()
  expect(second.types().slice(-2)).toEqual(['services', 'ready'])
  expect(watcher).toBe(asked)
  tellServices(['192.0.2.9:9/tcp'], {gone: ['192.0.2.1:1/tcp']})
  for (const {events} of [first, second]) expect(servicesOf(events)).toEqual(['192.0.2.1:2/tcp', '192.0.2.9:9/tcp'])
  second.end()
  tellServices(['192.0.2.9:10/tcp'])
  expect(first.types()).toEqual(['services', 'services'])
  expect(second.types()).toEqual(['services'])
})

test('a slow reader is told parts when it takes them, and what changed meanwhile as it is then', async () => {
  await whole()
  tellServices(names(120), {all: true})
  const slow = read()
  slow.slow = true
  await turns()
  slow.types()
  const parts: number[] = []
  tellServices(['192.0.2.1:500/tcp'], {gone: ['192.0.2.1:120/tcp']})
  for (let n = 0; n < 10 && slow.resume; n++) {
    const {resume} = slow
    slow.resume = undefined
    resume()
    const last = slow.events.at(-1)
    if (last?.type === 'services') parts.push(last.services.length)
    if (n === 0) tellServices([], {gone: ['192.0.2.1:119/tcp']})
  }
  expect(slow.types().at(-1)).toBe('ready')
  expect(parts).toEqual([50, 50, 19])
  expect(servicesOf(slow.events)).toEqual([...names(118), '192.0.2.1:500/tcp'])
})

test('what changes is told at once: a record, and a picture that differs in more than figures', async () => {
  const reading = await whole()
  board.recorded({...(RECORDS[0] as JournalRecord), seq: 301})
  const counters = {...fakeRouter().counters, garpSent: 50}
  board.update({at: SEEN_AT, all: false, routers: [fakeRouter({counters}), fakeRouter({name: 'VI_2', state: 'fault'})]})
  await Promise.resolve()
  expect(reading.types()).toEqual(['journal', 'router'])
  expect(reading.events.at(-1)).toMatchObject({router: {name: 'VI_2', state: 'fault'}})
  await vi.advanceTimersByTimeAsync(11_000)
  const routers = reading.events.filter(event => event.type === 'router').slice(1)
  expect(routers).toMatchObject([{router: {name: 'VI_1', counters}}])
  board.update({at: SEEN_AT, all: true, routers: [fakeRouter()]})
  await Promise.resolve()
  expect(reading.events.at(-1)).toMatchObject({type: 'snapshot', routers: [{name: 'VI_1'}]})
})

test('the agent is told when it changes in more than lag and memory, and every two seconds', async () => {
  const reading = await whole()
  const agents = (): number => reading.types().filter(type => type === 'agent').length
  await vi.advanceTimersByTimeAsync(20_000)
  expect(agents()).toBe(10)
  for (let n = 0; n < 8; n++) {
    status = {...status, memoryBytes: n, processes: status.processes.map(each => ({...each, memoryBytes: n}))}
    await vi.advanceTimersByTimeAsync(250)
  }
  expect(agents()).toBe(1)
  status = {...status, overrides: 1}
  await vi.advanceTimersByTimeAsync(250)
  expect(agents()).toBe(1)
})

test('a check process that dies is told of, and what the next one tells replaces everything', async () => {
  const reading = await whole()
  watcher?.onDied()
  expect(reading.events.at(-1)).toMatchObject({type: 'services', problem: 'the check process is not running'})
  tellServices(['192.0.2.5:80/tcp'], {all: true})
  expect(reading.events.at(-1)).toMatchObject({problem: null})
  expect(servicesOf(reading.events)).toEqual(['192.0.2.5:80/tcp'])
})

test('a check process that does not answer keeps nobody from what else there is', async () => {
  const reading = read()
  await vi.advanceTimersByTimeAsync(4_900)
  expect(reading.types()).not.toContain('ready')
  await vi.advanceTimersByTimeAsync(200)
  expect(reading.events.at(-2)).toMatchObject({type: 'services', problem: 'the check process does not answer'})
  expect(reading.types().at(-1)).toBe('ready')
  tellServices(names(3), {all: true})
  expect(servicesOf(reading.events)).toEqual(names(3))
})

test('without a reader nothing is done', async () => {
  let asked = 0
  const count = (): AgentStatus => {
    asked++
    return status
  }
  const reading = await whole()
  watch = new Watch({board, journal: {records: []}, check: {watch: () => () => {}}, status: count})
  const other = read()
  await vi.advanceTimersByTimeAsync(1_000)
  expect(asked).toBeGreaterThan(2)
  other.end()
  reading.end()
  expect(watcher).toBeUndefined()
  asked = 0
  await vi.advanceTimersByTimeAsync(10_000)
  expect(asked).toBe(0)
  expect(vi.getTimerCount()).toBe(0)
})
