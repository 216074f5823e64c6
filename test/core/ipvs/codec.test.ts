import {describe, expect, test} from 'vitest'
import type {Decoded} from '../../../src/core/decoded.ts'
import type {IpAddress} from '../../../src/core/ip.ts'
import {COMMAND_ATTRIBUTES, COUNTERS32_ATTRIBUTES, IPVS_COMMAND} from '../../../src/core/ipvs/attributes.ts'
import {ChangeWriter, encodeServiceCommand, MAX_CHANGE_BYTES} from '../../../src/core/ipvs/codec-change.ts'
import {decodeCounters, encodeCounters} from '../../../src/core/ipvs/codec-counters.ts'
import {decodeDestination} from '../../../src/core/ipvs/codec-destination.ts'
import {decodeService} from '../../../src/core/ipvs/codec-service.ts'
import {
  daemonRoleValues,
  daemonValues,
  decodeDaemon,
  decodeInfo,
  decodeTimeouts,
  timeoutValues,
} from '../../../src/core/ipvs/codec-settings.ts'
import {
  type Counters,
  type Destination,
  type IpvsChange,
  PLAIN_TUNNEL,
  type Service,
  type ServiceId,
  type SyncDaemon,
} from '../../../src/core/ipvs/model.ts'
import {decodeAttributes, encodeAttributes} from '../../../src/core/netlink/attributes.ts'
import {decodeGeneric} from '../../../src/core/netlink/generic.ts'
import {mutated, randomFrom} from '../netlink/captures.ts'
import {recorded} from './messages.ts'

const ip = (text: string): IpAddress => text as IpAddress
const ID: ServiceId = {type: 'address', protocol: 'tcp', address: ip('192.0.2.1'), port: 80}
const PLAIN: Service = {id: ID, scheduler: 'rr', schedulerFlags: [], onePacket: false, persistence: undefined}
const REAL: Destination = {
  address: ip('10.0.0.2'),
  port: 80,
  method: 'dr',
  weight: 1,
  upperThreshold: 0,
  lowerThreshold: 0,
  tunnel: PLAIN_TUNNEL,
}
const ZERO: Counters = {
  connections: 0n,
  packetsIn: 0n,
  packetsOut: 0n,
  bytesIn: 0n,
  bytesOut: 0n,
  connectionRate: 0n,
  packetRateIn: 0n,
  packetRateOut: 0n,
  byteRateIn: 0n,
  byteRateOut: 0n,
}

/** What stands behind the generic header of a request; its command has to be the one given. */
function requested(body: Buffer, command: number): Buffer {
  const read = decodeGeneric(body)
  if (!read.ok) throw new Error(read.failure)
  expect([read.value.command, read.value.version]).toEqual([command, 1])
  return read.value.attributes
}

// <linux/ip_vs.h>
describe('what the kernel tells', () => {
  test('of a service', () => {
    expect(decodeService(recorded('service'))).toEqual({
      ok: true,
      value: {
        service: {
          id: ID,
          scheduler: 'mh',
          schedulerFlags: [1, 2],
          onePacket: false,
          persistence: {timeoutSeconds: 300, prefixLength: 24, engine: 'sip'},
        },
        counters: ZERO,
        unknown: [],
      },
    })
  })

  test('of a service by a mark that is beyond 31 bits', () => {
    expect(decodeService(recorded('fwmark'))).toMatchObject({
      value: {service: {...PLAIN, id: {type: 'fwmark', mark: 4_000_000_000, family: 6}, scheduler: 'wlc'}},
    })
  })

  test('of a destination', () => {
    const {address, port, ...rest} = REAL
    expect(decodeDestination(recorded('destination'), 4)).toEqual({
      ok: true,
      value: {
        destination: {
          ...{address, port, ...rest},
          method: 'tun',
          weight: 7,
          upperThreshold: 100,
          lowerThreshold: 50,
          tunnel: {type: 'gue', port: 6080, checksum: 'remcsum'},
          activeConnections: 0,
          inactiveConnections: 0,
          persistentConnections: 0,
          counters: ZERO,
        },
        unknown: [],
      },
    })
  })

  test('of a sync daemon, of timeouts and of itself', () => {
    expect(decodeDaemon(recorded('daemon'))).toEqual({
      ok: true,
      value: {
        role: 'master',
        interface: 'v0',
        syncId: 5,
        maxLengthBytes: 1400,
        group: '239.1.2.3',
        port: 9999,
        ttl: 7,
      },
    })
    expect(decodeTimeouts(recorded('config'))).toEqual({
      ok: true,
      value: {tcpSeconds: 900, tcpFinSeconds: 77, udpSeconds: 300},
    })
    expect(decodeInfo(recorded('info'))).toEqual({ok: true, value: {version: '1.2.1', connectionTableSize: 4096}})
  })

  test('with attributes that no table has, which are kept', () => {
    const command = decodeAttributes(COMMAND_ATTRIBUTES, recorded('service'))
    if (!command.ok || command.value.values.service === undefined) throw new Error('no service')
    const unknown = [{type: 99, bytes: Buffer.from('new')}]
    const service = {...command.value.values.service, unknown}
    const bytes = encodeAttributes(COMMAND_ATTRIBUTES, {service})
    expect(decodeService(bytes)).toMatchObject({ok: true, value: {service: {scheduler: 'mh'}, unknown}})
  })

  test('is written again as it was read', () => {
    for (const name of ['service', 'fwmark', 'destination', 'daemon']) {
      const command = decodeAttributes(COMMAND_ATTRIBUTES, recorded(name))
      if (!command.ok) throw new Error(command.failure)
      const again = encodeAttributes(COMMAND_ATTRIBUTES, command.value.values)
      expect(again.length).toBe(recorded(name).length)
      expect(decodeAttributes(COMMAND_ATTRIBUTES, again)).toEqual(command)
    }
  })
})

describe('counters', () => {
  const counters: Counters = {...ZERO, connections: 2n ** 40n, bytesIn: 2n ** 63n, byteRateOut: 7n}
  const values32 = {connections: 0xffff_ffff, packetsIn: 3, bytesOut: 2n ** 40n, byteRateIn: 9}
  const counters32 = encodeAttributes(COUNTERS32_ATTRIBUTES, values32)

  test('of 64 bits are used where the kernel has them', () => {
    expect(decodeCounters({counters32, counters64: encodeCounters(counters)})).toEqual({ok: true, value: counters})
  })

  test('of 32 bits are used where it has not', () => {
    expect(decodeCounters({counters32})).toEqual({
      ok: true,
      value: {...ZERO, connections: 0xffff_ffffn, packetsIn: 3n, bytesOut: 2n ** 40n, byteRateIn: 9n},
    })
  })

  test('are zero where there are none', () => {
    expect(decodeCounters({})).toEqual({ok: true, value: ZERO})
  })
})

/** The body of a request, written by itself where other bytes stood before. */
function changeBody(change: IpvsChange): Buffer {
  const bytes = Buffer.alloc(MAX_CHANGE_BYTES, 0xff)
  return bytes.subarray(0, new ChangeWriter().write(change, bytes, 0))
}

describe('an order', () => {
  /** Of which `decodeService` reads what is asked for, as the kernel would tell of it. */
  const SERVICES: readonly (readonly [string, Service])[] = [
    ['by address', PLAIN],
    ['UDP, one packet', {...PLAIN, id: {...ID, protocol: 'udp'}, onePacket: true}],
    ['SCTP to every port', {...PLAIN, id: {...ID, protocol: 'sctp', port: 0}}],
    ['IPv6', {...PLAIN, id: {...ID, address: ip('2001:db8::1'), port: 65_535}}],
    ['IPv4 mark', {...PLAIN, id: {type: 'fwmark', mark: 1, family: 4}}],
    ['IPv6 mark', {...PLAIN, id: {type: 'fwmark', mark: 4_294_967_295, family: 6}}],
    ['flags', {...PLAIN, scheduler: 'sh', schedulerFlags: [1, 2, 3]}],
    ['persistence', {...PLAIN, persistence: {timeoutSeconds: 2_678_400, prefixLength: 32, engine: 'sip'}}],
    ['persistence by one bit', {...PLAIN, persistence: {timeoutSeconds: 1, prefixLength: 1, engine: undefined}}],
    [
      'persistence of IPv6',
      {
        ...PLAIN,
        id: {...ID, address: ip('2001:db8::1')},
        persistence: {timeoutSeconds: 360, prefixLength: 128, engine: undefined},
      },
    ],
  ]

  test.each(SERVICES)('to add and to edit a service: %s', (_, service) => {
    for (const type of ['add-service', 'edit-service'] as const) {
      const command = type === 'add-service' ? IPVS_COMMAND.newService : IPVS_COMMAND.setService
      expect(decodeService(requested(changeBody({type, service}), command))).toEqual({
        ok: true,
        value: {service, counters: ZERO, unknown: []},
      })
    }
  })

  const DESTINATIONS: readonly (readonly [string, Destination])[] = [
    ['dr', REAL],
    ['nat', {...REAL, method: 'nat', port: 8_080, weight: 2_147_483_647}],
    ['local', {...REAL, method: 'local', weight: 0}],
    ['bypass', {...REAL, method: 'bypass'}],
    ['tun to the other family', {...REAL, method: 'tun', address: ip('2001:db8::2')}],
    ['tun by GRE', {...REAL, method: 'tun', tunnel: {type: 'gre', port: 0, checksum: 'csum'}}],
    ['tun by GUE', {...REAL, method: 'tun', tunnel: {type: 'gue', port: 6_080, checksum: 'remcsum'}}],
    ['thresholds', {...REAL, upperThreshold: 4_294_967_295, lowerThreshold: 1}],
  ]

  test.each(DESTINATIONS)('to add and to edit a destination: %s', (_, destination) => {
    for (const type of ['add-destination', 'edit-destination'] as const) {
      const command = type === 'add-destination' ? IPVS_COMMAND.newDestination : IPVS_COMMAND.setDestination
      const attributes = requested(changeBody({type, id: ID, destination}), command)
      expect(decodeDestination(attributes, 4)).toMatchObject({ok: true, value: {destination, unknown: []}})
      expect(namedService(attributes)).toEqual(['family', 'protocol', 'address', 'port'])
    }
  })

  test('to delete names what it is about, and nothing else', () => {
    const service = requested(changeBody({type: 'delete-service', id: ID}), IPVS_COMMAND.deleteService)
    expect(namedService(service)).toEqual(['family', 'protocol', 'address', 'port'])
    const change = {type: 'delete-destination', id: {type: 'fwmark', mark: 7, family: 4}, destination: REAL} as const
    const destination = requested(changeBody(change), IPVS_COMMAND.deleteDestination)
    expect(namedService(destination)).toEqual(['family', 'mark'])
    const command = decodeAttributes(COMMAND_ATTRIBUTES, destination)
    const values = command.ok ? command.value.values.destination?.values : undefined
    expect(Object.keys(values ?? {})).toEqual(['address', 'port', 'family'])
  })

  test('is the same whether it is written alone or behind others', () => {
    const other: ServiceId = {type: 'fwmark', mark: 7, family: 6}
    const changes: readonly IpvsChange[] = [
      ...SERVICES.flatMap(([, service]): IpvsChange[] => [
        {type: 'add-service', service},
        {type: 'add-destination', id: service.id, destination: REAL},
        {type: 'edit-destination', id: service.id, destination: {...REAL, port: 81}},
        {type: 'delete-destination', id: other, destination: REAL},
        {type: 'edit-service', service},
        {type: 'add-destination', id: service.id, destination: REAL},
      ]),
      {type: 'delete-service', id: other},
    ]
    const writer = new ChangeWriter()
    const bytes = Buffer.alloc(changes.length * MAX_CHANGE_BYTES, 0xff)
    let at = 0
    for (const change of changes) {
      const lengthBytes = writer.write(change, bytes, at)
      expect(bytes.subarray(at, at + lengthBytes)).toEqual(changeBody(change))
      at += lengthBytes
    }
  })

  test('about one service names it', () => {
    expect(requested(encodeServiceCommand(IPVS_COMMAND.zero, ID), IPVS_COMMAND.zero).toString('hex')).toBe(
      '30000100' +
        '0600010002000000' +
        '0600020006000000' +
        '14000300c0000201000000000000000000000000' +
        '0600040000500000',
    )
  })

  test('to start and to stop a sync daemon', () => {
    const plain: SyncDaemon = {
      ...{role: 'backup', interface: 'eth0', syncId: 0},
      ...{maxLengthBytes: undefined, group: undefined, port: undefined, ttl: undefined},
    }
    const groups = [
      plain,
      {...plain, group: ip('224.0.0.81'), port: 8_848, ttl: 1, maxLengthBytes: 65_507},
      {...plain, role: 'master' as const, group: ip('ff02::81')},
    ]
    for (const daemon of groups)
      expect(decodeDaemon(encodeAttributes(COMMAND_ATTRIBUTES, daemonValues(daemon)))).toEqual({
        ok: true,
        value: daemon,
      })
    expect(decodeDaemon(encodeAttributes(COMMAND_ATTRIBUTES, daemonRoleValues('master')))).toMatchObject({
      ok: true,
      value: {role: 'master'},
    })
  })

  test('to set timeouts', () => {
    const timeouts = {tcpSeconds: 0, tcpFinSeconds: 120, udpSeconds: 2_678_400}
    expect(decodeTimeouts(encodeAttributes(COMMAND_ATTRIBUTES, timeoutValues(timeouts)))).toEqual({
      ok: true,
      value: timeouts,
    })
  })
})

describe('an answer that makes no sense', () => {
  const service = (values: object): Buffer =>
    encodeAttributes(COMMAND_ATTRIBUTES, {service: {values: {...serviceValues(), ...values}, unknown: []}})
  const destination = (values: object): Buffer =>
    encodeAttributes(COMMAND_ATTRIBUTES, {destination: {values: {...destinationValues(), ...values}, unknown: []}})

  test.each<[string, Decoded<unknown, string>]>([
    ['service-missing', decodeService(Buffer.alloc(0))],
    ['family-wrong', decodeService(service({family: 1}))],
    ['protocol-wrong', decodeService(service({protocol: 1}))],
    ['address-missing', decodeService(service({address: undefined}))],
    ['flags-wrong', decodeService(service({flags: Buffer.alloc(4)}))],
    ['attribute-length-wrong', decodeService(service({counters64: Buffer.alloc(3)}))],
    ['attribute-value-wrong', decodeService(Buffer.from('0c0001000500010002000000', 'hex'))],
    ['destination-missing', decodeDestination(Buffer.alloc(0), 4)],
    ['family-wrong', decodeDestination(destination({family: 1}), 4)],
    ['address-missing', decodeDestination(destination({address: undefined}), 4)],
    ['method-wrong', decodeDestination(destination({method: 5}), 4)],
    ['tunnel-wrong', decodeDestination(destination({tunnelType: 3}), 4)],
    ['daemon-missing', decodeDaemon(Buffer.alloc(0))],
    ['state-wrong', decodeDaemon(daemonWith({state: 3}))],
    ['group-wrong', decodeDaemon(daemonWith({state: 1, group4: Buffer.alloc(5)}))],
  ])('%s', (failure, read) => {
    expect(read).toEqual({ok: false, failure})
  })

  test('without an address family has the service’s', () => {
    const bytes = destination({family: undefined, address: Buffer.alloc(16, 1)})
    expect(decodeDestination(bytes, 6)).toMatchObject({
      value: {destination: {address: '101:101:101:101:101:101:101:101'}},
    })
    expect(decodeDestination(bytes, 4)).toMatchObject({value: {destination: {address: '1.1.1.1'}}})
  })

  test('is never more than a value', () => {
    const random = randomFrom(5)
    const decoders: readonly (readonly [string, (bytes: Buffer) => Decoded<unknown, string>])[] = [
      ['service', decodeService],
      ['fwmark', decodeService],
      ['destination', bytes => decodeDestination(bytes, 4)],
      ['daemon', decodeDaemon],
      ['config', decodeTimeouts],
      ['info', decodeInfo],
    ]
    let accepted = 0
    for (const [name, decode] of decoders) {
      const bytes = recorded(name)
      for (let n = 0; n < 2_000; n++) if (decode(mutated(bytes, random)).ok) accepted++
      for (let end = 0; end < bytes.length; end++) decode(bytes.subarray(0, end))
      for (let n = 0; n < 500; n++) {
        decode(Buffer.from(Array.from({length: Math.floor(random() * 64)}, () => Math.floor(random() * 256))))
      }
    }
    expect(accepted).toBeGreaterThan(2_000)
    expect(accepted).toBeLessThan(12_000)
  })
})

function namedService(attributes: Buffer): readonly string[] {
  const command = decodeAttributes(COMMAND_ATTRIBUTES, attributes)
  return Object.keys((command.ok && command.value.values.service?.values) || {})
}

const daemonWith = (values: object): Buffer => encodeAttributes(COMMAND_ATTRIBUTES, {daemon: {values, unknown: []}})

function serviceValues(): object {
  const read = decodeAttributes(COMMAND_ATTRIBUTES, recorded('service'))
  return (read.ok && read.value.values.service?.values) || {}
}

function destinationValues(): object {
  const read = decodeAttributes(COMMAND_ATTRIBUTES, recorded('destination'))
  return (read.ok && read.value.values.destination?.values) || {}
}
