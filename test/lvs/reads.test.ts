import {expect, test} from 'vitest'
import {COLUMN_SETS} from '../../src/cli/lvs-columns.ts'
import {savedText} from '../../src/cli/lvs-rules.ts'
import {serviceTree, type TreeOptions, treeParts, treeText} from '../../src/cli/lvs-tree.ts'
import {envelope} from '../../src/control/envelope.ts'
import {LVS_ROUTES} from '../../src/control/lvs-routes.ts'
import {ZERO_COUNTERS} from '../../src/core/ipvs/codec-counters.ts'
import type {IpvsConnection, IpvsProtocol, ServiceId} from '../../src/core/ipvs/model.ts'
import {HactlError} from '../../src/errors.ts'
import {directLvs} from '../../src/lvs/direct.ts'
import {makeLvsHandlers} from '../../src/lvs/handlers.ts'
import {MemoryKeeper} from './memory-keeper.ts'
import {MemoryTable} from './memory-table.ts'
import {configured, ip, real, service, serviceId} from './rules.ts'

const RULES = {service: service(), destinations: [real(1), real(2)]}

function connection(client: number, fields: Partial<IpvsConnection> = {}): IpvsConnection {
  return {
    protocol: 'TCP',
    client: ip(`198.51.100.${client}`),
    clientPort: 40_000 + client,
    virtual: ip('192.0.2.1'),
    virtualPort: 80,
    real: ip('10.0.0.1'),
    realPort: 80,
    state: 'ESTABLISHED',
    expiresInSeconds: 900,
    engine: undefined,
    ...fields,
  }
}

test('a service is shown with everything that is known of it', async () => {
  const table = new MemoryTable()
  const id = {type: 'fwmark', mark: 7, family: 6} as const
  table.fill([
    {
      service: service(id, {
        scheduler: 'sh',
        schedulerFlags: [2, 3],
        persistence: {timeoutSeconds: 60, prefixLength: 64, engine: undefined},
      }),
      destinations: [
        real(1, {method: 'tun', port: 0, tunnel: {type: 'gue', port: 6080, checksum: 'csum'}, upperThreshold: 9}),
      ],
    },
  ])
  table.active.set('10.0.0.1:0', 4)
  const {value} = await makeLvsHandlers({table: async () => table, keeper: undefined}).lvsServices({})
  const counters = Object.fromEntries(Object.keys(ZERO_COUNTERS).map(name => [name, 0]))
  expect(value).toEqual([
    {
      name: 'fwm6/7',
      configured: null,
      origin: 'unknown',
      protocol: null,
      address: null,
      port: null,
      mark: 7,
      family: 6,
      scheduler: 'sh',
      schedulerFlags: ['sh-port', 'flag-3'],
      onePacket: false,
      persistence: {timeoutSeconds: 60, prefixLength: 64, engine: null},
      present: true,
      drift: null,
      counters,
      realServers: [
        {
          name: '10.0.0.1:0',
          address: '10.0.0.1',
          port: 0,
          origin: 'unknown',
          method: 'tun',
          weight: 1,
          upperThreshold: 9,
          lowerThreshold: 0,
          tunnel: {type: 'gue', port: 6080, checksum: 'csum'},
          activeConnections: 4,
          inactiveConnections: 0,
          persistentConnections: 0,
          present: true,
          drift: null,
          held: null,
          checked: null,
          counters,
        },
      ],
    },
  ])
})

test('services that are wanted and not there are shown behind the others, foreign ones are marked', async () => {
  const table = new MemoryTable()
  table.fill([{service: service(serviceId(8080)), destinations: [real(9)]}])
  const keeper = new MemoryKeeper([configured('192.0.2.1 80', RULES)])
  const {value} = await makeLvsHandlers({table: async () => table, keeper}).lvsServices({})
  expect(
    value.map(({name, configured: as, origin, present, realServers}) => ({
      name,
      as,
      origin,
      present,
      reals: realServers.map(one => `${one.name} ${one.origin} ${one.present}`),
    })),
  ).toEqual([
    {name: '192.0.2.1:8080/tcp', as: null, origin: 'foreign', present: true, reals: ['10.0.0.9:80 foreign true']},
    {
      name: '192.0.2.1:80/tcp',
      as: '192.0.2.1 80',
      origin: 'configuration',
      present: false,
      reals: ['10.0.0.1:80 configuration false', '10.0.0.2:80 configuration false'],
    },
  ])
})

test('connections are listed by service, real server, client and state, and never more than asked for', async () => {
  const table = new MemoryTable()
  table.fill([RULES, {service: service({type: 'fwmark', mark: 7, family: 4}), destinations: []}])
  const established = [1, 2, 3].map(client => connection(client))
  table.tracked = [
    ...established,
    connection(4, {real: ip('10.0.0.2'), state: 'FIN_WAIT'}),
    connection(5, {virtualPort: 443, realPort: 443}),
    connection(6, {protocol: 'UDP'}),
  ]
  const handlers = makeLvsHandlers({table: async () => table, keeper: undefined})
  const clients = async (input: Parameters<typeof handlers.lvsConnections>[0]): Promise<readonly string[]> =>
    (await handlers.lvsConnections(input)).value.map(({client}) => client.slice('198.51.100.'.length))
  expect(await clients({})).toEqual(['1', '2', '3', '4', '5', '6'])
  expect(await clients({limit: 2})).toEqual(['1', '2'])
  expect(await clients({service: '192.0.2.1:80'})).toEqual(['1', '2', '3', '4'])
  expect(await clients({service: '192.0.2.1:80/tcp', real: '10.0.0.2'})).toEqual(['4'])
  expect(await clients({real: '10.0.0.1:443'})).toEqual(['5'])
  expect(await clients({state: 'fin_wait'})).toEqual(['4'])
  expect(await clients({client: '198.51.100.6'})).toEqual(['6'])
  await expect(handlers.lvsConnections({client: 'nobody'})).rejects.toMatchObject({code: 'USAGE'})
  await expect(handlers.lvsConnections({service: 'fwm/7'})).rejects.toMatchObject({code: 'USAGE'})
  expect((await handlers.lvsConnections({limit: 1})).value[0]).toEqual({...established[0], engine: null})
})

test('a persistent service of every port has the connections to each port', async () => {
  const table = new MemoryTable()
  const persistence = {timeoutSeconds: 60, prefixLength: 32, engine: undefined}
  table.fill([{service: service(serviceId(0), {persistence}), destinations: []}])
  table.tracked = [connection(1), connection(2, {virtualPort: 443}), connection(3, {virtual: ip('192.0.2.2')})]
  const {value} = await makeLvsHandlers({table: async () => table, keeper: undefined}).lvsConnections({
    service: '192.0.2.1:0/tcp',
  })
  expect(value.map(({virtualPort}) => virtualPort)).toEqual([80, 443])
})

test('connections are counted by real server and state, the most first', async () => {
  const table = new MemoryTable()
  table.tracked = [
    connection(1, {real: ip('10.0.0.2')}),
    ...[2, 3].map(client => connection(client)),
    connection(4, {state: 'FIN_WAIT'}),
  ]
  const {value} = await makeLvsHandlers({table: async () => table, keeper: undefined}).lvsConnectionCounts({})
  expect(value).toEqual([
    {
      protocol: 'TCP',
      virtual: '192.0.2.1',
      virtualPort: 80,
      real: '10.0.0.1',
      realPort: 80,
      connections: 3,
      states: {ESTABLISHED: 2, FIN_WAIT: 1},
    },
    expect.objectContaining({real: '10.0.0.2', connections: 1}),
  ])
})

test('counting gives up where there is no end of real servers', async () => {
  const table = new MemoryTable()
  table.connections = async function* () {
    for (let port = 0; port <= 100_000; port++) yield connection(1, {clientPort: port, realPort: port})
  }
  const counting = makeLvsHandlers({table: async () => table, keeper: undefined}).lvsConnectionCounts({})
  await expect(counting).rejects.toMatchObject({code: 'REFUSED'})
})

test('straight to the kernel, answers are as the agent puts them, and the table is closed again', async () => {
  const table = new MemoryTable()
  table.fill([RULES])
  const client = directLvs(async () => table)
  const {observedAt, ...reply} = await client.lvsServices()
  expect(reply).toMatchObject({kind: 'LvsService', items: [{name: '192.0.2.1:80/tcp'}]})
  expect(Number.isNaN(Date.parse(observedAt))).toBe(false)
  expect(table.closed).toBe(true)
  const order = await client.addReal({service: '192.0.2.1:80/tcp', real: '10.0.0.7', weight: 2})
  expect(order).toEqual(envelope('addReal', {observedAt: order.observedAt, value: order.item}))
  expect(Object.keys(client).sort()).toEqual([...Object.keys(LVS_ROUTES), 'mapServices', 'savedTable'].sort())
})

test('the table is saved straight from the kernel as from an agent, whatever order it is in', async () => {
  const table = new MemoryTable()
  const at = (protocol: IpvsProtocol, address: string, port: number): ServiceId => {
    return {type: 'address', protocol, address: ip(address), port}
  }
  const ids: readonly ServiceId[] = [
    {type: 'fwmark', mark: 9, family: 6},
    at('udp', '2001:db8::1', 53),
    {type: 'fwmark', mark: 9, family: 4},
    at('udp', '192.0.2.9', 53),
    at('tcp', '192.0.2.10', 443),
    at('tcp', '192.0.2.10', 80),
    at('tcp', '192.0.2.9', 80),
  ]
  table.fill(ids.map(id => ({service: service(id), destinations: [real(10), real(9), real(200)]})))
  const client = directLvs(async () => table)
  const saved = await client.savedTable()
  expect(table.closed).toBe(true)
  expect(saved).toBe(savedText((await client.lvsServices()).items))
  const services = saved.split('\n').filter(line => line.startsWith('-A'))
  expect(services.map(line => line.split(' ').slice(1, -2).join(' '))).toEqual([
    '-t 192.0.2.9:80',
    '-t 192.0.2.10:80',
    '-t 192.0.2.10:443',
    '-u 192.0.2.9:53',
    '-u [2001:db8::1]:53',
    '-f 9',
    '-f 9 -6',
  ])
  expect(
    saved
      .split('\n')
      .slice(1, 4)
      .map(line => line.split(' ')[4]),
  ).toEqual(['10.0.0.9:80', '10.0.0.10:80', '10.0.0.200:80'])
})

test.each<TreeOptions>([
  {columns: COLUMN_SETS.usual},
  {columns: COLUMN_SETS.persistent, sort: 'active'},
  {columns: COLUMN_SETS.stats, exact: true},
])('the table is listed straight from the kernel as from an agent: %o', async options => {
  const table = new MemoryTable()
  const ids: readonly ServiceId[] = [
    {type: 'fwmark', mark: 9, family: 6},
    {type: 'address', protocol: 'tcp', address: ip('192.0.2.10'), port: 80},
    {type: 'address', protocol: 'tcp', address: ip('192.0.2.9'), port: 80},
  ]
  table.fill(
    ids.map((id, at) => ({service: service(id), destinations: at === 1 ? [] : [real(10), real(9), real(200)]})),
  )
  const client = directLvs(async () => table)
  const listed = treeText(await client.mapServices(treeParts(options)), options)
  expect(table.closed).toBe(true)
  expect(listed).toBe(serviceTree((await client.lvsServices()).items, options))
  expect(listed.split('\n')).toHaveLength(10)
})

test('straight to the kernel, input is judged as that of a request is, before the table is opened', async () => {
  const client = directLvs(async () => {
    throw new Error('it was opened')
  })
  await expect(client.addReal({service: '192.0.2.1:80', weight: -1})).rejects.toMatchObject({
    code: 'USAGE',
    message: 'bad value for field weight',
  })
  await expect(client.lvsServices({name: 'x'} as never)).rejects.toMatchObject({
    code: 'USAGE',
    message: 'unknown field "name"',
  })
})

test('straight to a kernel without IPVS, the failure is that of opening it', async () => {
  const client = directLvs(async () => {
    throw new HactlError('FAILED', 'this kernel has no IPVS')
  })
  await expect(client.lvsInfo()).rejects.toMatchObject({code: 'FAILED', message: 'this kernel has no IPVS'})
})
