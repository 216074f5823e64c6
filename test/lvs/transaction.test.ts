import {describe, expect, test} from 'vitest'
import type {LvsHandlers} from '../../src/control/routes.ts'
import type {ServiceRules} from '../../src/core/ipvs/model.ts'
import {printRulesJson} from '../../src/core/ipvs/rules-json.ts'
import {makeLvsHandlers} from '../../src/lvs/handlers.ts'
import {MemoryKeeper} from './memory-keeper.ts'
import {type Fault, MemoryTable} from './memory-table.ts'
import {configured, real, service, serviceId} from './rules.ts'

const BEFORE: readonly ServiceRules[] = [
  {service: service(), destinations: [real(1), real(2, {weight: 3}), real(3, {method: 'nat', port: 8080})]},
  {service: service(serviceId(81), {scheduler: 'sh', schedulerFlags: [2]}), destinations: [real(4, {port: 81})]},
  {service: service(serviceId(82)), destinations: []},
]

/** Every kind of change: a service and real servers more, other ones edited, others less. */
const AFTER: readonly ServiceRules[] = [
  {
    service: service(serviceId(), {scheduler: 'rr'}),
    destinations: [real(1, {weight: 9}), real(2, {weight: 0}), real(5)],
  },
  {service: service(serviceId(82)), destinations: [real(6, {port: 82})]},
  {service: service(serviceId(90)), destinations: [real(7, {port: 90}), real(8, {port: 90})]},
]

function setUp(fault: (number: number) => Fault | undefined = () => undefined): {
  table: MemoryTable
  keeper: MemoryKeeper
  handlers: LvsHandlers
} {
  const table = new MemoryTable()
  table.fill(BEFORE)
  table.fault = fault
  const [web, flags] = BEFORE
  if (!web || !flags) throw new Error('no rules')
  const keeper = new MemoryKeeper([configured('web', web), configured('flags', flags)])
  return {table, keeper, handlers: makeLvsHandlers({table: async () => table, keeper})}
}

const APPLY = {text: printRulesJson(AFTER), equal: true}

/** How many changes the order takes. */
async function countChanges(): Promise<number> {
  const {table, keeper, handlers} = setUp()
  await handlers.restoreLvs(APPLY)
  expect(table.rules).toEqual(sorted(AFTER))
  expect(keeper.takenBack).toBe(0)
  return table.asked.length
}

function sorted(rules: readonly ServiceRules[]): readonly ServiceRules[] {
  const table = new MemoryTable()
  table.fill(rules)
  return table.rules
}

describe('an order of which the kernel refuses one change', () => {
  test.each([
    {what: 'that it does not make', fault: {reason: 'EINVAL'}},
    // The answer to a change that was made can be lost.
    {what: 'that it made all the same', fault: {reason: 'ENOBUFS', done: true}},
  ])('leaves table and memory as they were, whichever change it is, one $what', async ({fault}) => {
    const changes = await countChanges()
    expect(changes).toBeGreaterThan(8)
    for (let failing = 1; failing <= changes; failing++) {
      const {table, keeper, handlers} = setUp(number => (number === failing ? fault : undefined))
      await expect(handlers.restoreLvs(APPLY)).rejects.toThrow(/; nothing was changed$/)
      expect(table.rules, `change ${failing} failing`).toEqual(sorted(BEFORE))
      expect(keeper.orders).toHaveLength(1)
      expect(keeper.takenBack).toBe(1)
      expect(keeper.overrides).toEqual([])
    }
  })

  test('is put back also when putting back needs a second attempt', async () => {
    const changes = await countChanges()
    const {table, handlers} = setUp(number =>
      number === changes || number === changes + 1 ? {reason: 'ENOMEM'} : undefined,
    )
    await expect(handlers.restoreLvs(APPLY)).rejects.toThrow(/; nothing was changed$/)
    expect(table.rules).toEqual(sorted(BEFORE))
  })

  test('says what is left when it cannot be put back', async () => {
    const changes = await countChanges()
    const {table, keeper, handlers} = setUp(number => (number >= changes ? {reason: 'ENOMEM'} : undefined))
    const failure = await Promise.resolve(handlers.restoreLvs(APPLY)).then(
      () => new Error('it was done'),
      (error: Error) => error,
    )
    expect(failure.message).toMatch(/not all could be put back, this is missing: /)
    expect(failure.message).toContain('- service 192.0.2.1:90/tcp')
    expect(failure.message).toContain('~ service 192.0.2.1:80/tcp: scheduler rr -> wrr')
    expect(table.rules).not.toEqual(sorted(BEFORE))
    expect(keeper.overrides).toEqual([])
  })

  test('says when it cannot be forgotten', async () => {
    const {keeper, handlers} = setUp(number => (number === 1 ? {reason: 'ENOMEM'} : undefined))
    keeper.takeBackProblem = new Error('the disk is full')
    await expect(handlers.restoreLvs(APPLY)).rejects.toThrow(
      /nothing was changed; but the order could not be forgotten: the disk is full$/,
    )
  })

  test('does not undo what others did meanwhile', async () => {
    const {table, handlers} = setUp()
    table.fault = number => {
      if (number !== 4) return undefined
      table.fault = () => undefined
      void table.change([{type: 'add-destination', id: serviceId(), destination: real(99)}])
      return {reason: 'ENOMEM'}
    }
    await expect(handlers.restoreLvs(APPLY)).rejects.toThrow(/nothing was changed$/)
    const there = table.rules[0]?.destinations.map(({address}) => address)
    expect(there).toContain('10.0.0.99')
  })
})

test('nothing is changed when the order cannot be remembered', async () => {
  const {table, keeper, handlers} = setUp()
  keeper.diskProblem = new Error('the disk is full')
  await expect(handlers.restoreLvs(APPLY)).rejects.toThrow('the disk is full')
  expect(table.asked).toEqual([])
})

describe('what the kernel refuses is told in one line', () => {
  test.each([
    {reason: 'EEXIST', code: 'REFUSED', message: '192.0.2.1:80/tcp has a real server 10.0.0.9:80 already'},
    {
      reason: 'ENOENT',
      code: 'NOT_FOUND',
      message: "real server 10.0.0.9:80 of 192.0.2.1:80/tcp is not in the kernel's",
    },
    {reason: 'ESRCH', code: 'NOT_FOUND', message: "the service 192.0.2.1:80/tcp is not in the kernel's table"},
    {reason: 'EPERM', code: 'PERMISSION', message: 'only root may change the table of IPVS'},
    {reason: 'EINVAL', code: 'REFUSED', message: 'refused the real server 10.0.0.9:80 of 192.0.2.1:80/tcp'},
    {reason: 'EIO', code: 'FAILED', message: 'refused the real server 10.0.0.9:80 of 192.0.2.1:80/tcp (EIO)'},
  ])('$reason of a real server', async ({reason, code, message}) => {
    const {handlers} = setUp(number => (number === 1 ? {reason} : undefined))
    const order = handlers.addReal({service: '192.0.2.1:80/tcp', real: '10.0.0.9'})
    await expect(order).rejects.toMatchObject({code, message: expect.stringContaining(message)})
    await expect(order).rejects.toMatchObject({message: expect.not.stringContaining('\n')})
  })

  test('a scheduler that is not known is named with its module', async () => {
    const {handlers} = setUp()
    await expect(handlers.addService({service: '192.0.2.1:99/tcp', scheduler: 'foo'})).rejects.toMatchObject({
      code: 'REFUSED',
      message: expect.stringContaining('the scheduler foo is not known: the module ip_vs_foo cannot be loaded'),
    })
  })
})

test('orders that come at once are carried out one after the other', async () => {
  const {table, handlers} = setUp()
  const numbers = Array.from({length: 20}, (_, i) => i + 100)
  await Promise.all(
    numbers.map(number => handlers.addReal({service: '192.0.2.1:80/tcp', real: `10.0.0.${number}`, weight: number})),
  )
  expect(table.asked.map(change => 'destination' in change && change.destination.address)).toEqual(
    numbers.map(number => `10.0.0.${number}`),
  )
})
