import {execFileSync} from 'node:child_process'
import type {ProbeConnection} from '../../../src/core/check/plan.ts'
import type {ProbeResult} from '../../../src/core/check/result.ts'
import {type IpAddress, parseIp} from '../../../src/core/ip.ts'
import {probePing} from '../../../src/probe/ping.ts'
import {probeUdp} from '../../../src/probe/udp.ts'
import {descriptors, eventually, ip, report} from './tools.ts'

const PEER = process.env.PEER ?? ''

async function main(): Promise<void> {
  prepareNetwork()
  await eventually(() => !/tentative/.test(ip('-6', 'addr') + inPeer('ip', '-6', 'addr')))
  await ping('192.0.2.2')
  const before = descriptors().length
  const results = {
    answered: await ping('192.0.2.2'),
    answered6: await ping('2001:db8::2'),
    fromAddress: await ping('192.0.2.2', {bindAddress: known('192.0.2.3')}),
    overInterface: await ping('192.0.2.2', {bindInterface: 'ha0', fwmark: 7}),
    linkLocal: await ping('fe80::2', {bindInterface: 'ha0'}),
    linkLocalWithout: await ping('fe80::2'),
    noRoute: await ping('203.0.113.1'),
    noRoute6: await ping('2001:db8:2::1'),
    prohibitedThere: await ping('198.51.100.1'),
    unreachableThere: await udp('198.51.101.1'),
    unreachableThere6: await ping('2001:db8:1::1'),
    ...(await ofThoseThatAreNotThere()),
    withoutMark: await ping('198.51.102.1'),
    withMark: await ping('198.51.102.1', {fwmark: 7}),
  }
  execFileSync('sysctl', ['-qw', 'net.ipv4.ping_group_range=0 0'])
  // Without a raw socket from here on.
  const pingSocket = await ping('192.0.2.2')
  const pingSocket6 = await ping('2001:db8::2')
  const pingSocketNoRoute = await ping('198.51.100.1')
  inPeer('sysctl', '-qw', 'net.ipv4.icmp_echo_ignore_all=1')
  const filtered = await ping('192.0.2.2', {timeoutMs: 300})
  report({...results, pingSocket, pingSocket6, pingSocketNoRoute, filtered, leftOpen: descriptors().length - before})
}

/** The kernel tells after three seconds that nobody answers for an address. */
async function ofThoseThatAreNotThere(): Promise<object> {
  const [absent, absentUdp, absent6] = await Promise.all([ping('192.0.2.9'), udp('192.0.2.9'), ping('2001:db8::9')])
  return {absent, absentUdp, absent6}
}

function prepareNetwork(): void {
  ip('addr', 'add', '192.0.2.3/24', 'dev', 'ha0')
  for (const address of ['2001:db8::1/64', 'fe80::1/64']) ip('addr', 'add', address, 'dev', 'ha0')
  for (const address of ['2001:db8::2/64', 'fe80::2/64']) inPeer('ip', 'addr', 'add', address, 'dev', 'pe0')
  inPeer('sysctl', '-qw', 'net.ipv4.ip_forward=1', 'net.ipv6.conf.all.forwarding=1', 'net.ipv4.icmp_ratelimit=0')
  ip('route', 'add', '198.51.100.0/23', 'via', '192.0.2.2')
  ip('route', 'add', '2001:db8:1::/64', 'via', '2001:db8::2')
  inPeer('ip', 'route', 'add', 'prohibit', '198.51.100.0/24')
  inPeer('ip', 'route', 'add', 'unreachable', '198.51.101.0/24')
  inPeer('ip', 'route', 'add', 'unreachable', '2001:db8:1::/64')
  // Reached with the mark alone.
  inPeer('ip', 'addr', 'add', '198.51.102.1/32', 'dev', 'pe0')
  ip('route', 'add', '198.51.102.1/32', 'via', '192.0.2.2', 'table', '7')
  ip('rule', 'add', 'fwmark', '7', 'lookup', '7')
}

const inPeer = (...command: string[]): string =>
  execFileSync('ip', ['netns', 'exec', PEER, ...command], {encoding: 'utf8'})

const ping = async (address: string, more: Partial<ProbeConnection> = {}): Promise<string> =>
  inWords(await probePing({type: 'ping', connection: to(address, 0, more)}, {}))

const udp = async (address: string): Promise<string> =>
  inWords(
    await probeUdp(
      {
        type: 'udp',
        connection: to(address, 7, {}),
        payload: undefined,
        requireReply: undefined,
        minReplyLengthBytes: 0,
        maxReplyLengthBytes: 255,
      },
      {},
    ),
  )

const inWords = (result: ProbeResult): string => (result.ok ? 'good' : result.reason)

function to(address: string, port: number, more: Partial<ProbeConnection>): ProbeConnection {
  const none = {bindAddress: undefined, bindPort: undefined, bindInterface: undefined, fwmark: 0}
  return {address: known(address), port, ...none, timeoutMs: 20_000, ...more}
}

function known(text: string): IpAddress {
  const address = parseIp(text)
  if (!address.ok) throw new TypeError(`${text} is no address`)
  return address.value
}

void main()
