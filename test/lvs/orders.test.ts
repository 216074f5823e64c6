import {beforeEach, describe, expect, test} from 'vitest'
import type {LvsChangeReply} from '../../src/control/lvs-model.ts'
import type {LvsHandlers} from '../../src/control/routes.ts'
import {makeLvsHandlers} from '../../src/lvs/handlers.ts'
import {MemoryKeeper} from './memory-keeper.ts'
import {MemoryTable} from './memory-table.ts'
import {configured, real, service, serviceId} from './rules.ts'

const HTTP = '192.0.2.1:80/tcp'
const CONFIGURED = [configured('192.0.2.1 80', {service: service(), destinations: [real(1), real(2, {weight: 3})]})]

let table: MemoryTable
let keeper: MemoryKeeper
let agent: LvsHandlers
let direct: LvsHandlers

beforeEach(() => {
  table = new MemoryTable()
  table.fill(CONFIGURED)
  keeper = new MemoryKeeper(CONFIGURED)
  const open = async (): Promise<MemoryTable> => table
  agent = makeLvsHandlers({table: open, keeper})
  direct = makeLvsHandlers({table: open, keeper: undefined})
})

const weights = (): readonly string[] =>
  table.rules.flatMap(({destinations}) => destinations.map(one => `${one.address} ${one.weight}`))

const told = async (reply: Promise<{value: LvsChangeReply}> | {value: LvsChangeReply}): Promise<readonly string[]> =>
  (await reply).value.changes

describe('services', () => {
  test('are added with what is given and the defaults of ipvsadm', async () => {
    const {value} = await direct.addService({service: '192.0.2.1:53/udp', persistent: 60, onePacket: true})
    expect(value).toEqual({
      changes: ['+ service 192.0.2.1:53/udp scheduler wlc persistent 60 one-packet on'],
      moreChanges: 0,
      applied: true,
      activeConnections: 0,
    })
    expect((await table.service(serviceId(53, 'udp')))?.service).toMatchObject({scheduler: 'wlc', onePacket: true})
  })

  test('are TCP where no protocol is given for a new one', async () => {
    expect(await told(direct.addService({service: '192.0.2.1:81'}))).toEqual([
      '+ service 192.0.2.1:81/tcp scheduler wlc',
    ])
  })

  test('cannot be added twice', async () => {
    const twice = agent.addService({service: HTTP})
    await expect(twice).rejects.toMatchObject({code: 'REFUSED', message: expect.stringContaining('already')})
    expect(keeper.orders).toEqual([])
  })

  test('keep what is not given when they are edited', async () => {
    expect(await told(agent.editService({service: HTTP, persistent: 300}))).toEqual([
      '~ service 192.0.2.1:80/tcp: persistent none -> 300',
    ])
    expect(table.rules[0]?.service).toEqual(
      service(serviceId(), {persistence: {timeoutSeconds: 300, prefixLength: 32, engine: undefined}}),
    )
    expect(keeper.overrides).toHaveLength(1)
  })

  test('that are as they are to be are left as they are', async () => {
    const {value} = await agent.editService({service: HTTP, scheduler: 'wrr'})
    expect(value).toEqual({changes: [], moreChanges: 0, applied: false, activeConnections: 0})
    expect(table.asked).toEqual([])
    expect(keeper.orders).toEqual([])
  })

  test('go with their real servers, and a dry run tells what that hits', async () => {
    table.active.set('10.0.0.1:80', 7).set('10.0.0.2:80', 4)
    const dry = await agent.deleteService({service: HTTP, dryRun: true})
    expect(dry.value).toEqual({changes: [`- service ${HTTP}`], moreChanges: 0, applied: false, activeConnections: 11})
    expect(table.rules).toHaveLength(1)
    expect((await agent.deleteService({service: HTTP})).value.applied).toBe(true)
    expect(table.rules).toEqual([])
    expect(keeper.wanted()).toEqual([])
  })

  test('that others deleted come back with their real servers when they are added again', async () => {
    table.fill([])
    const lines = await told(agent.addService({service: HTTP, scheduler: 'rr'}))
    expect(lines.slice(0, 1)).toEqual([`+ service ${HTTP} scheduler rr`])
    expect(weights()).toEqual(['10.0.0.1 1', '10.0.0.2 3'])
  })
})

describe('names', () => {
  test('without a protocol mean the one service of that address and port', async () => {
    expect(await told(direct.editService({service: '192.0.2.1:80', scheduler: 'rr'}))).toEqual([
      `~ service ${HTTP}: scheduler wrr -> rr`,
    ])
    table.fill([...CONFIGURED, {service: service(serviceId(80, 'udp')), destinations: []}])
    await expect(direct.editService({service: '192.0.2.1:80', scheduler: 'rr'})).rejects.toMatchObject({
      code: 'USAGE',
      message: '192.0.2.1:80 is several services: name one of 192.0.2.1:80/tcp, 192.0.2.1:80/udp',
    })
  })

  test('of the configuration mean all services that it calls so', async () => {
    const group = [80, 443].map(port =>
      configured('group web', {service: service(serviceId(port)), destinations: [real(1, {port})]}),
    )
    table.fill(group)
    const handlers = makeLvsHandlers({table: async () => table, keeper: new MemoryKeeper(group)})
    expect(await told(handlers.drainReal({service: 'group  web', real: '10.0.0.1'}))).toEqual([
      '~ real server 10.0.0.1:80 of 192.0.2.1:80/tcp: weight 1 -> 0',
      '~ real server 10.0.0.1:443 of 192.0.2.1:443/tcp: weight 1 -> 0',
    ])
    expect(await told(handlers.addReal({service: 'group web', real: '10.0.0.9'}))).toHaveLength(2)
    expect((await handlers.lvsServices({service: 'group web'})).value).toHaveLength(2)
    expect(await told(handlers.deleteService({service: 'group web'}))).toHaveLength(2)
  })

  test('of nothing that is there are not found', async () => {
    const where = {code: 'NOT_FOUND'}
    await expect(agent.editService({service: '192.0.2.9:80/tcp', scheduler: 'rr'})).rejects.toMatchObject(where)
    await expect(agent.deleteService({service: 'group nowhere'})).rejects.toMatchObject(where)
    await expect(agent.deleteReal({service: HTTP, real: '10.0.0.9'})).rejects.toMatchObject({
      ...where,
      message: `there is no real server 10.0.0.9:80 of ${HTTP}`,
    })
  })
})

describe('real servers', () => {
  test('have the port of their service where none is given', async () => {
    expect(await told(agent.addReal({service: HTTP, real: '10.0.0.9', weight: 5}))).toEqual([
      `+ real server 10.0.0.9:80 of ${HTTP} dr weight 5`,
    ])
    await expect(agent.addReal({service: HTTP, real: '10.0.0.9'})).rejects.toMatchObject({code: 'REFUSED'})
  })

  test('are edited, and what the configuration has again is no override any more', async () => {
    expect(await told(agent.editReal({service: HTTP, real: '10.0.0.1', weight: 9}))).toEqual([
      `~ real server 10.0.0.1:80 of ${HTTP}: weight 1 -> 9`,
    ])
    expect(keeper.overrides).toHaveLength(1)
    await agent.editReal({service: HTTP, real: '10.0.0.1', weight: 1})
    expect(keeper.overrides).toEqual([])
  })

  test('that are set to weight 0 count their connections', async () => {
    table.active.set('10.0.0.1:80', 12)
    expect((await direct.editReal({service: HTTP, real: '10.0.0.1', weight: 0})).value.activeConnections).toBe(12)
  })

  test('are removed, and stay removed', async () => {
    await agent.deleteReal({service: HTTP, real: '10.0.0.1'})
    expect(weights()).toEqual(['10.0.0.2 3'])
    expect(keeper.wanted()[0]?.destinations).toHaveLength(1)
  })
})

describe('drained real servers', () => {
  test('have weight 0 in the kernel and their weight in mind', async () => {
    table.active.set('10.0.0.2:80', 3)
    const {value} = await agent.drainReal({service: HTTP, real: '10.0.0.2', reason: 'new disk'})
    expect(value).toEqual({
      changes: [`~ real server 10.0.0.2:80 of ${HTTP}: weight 3 -> 0`],
      moreChanges: 0,
      applied: true,
      activeConnections: 3,
    })
    const [shown] = (await agent.lvsServices({})).value
    expect(shown?.realServers.find(({name}) => name === '10.0.0.2:80')).toMatchObject({
      weight: 0,
      drift: null,
      held: {type: 'drained', reason: 'new disk', weight: 3},
    })
    expect(await told(agent.undrainReal({service: HTTP, real: '10.0.0.2'}))).toEqual([
      `~ real server 10.0.0.2:80 of ${HTTP}: weight 0 -> 3`,
    ])
    expect(keeper.overrides).toEqual([])
  })

  test('stay drained while they are edited, and that is told', async () => {
    await agent.drainReal({service: HTTP, real: '10.0.0.2'})
    expect(await told(agent.editReal({service: HTTP, real: '10.0.0.2', weight: 8}))).toEqual([
      `~ real server 10.0.0.2:80 of ${HTTP}: weight 3 -> 8 (drained: its weight in the kernel stays 0)`,
    ])
    expect(weights()).toEqual(['10.0.0.1 1', '10.0.0.2 0'])
    await agent.undrainReal({service: HTTP, real: '10.0.0.2'})
    expect(weights()).toEqual(['10.0.0.1 1', '10.0.0.2 8'])
  })

  test('get another weight when that is given at the end', async () => {
    await agent.drainReal({service: HTTP, real: '10.0.0.2'})
    await agent.undrainReal({service: HTTP, real: '10.0.0.2', weight: 5})
    expect(weights()).toEqual(['10.0.0.1 1', '10.0.0.2 5'])
    expect(keeper.wanted()[0]?.destinations[1]).toMatchObject({destination: {weight: 5}, hold: undefined})
  })

  test('are not drained twice, but for another reason', async () => {
    await agent.drainReal({service: HTTP, real: '10.0.0.2', reason: 'new disk'})
    expect((await agent.drainReal({service: HTTP, real: '10.0.0.2'})).value.applied).toBe(false)
    expect(await told(agent.drainReal({service: HTTP, real: '10.0.0.2', reason: 'new fan'}))).toEqual([
      `~ real server 10.0.0.2:80 of ${HTTP}: drained`,
    ])
    expect(keeper.wanted()[0]?.destinations[1]?.hold?.reason).toBe('new fan')
  })

  test('that others made become those of the agent, and only they', async () => {
    const foreign = {service: service(serviceId(8080)), destinations: [real(5, {port: 8080}), real(6, {port: 8080})]}
    table.fill([...CONFIGURED, foreign])
    await agent.drainReal({service: '192.0.2.1:8080/tcp', real: '10.0.0.5'})
    expect(keeper.wanted()[1]?.destinations.map(({destination}) => destination.address)).toEqual(['10.0.0.5'])
    await agent.undrainReal({service: '192.0.2.1:8080/tcp', real: '10.0.0.5'})
    expect(table.rules.find(({service: {id}}) => id.type === 'address' && id.port === 8080)).toEqual(foreign)
  })

  test('have weight 0 and nothing else where nobody remembers, and need a weight afterwards', async () => {
    await direct.drainReal({service: HTTP, real: '10.0.0.2'})
    expect(weights()).toEqual(['10.0.0.1 1', '10.0.0.2 0'])
    const undrain = direct.undrainReal({service: HTTP, real: '10.0.0.2'})
    await expect(undrain).rejects.toMatchObject({code: 'USAGE', message: expect.stringMatching(/^weight is missing/)})
    await direct.undrainReal({service: HTTP, real: '10.0.0.2', weight: 3})
    expect(weights()).toEqual(['10.0.0.1 1', '10.0.0.2 3'])
  })
})

describe('disabled real servers', () => {
  test('are out of the table until they are enabled', async () => {
    expect(await told(agent.disableReal({service: HTTP, real: '10.0.0.2', dryRun: true}))).toHaveLength(1)
    expect(weights()).toHaveLength(2)
    expect(await told(agent.disableReal({service: HTTP, real: '10.0.0.2'}))).toEqual([
      `- real server 10.0.0.2:80 of ${HTTP}`,
    ])
    const [shown] = (await agent.lvsServices({})).value
    expect(shown?.realServers[1]).toMatchObject({present: false, held: {type: 'disabled', weight: 3}})
    expect(await told(agent.enableReal({service: HTTP, real: '10.0.0.2'}))).toEqual([
      `+ real server 10.0.0.2:80 of ${HTTP} dr weight 3`,
    ])
    expect(keeper.overrides).toEqual([])
  })

  test('can be neither drained nor undrained nor added', async () => {
    await agent.disableReal({service: HTTP, real: '10.0.0.2'})
    for (const verb of [agent.drainReal, agent.undrainReal, agent.addReal]) {
      await expect(verb({service: HTTP, real: '10.0.0.2'})).rejects.toMatchObject({code: 'REFUSED'})
    }
    expect(weights()).toEqual(['10.0.0.1 1'])
  })

  test('are not known where nobody remembers', async () => {
    for (const verb of [direct.disableReal, direct.enableReal]) {
      await expect(verb({service: HTTP, real: '10.0.0.2'})).rejects.toMatchObject({code: 'USAGE'})
    }
    expect(table.asked).toEqual([])
  })
})

describe('what others did to a service', () => {
  test('is shown, and undone when the service is changed through the agent', async () => {
    table.fill([{service: service(serviceId(), {scheduler: 'rr'}), destinations: [real(1, {weight: 5}), real(7)]}])
    const [shown] = (await agent.lvsServices({})).value
    expect(shown).toMatchObject({origin: 'configuration', drift: 'scheduler rr in place of wrr'})
    expect(shown?.realServers.map(({name, origin, present, drift}) => [name, origin, present, drift])).toEqual([
      ['10.0.0.7:80', 'foreign', true, null],
      ['10.0.0.1:80', 'configuration', true, 'weight 5 in place of 1'],
      ['10.0.0.2:80', 'configuration', false, null],
    ])
    await agent.addReal({service: HTTP, real: '10.0.0.9'})
    expect(weights()).toEqual(['10.0.0.1 1', '10.0.0.2 3', '10.0.0.7 1', '10.0.0.9 1'])
    expect(keeper.overrides[0]?.destinations.map(({id}) => id.address)).toEqual(['10.0.0.9'])
  })
})

describe('counters, timeouts and daemons', () => {
  test('counters are zeroed for one service or for all', async () => {
    await agent.zeroLvs({})
    await agent.zeroLvs({service: HTTP})
    expect(table.zeroed).toEqual([undefined, serviceId()])
    await expect(agent.zeroLvs({service: '192.0.2.9:80/tcp'})).rejects.toMatchObject({code: 'NOT_FOUND'})
  })

  test('timeouts that are not given stay', async () => {
    expect(await told(agent.setLvsTimeouts({tcp: 60}))).toEqual(['~ timeout tcp: 900 s -> 60 s'])
    expect((await agent.lvsInfo({})).value).toEqual({
      version: '1.2.1',
      connectionTableSize: 4096,
      timeouts: {tcp: 60, tcpFin: 120, udp: 300},
    })
    expect(keeper.times).toEqual({tcpSeconds: 60, tcpFinSeconds: 0, udpSeconds: 0})
    await expect(agent.setLvsTimeouts({})).rejects.toMatchObject({code: 'USAGE'})
  })

  test('sync daemons start and stop, once', async () => {
    expect(await told(agent.startSync({role: 'master', interface: 'eth0', id: 7}))).toEqual([
      '+ sync daemon master on eth0 id 7',
    ])
    expect((await agent.lvsSync({})).value).toMatchObject([
      {role: 'master', interface: 'eth0', id: 7, origin: 'override'},
    ])
    expect((await direct.lvsSync({})).value).toMatchObject([{origin: 'unknown'}])
    const again = agent.startSync({role: 'master', interface: 'eth0'})
    await expect(again).rejects.toMatchObject({code: 'REFUSED', message: expect.stringContaining('runs already')})
    expect(await told(agent.stopSync({role: 'master'}))).toEqual(['- sync daemon master on eth0 id 7'])
    await expect(agent.stopSync({role: 'master'})).rejects.toMatchObject({code: 'NOT_FOUND'})
  })

  test('a daemon that the kernel refuses is not remembered', async () => {
    await expect(agent.startSync({role: 'backup', interface: 'eth9'})).rejects.toMatchObject({
      code: 'NOT_FOUND',
      message: 'there is no interface eth9; nothing was changed',
    })
    expect(keeper.takenBack).toBe(1)
    expect(keeper.running).toEqual([])
  })
})
