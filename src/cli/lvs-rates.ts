import {setTimeout as sleep} from 'node:timers/promises'
import type {LvsCounters, LvsRealServer, LvsService} from '../control/lvs-model.ts'
import {API_VERSION, type ListReply} from '../control/model.ts'
import type {LvsServicesReply} from './lvs-flags.ts'

/** What was counted of something during an interval. */
export interface Counted {
  readonly connections: number
  readonly packetsIn: number
  readonly packetsOut: number
  readonly bytesIn: number
  readonly bytesOut: number
}

/** What a service and its real servers did during an interval. */
export interface LvsInterval {
  readonly name: string
  readonly seconds: number
  readonly counted: Counted
  readonly realServers: readonly {readonly name: string; readonly counted: Counted}[]
}

/** A service before and after an interval. */
export interface Measured {
  readonly reply: ListReply<'LvsInterval', LvsInterval>
  /** The services of the second look; their rates are those that were measured. */
  readonly services: readonly LvsService[]
}

/** Looks at the counters every so often, `count` times, and calls back with each difference. */
export async function measureRates(
  read: () => Promise<LvsServicesReply>,
  {
    intervalMs,
    count,
    measured,
  }: {
    readonly intervalMs: number
    readonly count: number
    readonly measured: (what: Measured) => void
  },
): Promise<void> {
  let before = await read()
  let beforeMs = performance.now()
  // Looks are planned from the first one on: the kernel counts every two seconds, and a slow drift would skip that.
  const startMs = beforeMs
  for (let look = 1; look <= count; look++) {
    await sleep(Math.max(0, startMs + look * intervalMs - performance.now()))
    const after = await read()
    const afterMs = performance.now()
    measured(difference({before: before.items, after, seconds: (afterMs - beforeMs) / 1000}))
    before = after
    beforeMs = afterMs
  }
}

/** What happened between two looks. */
export function difference({
  before,
  after,
  seconds,
}: {
  readonly before: readonly LvsService[]
  readonly after: LvsServicesReply
  readonly seconds: number
}): Measured {
  const old = new Map(before.map(service => [service.name, service]))
  const items: LvsInterval[] = []
  const services = after.items.map((service): LvsService => {
    const was = old.get(service.name)
    const counted = countedBetween(was?.counters, service.counters)
    const reals = new Map(was?.realServers.map(real => [real.name, real.counters]))
    const realCounts = service.realServers.map(real => countedBetween(reals.get(real.name), real.counters))
    items.push({
      name: service.name,
      seconds,
      counted,
      realServers: service.realServers.map(({name}, at) => ({name, counted: realCounts[at] ?? counted})),
    })
    const realServers = service.realServers.map(
      (real, at): LvsRealServer => ({...real, counters: withRates(real.counters, realCounts[at] ?? counted, seconds)}),
    )
    return {...service, counters: withRates(service.counters, counted, seconds), realServers}
  })
  const {observedAt} = after
  return {reply: {apiVersion: API_VERSION, kind: 'LvsInterval', observedAt, items}, services}
}

/** What is new, or was zeroed in between, has counted from zero. */
function countedBetween(before: LvsCounters | undefined, after: LvsCounters): Counted {
  const grown = (name: keyof Counted): number => {
    const was = before?.[name] ?? 0
    return after[name] >= was ? after[name] - was : after[name]
  }
  return {
    connections: grown('connections'),
    packetsIn: grown('packetsIn'),
    packetsOut: grown('packetsOut'),
    bytesIn: grown('bytesIn'),
    bytesOut: grown('bytesOut'),
  }
}

function withRates(counters: LvsCounters, counted: Counted, seconds: number): LvsCounters {
  return {
    ...counters,
    connectionRate: counted.connections / seconds,
    packetRateIn: counted.packetsIn / seconds,
    packetRateOut: counted.packetsOut / seconds,
    byteRateIn: counted.bytesIn / seconds,
    byteRateOut: counted.bytesOut / seconds,
  }
}
