import {beforeEach, describe, expect, test} from 'vitest'
import type {LvsHandlers} from '../../src/control/routes.ts'
import type {Standing} from '../../src/core/check/standing.ts'
import type {Destination, ServiceRules} from '../../src/core/ipvs/model.ts'
import {destinationKey, serviceKey} from '../../src/core/ipvs/names.ts'
import {rulesOf} from '../../src/core/ipvs/overrides.ts'
import {printRulesText} from '../../src/core/ipvs/rules-text.ts'
import {makeLvsHandlers} from '../../src/lvs/handlers.ts'
import {MemoryKeeper} from './memory-keeper.ts'
import {MemoryTable} from './memory-table.ts'
import {configured, real, service} from './rules.ts'

const HTTP = '192.0.2.1:80/tcp'
const WELL = real(1)
const OUT = real(2, {weight: 2})
const INHIBITED = real(3, {weight: 3})
/** Its checks give it another weight. */
const SLOW = real(4, {weight: 4})
const SORRY = real(9)
const WEB: ServiceRules = {service: service(), destinations: [WELL, OUT, INHIBITED, SLOW, SORRY]}
const IN_KERNEL = [WELL, {...INHIBITED, weight: 0}, {...SLOW, weight: 2}]

const STANDINGS = new Map<string, Standing>([
  [destinationKey(WELL), {type: 'in', weight: 1}],
  [destinationKey(OUT), {type: 'out'}],
  [destinationKey(INHIBITED), {type: 'inhibited'}],
  [destinationKey(SLOW), {type: 'in', weight: 2}],
  [destinationKey(SORRY), {type: 'out'}],
])

let table: MemoryTable
let keeper: MemoryKeeper
let agent: LvsHandlers

beforeEach(() => {
  table = new MemoryTable()
  keeper = new MemoryKeeper([{...configured('192.0.2.1 80', WEB), sorryServers: [destinationKey(SORRY)]}])
  keeper.standings = new Map([[serviceKey(WEB.service.id), STANDINGS]])
  table.fill(rulesOf(keeper.wanted()))
  agent = makeLvsHandlers({table: async () => table, keeper})
})

const nameOf = ({address}: Destination): {readonly service: string; readonly real: string} => ({
  service: HTTP,
  real: address,
})
const there = (): readonly Destination[] => table.rules.flatMap(({destinations}) => destinations)
/** The kernel is what is wanted with everything that is known, and this many overrides are kept. */
function expectSettled(overrides: number): void {
  const sorted = rulesOf(keeper.wanted()).flatMap(({destinations}) => destinations)
  expect(there()).toEqual([...sorted].sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)))
  expect(keeper.overrides.flatMap(({destinations}) => destinations)).toHaveLength(overrides)
}

describe('orders do not undo what checks say', () => {
  test('by what they start from', () => {
    expect(there()).toEqual(IN_KERNEL)
    expectSettled(0)
  })

  test('by an edit of what is out, which counts when that ends', async () => {
    const {value} = await agent.editReal({...nameOf(OUT), weight: 7})
    expect(value.changes).toEqual([
      '~ real server 10.0.0.2:80 of 192.0.2.1:80/tcp: weight 2 -> 7 (out by its checks: it stays out of the kernel)',
    ])
    expectSettled(1)
    keeper.standings = new Map()
    expect(keeper.wanted()[0]?.destinations[1]?.destination.weight).toBe(7)
  })

  test('by an edit of what is inhibited', async () => {
    const {value} = await agent.editReal({...nameOf(INHIBITED), weight: 7})
    expect(value.changes[0]).toContain('inhibited by its checks: its weight in the kernel stays 0')
    expect(there()).toEqual(IN_KERNEL)
    expectSettled(1)
  })

  test('unless an operator gives a weight himself', async () => {
    await agent.editReal({...nameOf(SLOW), weight: 9})
    expect(there()).toContainEqual({...SLOW, weight: 9})
    expectSettled(1)
    // Another setting of it leaves the weight to the checks.
    await agent.editReal({...nameOf(SLOW), weight: 4, upperThreshold: 100})
    expect(there()).toContainEqual({...SLOW, weight: 2, upperThreshold: 100})
    expectSettled(1)
  })

  test('by the end of a drain, or of being disabled', async () => {
    for (const one of [WELL, OUT, INHIBITED, SLOW]) {
      await agent.drainReal(nameOf(one))
      expectSettled(1)
      await agent.undrainReal(nameOf(one))
      expectSettled(0)
      await agent.disableReal(nameOf(one))
      expectSettled(1)
      await agent.enableReal(nameOf(one))
      expectSettled(0)
      expect(there()).toEqual(IN_KERNEL)
    }
  })

  test('by adding what is out', async () => {
    await expect(agent.addReal(nameOf(OUT))).rejects.toMatchObject({
      code: 'REFUSED',
      message: expect.stringMatching(/10\.0\.0\.2:80 already, out by its checks/),
    })
    await agent.deleteReal(nameOf(OUT))
    expectSettled(1)
    const {value} = await agent.addReal({...nameOf(OUT), method: 'dr', weight: 2})
    expect(value.changes[0]).toContain('out by its checks: it stays out of the kernel')
    expectSettled(0)
  })

  test('by an edit of the service, or by making it anew', async () => {
    await agent.editService({service: HTTP, scheduler: 'rr'})
    expect(there()).toEqual(IN_KERNEL)
    await agent.deleteService({service: HTTP})
    expect(table.rules).toEqual([])
    await agent.restoreLvs({text: printRulesText([WEB])})
    expect(there()).toEqual(IN_KERNEL)
    expectSettled(0)
  })
})

describe('restore', () => {
  test.each([
    ['what is there now', () => rulesOf(keeper.wanted())],
    ['what was there while everything was up', () => [{...WEB, destinations: [WELL, OUT, INHIBITED, SLOW]}]],
  ])('of %s makes no override', async (_what, rules) => {
    for (const equal of [false, true]) {
      const {value} = await agent.restoreLvs({text: printRulesText(rules()), equal})
      expect(value).toMatchObject({changes: [], applied: false})
      expectSettled(0)
      expect(there()).toEqual(IN_KERNEL)
    }
  })

  test('removes what is in service and not in the text, and keeps what is out', async () => {
    await agent.restoreLvs({text: printRulesText([{...WEB, destinations: [WELL]}]), equal: true})
    expect(there()).toEqual([WELL])
    expectSettled(2)
    keeper.standings = new Map()
    expect(keeper.wanted()[0]?.destinations.map(({destination}) => destination)).toEqual([WELL, OUT, SORRY])
  })
})

const byName = (a: {readonly name: string}, b: {readonly name: string}): number => (a.name < b.name ? -1 : 1)

describe('the list', () => {
  test('shows how real servers stand', async () => {
    const {value} = await agent.lvsServices({})
    const shown = value[0]?.realServers
      .toSorted(byName)
      .map(({name, weight, present, drift, checked}) => [
        name,
        weight,
        present,
        drift,
        checked?.standing,
        checked?.isSorryServer,
      ])
    expect(shown).toEqual([
      ['10.0.0.1:80', 1, true, null, 'in', false],
      ['10.0.0.2:80', 2, false, null, 'out', false],
      ['10.0.0.3:80', 0, true, null, 'inhibited', false],
      ['10.0.0.4:80', 2, true, null, 'in', false],
      ['10.0.0.9:80', 1, false, null, 'out', true],
    ])
  })

  test('says what others did to them', async () => {
    table.fill([{...WEB, destinations: [WELL, OUT, INHIBITED, SLOW]}])
    const {value} = await agent.lvsServices({})
    expect(value[0]?.realServers.toSorted(byName).map(({drift}) => drift)).toEqual([
      null,
      'in the table, although it is out by its checks',
      'weight 3 in place of 0',
      'weight 4 in place of 2',
      null,
    ])
  })
})
