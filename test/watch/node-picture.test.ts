import {expect, test} from 'vitest'
import type {WatchEvent, WatchedServices} from '../../src/control/watch-model.ts'
import type {JournalRecord} from '../../src/core/journal/record.ts'
import {MAX_RECORDS} from '../../src/watch/model.ts'
import {type NodeStore, nodeStore} from '../../src/watch/node-picture.ts'
import {fakeRouter, fakeWatch, SEEN_AT} from '../fake-agent.ts'
import {real, service} from './nodes.ts'

const at = SEEN_AT
const take = (store: NodeStore, ...events: readonly WatchEvent[]): NodeStore => {
  for (const event of events) expect(store.take(event)).toBe(true)
  return store
}
const services = (fields: Partial<WatchedServices>): WatchedServices => {
  return {type: 'services', at, all: false, services: [], gone: [], problem: null, everyMs: 2_000, ...fields}
}
const record = (seq: number, time = at): JournalRecord => {
  return {seq, at: time, kind: 'operator', text: `record ${seq}`, facts: {}}
}
const journal = (...records: readonly JournalRecord[]): readonly WatchEvent[] =>
  records.map(told => ({type: 'journal', at, record: told}))

test('what is told at first makes it whole', () => {
  const store = nodeStore()
  const events = fakeWatch([fakeRouter()])
  take(store, ...events.slice(0, -1))
  expect(store.contents().isWhole).toBe(false)
  take(store, ...events.slice(-1))
  expect(store.contents()).toMatchObject({isWhole: true, agent: {node: 'director-1'}, servicesProblem: null})
  expect([...store.contents().routers.keys()]).toEqual(['VI_1'])
  expect(store.contents().journal.map(({seq}) => seq)).toEqual([1, 2])
})

test('a router replaces the one of its name, a snapshot all', () => {
  const store = take(nodeStore(), {type: 'snapshot', at, routers: [fakeRouter(), fakeRouter({name: 'VI_2'})]})
  const before = store.contents()
  take(store, {type: 'router', at, router: fakeRouter({state: 'fault'})})
  expect([...store.contents().routers.values()].map(({state}) => state)).toEqual(['fault', 'master'])
  // What somebody looks at stays as it is.
  expect(before.routers.get('VI_1')?.state).toBe('master')
  take(store, {type: 'snapshot', at, routers: []})
  expect(store.contents().routers.size).toBe(0)
})

test('services come, change and go', () => {
  const [a, b] = [service([real('1')], {name: 'a'}), service([real('2')], {name: 'b'})]
  const store = take(nodeStore(), services({all: true, services: [a, b]}))
  take(store, services({gone: ['a'], services: [{...b, drift: 'x'}], problem: 'no IPVS'}))
  expect([...store.contents().services.values()]).toEqual([{...b, drift: 'x'}])
  expect(store.contents().servicesProblem).toBe('no IPVS')
  take(store, services({all: true}))
  expect(store.contents()).toMatchObject({servicesProblem: null})
  expect(store.contents().services.size).toBe(0)
})

test('what did not change is the same object', () => {
  const store = take(nodeStore(), ...fakeWatch([fakeRouter()]))
  const before = store.contents()
  expect(store.contents()).toBe(before)
  take(store, services({}))
  expect(store.contents().services).toBe(before.services)
  expect(store.contents().routers).toBe(before.routers)
  expect(store.contents().journal).toBe(before.journal)
})

test('of the journal the newest are kept, in their order', () => {
  const store = take(
    nodeStore(),
    ...journal(...Array.from({length: MAX_RECORDS + 500}, (_, index) => record(index + 1))),
  )
  const {journal: kept} = store.contents()
  expect(kept).toHaveLength(MAX_RECORDS)
  expect([kept[0]?.seq, kept.at(-1)?.seq]).toEqual([501, MAX_RECORDS + 500])
})

test('a new connection goes on with the journal, and what is told twice is there once', () => {
  const first = take(nodeStore(), ...journal(record(1), record(2), record(3)))
  const second = take(nodeStore(first.contents().journal), ...journal(record(2), record(3), record(4)))
  expect(second.contents().journal.map(({seq}) => seq)).toEqual([1, 2, 3, 4])
})

test('a journal that began anew replaces the old one', () => {
  const first = take(nodeStore(), ...journal(record(7), record(8)))
  const second = take(nodeStore(first.contents().journal), ...journal(record(1, '2026-02-01T00:00:00.000Z')))
  expect(second.contents().journal.map(({seq}) => seq)).toEqual([1])
})

test('there is an end to how many things of a node are kept', () => {
  const store = nodeStore()
  const many = (from: number, count: number) =>
    Array.from({length: count}, (_, index) => service([], {name: `fwm/${from + index}`}))
  take(store, services({services: many(0, 20_000)}))
  expect(store.take(services({services: many(20_000, 1)}))).toBe(false)
  expect(store.take(services({services: many(0, 1)}))).toBe(true)
  expect(store.contents().services.size).toBe(20_000)
  take(store, services({gone: ['fwm/4']}), services({services: many(20_000, 1)}))
  const routers = Array.from({length: 10_000}, (_, index) => fakeRouter({name: `VI_${index}`}))
  take(store, {type: 'snapshot', at, routers})
  expect(store.take({type: 'router', at, router: fakeRouter({name: 'one more'})})).toBe(false)
})

test('there is an end to how large the things of a node are', () => {
  const store = nodeStore()
  const large = Array.from({length: 1_000}, () => 'x'.repeat(10_000))
  const add = (name: string): boolean => store.take({type: 'router', at, router: fakeRouter({name, faults: large})})
  expect([add('a'), add('b'), add('c'), add('d'), add('e'), add('f')]).toEqual([true, true, true, true, false, false])
  // Another instead of one that is there is not more.
  expect(add('d')).toBe(true)
  const facts = {lines: Array.from({length: 3}, () => 'x'.repeat(10_000))}
  expect(store.take({type: 'journal', at, record: {...record(1), facts}})).toBe(false)
  take(store, {type: 'snapshot', at, routers: [fakeRouter()]})
  expect(add('e')).toBe(true)
})
