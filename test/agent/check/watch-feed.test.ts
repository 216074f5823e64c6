import {afterEach, expect, test} from 'vitest'
import type {LvsSettings, ServicesTold} from '../../../src/agent/channel.ts'
import {Lvs} from '../../../src/agent/check/lvs.ts'
import {WatchFeed} from '../../../src/agent/check/watch-feed.ts'
import type {WatchedCheck, WatchedReal, WatchedService} from '../../../src/control/watch-model.ts'
import type {ServiceId} from '../../../src/core/ipvs/model.ts'
import {HactlError} from '../../../src/errors.ts'
import {MemoryTable} from '../../lvs/memory-table.ts'
import {configured, real, service, serviceId} from '../../lvs/rules.ts'
import {directory, driven, GOOD, REFUSED, realServer, useFakeTime, virtualServer} from './checks-run.ts'

useFakeTime()

const WEB = '192.0.2.1:80/tcp'
/** Time goes on in such steps, milliseconds; what waits for turns of the loop alone happens in between. */
const STEP_MS = 10
const feeds: WatchFeed[] = []
afterEach(() => {
  for (const feed of feeds.splice(0)) feed.watch(false)
})

/** Checks, IPVS in memory and a feed, as the check process puts them together. */
async function started(settings: Partial<LvsSettings> = {}, open?: () => Promise<MemoryTable>) {
  const table = new MemoryTable()
  table.fill([{service: service(serviceId(443), {scheduler: 'rr'}), destinations: [real(7)]}])
  const looks: (readonly ServiceId[] | undefined)[] = []
  const messages: ServicesTold[] = []
  const it = {table, looks, messages, takes: true}
  const lvs = new Lvs({open: open ?? (async () => table), tell: () => {}, journal: () => {}, retryAfterMs: 60_000})
  const checks = driven({
    follow: async (standings, changed) => {
      await lvs.useStandings(standings, changed)
      feed.mark(changed)
    },
    onSeen: services => feed.mark(services),
  })
  const feed = new WatchFeed({
    look: ids => {
      looks.push(ids)
      return lvs.look(ids)
    },
    servers: () => checks.checks.servers,
    tell: message => {
      messages.push(message)
      if (it.takes) queueMicrotask(() => feed.taken())
    },
  })
  feeds.push(feed)
  const configure = async (change: Partial<LvsSettings> = {}): Promise<void> => {
    const standings = checks.configure([virtualServer('192.0.2.1', [realServer('10.0.0.1'), realServer('10.0.0.2')])])
    const wanted = [configured('192.0.2.1 80', {service: service(), destinations: [real(1), real(2)]})]
    await lvs.configure({...SETTINGS, stateDirectory: directory, services: wanted, ...settings, ...change}, standings)
    feed.configured()
  }
  const wait = async (ms: number): Promise<void> => {
    for (let left = ms; left > 0; left -= STEP_MS) {
      await checks.advance(Math.min(left, STEP_MS))
      await settled()
    }
  }
  return Object.assign(it, {lvs, checks, feed, configure, wait})
}

type Started = Awaited<ReturnType<typeof started>>

const SETTINGS: Omit<LvsSettings, 'stateDirectory'> = {
  services: [],
  checks: {virtualServers: [], tellsOfStart: false},
  files: {},
  timeouts: undefined,
  flush: false,
  flushAtStop: 'entries',
  daemons: [],
  observing: false,
}

const {setImmediate: realImmediate} = globalThis

/** What waits for turns of the loop, and not for time, has happened. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 10; turn++) await new Promise(resolve => realImmediate(resolve))
}

/** Services as whoever took every message knows them. */
function known({messages}: Started): ReadonlyMap<string, WatchedService> {
  const services = new Map<string, WatchedService>()
  for (const {all, services: told, gone} of messages) {
    if (all) services.clear()
    for (const {name, text} of told) services.set(name, JSON.parse(text) as WatchedService)
    for (const name of gone) services.delete(name)
  }
  return services
}

function realOf(it: Started, name: string): WatchedReal {
  const found = known(it)
    .get(WEB)
    ?.realServers.find(each => each.name === name)
  if (!found) throw new Error(`no ${name}`)
  return found
}

const checkOf = (it: Started, name: string): WatchedCheck | undefined => realOf(it, name).checks[0]

/** Somebody watches, and has been told everything. */
async function watched(settings: Partial<LvsSettings> = {}, open?: () => Promise<MemoryTable>): Promise<Started> {
  const it = await started(settings, open)
  await it.configure()
  await it.wait(1_500)
  it.feed.watch(true)
  await it.wait(50)
  return it
}

test('nobody watches: nothing is looked at', async () => {
  const it = await started()
  await it.configure()
  it.checks.answer = () => REFUSED
  await it.wait(10_000)
  expect(it.looks).toEqual([])
  it.feed.watch(true)
  await it.wait(50)
  it.feed.watch(false)
  const looks = it.looks.length
  expect(looks).toBeGreaterThan(0)
  await it.wait(10_000)
  expect(it.looks).toHaveLength(looks)
})

test('who watches is told everything: what is configured with its checks, and what others made', async () => {
  const it = await watched()
  expect(it.messages).toMatchObject([{all: true, more: false, gone: [], problem: null, everyMs: 2_000}])
  expect([...known(it).keys()].toSorted()).toEqual(['192.0.2.1:443/tcp', WEB])
  expect(known(it).get('192.0.2.1:443/tcp')).toMatchObject({origin: 'foreign', configured: null})
  expect(known(it).get(WEB)).toMatchObject({configured: '192.0.2.1 80', scheduler: 'wrr', present: true, drift: null})
  expect(realOf(it, '10.0.0.1:80')).toEqual({
    name: '10.0.0.1:80',
    method: 'dr',
    weight: 1,
    present: true,
    activeConnections: 0,
    inactiveConnections: 0,
    rates: {connections: 0, bytesIn: 0, bytesOut: 0},
    standing: 'in',
    isSorryServer: false,
    held: null,
    checks: [
      {
        number: 1,
        kind: 'TCP_CHECK',
        state: 'up',
        counts: 'up',
        since: null,
        pause: null,
        latencyMs: 1.5,
        reason: null,
      },
    ],
  })
})

test('who watches before there is a configuration is told when there is one', async () => {
  const it = await started()
  it.feed.watch(true)
  await it.wait(3_000)
  expect(it.messages).toEqual([])
  await it.configure()
  await it.wait(200)
  expect(known(it).has(WEB)).toBe(true)
})

test('only what differs is told, every two seconds', async () => {
  const it = await watched()
  await it.wait(10_000)
  expect(it.looks.length).toBeGreaterThanOrEqual(5)
  expect(it.messages).toHaveLength(1)
  it.table.active.set('10.0.0.1:80', 7)
  await it.wait(2_100)
  expect(it.messages).toHaveLength(2)
  expect(it.messages[1]).toMatchObject({all: false, services: [{name: WEB}]})
  it.table.fill([])
  await it.wait(2_100)
  expect(it.messages[2]).toMatchObject({gone: ['192.0.2.1:443/tcp']})
  expect(known(it).get(WEB)).toMatchObject({present: false})
})

test('a real server whose state changes by its check is told of before the next look at everything', async () => {
  const it = await watched()
  await it.wait(2_010)
  it.checks.answer = plan => (plan.connection.address === '10.0.0.1' ? REFUSED : GOOD)
  const from = performance.now()
  const {length} = it.looks
  while (checkOf(it, '10.0.0.1:80')?.counts === 'up' && performance.now() < from + 3_000) await it.wait(10)
  expect(realOf(it, '10.0.0.1:80')).toMatchObject({standing: 'out', present: false})
  expect(checkOf(it, '10.0.0.1:80')).toMatchObject({state: 'down', reason: 'refused'})
  expect(it.looks.slice(length).filter(ids => ids !== undefined)).not.toEqual([])
  const [seenFailing] = it.checks.probed.filter(({address, at}) => address === '10.0.0.1' && at >= from)
  expect(performance.now() - (seenFailing?.at ?? 0)).toBeLessThanOrEqual(200)
})

test('a pause is told of, and what an order did', async () => {
  const it = await watched()
  await it.checks.order('pauseChecks', {service: '192.0.2.1 80', real: '10.0.0.2', reason: 'update'})
  await it.wait(200)
  expect(checkOf(it, '10.0.0.2:80')).toMatchObject({state: 'paused', pause: {reason: 'update'}})
  await it.lvs.call('drainReal', {service: WEB, real: '10.0.0.1:80'})
  it.feed.lookSoon()
  await it.wait(200)
  expect(realOf(it, '10.0.0.1:80')).toMatchObject({weight: 0, held: {type: 'drained'}})
})

test('a latency is told again when it differs by more than a fifth and a millisecond', async () => {
  const it = await watched()
  const told = async (latencyMs: number): Promise<number | null | undefined> => {
    it.checks.answer = () => ({...GOOD, latencyMs})
    await it.wait(4_100)
    return checkOf(it, '10.0.0.1:80')?.latencyMs
  }
  expect(await told(2.4)).toBe(1.5)
  expect(await told(2.61)).toBe(2.6)
  expect(await told(100)).toBe(100)
  expect(await told(119)).toBe(100)
  expect(await told(120.5)).toBe(120.5)
})

test('without IPVS services are told as they are wanted, and why', async () => {
  const it = await watched({}, () => Promise.reject(new HactlError('FAILED', 'this kernel has no IPVS')))
  expect(it.messages[0]).toMatchObject({problem: 'this kernel has no IPVS'})
  expect([...known(it).keys()]).toEqual([WEB])
  expect(realOf(it, '10.0.0.1:80')).toMatchObject({present: false, weight: 1, standing: 'in'})
  expect(checkOf(it, '10.0.0.1:80')).toMatchObject({state: 'up'})
  it.checks.answer = plan => (plan.connection.address === '10.0.0.1' ? REFUSED : GOOD)
  await it.wait(1_500)
  expect(realOf(it, '10.0.0.1:80')).toMatchObject({standing: 'out'})
})

test('much is told in parts, and the next one only when the one before was taken', async () => {
  const it = await started()
  const destinations = [real(1)]
  const many = Array.from({length: 120}, (_, i) =>
    configured(`s${i}`, {service: service(serviceId(i + 1)), destinations}),
  )
  await it.configure({services: many})
  it.takes = false
  it.feed.watch(true)
  await it.wait(100)
  expect(it.messages).toHaveLength(1)
  await it.wait(10_000)
  expect(it.messages).toMatchObject([{all: true, more: true}])
  it.feed.taken()
  await it.wait(10)
  expect(it.messages).toMatchObject([{all: true}, {all: false, more: true}])
  it.takes = true
  it.feed.taken()
  await it.wait(10)
  expect(it.messages.at(-1)).toMatchObject({all: false, more: false})
  expect(known(it).size).toBe(121)
  expect(Math.max(...it.messages.map(({services}) => services.length))).toBeLessThan(70)
})

test('who begins to watch while another is being told begins at the beginning', async () => {
  const it = await started()
  const many = Array.from({length: 120}, (_, i) =>
    configured(`s${i}`, {service: service(serviceId(i + 1)), destinations: []}),
  )
  await it.configure({services: many})
  it.takes = false
  it.feed.watch(true)
  await it.wait(100)
  it.takes = true
  it.feed.watch(true)
  await it.wait(100)
  const begun = it.messages.findLastIndex(({all}) => all)
  expect(begun).toBe(1)
  expect(it.messages.slice(1).reduce((sum, {services}) => sum + services.length, 0)).toBe(121)
  expect(it.messages.at(-1)?.more).toBe(false)
})
