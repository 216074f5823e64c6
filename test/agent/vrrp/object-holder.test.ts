import {describe, expect, it} from 'vitest'
import {addressObject, type HeldObject, kernelObjectOf, objectsOf} from '../../../src/agent/vrrp/held-object.ts'
import {ObjectHolder} from '../../../src/agent/vrrp/object-holder.ts'
import type {VipConfig} from '../../../src/config/config.ts'
import {loadText} from '../../../src/config/load.ts'
import {routersOf} from '../../../src/config/router-config.ts'
import type {IpAddress} from '../../../src/core/ip.ts'
import {interfaceIndex} from '../../../src/core/units.ts'
import type {ChangeOutcome, KernelObject} from '../../../src/kernel/object-changer.ts'
import type {Deletion} from '../../../src/kernel/route-monitor.ts'

const vip = (last: number, over: Partial<VipConfig> = {}): HeldObject =>
  addressObject(
    {position: {file: 'x', line: 1, column: 1}, address: `10.0.0.${last}` as IpAddress, prefixLength: 24, ...over},
    'eth0',
  )

/** What a router of one address, one route and one rule holds, in its order. */
const ROUTED: readonly HeldObject[] = routersOf(
  loadText(
    'x',
    `vrrp_instance A {
      interface eth0
      virtual_router_id 5
      virtual_ipaddress { 10.0.0.1/24 }
      virtual_routes {
        10.2.0.0/24 via 10.0.0.9
        10.2.1.0/24 via 10.0.0.9 no_track
      }
      virtual_rules { from 10.3.0.0/24 table 100 preference 1000 }
    }`,
  ).config,
).flatMap(objectsOf)
const [, ROUTE, UNTRACKED, RULE] = ROUTED as readonly [HeldObject, HeldObject, HeldObject, HeldObject]

/** A kernel that keeps objects in a set, answers in a later turn, and refuses what it is told to refuse. */
class Kernel {
  readonly present = new Set<string>()
  readonly calls: string[] = []
  refuse: string | undefined

  add(object: KernelObject): Promise<ChangeOutcome> {
    const name = nameOf(object)
    return this.#answer(`add ${name}`, () => {
      if (this.present.has(name)) return {outcome: 'already-there'}
      this.present.add(name)
      return {outcome: 'done'}
    })
  }

  remove(object: KernelObject): Promise<ChangeOutcome> {
    const name = nameOf(object)
    return this.#answer(`remove ${name}`, () => ({outcome: this.present.delete(name) ? 'done' : 'was-gone'}))
  }

  async #answer(call: string, act: () => ChangeOutcome): Promise<ChangeOutcome> {
    this.calls.push(call)
    await new Promise(resolve => setTimeout(resolve, 1))
    return this.refuse === undefined ? act() : {outcome: 'failed', reason: this.refuse}
  }
}

function nameOf(object: KernelObject): string {
  if (object.kind === 'address') return object.spec.address
  const values = object.kind === 'route' ? object.spec.message.values : object.spec.values
  return `${object.kind} ${object.kind === 'route' ? values.destination : values.source}`
}

const told = (object: HeldObject): string => (object.kind === 'address' ? object.vip.address : object.kind)

function makeHolder({link = true}: {readonly link?: boolean} = {}) {
  const kernel = new Kernel()
  const news: string[] = []
  const holder = new ObjectHolder(
    kernel,
    {
      onAdded: (object, {adopted, restored, announce}) =>
        news.push(`${told(object)} ${adopted ? 'adopted' : restored ? 'restored' : `added x${announce}`}`),
      onRemoved: object => news.push(`${told(object)} removed`),
      onFailed: (object, verb, reason) => news.push(`${told(object)} ${verb}: ${reason}`),
    },
    {indexOf: () => (link ? interfaceIndex(7) : undefined), tableOf: () => undefined},
  )
  return {kernel, news, holder}
}

/** What the kernel tells when somebody deletes an object. */
function deletionOf(object: HeldObject): Deletion {
  const result = kernelObjectOf(object, {indexOf: () => undefined, tableOf: () => undefined})
  if (!result.ok || result.spec.kind === 'address') throw new Error('neither a route nor a rule')
  return result.spec.kind === 'route'
    ? {kind: 'route', message: result.spec.spec.message}
    : {kind: 'rule', message: result.spec.spec}
}

describe('objects of one virtual router', () => {
  it('are added, adopted where they are already, and removed', async () => {
    const {kernel, news, holder} = makeHolder()
    kernel.present.add('10.0.0.1')
    await holder.hold([vip(1), vip(2)], 5)
    expect(news).toEqual(['10.0.0.1 adopted', '10.0.0.2 added x5'])
    expect(holder.holds(vip(1))).toBe(true)
    await holder.release([vip(1), vip(2)])
    expect([...kernel.present]).toEqual([])
    expect(holder.holds(vip(1))).toBe(false)
  })

  it('are put there from addresses to rules, and taken away from rules to addresses', async () => {
    const {kernel, holder} = makeHolder()
    await holder.hold(ROUTED, 0)
    const added = ['add 10.0.0.1', 'add route 10.2.0.0', 'add route 10.2.1.0', 'add rule 10.3.0.0']
    expect(kernel.calls).toEqual(added)
    kernel.calls.length = 0
    await holder.release([])
    const removed = ['remove rule 10.3.0.0', 'remove route 10.2.0.0', 'remove route 10.2.1.0', 'remove 10.0.0.1']
    expect(kernel.calls).toEqual(removed)
  })

  it('end as the last wish has it, however wishes and answers cross', async () => {
    for (let tries = 0; tries < 50; tries++) {
      const {kernel, holder} = makeHolder()
      const wishes = Array.from({length: 8}, (_, i) => ((tries * 7 + i * 5) % 3) + 1)
      for (const [i, count] of wishes.entries()) {
        if (count === 3) void holder.release([vip(1), vip(2)])
        else void holder.hold([vip(1), vip(2)].slice(0, count), 0)
        if (i % 2 === tries % 2) await new Promise(resolve => setTimeout(resolve, 1))
      }
      await holder.settled()
      const last = wishes.at(-1)
      const expected = last === 3 ? [] : last === 2 ? ['10.0.0.1', '10.0.0.2'] : ['10.0.0.1']
      expect([...kernel.present].sort(), `wishes ${wishes}`).toEqual(expected)
    }
  })

  it('are taken away on release also when somebody else put them there', async () => {
    const {kernel, news, holder} = makeHolder()
    kernel.present.add('10.0.0.1')
    await holder.release([vip(1), vip(2)])
    expect(news).toEqual(['10.0.0.1 removed'])
  })

  it('that a reload drops go, the others are left alone', async () => {
    const {kernel, news, holder} = makeHolder()
    await holder.hold([vip(1), vip(2)], 0)
    news.length = 0
    await holder.hold([vip(2), vip(3)], 1)
    expect([...kernel.present].sort()).toEqual(['10.0.0.2', '10.0.0.3'])
    expect(news).toEqual(['10.0.0.1 removed', '10.0.0.2 adopted', '10.0.0.3 added x1'])
  })

  it('with other options are removed and added anew', async () => {
    const {kernel, holder} = makeHolder()
    await holder.hold([vip(1)], 0)
    kernel.calls.length = 0
    await holder.hold([vip(1, {label: 'eth0:1'})], 0)
    expect(kernel.calls).toEqual(['remove 10.0.0.1', 'add 10.0.0.1'])
    expect([...kernel.present]).toEqual(['10.0.0.1'])
  })

  it('that the kernel refuses are told of once and asked for again', async () => {
    const {kernel, news, holder} = makeHolder()
    kernel.refuse = 'EINVAL'
    await holder.hold([vip(1)], 0)
    await holder.hold([vip(1)], 0)
    expect(news).toEqual(['10.0.0.1 add: EINVAL'])
    expect(holder.refused).toEqual([{object: vip(1), reason: 'EINVAL'}])
    kernel.refuse = undefined
    await expect.poll(() => news.at(-1), {timeout: 10_000}).toBe('10.0.0.1 added x0')
    expect(holder.refused).toEqual([])
    holder.close()
  })

  it('on an interface that is gone are not asked for, and count as gone', async () => {
    const {kernel, news, holder} = makeHolder({link: false})
    await holder.hold([vip(1)], 0)
    expect(holder.holds(vip(1))).toBe(false)
    await holder.release([vip(1)])
    expect(kernel.calls).toEqual([])
    expect(news).toEqual(['10.0.0.1 add: interface eth0 does not exist'])
    holder.close()
  })

  it('that the kernel would not add and cannot find are not asked to go for ever', async () => {
    const {kernel, news, holder} = makeHolder()
    kernel.refuse = 'EOPNOTSUPP'
    await holder.release([ROUTE])
    kernel.refuse = undefined
    kernel.calls.length = 0
    await holder.hold([vip(1)], 0)
    expect(kernel.calls).toEqual(['add 10.0.0.1'])
    expect(news).toEqual(['10.0.0.1 added x0'])
  })
})

describe('objects that somebody takes away', () => {
  it('are missing, and come back without touching the others', async () => {
    const {kernel, news, holder} = makeHolder()
    await holder.hold([vip(1), vip(2)], 3)
    kernel.present.delete('10.0.0.2')
    const missing = holder.missing(({vip: {address}}) => kernel.present.has(address))
    expect(missing).toEqual([vip(2)])
    news.length = 0
    kernel.calls.length = 0
    await holder.restore(missing)
    expect(kernel.calls).toEqual(['add 10.0.0.2'])
    expect(news).toEqual(['10.0.0.2 restored'])
    expect(holder.missing(({vip: {address}}) => kernel.present.has(address))).toEqual([])
  })

  it('are not missed when nobody tracks them, or before they were there', async () => {
    const {kernel, holder} = makeHolder()
    const holding = holder.hold([vip(1, {flags: ['no_track']}), vip(2)], 0)
    expect(holder.missing(() => false)).toEqual([])
    await holding
    expect(kernel.present.size).toBe(2)
    expect(holder.missing(() => false)).toEqual([vip(2)])
  })

  it('are known by what the kernel tells of routes and rules', async () => {
    const {holder} = makeHolder()
    await holder.hold(ROUTED, 0)
    expect(holder.noteDeletions([deletionOf(UNTRACKED)])).toBe(false)
    expect(holder.missing(() => true)).toEqual([])
    expect(holder.noteDeletions([deletionOf(RULE)])).toBe(true)
    expect(holder.missing(() => true)).toEqual([RULE])
    expect(holder.noteDeletions([deletionOf(ROUTE)])).toBe(true)
    expect(holder.missing(() => true)).toEqual([ROUTE, RULE])
    await holder.release([])
    expect(holder.noteDeletions([deletionOf(ROUTE)])).toBe(false)
  })

  it('without a word are found by asking anew, and only those are told of', async () => {
    const {kernel, news, holder} = makeHolder()
    await holder.hold(ROUTED, 0)
    kernel.present.delete('route 10.2.0.0')
    kernel.present.delete('route 10.2.1.0')
    news.length = 0
    await holder.recheck()
    expect(news).toEqual(['route restored'])
    expect(kernel.present.has('route 10.2.1.0')).toBe(false)
    kernel.present.delete('route 10.2.0.0')
    holder.recheckSoon()
    await expect.poll(() => news.length, {timeout: 10_000}).toBe(2)
    holder.close()
  })
})
