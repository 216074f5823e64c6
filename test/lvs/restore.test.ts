import {beforeEach, describe, expect, test} from 'vitest'
import type {LvsHandlers} from '../../src/control/routes.ts'
import type {ServiceRules} from '../../src/core/ipvs/model.ts'
import {printRulesJson} from '../../src/core/ipvs/rules-json.ts'
import {printRulesText} from '../../src/core/ipvs/rules-text.ts'
import {makeLvsHandlers} from '../../src/lvs/handlers.ts'
import {MemoryKeeper} from './memory-keeper.ts'
import {MemoryTable} from './memory-table.ts'
import {configured, real, service, serviceId} from './rules.ts'

const HTTP = '192.0.2.1:80/tcp'
const WEB: ServiceRules = {service: service(), destinations: [real(1), real(2, {weight: 3})]}
const FOREIGN: ServiceRules = {service: service(serviceId(8080)), destinations: [real(9, {port: 8080})]}

let table: MemoryTable
let keeper: MemoryKeeper
let agent: LvsHandlers

beforeEach(() => {
  table = new MemoryTable()
  table.fill([WEB, FOREIGN])
  keeper = new MemoryKeeper([configured('192.0.2.1 80', WEB)])
  agent = makeLvsHandlers({table: async () => table, keeper})
})

/** What `save` would print now. */
const saved = async (): Promise<string> => printRulesText(await table.services())

describe('restore', () => {
  test('adds and edits what the text has and leaves everything else alone', async () => {
    const text = [
      '-A -t 192.0.2.1:80 -s rr',
      '-a -t 192.0.2.1:80 -r 10.0.0.3:80 -g -w 7',
      '-A -u 192.0.2.1:53 -s wlc',
      '-a -u 192.0.2.1:53 -r 10.0.0.4:53 -g -w 1',
    ].join('\n')
    const {value} = await agent.restoreLvs({text})
    expect(value.changes).toEqual([
      '+ service 192.0.2.1:53/udp scheduler wlc',
      '+ real server 10.0.0.4:53 of 192.0.2.1:53/udp dr weight 1',
      '+ real server 10.0.0.3:80 of 192.0.2.1:80/tcp dr weight 7',
      '~ service 192.0.2.1:80/tcp: scheduler wrr -> rr',
    ])
    expect(table.rules).toHaveLength(3)
    expect(keeper.wanted().map(({origin, destinations}) => [origin, destinations.length])).toEqual([
      ['override', 3],
      ['override', 1],
    ])
  })

  test('tells what it would do, and does not do it, when asked for that only', async () => {
    const {value} = await agent.restoreLvs({text: '-A -t 192.0.2.1:81 -s rr', dryRun: true})
    expect(value).toEqual({
      changes: ['+ service 192.0.2.1:81/tcp scheduler rr'],
      moreChanges: 0,
      applied: false,
      activeConnections: 0,
    })
    expect(table.asked).toEqual([])
    expect(keeper.orders).toEqual([])
  })

  test('tells the first of very many changes, and all of them when asked for that only', async () => {
    const services = Array.from({length: 300}, (_, i) => `-A -t 192.0.2.1:${1000 + i} -s rr`)
    const text = services.join('\n')
    const all = (await agent.restoreLvs({text, dryRun: true})).value.changes
    expect(all).toHaveLength(300)
    const {changes, moreChanges} = (await agent.restoreLvs({text})).value
    expect(changes).toEqual(all.slice(0, 200))
    expect(moreChanges).toBe(100)
    expect(table.rules).toHaveLength(302)
    expect(keeper.orders[0]?.changes).toHaveLength(300)
  })

  test('reads JSON as well as what ipvsadm prints', async () => {
    const {value} = await agent.restoreLvs({
      text: `\n ${printRulesJson([{service: service(serviceId(81)), destinations: []}])}`,
    })
    expect(value.changes).toEqual(['+ service 192.0.2.1:81/tcp scheduler wrr'])
  })

  test.each([
    {what: 'text', text: '-A -t 192.0.2.1:81 -s rr\n-a -t 192.0.2.1:81 -r 10.0.0.1:81 -w x', line: 'line 2: '},
    {
      what: 'JSON',
      text: '{"hactl":"lvs-rules","version":1,"services":[{"name":"192.0.2.1/tcp"}]}',
      line: 'services[0].name',
    },
  ])('changes nothing when there is an error at the end of $what', async ({text, line}) => {
    await expect(agent.restoreLvs({text})).rejects.toMatchObject({
      code: 'USAGE',
      message: expect.stringContaining(line),
    })
    expect(table.asked).toEqual([])
    expect(keeper.orders).toEqual([])
  })

  test('of nothing at all is a mistake', async () => {
    await expect(agent.restoreLvs({})).rejects.toMatchObject({code: 'USAGE'})
  })
})

describe('apply', () => {
  test('removes what the text does not have, whoever made it', async () => {
    table.active.set('10.0.0.9:8080', 5).set('10.0.0.2:80', 2)
    const {value} = await agent.restoreLvs({text: printRulesText([{...WEB, destinations: [real(1)]}]), equal: true})
    expect(value).toEqual({
      changes: ['- real server 10.0.0.2:80 of 192.0.2.1:80/tcp', '- service 192.0.2.1:8080/tcp'],
      moreChanges: 0,
      applied: true,
      activeConnections: 7,
    })
    const again = await agent.restoreLvs({text: await saved(), equal: true})
    expect(again.value).toEqual({changes: [], moreChanges: 0, applied: false, activeConnections: 0})
  })

  test('of what is saved changes nothing, also while real servers are drained or disabled', async () => {
    await agent.drainReal({service: HTTP, real: '10.0.0.1'})
    await agent.disableReal({service: HTTP, real: '10.0.0.2'})
    const before = keeper.overrides
    const {value} = await agent.restoreLvs({text: await saved(), equal: true})
    expect(value).toEqual({changes: [], moreChanges: 0, applied: false, activeConnections: 0})
    expect(keeper.overrides).toEqual(before)
  })

  test('ends a drain and puts back what is disabled where the text has them otherwise', async () => {
    await agent.drainReal({service: HTTP, real: '10.0.0.1'})
    await agent.disableReal({service: HTTP, real: '10.0.0.2'})
    const text = printRulesText([{...WEB, destinations: [real(1, {weight: 4}), real(2, {weight: 3})]}, FOREIGN])
    await agent.restoreLvs({text, equal: true})
    expect(printRulesText(table.rules)).toBe(await savedOf(text))
    expect(keeper.wanted()[0]?.destinations).toMatchObject([
      {destination: {weight: 4}, hold: undefined},
      {destination: {weight: 3}, hold: undefined},
    ])
  })

  test('keeps a drain where the text has weight 0, and the weight for its end', async () => {
    await agent.drainReal({service: HTTP, real: '10.0.0.2'})
    const drained = real(2, {weight: 0, upperThreshold: 50})
    await agent.restoreLvs({text: printRulesText([{...WEB, destinations: [real(1), drained]}, FOREIGN]), equal: true})
    await agent.undrainReal({service: HTTP, real: '10.0.0.2'})
    expect(table.rules[0]?.destinations).toEqual([real(1), {...drained, weight: 3}])
  })

  test('drops what is known of real servers that go', async () => {
    await agent.drainReal({service: HTTP, real: '10.0.0.2'})
    await agent.restoreLvs({text: printRulesText([{...WEB, destinations: [real(1)]}, FOREIGN]), equal: true})
    expect(keeper.wanted()[0]?.destinations).toHaveLength(1)
    await agent.addReal({service: HTTP, real: '10.0.0.2'})
    expect(keeper.wanted()[0]?.destinations[1]).toMatchObject({destination: {weight: 1}, hold: undefined})
  })

  test('makes wanted what others had made so already', async () => {
    const text = printRulesText([{...WEB, destinations: [real(1, {weight: 5}), real(2, {weight: 3})]}, FOREIGN])
    table.fill([{...WEB, destinations: [real(1, {weight: 5}), real(2, {weight: 3})]}, FOREIGN])
    const {value} = await agent.restoreLvs({text, equal: true})
    expect(value.changes).toEqual([
      '~ real server 10.0.0.1:80 of 192.0.2.1:80/tcp: weight 1 -> 5 (the kernel is so already)',
    ])
    expect(keeper.wanted()[0]?.destinations[0]?.destination.weight).toBe(5)
  })
})

describe('flush', () => {
  test('removes everything, and the configuration does not bring it back', async () => {
    table.active.set('10.0.0.9:8080', 5)
    const dry = await agent.flushLvs({dryRun: true})
    expect(dry.value).toMatchObject({applied: false, activeConnections: 5})
    expect(table.flushes).toBe(0)
    const {value} = await agent.flushLvs({})
    expect(value).toEqual({...dry.value, applied: true})
    expect([...value.changes].sort()).toEqual(['- service 192.0.2.1:80/tcp', '- service 192.0.2.1:8080/tcp'])
    expect(table.rules).toEqual([])
    expect(keeper.wanted()).toEqual([])
  })

  test('that the kernel refuses is forgotten', async () => {
    table.flush = async () => ({ok: false, reason: 'EPERM'})
    await expect(agent.flushLvs({})).rejects.toMatchObject({code: 'PERMISSION'})
    expect(keeper.wanted()).toHaveLength(1)
    expect(keeper.takenBack).toBe(1)
  })
})

async function savedOf(text: string): Promise<string> {
  const other = new MemoryTable()
  await makeLvsHandlers({table: async () => other, keeper: undefined}).restoreLvs({text, equal: true})
  return printRulesText(other.rules)
}
