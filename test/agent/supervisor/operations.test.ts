import {mkdtempSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterEach, beforeEach, describe, expect, it} from 'vitest'
import {Board} from '../../../src/agent/supervisor/board.ts'
import {Operations, type Order} from '../../../src/agent/supervisor/operations.ts'
import {Overrides} from '../../../src/agent/supervisor/overrides.ts'
import {parseConfig} from '../../../src/config/parse.ts'
import {routersOf} from '../../../src/config/router-config.ts'
import type {TrackStatus, VirtualRouter} from '../../../src/control/model.ts'
import {HactlError} from '../../../src/errors.ts'
import {fakeRouter, fakeVip} from '../../fake-agent.ts'

const configured = (priority: number) =>
  routersOf(
    parseConfig({
      file: 'a.conf',
      text: ['VI_1', 'VI_2']
        .map(
          (name, i) => `vrrp_instance ${name} {\ninterface eth0\nvirtual_router_id ${i + 1}\npriority ${priority}
            virtual_ipaddress {\n10.0.${i}.1/24\n}\nvirtual_ipaddress_excluded {\nfe80::1 dev eth${i}\n}\n}`,
        )
        .join('\n'),
    }).config,
  )

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'hactl-operations-'))
})
afterEach(() => rmSync(directory, {recursive: true, force: true}))

const heard = (priority: number): VirtualRouter['heard'] => ({
  address: '10.0.0.2',
  priority,
  lastSeen: new Date().toISOString(),
})
const track = (adds: number): TrackStatus => ({
  kind: 'script',
  name: 'chk',
  state: 'bad',
  adds,
  weight: adds,
  detail: null,
})

interface Node {
  readonly operations: Operations
  readonly overrides: Overrides
  readonly orders: Order[]
  readonly notes: string[]
}

/**
 * Operations on a node whose vrrp process makes every router master that is ordered to, and holds every one that is to
 * be held. `successor`: whether somebody takes over then.
 */
function node(routers: readonly VirtualRouter[], {priority = 100, successor = false, fails = false} = {}): Node {
  const board = new Board()
  const overrides = new Overrides(directory)
  const orders: Order[] = []
  const notes: string[] = []
  const show = (shown: readonly VirtualRouter[]): void =>
    board.update({at: new Date().toISOString(), all: true, routers: shown})
  show(routers)
  const operations = new Operations({
    board,
    overrides,
    configured: () => configured(priority),
    apply: async () => {
      if (fails) throw new HactlError('TIMED_OUT', 'the vrrp process did not take the configuration')
      const {held} = overrides.apply(configured(priority))
      show(
        board.routers.map(router => {
          const reason = held.get(router.name)
          if (reason === undefined) return {...router, held: null}
          return {...router, held: reason, state: 'backup', heard: successor ? heard(90) : router.heard}
        }),
      )
    },
    order: order => {
      orders.push(order)
      if (order.type !== 'take-over') return
      const group = board.router(order.name)?.group
      const moves = ({name, group: of}: VirtualRouter): boolean => name === order.name || (of !== null && of === group)
      show(board.routers.map(router => (moves(router) ? {...router, state: 'master'} : router)))
    },
    note: text => notes.push(text),
  })
  return {operations, overrides, orders, notes}
}

const backup = (fields: Partial<VirtualRouter> = {}): VirtualRouter =>
  fakeRouter({state: 'backup', priority: {base: 100, effective: 100}, tracking: [], heard: heard(150), ...fields})

const refusal = async (promise: Promise<unknown>): Promise<string> => {
  const error = await promise.then(
    () => new Error('it was not refused'),
    (reason: unknown) => reason,
  )
  return error instanceof HactlError ? `${error.code}: ${error.message}` : String(error)
}

describe('the priority of a takeover', () => {
  it.each<[string, Partial<VirtualRouter>, number | undefined]>([
    ['is one more than that of the master', {}, 151],
    ['is one more than that of an equal', {heard: heard(100)}, 101],
    ['stays where it is higher already', {heard: heard(99)}, undefined],
    ['stays where nobody is heard', {heard: null, masterDownIntervalMs: 10}, undefined],
    ['makes up for what is tracked', {tracking: [track(-20)], priority: {base: 100, effective: 80}}, 171],
    ['counts what is tracked', {tracking: [track(10)], priority: {base: 100, effective: 110}}, 141],
    // The effective priority cannot fall below 1, so that it does not tell what the weights come to.
    [
      'makes up for more than there was',
      {tracking: [track(-120)], heard: heard(50), priority: {base: 100, effective: 1}},
      171,
    ],
    ['may be 254', {heard: heard(253)}, 254],
  ])('%s', async (_, fields, priority) => {
    const {operations, overrides, orders} = node([backup(fields)])
    const {override, routers} = await operations.takeover('VI_1')
    expect(routers).toMatchObject([{name: 'VI_1', from: 'backup', to: 'master', master: 'this node'}])
    expect(overrides.list.map(each => each.priority)).toEqual(priority === undefined ? [] : [priority])
    expect(override?.text).toBe(priority === undefined ? undefined : `priority ${priority}, to be master`)
    expect(orders).toEqual([{type: 'take-over', name: 'VI_1'}])
  })

  it.each<[string, Partial<VirtualRouter>, string]>([
    ['of an owner', {heard: heard(255)}, 'REFUSED: 10.0.0.2 has priority 255'],
    ['of 254', {heard: heard(254)}, 'REFUSED: 10.0.0.2 has priority 254'],
    ['with what is tracked', {heard: heard(250), tracking: [track(-20)]}, 'REFUSED: what VI_1 tracks takes 20 from'],
    ['by one in fault', {state: 'fault', faults: ['eth0 is down']}, 'REFUSED: VI_1 cannot be master: eth0 is down'],
    ['by one that starts', {state: 'init', reason: 'it waits'}, 'REFUSED: VI_1 cannot be master: it waits'],
    ['by one that is observed', {observed: true}, 'REFUSED: VI_1 is only observed'],
    ['by the master', {state: 'master'}, 'REFUSED: VI_1 is master already'],
    ['by one that nobody knows', {name: 'VI_9'}, 'NOT_FOUND: no virtual router VI_1'],
  ])('cannot beat or replace that: %s', async (_, fields, expected) => {
    const {operations, overrides, orders} = node([backup(fields)])
    expect(await refusal(operations.takeover('VI_1'))).toContain(expected)
    expect([overrides.list, orders]).toEqual([[], []])
  })

  it('is found for each of a sync group, and refused for all where one cannot', async () => {
    const pair = (second: Partial<VirtualRouter>): readonly VirtualRouter[] => [
      backup({group: 'G'}),
      backup({name: 'VI_2', group: 'G', ...second}),
      backup({name: 'VI_3'}),
    ]
    const fit = node(pair({heard: heard(200)}))
    expect((await fit.operations.takeover('VI_2')).routers.map(({name}) => name)).toEqual(['VI_1', 'VI_2'])
    expect(fit.overrides.list.map(({instance, priority}) => `${instance} ${priority}`)).toEqual([
      'VI_1 151',
      'VI_2 201',
    ])
    const unfit = node(pair({state: 'fault', faults: ['eth1 is down']}))
    expect(await refusal(unfit.operations.takeover('VI_1'))).toContain('VI_2 cannot be master: eth1 is down')
    expect(unfit.orders).toEqual([])
  })
})

describe('an operation that comes to nothing', () => {
  it('leaves the overrides as they were', async () => {
    const {operations, overrides} = node([backup()], {fails: true})
    overrides.add({kind: 'vip-removed', instance: 'VI_1', until: null, address: '10.0.0.1/24'})
    const before = overrides.list
    expect(await refusal(operations.takeover('VI_1'))).toContain('TIMED_OUT')
    expect(await refusal(operations.release('VI_1', {}))).toContain('TIMED_OUT')
    expect(await refusal(operations.setPriority('VI_1', {priority: 0}))).toContain('USAGE')
    expect(await refusal(operations.setPriority('VI_1', {priority: 255}))).toContain('USAGE')
    expect(await refusal(operations.setPriority('VI_1', {reset: true}))).toContain('NOT_FOUND')
    expect(overrides.list).toEqual(before)
  })

  it('is a release with nobody there: master again, and the takeover of before stands', async () => {
    const {operations, overrides, orders} = node([backup({masterDownIntervalMs: 10})])
    await operations.takeover('VI_1')
    const before = overrides.list
    expect(await refusal(operations.release('VI_1', {}))).toMatch(/nobody took over VI_1 .*: this node is master again/)
    expect(overrides.list).toEqual(before)
    expect(orders.at(-1)).toEqual({type: 'take-over', name: 'VI_1'})
  })

  it('is a priority for the owner of the addresses', async () => {
    const {operations} = node([backup()], {priority: 255})
    expect(await refusal(operations.setPriority('VI_1', {priority: 100}))).toContain('its priority is 255')
  })
})

describe('a release', () => {
  it('says who took over, and ends a takeover', async () => {
    const {operations, overrides} = node([fakeRouter({state: 'master'})], {successor: true})
    overrides.add({kind: 'takeover', instance: 'VI_1', until: null, priority: 160})
    const {routers, override} = await operations.release('VI_1', {forSeconds: 60, reason: 'disk'.repeat(100)})
    expect(routers).toMatchObject([{from: 'master', to: 'backup', master: '10.0.0.2'}])
    expect(overrides.list.map(({kind}) => kind)).toEqual(['release'])
    expect(Date.parse(override?.until ?? '') - Date.parse(override?.since ?? '')).toBeCloseTo(60_000, -2)
    expect(override?.text.length).toBeLessThan(300)
  })

  it('by force says that nobody is there, though somebody was before', async () => {
    const {operations} = node([fakeRouter({state: 'master', heard: heard(0), masterDownIntervalMs: 10})])
    expect((await operations.release('VI_1', {force: true})).routers).toMatchObject([{to: 'backup', master: null}])
  })
})

describe('an address at run time', () => {
  const routers = [fakeRouter({vips: [fakeVip({address: '10.0.0.1', prefixLength: 24})]}), backup({name: 'VI_2'})]

  it('is not added twice on one interface, whatever its length', async () => {
    const {operations, overrides} = node(routers)
    const add = (line: string): Promise<string> => refusal(operations.addresses.add('VI_2', line))
    expect(await add('10.0.0.1/32')).toBe('REFUSED: VI_1 has 10.0.0.1 already')
    expect(await add('10.0.1.1/24 dev eth0')).toBe('REFUSED: VI_2 has 10.0.1.1 already')
    // The same link-local address may be on several.
    expect(await add('fe80::1')).toBe('REFUSED: VI_1 has fe80::1 already')
    await operations.addresses.add('VI_2', 'fe80::1 dev eth2')
    await operations.addresses.add('VI_2', '10.0.0.1/24 dev eth2')
    expect(overrides.list).toHaveLength(2)
    expect(await refusal(operations.addresses.add(undefined, '10.0.0.7/24'))).toContain('which virtual router?')
  })

  it.each([
    ['10.0.0.1', '10.0.0.1/24'],
    ['10.0.0.1/24', '10.0.0.1/24'],
    ['fe80:0::1/128 dev eth1', 'fe80::1/128 dev eth1'],
  ])('is removed by what it is called: %s', async (given, address) => {
    const {operations, overrides} = node(routers)
    await operations.addresses.remove(undefined, given)
    expect(overrides.list).toMatchObject([{kind: 'vip-removed', address}])
    expect(await refusal(operations.addresses.remove(undefined, given))).toContain('NOT_FOUND')
  })

  it('has to be named so that it is one', async () => {
    const {operations, overrides} = node(routers)
    expect(await refusal(operations.addresses.remove(undefined, 'fe80::1'))).toContain(
      'fe80::1 is not one address: fe80::1/128 dev eth0 (VI_1), fe80::1/128 dev eth1 (VI_2)',
    )
    expect(await refusal(operations.addresses.remove(undefined, '10.0.0'))).toContain('NOT_FOUND')
    expect(overrides.list).toEqual([])
    await operations.addresses.remove('VI_2', 'fe80::1')
    expect(overrides.list).toMatchObject([{instance: 'VI_2'}])
  })

  it('that was added is gone without a trace', async () => {
    const {operations, overrides} = node(routers)
    await operations.addresses.add('VI_1', '10.0.0.7/24')
    expect((await operations.addresses.remove(undefined, '10.0.0.7')).text).toBe('one address more: 10.0.0.7/24')
    expect(overrides.list).toEqual([])
  })

  it('is announced where it is held', () => {
    const {operations, orders} = node(routers)
    expect(operations.addresses.announce('10.0.0.1/24 dev eth0').announced).toEqual(['10.0.0.1/24 on eth0 (VI_1)'])
    expect(orders).toEqual([{type: 'announce', name: 'VI_1', addresses: ['10.0.0.1']}])
    expect(() => operations.addresses.announce('10.0.0.2')).toThrow('this node does not hold 10.0.0.2')
  })
})
