import {describe, expect, it} from 'vitest'
import {diffRules, type MayRemove, removeAll} from '../../../src/core/ipvs/diff.ts'
import type {IpvsChange, ServiceRules} from '../../../src/core/ipvs/model.ts'
import {destinationKey, serviceKey} from '../../../src/core/ipvs/names.ts'
import {sameDestination, sameService} from '../../../src/core/ipvs/rules.ts'
import {randomFrom} from '../netlink/captures.ts'
import {anyRules, realOf, serviceOf, sorted} from './generate.ts'
import {SimpleKernel} from './simple-kernel.ts'

const WEB = serviceOf('192.0.2.1:80/tcp')
const A = realOf('10.0.0.1', 80)
const B = realOf('10.0.0.2', 80)

const diff = (wanted: readonly ServiceRules[], actual: readonly ServiceRules[], mayRemove: MayRemove = removeAll) =>
  diffRules({wanted, actual, mayRemove})

const kinds = (changes: readonly IpvsChange[]): readonly string[] =>
  changes.map(change => {
    if ('service' in change) return `${change.type} ${serviceKey(change.service.id)}`
    return 'destination' in change ? `${change.type} ${destinationKey(change.destination)}` : change.type
  })

/** How many things differ, each of which takes one change: the naive count. */
function differences(wanted: readonly ServiceRules[], actual: readonly ServiceRules[], mayRemove: MayRemove): number {
  let count = 0
  const find = (rules: readonly ServiceRules[], key: string) =>
    rules.find(({service}) => serviceKey(service.id) === key)
  for (const {service, destinations} of wanted) {
    const before = find(actual, serviceKey(service.id))
    if (!before || !sameService(before.service, service)) count++
    for (const real of destinations) {
      const there = before?.destinations.find(other => destinationKey(other) === destinationKey(real))
      if (!there || !sameDestination(there, real)) count++
    }
  }
  for (const {service, destinations} of actual) {
    const key = serviceKey(service.id)
    const after = find(wanted, key)
    const unwanted = destinations.filter(
      real => !after?.destinations.some(other => destinationKey(other) === destinationKey(real)),
    )
    const removable = unwanted.filter(real => mayRemove(key, destinationKey(real)))
    const goesWhole = !after && removable.length === destinations.length && mayRemove(key)
    count += goesWhole ? 1 : removable.length
  }
  return count
}

/** What the result has to be, by the definition. */
function expected(
  wanted: readonly ServiceRules[],
  actual: readonly ServiceRules[],
  mayRemove: MayRemove,
): readonly ServiceRules[] {
  const stays = actual.flatMap(({service, destinations}) => {
    const key = serviceKey(service.id)
    const left = destinations.filter(real => !mayRemove(key, destinationKey(real)))
    return left.length > 0 || !mayRemove(key) ? [{service, destinations: left}] : []
  })
  const result = new Map(stays.map(rules => [serviceKey(rules.service.id), rules]))
  for (const {service, destinations} of wanted) {
    const key = serviceKey(service.id)
    const names = new Set(destinations.map(destinationKey))
    const others = (result.get(key)?.destinations ?? []).filter(real => !names.has(destinationKey(real)))
    result.set(key, {service, destinations: [...destinations, ...others]})
  }
  return [...result.values()]
}

/** What has no effect on the kernel is not compared. */
const comparable = (rules: readonly ServiceRules[]): readonly ServiceRules[] =>
  sorted(rules).map(({service, destinations}) => ({
    service,
    destinations: destinations.map(real => (real.method === 'tun' ? real : {...real, tunnel: A.tunnel})),
  }))

describe('the changes from actual to wanted rules', () => {
  it('are none for equal rules', () => {
    const random = randomFrom(1)
    for (let i = 0; i < 200; i++) {
      const rules = anyRules(random)
      expect(diff(rules, sorted(rules))).toEqual([])
    }
  })

  it('make the kernel equal, each of them needed, without a moment of outage', () => {
    const random = randomFrom(0x1b5)
    let made = 0
    let watched = 0
    for (let i = 0; i < 1_000; i++) {
      const [wanted, actual] = [anyRules(random), anyRules(random)]
      const salt = random()
      const isOurs: MayRemove = (service, destination = '') =>
        randomFrom(hash(`${service} ${destination} ${salt}`))() < 0.5
      const mayRemove = i % 2 === 0 ? removeAll : isOurs
      const changes = diff(wanted, actual, mayRemove)
      const kernel = new SimpleKernel(actual)
      const before = kernel.live()
      const moments: ReadonlySet<string>[] = []
      for (const change of changes) {
        kernel.apply(change)
        moments.push(kernel.live())
      }
      const after = kernel.live()
      expect(comparable(kernel.rules())).toEqual(comparable(expected(wanted, actual, mayRemove)))
      expect(changes.length).toBe(differences(wanted, actual, mayRemove))
      for (const service of before) {
        if (!after.has(service)) continue
        watched++
        expect(moments.every(live => live.has(service))).toBe(true)
      }
      made += changes.length
    }
    expect(made).toBeGreaterThan(5_000)
    expect(watched).toBeGreaterThan(500)
  })

  it('come in an order that keeps a service alive while its weights move', () => {
    const actual = [{service: WEB, destinations: [A, {...B, weight: 0}]}]
    const wanted = [{service: WEB, destinations: [{...A, weight: 0}, B]}]
    expect(kinds(diff(wanted, actual))).toEqual(['edit-destination 10.0.0.2:80', 'edit-destination 10.0.0.1:80'])
  })

  it('add before they change, and change before they remove', () => {
    const other = serviceOf('192.0.2.9:80/tcp')
    const actual = [
      {service: other, destinations: [A]},
      {service: WEB, destinations: [A]},
    ]
    const wanted = [
      {service: {...WEB, scheduler: 'rr'}, destinations: [B]},
      {service: serviceOf('fwm/1'), destinations: [A]},
    ]
    expect(kinds(diff(wanted, actual))).toEqual([
      'add-destination 10.0.0.2:80',
      'add-service fwm/1',
      'add-destination 10.0.0.1:80',
      'edit-service 192.0.2.1:80/tcp',
      'delete-destination 10.0.0.1:80',
      'delete-service',
    ])
  })

  it('leave a service with a real server of others, and take our own off it', () => {
    const actual = [{service: WEB, destinations: [A, B]}]
    const changes = diff([], actual, (_, destination) => destination !== '10.0.0.2:80')
    expect(kinds(changes)).toEqual(['delete-destination 10.0.0.1:80'])
  })

  it('leave a service of others without real servers', () => {
    expect(diff([], [{service: WEB, destinations: []}], () => false)).toEqual([])
  })

  it('carry no counters of the kernel', () => {
    const entry = {...A, activeConnections: 7}
    const [change] = diff([{service: WEB, destinations: [entry]}], [])
    expect(change).toEqual({type: 'add-service', service: WEB})
    expect(diff([{service: WEB, destinations: [entry]}], [])[1]).toEqual({
      type: 'add-destination',
      id: WEB.id,
      destination: A,
    })
  })

  it('are found for 10,000 services', () => {
    const rules = Array.from({length: 10_000}, (_, i) => ({
      service: serviceOf(`10.${i >> 8}.${i & 255}.1:80/tcp`),
      destinations: [A],
    }))
    expect(diff(rules, [])).toHaveLength(20_000)
    expect(diff(rules, rules)).toEqual([])
    expect(diff([], rules)).toHaveLength(10_000)
  })
})

/** FNV-1a, 32 bits. */
function hash(text: string): number {
  let value = 0x811c_9dc5
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x0100_0193) >>> 0
  return value
}
