import {describe, expect, it} from 'vitest'
import type {Standing, Standings} from '../../../src/core/check/standing.ts'
import {diffRules, removeAll} from '../../../src/core/ipvs/diff.ts'
import type {ServiceRules} from '../../../src/core/ipvs/model.ts'
import {destinationKey, serviceKey} from '../../../src/core/ipvs/names.ts'
import {isServiceOverride} from '../../../src/core/ipvs/override-check.ts'
import {destinationInTable, rulesOf, wantedServices, withOrder} from '../../../src/core/ipvs/overrides.ts'
import type {ConfiguredService, DestinationHold, OperatorOrder, ServiceOverride} from '../../../src/core/ipvs/wanted.ts'
import {randomFrom} from '../netlink/captures.ts'
import {anyRules, realOf, serviceOf, sorted} from './generate.ts'

const WEB = serviceOf('192.0.2.1:80/tcp')
const A = realOf('10.0.0.1', 80)
const B = realOf('10.0.0.2', 80)
const C = realOf('10.0.0.3', 80)
const CONFIGURED: readonly ConfiguredService[] = [{name: '192.0.2.1 80', service: WEB, destinations: [A, B]}]
const FOREIGN = serviceOf('192.0.2.9:80/tcp', {scheduler: 'rr'})
const ACTUAL: readonly ServiceRules[] = [
  {service: WEB, destinations: [A, B]},
  {service: FOREIGN, destinations: [A, {...B, weight: 7}]},
]
const DRAINED: DestinationHold = {type: 'drained', since: '2026-01-31T08:00:00Z', reason: undefined}
const DISABLED: DestinationHold = {...DRAINED, type: 'disabled'}

const order = (
  overrides: readonly ServiceOverride[],
  changes: OperatorOrder['changes'],
  holds: OperatorOrder['holds'] = [],
): readonly ServiceOverride[] => withOrder({configured: CONFIGURED, overrides, order: {changes, holds}, actual: ACTUAL})

const wanted = (overrides: readonly ServiceOverride[]) => wantedServices(CONFIGURED, overrides)

describe('what is wanted', () => {
  it('is the configuration where nobody changed anything', () => {
    expect(wanted([])).toEqual([
      {
        service: WEB,
        origin: 'configuration',
        configured: '192.0.2.1 80',
        destinations: [A, B].map(destination => ({
          destination,
          origin: 'configuration',
          hold: undefined,
          checked: undefined,
        })),
        checked: undefined,
      },
    ])
  })

  it('keeps what is drained with weight 0 and what is disabled out of the kernel', () => {
    const overrides = order(
      [],
      [],
      [
        {service: WEB.id, destination: A, hold: DRAINED},
        {service: WEB.id, destination: B, hold: DISABLED},
      ],
    )
    const [service] = wanted(overrides)
    expect(service?.destinations).toEqual([
      {destination: A, origin: 'configuration', hold: DRAINED},
      {destination: B, origin: 'configuration', hold: DISABLED},
    ])
    expect(service?.destinations.map(destinationInTable)).toEqual([{...A, weight: 0}, undefined])
    expect(rulesOf(wanted(overrides))).toEqual([{service: WEB, destinations: [{...A, weight: 0}]}])
  })

  it('has nothing of overrides on what is in the configuration no more', () => {
    const held = order([], [], [{service: WEB.id, destination: A, hold: DRAINED}])
    expect(wantedServices([], held)).toEqual([])
    const without = [{name: 'x', service: WEB, destinations: [B]}]
    expect(wantedServices(without, held)[0]?.destinations.map(({destination}) => destination)).toEqual([B])
  })
})

describe('an order', () => {
  it('that changes a configured real server changes it alone', () => {
    const overrides = order([], [{type: 'edit-destination', id: WEB.id, destination: {...A, weight: 5}}])
    expect(overrides).toEqual([
      {id: WEB.id, service: undefined, destinations: [{id: ID_A, destination: {...A, weight: 5}, hold: undefined}]},
    ])
    expect(wanted(overrides)[0]).toMatchObject({
      origin: 'configuration',
      destinations: [{origin: 'override', destination: {weight: 5}}, {origin: 'configuration'}],
    })
  })

  it('that makes things as they are configured leaves no override', () => {
    const changed = order(
      [],
      [
        {type: 'edit-service', service: {...WEB, scheduler: 'rr'}},
        {type: 'delete-destination', id: WEB.id, destination: A},
        {type: 'add-destination', id: WEB.id, destination: C},
      ],
    )
    expect(wanted(changed)[0]).toMatchObject({
      origin: 'override',
      configured: '192.0.2.1 80',
      destinations: [{destination: B}, {destination: C, origin: 'override'}],
    })
    const back = order(changed, [
      {type: 'edit-service', service: WEB},
      {type: 'add-destination', id: WEB.id, destination: A},
      {type: 'delete-destination', id: WEB.id, destination: C},
    ])
    expect(back).toEqual([])
  })

  it('that deletes a configured service and makes it again begins without real servers', () => {
    const gone = order([], [{type: 'delete-service', id: WEB.id}])
    expect(wanted(gone)).toEqual([])
    const again = order(gone, [
      {type: 'add-service', service: WEB},
      {type: 'add-destination', id: WEB.id, destination: B},
    ])
    expect(rulesOf(wanted(again))).toEqual([{service: WEB, destinations: [B]}])
    expect(order(again, [{type: 'add-destination', id: WEB.id, destination: A}])).toEqual([])
  })

  it('that changes a real server of a foreign service takes over the service, and none of its other real servers', () => {
    const overrides = order([], [{type: 'edit-destination', id: FOREIGN.id, destination: {...A, weight: 2}}])
    expect(wanted(overrides)[1]).toEqual({
      service: FOREIGN,
      origin: 'override',
      configured: undefined,
      destinations: [{destination: {...A, weight: 2}, origin: 'override', hold: undefined}],
    })
  })

  it('that drains a foreign real server knows its weight afterwards', () => {
    const overrides = order([], [], [{service: FOREIGN.id, destination: B, hold: DRAINED}])
    expect(wanted(overrides)[1]?.destinations).toEqual([
      {destination: {...B, weight: 7}, origin: 'override', hold: DRAINED},
    ])
    const ended = order(overrides, [], [{service: FOREIGN.id, destination: B, hold: undefined}])
    expect(rulesOf(wanted(ended))[1]).toEqual({service: FOREIGN, destinations: [{...B, weight: 7}]})
  })

  it('that deletes what others made and nobody wanted leaves no override', () => {
    expect(order([], [{type: 'delete-service', id: FOREIGN.id}])).toEqual([])
    expect(order([], [{type: 'delete-destination', id: FOREIGN.id, destination: A}])).toEqual([])
    expect(order([], [{type: 'delete-destination', id: WEB.id, destination: C}])).toEqual([])
  })

  it('that changes the rule of a drained real server leaves it drained', () => {
    const drained = order([], [], [{service: WEB.id, destination: A, hold: DRAINED}])
    const edited = order(drained, [{type: 'edit-destination', id: WEB.id, destination: {...A, weight: 9}}])
    expect(rulesOf(wanted(edited))[0]?.destinations[0]).toEqual({...A, weight: 0})
    const ended = order(edited, [], [{service: WEB.id, destination: A, hold: undefined}])
    expect(rulesOf(wanted(ended))[0]?.destinations[0]).toEqual({...A, weight: 9})
  })

  it('that ends a hold and gives a weight does both', () => {
    const drained = order([], [], [{service: WEB.id, destination: A, hold: DRAINED}])
    const ended = order(
      drained,
      [{type: 'edit-destination', id: WEB.id, destination: {...A, weight: 4}}],
      [{service: WEB.id, destination: A, hold: undefined}],
    )
    expect(rulesOf(wanted(ended))[0]?.destinations[0]).toEqual({...A, weight: 4})
  })

  it('that deletes a held real server forgets the hold', () => {
    const held = order(
      [],
      [{type: 'add-destination', id: WEB.id, destination: C}],
      [{service: WEB.id, destination: C, hold: DISABLED}],
    )
    const gone = order(
      held,
      [{type: 'delete-destination', id: WEB.id, destination: C}],
      [{service: WEB.id, destination: C, hold: undefined}],
    )
    expect(gone).toEqual([])
    // Though the kernel has such a one still.
    const adopted = order([], [], [{service: FOREIGN.id, destination: A, hold: DRAINED}])
    const deleted = order(
      adopted,
      [{type: 'delete-destination', id: FOREIGN.id, destination: A}],
      [{service: FOREIGN.id, destination: A, hold: undefined}],
    )
    expect(wanted(deleted)[1]?.destinations).toEqual([])
  })

  it('that holds what is not there does nothing', () => {
    expect(order([], [], [{service: WEB.id, destination: C, hold: DRAINED}])).toEqual([])
    const nowhere = serviceOf('fwm/77').id
    expect(order([], [], [{service: nowhere, destination: C, hold: DRAINED}])).toEqual([])
    expect(order([], [{type: 'add-destination', id: nowhere, destination: C}])).toEqual([])
  })

  it('takes nothing over but rules', () => {
    const actual = [{service: FOREIGN, destinations: [{...A, activeConnections: 5}], counters: {}}]
    const held = {changes: [], holds: [{service: FOREIGN.id, destination: A, hold: DRAINED}]}
    const overrides = withOrder({configured: [], overrides: [], order: held, actual})
    expect(overrides[0]?.destinations[0]?.destination).toEqual(A)
  })

  it('makes wanted what it says, whatever was configured, overridden and there', () => {
    const random = randomFrom(7)
    let kept = 0
    for (let i = 0; i < 200; i++) {
      const configured = anyRules(random).map(rules => ({name: 'configured', ...rules}))
      let overrides: readonly ServiceOverride[] = []
      for (let round = 0; round < 3; round++) {
        const before = rulesOf(wantedServices(configured, overrides))
        const after = anyRules(random)
        const changes = diffRules({wanted: after, actual: before, mayRemove: removeAll})
        overrides = withOrder({configured, overrides, order: {changes, holds: []}, actual: before})
        const now = rulesOf(wantedServices(configured, overrides))
        expect(diffRules({wanted: after, actual: now, mayRemove: removeAll})).toEqual([])
        expect(sorted(now).length).toBe(after.length)
        expect(overrides.every(isServiceOverride)).toBe(true)
        expect((JSON.parse(JSON.stringify(overrides)) as unknown[]).every(isServiceOverride)).toBe(true)
        kept += overrides.length
      }
      const before = rulesOf(wantedServices(configured, overrides))
      const changes = diffRules({wanted: configured, actual: before, mayRemove: removeAll})
      expect(withOrder({configured, overrides, order: {changes, holds: []}, actual: before})).toEqual([])
    }
    expect(kept).toBeGreaterThan(500)
  })
})

const ID_A = {address: A.address, port: A.port}

describe('a real server that is checked', () => {
  const HELD = {since: '2026-01-01T00:00:00Z', reason: undefined}
  const RULE = {...A, weight: 4}
  const inTable = (standing: Standing, fields: Partial<Parameters<typeof destinationInTable>[0]> = {}) =>
    destinationInTable({
      destination: RULE,
      hold: undefined,
      checked: {standing, configuredWeight: 4, isSorryServer: false},
      ...fields,
    })?.weight

  it.each<[string, Standing, DestinationHold['type'] | undefined, number | undefined]>([
    ['in', {type: 'in', weight: 4}, undefined, 4],
    ['in with another weight', {type: 'in', weight: 9}, undefined, 9],
    ['in with weight 0', {type: 'in', weight: 0}, undefined, 0],
    ['inhibited', {type: 'inhibited'}, undefined, 0],
    ['out', {type: 'out'}, undefined, undefined],
    ['in and drained', {type: 'in', weight: 9}, 'drained', 0],
    ['inhibited and drained', {type: 'inhibited'}, 'drained', 0],
    ['out and drained', {type: 'out'}, 'drained', undefined],
    ['in and disabled', {type: 'in', weight: 9}, 'disabled', undefined],
    ['inhibited and disabled', {type: 'inhibited'}, 'disabled', undefined],
  ])('is in the kernel as it stands: %s', (_what, standing, hold, weight) => {
    expect(inTable(standing, {hold: hold && {type: hold, ...HELD}})).toBe(weight)
  })

  it('has the weight that an operator gave it, while it is in', () => {
    const destination = {...RULE, weight: 7}
    expect(inTable({type: 'in', weight: 9}, {destination})).toBe(7)
    expect(inTable({type: 'inhibited'}, {destination})).toBe(0)
    expect(inTable({type: 'out'}, {destination})).toBeUndefined()
  })

  it('stands as it is known by its name, also where an operator added it', () => {
    const overrides = order([], [{type: 'add-destination', id: WEB.id, destination: C}])
    const standings = new Map([
      [serviceKey(WEB.id), new Map<string, Standing>([A, C].map(one => [destinationKey(one), {type: 'out'}]))],
    ])
    const [web] = rulesOf(wantedServices(CONFIGURED, overrides, standings))
    expect(web?.destinations).toEqual([B])
  })

  it('is in where nobody says how it stands, and a sorry server is not', () => {
    const sorry = CONFIGURED.map(one => ({...one, sorryServers: [destinationKey(B)]}))
    const tableOf = (standings: Standings) => rulesOf(wantedServices(sorry, [], standings))[0]?.destinations
    expect(tableOf(new Map())).toEqual([A])
    const inUse = new Map([[destinationKey(B), {type: 'in', weight: B.weight} as const]])
    expect(tableOf(new Map([[serviceKey(WEB.id), inUse]]))).toEqual([A, B])
  })
})
