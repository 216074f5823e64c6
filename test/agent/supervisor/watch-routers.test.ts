import {expect, test} from 'vitest'
import {FIGURES_EVERY_MS, sameButFigures, WatchedRouters} from '../../../src/agent/supervisor/watch-routers.ts'
import type {Peer, VirtualRouter} from '../../../src/control/model.ts'
import {fakeRouter} from '../../fake-agent.ts'

const peer = (fields: Partial<Peer> = {}): Peer => ({
  address: '10.0.0.2',
  priority: 90,
  intervalMs: 1_000,
  firstHeard: '2026-01-31T08:00:00.000Z',
  lastHeard: '2026-01-31T08:05:00.000Z',
  advertisements: 12,
  rejected: {},
  ...fields,
})
const HEARD = {address: '10.0.0.2', priority: 150, lastSeen: '2026-01-31T08:05:00.000Z'}
const ROUTER = fakeRouter({heard: HEARD, peers: [peer(), peer({address: '10.0.0.3'})]})

test.each<[string, Partial<VirtualRouter>]>([
  ['counters', {counters: {...ROUTER.counters, advertisementsSent: 183}}],
  ['when the master was heard', {heard: {...HEARD, lastSeen: '2026-01-31T08:05:01.000Z'}}],
  [
    'when a peer was heard',
    {peers: [peer({lastHeard: '2026-01-31T08:05:01.000Z', advertisements: 13}), peer({address: '10.0.0.3'})]},
  ],
  ['which of the peers was heard last', {peers: [peer({address: '10.0.0.3'}), peer()]}],
])('%s: only figures', (_, fields) => {
  expect(sameButFigures(ROUTER, structuredClone({...ROUTER, ...fields}))).toBe(true)
})

test.each<[string, Partial<VirtualRouter>]>([
  ['state', {state: 'backup'}],
  ['reason', {reason: 'another one'}],
  ['priority', {priority: {base: 100, effective: 90}}],
  ['the master that is heard', {heard: {...HEARD, address: '10.0.0.3'}}],
  ['its priority', {heard: {...HEARD, priority: 200}}],
  ['no master any more', {heard: null}],
  ['split brain', {splitBrain: [{rival: '10.0.0.2', how: 'advertises'}]}],
  ['a fault', {faults: ['eth0 is down']}],
  ['a tracker', {tracking: ROUTER.tracking.map(each => ({...each, state: 'bad' as const}))}],
  ['an address that is missing', {vips: ROUTER.vips.map(each => ({...each, present: false}))}],
  ['one address less', {vips: ROUTER.vips.slice(1)}],
  ['a peer less', {peers: [peer()]}],
  ['priority of a peer', {peers: [peer({priority: 91}), peer({address: '10.0.0.3'})]}],
  [
    'a first packet of a peer that is not obeyed',
    {peers: [peer({rejected: {'wrong-ttl': 1}}), peer({address: '10.0.0.3'})]},
  ],
])('%s: more than figures', (_, fields) => {
  expect(sameButFigures(ROUTER, structuredClone({...ROUTER, ...fields}))).toBe(false)
})

test('figures are told after ten seconds, and those of many virtual routers spread over the next ten', () => {
  const routers = new WatchedRouters()
  const count = 255
  const named = (n: number, sent: number): VirtualRouter =>
    fakeRouter({name: `VI_${n}`, counters: {...ROUTER.counters, advertisementsSent: sent}})
  routers.reset(
    Array.from({length: count}, (_, n) => named(n, 0)),
    0,
  )
  const told: number[] = []
  const names = new Set<string>()
  for (let nowMs = 250; nowMs < 2 * FIGURES_EVERY_MS; nowMs += 250) {
    for (let n = 0; n < count; n++) expect(routers.changed(named(n, nowMs), nowMs)).toBe(false)
    const due = routers.due(nowMs, 250)
    if (nowMs < FIGURES_EVERY_MS) expect(due).toEqual([])
    for (const {name, counters} of due) {
      names.add(name)
      expect(counters.advertisementsSent).toBe(nowMs)
    }
    told.push(due.length)
  }
  expect(names.size).toBe(count)
  expect(Math.max(...told)).toBe(7)
})

test('what is told for another reason has new figures with it, and a router that is silent is told no more', () => {
  const routers = new WatchedRouters()
  routers.reset([ROUTER], 0)
  expect(routers.changed({...ROUTER, state: 'backup'}, 9_000)).toBe(true)
  expect(routers.due(12_000, 250)).toEqual([])
  const figures = {...ROUTER, state: 'backup' as const, counters: {...ROUTER.counters, garpSent: 99}}
  expect(routers.changed(figures, 12_000)).toBe(false)
  expect(routers.due(18_999, 250)).toEqual([])
  expect(routers.due(19_000, 250)).toEqual([figures])
  expect(routers.due(40_000, 250)).toEqual([])
})
