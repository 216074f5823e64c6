import {readFileSync} from 'node:fs'
import {InterfaceSockets, type SocketNeed} from '../../../src/agent/vrrp/interface-sockets.ts'
import type {IpAddress} from '../../../src/core/ip.ts'
import {VRRP_PROTOCOL} from '../../../src/core/vrrp/message.ts'
import type {OutgoingPacket} from '../../../src/core/vrrp/send.ts'
import {descriptors, eventually, indexOf, ip, report} from './tools.ts'

const GROUP = 'ff02::12' as IpAddress
const OTHER_GROUP = 'ff02::99' as IpAddress
const OURS = 'fe80::1' as IpAddress
const PEER = 'fe80::2' as IpAddress

const lost: string[] = []
const arrived: string[] = []
const sockets = new InterfaceSockets({
  onPacket: (name, packet) => {
    if (packet.family === 6) arrived.push(`${name} ${packet.source} ${packet.destination} ${packet.bytes}`)
    if (packet.bytes.toString().startsWith('throw')) throw new Error('a handler that throws')
  },
  onLost: (name, reason) => lost.push(`${name} lost: ${reason}`),
  onThrown: name => lost.push(`${name} threw`),
})

const need = (name: string, group: IpAddress | undefined, receiveBufferBytes?: number): SocketNeed => ({
  interface: name,
  index: indexOf(name),
  family: 6,
  protocol: VRRP_PROTOCOL,
  group,
  receiveBufferBytes,
})

const packet = (source: IpAddress, destination: IpAddress, text: string): OutgoingPacket => ({
  family: 6,
  protocol: VRRP_PROTOCOL,
  source,
  destination,
  ttl: 255,
  bytes: Buffer.from(text),
})

/** The groups that the sockets of an interface joined, from the kernel. */
const joined = (name: string): readonly string[] =>
  readFileSync('/proc/net/igmp6', 'utf8')
    .split('\n')
    .filter(line => line.split(/\s+/)[1] === name)
    .flatMap(line => /ff0200000000000000000000000000(12|99) /.exec(line)?.[1] ?? [])
    .sort()

/** Both ends of the link are here: two interfaces of one host, each with a socket of its own. */
async function main(): Promise<void> {
  const before = descriptors().length
  ip('link', 'add', 'hb0', 'type', 'veth', 'peer', 'name', 'hc0')
  for (const [name, address] of [
    ['hb0', OURS],
    ['hc0', PEER],
  ] as const) {
    ip('link', 'set', name, 'up')
    ip('addr', 'add', `${address}/64`, 'dev', name, 'nodad')
  }
  const ensured = [
    sockets.ensure(need('hb0', GROUP, 100_000)),
    sockets.ensure(need('hb0', OTHER_GROUP)),
    sockets.ensure(need('hb0', GROUP)),
    sockets.ensure(need('hb0', undefined)),
    sockets.ensure(need('hc0', GROUP)),
  ]
  const groups = joined('hb0')
  const open = descriptors().length - before
  await eventually(() => sockets.send('hc0', packet(PEER, GROUP, 'one')).ok)
  sockets.send('hc0', packet(PEER, OTHER_GROUP, 'two'))
  sockets.send('hc0', packet(PEER, GROUP, 'throw'))
  sockets.send('hb0', packet(OURS, PEER, 'three'))
  await eventually(() => arrived.length >= 4 && lost.length > 0)
  const first = arrived.splice(0).sort()
  const thrown = lost.splice(0)
  sockets.retain([need('hb0', OTHER_GROUP), need('hc0', GROUP)])
  const afterRetain = joined('hb0')
  const foreign = sockets.send('nowhere0', packet(OURS, GROUP, 'four'))
  const gone = await recreate()
  sockets.retain([])
  report({ensured, groups, open, first, thrown, afterRetain, foreign, ...gone, leftOpen: descriptors().length - before})
}

/** The interface goes and comes back under its name: what is lost is told, and asked for anew. */
async function recreate() {
  ip('link', 'del', 'hb0')
  const whileGone = sockets.send('hb0', packet(OURS, GROUP, 'five'))
  await eventually(() => lost.length > 0)
  const told = lost.splice(0)
  ip('link', 'add', 'hb0', 'type', 'veth', 'peer', 'name', 'hc0')
  for (const name of ['hb0', 'hc0']) ip('link', 'set', name, 'up')
  ip('addr', 'add', `${OURS}/64`, 'dev', 'hb0', 'nodad')
  ip('addr', 'add', `${PEER}/64`, 'dev', 'hc0', 'nodad')
  // Nobody told of hc0, whose socket is on the interface that was: its number says so.
  const again = [sockets.ensure(need('hb0', OTHER_GROUP)), sockets.ensure(need('hc0', GROUP))]
  const back = await eventually(() => {
    sockets.send('hb0', packet(OURS, GROUP, 'six'))
    sockets.drain()
    return arrived.some(text => text.startsWith('hc0') && text.endsWith('six'))
  })
  return {whileGone, told, again, back, counters: sockets.counters('hc0').length}
}

void main()
