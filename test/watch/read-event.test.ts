import {expect, test} from 'vitest'
import type {WatchEvent} from '../../src/control/watch-model.ts'
import {readWatchEvent} from '../../src/watch/read-event.ts'
import {backupRouter, fakeRouter, fakeWatch, RECORDS, SEEN_AT} from '../fake-agent.ts'
import {seededRandom} from '../sim/random.ts'
import {check, real, service} from './nodes.ts'

const PAUSE = {id: '1', since: SEEN_AT, reason: null, until: null}
const SERVICE = service([
  real('10.0.1.1:80', {
    held: {type: 'drained', since: SEEN_AT, reason: 'x', weight: 3},
    checks: [check({pause: PAUSE})],
  }),
])
const PEER = {address: '10.0.0.2', priority: null, intervalMs: 1_000, firstHeard: SEEN_AT, lastHeard: SEEN_AT}
const ROUTER = fakeRouter({
  heard: {address: '10.0.0.2', priority: 150, lastSeen: SEEN_AT},
  splitBrain: [{rival: '10.0.0.2', how: 'advertises'}],
  peers: [{...PEER, advertisements: 3, rejected: {'wrong-ttl': 2}}],
})
const EVENTS: readonly WatchEvent[] = [
  ...fakeWatch([ROUTER, backupRouter()]),
  {type: 'router', at: SEEN_AT, router: ROUTER},
  {type: 'lost', at: SEEN_AT, count: 3},
  {type: 'services', at: SEEN_AT, all: false, services: [SERVICE], gone: ['fwm/5'], problem: 'no IPVS', everyMs: 2_000},
]
const copied = (value: unknown): unknown => JSON.parse(JSON.stringify(value))

test.each(EVENTS.map(event => [event.type, event] as const))('%s is read as it was told', (_, event) => {
  expect(readWatchEvent(copied(event))).toEqual(event)
})

test('what a newer agent tells besides is left out', () => {
  const event = {...EVENTS.at(-2), more: 1}
  expect(readWatchEvent(copied(event))).toEqual(EVENTS.at(-2))
})

test('what an older agent does not tell is taken to be the usual', () => {
  const {held, observed, splitBrain, peers, ...older} = ROUTER
  const event = readWatchEvent(copied({type: 'router', at: SEEN_AT, router: older}))
  expect(event).toMatchObject({router: {held: null, observed: false, splitBrain: null, peers: []}})
})

test('control characters, which a terminal would obey, are not kept', () => {
  const [record] = RECORDS
  const text = 'a\u001b[2Jb\u202ec\nd'
  const event = readWatchEvent(copied({type: 'journal', at: SEEN_AT, record: {...record, text}}))
  expect(event).toMatchObject({record: {text: 'a?[2Jb?c?d'}})
})

test.each<[string, unknown]>([
  ['nothing', null],
  ['a number', 1],
  ['a list', []],
  ['no type', {at: SEEN_AT}],
  ['another type', {type: 'constructor', at: SEEN_AT}],
  ['a router without a state', {type: 'router', at: SEEN_AT, router: {...ROUTER, state: undefined}}],
  ['a router in no state', {type: 'router', at: SEEN_AT, router: {...ROUTER, state: 'broken'}}],
  ['an interval that is no number', {type: 'router', at: SEEN_AT, router: {...ROUTER, advertIntervalMs: '1'}}],
  ['addresses that are no list', {type: 'router', at: SEEN_AT, router: {...ROUTER, vips: {}}}],
  ['a name without end', {type: 'router', at: SEEN_AT, router: {...ROUTER, name: 'x'.repeat(10_001)}}],
  ['too many routers', {type: 'snapshot', at: SEEN_AT, routers: Array.from({length: 10_001}, () => ROUTER)}],
])('%s is no event', (_, value) => expect(readWatchEvent(value)).toBeUndefined())

test('whatever is changed in a line, reading it never throws, and what is read has every list', () => {
  const random = seededRandom(3)
  let read = 0
  for (let run = 0; run < 5_000; run++) {
    const event = copied(EVENTS[random(EVENTS.length)])
    spoil(event, random)
    const found = readWatchEvent(event)
    if (found === undefined) continue
    read++
    if (found.type === 'router') expect(Array.isArray(found.router.vips)).toBe(true)
    if (found.type === 'services')
      expect(found.services.every(({realServers}) => Array.isArray(realServers))).toBe(true)
  }
  expect(read).toBeGreaterThan(500)
  expect(read).toBeLessThan(5_000)
})

/** Puts something else in a random place. */
function spoil(value: unknown, random: (below: number) => number): void {
  if (typeof value !== 'object' || value === null) return
  const keys = Object.keys(value)
  const key = keys[random(keys.length)]
  if (key === undefined) return
  const there = value as {[key: string]: unknown}
  if (random(3) > 0 && typeof there[key] === 'object' && there[key] !== null) spoil(there[key], random)
  else there[key] = [null, 1, 'x', true, [], {}, undefined, [null], 1e300][random(9)]
}
