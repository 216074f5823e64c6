import {describe, expect, it} from 'vitest'
import {
  buildDaemon,
  buildDestination,
  buildService,
  buildTimeouts,
  type DaemonSettings,
  type DestinationSettings,
  type ServiceSettings,
} from '../../../src/core/ipvs/arguments.ts'
import {parseDestinationName} from '../../../src/core/ipvs/names.ts'
import {idOf, realOf, serviceOf} from './generate.ts'

const WEB = '192.0.2.1:80/tcp'
const WEB6 = '[2001:db8::1]:80/tcp'
const DNS = '192.0.2.1:53/udp'

const service = (name: string, given: ServiceSettings) => buildService({id: idOf(name), given})

function real(name: string, given: DestinationSettings, of = WEB) {
  const parsed = parseDestinationName(name, {defaultPort: 80})
  if (!parsed.ok) throw new Error(parsed.message)
  return buildDestination({service: serviceOf(of), id: parsed.id, given})
}

describe('a service out of arguments', () => {
  it('is as ipvsadm makes it where nothing is given', () => {
    expect(service(WEB, {})).toEqual({ok: true, value: serviceOf(WEB)})
  })

  it.each<[string, ServiceSettings, object]>([
    [WEB, {persistent: 300}, {persistence: {timeoutSeconds: 300, prefixLength: 32, engine: undefined}}],
    [WEB6, {persistent: 300}, {persistence: {timeoutSeconds: 300, prefixLength: 128, engine: undefined}}],
    [WEB, {persistent: 1, netmask: '255.255.255.0'}, {persistence: {prefixLength: 24}}],
    [WEB, {persistent: 1, netmask: '/24'}, {persistence: {prefixLength: 24}}],
    [WEB, {persistent: 1, netmask: '0.0.0.0'}, {persistence: {prefixLength: 0}}],
    [WEB, {persistent: 1, netmask: '255.255.255.255'}, {persistence: {prefixLength: 32}}],
    [WEB6, {persistent: 2_678_400, netmask: '64'}, {persistence: {timeoutSeconds: 2_678_400, prefixLength: 64}}],
    [DNS, {persistent: 1, engine: 'sip'}, {persistence: {engine: 'sip'}}],
    [DNS, {onePacket: true}, {onePacket: true}],
    ['fwm/5', {onePacket: true}, {onePacket: true}],
    ['192.0.2.1:0/tcp', {persistent: 5}, {persistence: {timeoutSeconds: 5}}],
    [WEB, {scheduler: 'sh', schedulerFlags: 'sh-port,sh-fallback'}, {schedulerFlags: [1, 2]}],
    [WEB, {scheduler: 'mh', schedulerFlags: 'mh-port'}, {schedulerFlags: [2]}],
    [WEB, {scheduler: 'rr', schedulerFlags: 'flag-3,flag-1'}, {schedulerFlags: [1, 3]}],
    [WEB, {scheduler: 'sh', schedulerFlags: 'none'}, {schedulerFlags: []}],
    [WEB, {scheduler: 'unheard-of'}, {scheduler: 'unheard-of'}],
  ])('%s with %o is %o', (name, given, expected) => {
    expect(service(name, given)).toMatchObject({ok: true, value: expected})
  })

  it('stays as it was where nothing else is given', () => {
    const before = serviceOf(DNS, {
      scheduler: 'sh',
      schedulerFlags: [2],
      onePacket: true,
      persistence: {timeoutSeconds: 60, prefixLength: 24, engine: 'sip'},
    })
    const edit = (given: ServiceSettings) => buildService({id: before.id, given, before})
    expect(edit({})).toEqual({ok: true, value: before})
    expect(edit({persistent: 90})).toMatchObject({value: {persistence: {timeoutSeconds: 90, prefixLength: 24}}})
    expect(edit({persistent: 0})).toMatchObject({value: {persistence: undefined, scheduler: 'sh'}})
    expect(edit({engine: 'none'})).toMatchObject({value: {persistence: {timeoutSeconds: 60, engine: undefined}}})
    // What a flag means depends on the scheduler.
    expect(edit({scheduler: 'mh'})).toMatchObject({value: {scheduler: 'mh', schedulerFlags: []}})
    expect(edit({scheduler: 'sh', onePacket: false})).toMatchObject({value: {schedulerFlags: [2], onePacket: false}})
  })

  it.each<[string, ServiceSettings, string, RegExp]>([
    [WEB, {scheduler: ''}, 'scheduler', /^scheduler "" is not permitted: a name of at most 15 .* rr wrr lc/],
    [WEB, {scheduler: 'sixteen-letters-'}, 'scheduler', /^scheduler sixteen-letters- is not permitted/],
    [WEB, {scheduler: 'r r'}, 'scheduler', /^scheduler "r r" is not permitted/],
    [WEB, {scheduler: '../x'}, 'scheduler', /is not permitted/],
    [
      WEB,
      {schedulerFlags: 'sh-port'},
      'schedulerFlags',
      /^schedulerFlags sh-port .*: flag-1, flag-2, flag-3 with scheduler wlc/,
    ],
    [WEB, {scheduler: 'sh', schedulerFlags: 'mh-port'}, 'schedulerFlags', /sh-fallback, sh-port, flag-1/],
    [WEB, {scheduler: 'sh', schedulerFlags: ''}, 'schedulerFlags', /^schedulerFlags "" is not permitted/],
    [WEB, {scheduler: 'sh', schedulerFlags: 'flag-4'}, 'schedulerFlags', /^schedulerFlags flag-4 is not permitted/],
    [WEB, {persistent: 2_678_401}, 'persistent', /^persistent 2678401 is not permitted: 1 to 2678400 seconds$/],
    [WEB, {persistent: 1.5}, 'persistent', /is not permitted/],
    [WEB, {netmask: '24'}, 'netmask', /^netmask 24 is not permitted: none without persistence/],
    [WEB, {engine: 'sip'}, 'engine', /^engine sip is not permitted: none without persistence/],
    [WEB, {persistent: 0, netmask: '24'}, 'netmask', /none without persistence/],
    [WEB, {persistent: 9, netmask: '33'}, 'netmask', /^netmask 33 .* without gaps, or 0 to 32$/],
    [WEB, {persistent: 9, netmask: '255.0.255.0'}, 'netmask', /without gaps/],
    [WEB, {persistent: 9, netmask: '2001:db8::'}, 'netmask', /without gaps/],
    [WEB, {persistent: 9, netmask: ''}, 'netmask', /^netmask "" is not permitted/],
    [WEB6, {persistent: 9, netmask: '255.255.255.0'}, 'netmask', /^netmask 255.255.255.0 is not permitted: 1 to 128$/],
    [WEB6, {persistent: 9, netmask: '0'}, 'netmask', /1 to 128/],
    [WEB6, {persistent: 9, netmask: '129'}, 'netmask', /1 to 128/],
    [WEB, {persistent: 9, engine: 'much-too-long-name'}, 'engine', /at most 15/],
    [WEB, {onePacket: true}, 'onePacket', /^onePacket is not permitted for 192.0.2.1:80\/tcp: only UDP and marks/],
    ['192.0.2.1:80/sctp', {onePacket: true}, 'onePacket', /only UDP and marks/],
    ['192.0.2.1:0/tcp', {}, 'service', /^service 192.0.2.1:0\/tcp: port 0, which is every port, needs persistence/],
  ])('%s with %o is refused', (name, given, argument, message) => {
    const built = service(name, given)
    expect(built).toMatchObject({ok: false, argument})
    expect(built.ok ? '' : built.message).toMatch(message)
    expect(built.ok ? '' : built.message).not.toContain('\n')
  })
})

describe('a real server out of arguments', () => {
  it('is as ipvsadm makes it where nothing is given', () => {
    expect(real('10.0.0.1', {})).toEqual({ok: true, value: realOf('10.0.0.1', 80)})
  })

  it.each<[string, DestinationSettings, string, object]>([
    ['10.0.0.1:8080', {method: 'nat'}, WEB, {method: 'nat', port: 8080}],
    ['10.0.0.1:0', {method: 'NAT'}, WEB, {method: 'nat', port: 0}],
    ['10.0.0.1:81', {method: 'dr'}, 'fwm/5', {port: 81}],
    ['10.0.0.1', {weight: 2_147_483_647}, WEB, {weight: 2_147_483_647}],
    ['10.0.0.1', {upperThreshold: 5, lowerThreshold: 5}, WEB, {upperThreshold: 5, lowerThreshold: 5}],
    ['[2001:db8::a]', {method: 'tun'}, WEB, {method: 'tun', tunnel: {type: 'ipip', port: 0, checksum: 'nocsum'}}],
    [
      '10.0.0.1',
      {method: 'tun', tunnelType: 'gue', tunnelPort: 6080, tunnelChecksum: 'remcsum'},
      WEB,
      {
        tunnel: {type: 'gue', port: 6080, checksum: 'remcsum'},
      },
    ],
    ['10.0.0.1', {method: 'tun', tunnelType: 'gre', tunnelChecksum: 'csum'}, WEB, {tunnel: {type: 'gre'}}],
    ['127.0.0.1', {}, WEB, {address: '127.0.0.1'}],
    ['[::1]', {}, WEB6, {address: '::1'}],
  ])('%s with %o of %s is %o', (name, given, of, expected) => {
    expect(real(name, given, of)).toMatchObject({ok: true, value: expected})
  })

  it('stays as it was where nothing else is given', () => {
    const before = realOf('10.0.0.1', 80, {
      method: 'tun',
      weight: 7,
      upperThreshold: 9,
      lowerThreshold: 3,
      tunnel: {type: 'gue', port: 6080, checksum: 'csum'},
    })
    const edit = (given: DestinationSettings) => buildDestination({service: serviceOf(WEB), id: before, given, before})
    expect(edit({})).toEqual({ok: true, value: before})
    expect(edit({weight: 0})).toEqual({ok: true, value: {...before, weight: 0}})
    expect(edit({tunnelPort: 6081})).toMatchObject({value: {tunnel: {type: 'gue', port: 6081, checksum: 'csum'}}})
    // What belongs to one type of tunnel does not go over to another, nor to another method.
    expect(edit({tunnelType: 'gre'})).toMatchObject({value: {tunnel: {type: 'gre', port: 0, checksum: 'nocsum'}}})
    expect(edit({method: 'dr'})).toMatchObject({
      value: {tunnel: {type: 'ipip', port: 0, checksum: 'nocsum'}, weight: 7},
    })
    expect(edit({upperThreshold: 2})).toMatchObject({ok: false, argument: 'lowerThreshold'})
  })

  it.each<[string, DestinationSettings, string, string, RegExp]>([
    ['10.0.0.1', {method: 'local'}, WEB, 'method', /^method local is not permitted: nat, dr or tun$/],
    ['10.0.0.1', {method: ''}, WEB, 'method', /nat, dr or tun/],
    ['10.0.0.1:81', {}, WEB, 'real', /10.0.0.1:81: method dr cannot change the port; it has to be 80, or left out/],
    ['10.0.0.1:81', {method: 'tun'}, WEB, 'real', /method tun cannot change the port/],
    ['10.0.0.1', {weight: -1}, WEB, 'weight', /^weight -1 is not permitted: 0 to 2147483647$/],
    ['10.0.0.1', {weight: 2_147_483_648}, WEB, 'weight', /0 to 2147483647/],
    ['10.0.0.1', {weight: Number.NaN}, WEB, 'weight', /0 to 2147483647/],
    ['10.0.0.1', {upperThreshold: 4_294_967_296}, WEB, 'upperThreshold', /0 to 4294967295/],
    ['10.0.0.1', {upperThreshold: 5, lowerThreshold: 6}, WEB, 'lowerThreshold', /0 to upperThreshold, which is 5/],
    ['10.0.0.1', {lowerThreshold: 6}, WEB, 'lowerThreshold', /0 to upperThreshold, which is 0/],
    ['[2001:db8::a]', {}, WEB, 'real', /is IPv4, and only method tun leads to the other family/],
    ['10.0.0.1', {method: 'nat'}, WEB6, 'real', /is IPv6, and only method tun/],
    ['10.0.0.1', {method: 'nat'}, 'fwm6/1', 'real', /service fwm6\/1 is IPv6/],
    ['0.0.0.0', {}, WEB, 'real', /an address of one host/],
    ['224.0.0.1', {}, WEB, 'real', /an address of one host/],
    ['255.255.255.255', {}, WEB, 'real', /an address of one host/],
    ['[ff02::1]', {}, WEB6, 'real', /an address of one host/],
    ['[::]', {}, WEB6, 'real', /an address of one host/],
    ['[::ffff:10.0.0.1]', {}, WEB6, 'real', /an address of one host/],
    ['10.0.0.1', {tunnelType: 'gre'}, WEB, 'tunnelType', /none with method dr; only tun has tunnels/],
    ['10.0.0.1', {method: 'nat', tunnelPort: 5}, WEB, 'tunnelPort', /none with method nat/],
    ['10.0.0.1', {method: 'nat', tunnelChecksum: 'csum'}, WEB, 'tunnelChecksum', /none with method nat/],
    ['10.0.0.1', {method: 'tun', tunnelType: 'vxlan'}, WEB, 'tunnelType', /ipip, gue or gre/],
    ['10.0.0.1', {method: 'tun', tunnelType: 'gue'}, WEB, 'tunnelPort', /^tunnelPort is missing: 1 to 65535/],
    ['10.0.0.1', {method: 'tun', tunnelType: 'gue', tunnelPort: 65_536}, WEB, 'tunnelPort', /1 to 65535/],
    ['10.0.0.1', {method: 'tun', tunnelType: 'gre', tunnelPort: 5}, WEB, 'tunnelPort', /none with tunnelType gre/],
    ['10.0.0.1', {method: 'tun', tunnelChecksum: 'csum'}, WEB, 'tunnelChecksum', /nocsum with tunnelType ipip/],
    [
      '10.0.0.1',
      {method: 'tun', tunnelType: 'gre', tunnelChecksum: 'remcsum'},
      WEB,
      'tunnelChecksum',
      /nocsum or csum/,
    ],
    ['10.0.0.1', {method: 'tun', tunnelChecksum: 'x'}, WEB, 'tunnelChecksum', /nocsum, csum or remcsum/],
  ])('%s with %o of %s is refused for its %s', (name, given, of, argument, message) => {
    const built = real(name, given, of)
    expect(built).toMatchObject({ok: false, argument})
    expect(built.ok ? '' : built.message).toMatch(message)
    expect(built.ok ? '' : built.message).not.toContain('\n')
  })
})

describe('a sync daemon out of arguments', () => {
  it('leaves to the kernel what is not given', () => {
    expect(buildDaemon({role: 'backup', interface: 'eth0'})).toEqual({
      ok: true,
      value: {
        role: 'backup',
        interface: 'eth0',
        syncId: 0,
        maxLengthBytes: undefined,
        group: undefined,
        port: undefined,
        ttl: undefined,
      },
    })
    const all = {role: 'master', interface: 'v0', id: 255, maxLength: 65_507, group: 'FF02::51', port: 1, ttl: 255}
    expect(buildDaemon(all)).toMatchObject({value: {group: 'ff02::51', maxLengthBytes: 65_507, syncId: 255}})
  })

  it.each<[DaemonSettings, string, RegExp]>([
    [{interface: 'eth0'}, 'role', /^role is missing: master or backup$/],
    [{role: 'both', interface: 'eth0'}, 'role', /^role both is not permitted: master or backup$/],
    [{role: 'master'}, 'interface', /^interface is missing/],
    [{role: 'master', interface: 'sixteen-letters-'}, 'interface', /at most 15/],
    [{role: 'master', interface: 'a/b'}, 'interface', /at most 15/],
    [{role: 'master', interface: ''}, 'interface', /^interface "" is not permitted/],
    [{role: 'master', interface: 'e', id: 256}, 'id', /0 to 255/],
    [{role: 'master', interface: 'e', maxLength: 0}, 'maxLength', /1 to 65507/],
    [{role: 'master', interface: 'e', maxLength: 65_508}, 'maxLength', /1 to 65507/],
    [{role: 'master', interface: 'e', port: 0}, 'port', /1 to 65535/],
    [{role: 'master', interface: 'e', ttl: 256}, 'ttl', /1 to 255/],
    [{role: 'master', interface: 'e', group: '10.0.0.1'}, 'group', /the address of a multicast group/],
    [{role: 'master', interface: 'e', group: '2001:db8::1'}, 'group', /the address of a multicast group/],
    [{role: 'master', interface: 'e', group: 'x'}, 'group', /the address of a multicast group/],
  ])('%o is refused', (given, argument, message) => {
    const built = buildDaemon(given)
    expect(built).toMatchObject({ok: false, argument})
    expect(built.ok ? '' : built.message).toMatch(message)
  })
})

describe('timeouts out of arguments', () => {
  it('stay as they are where they are not given', () => {
    expect(buildTimeouts({tcpFin: 30})).toEqual({ok: true, value: {tcpSeconds: 0, tcpFinSeconds: 30, udpSeconds: 0}})
  })

  it.each([
    [{}, 'tcp'],
    [{tcp: 0, udp: 0}, 'tcp'],
    [{tcp: 2_678_401}, 'tcp'],
    [{tcpFin: -1}, 'tcpFin'],
    [{udp: 1.5}, 'udp'],
  ])('%o are refused', (given, argument) => {
    expect(buildTimeouts(given)).toMatchObject({ok: false, argument})
  })
})
