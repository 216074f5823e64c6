import {spawn} from 'node:child_process'
import {readFileSync} from 'node:fs'
import type {IpAddress} from '../../../src/core/ip.ts'
import type {ArrivedPacket} from '../../../src/core/vrrp/arrived.ts'
import {AH_PROTOCOL} from '../../../src/core/vrrp/authentication-header.ts'
import {VRRP_PROTOCOL} from '../../../src/core/vrrp/message.ts'
import {encodeIpv4Header, readHeaders} from '../../../src/core/vrrp/packet.ts'
import type {OutgoingPacket} from '../../../src/core/vrrp/send.ts'
import {VrrpSocket, type VrrpSocketError, type VrrpSocketOptions} from '../../../src/kernel/vrrp-socket.ts'
import {capture, descriptors, eventually, indexOf, ip, report} from './tools.ts'

/** Where a packet was seen to come from and go to, and what it said. */
interface Seen {
  readonly source: string
  readonly destination: string
  readonly ttl: number
  readonly text: string
}

type Heard = () => readonly (Seen & {readonly name: string})[]

const GROUP6 = 'ff02::12' as IpAddress
const OTHER_GROUP6 = 'ff02::99' as IpAddress
const GROUP4 = '224.0.0.18' as IpAddress
const OTHER_GROUP4 = '224.0.0.99' as IpAddress
const OURS = {lla: 'fe80::1', first: '2001:db8::1', second: '2001:db8::11', v4: '192.0.2.1', v4second: '192.0.2.11'}
const PEERS = {lla: 'fe80::2', v4: '192.0.2.2'}

type Kind = Pick<VrrpSocketOptions, 'family' | 'protocol'>
const KINDS: {readonly [name: string]: Kind} = {
  v6: {family: 6, protocol: VRRP_PROTOCOL},
  v4: {family: 4, protocol: VRRP_PROTOCOL},
  ah: {family: 4, protocol: AH_PROTOCOL},
}

const errors: VrrpSocketError[] = []

function open(kind: Kind, device: string | undefined, onPacket: (packet: ArrivedPacket) => void): VrrpSocket {
  const opened = VrrpSocket.open({
    ...kind,
    device: device === undefined ? undefined : {name: device, index: indexOf(device)},
    receiveBufferBytes: undefined,
    onPacket,
    onError: error => errors.push(error),
  })
  if (!opened.ok) throw new Error(`${opened.step}: ${opened.reason}`)
  return opened.socket
}

function packet(kind: Kind, from: string, to: string, {text, ttl}: Pick<Seen, 'text' | 'ttl'>): OutgoingPacket {
  const [source, destination] = [from as IpAddress, to as IpAddress]
  const payload = Buffer.from(text.padEnd(20))
  const identification = 1
  const header = (): Buffer =>
    encodeIpv4Header({
      source,
      destination,
      ttl,
      identification,
      payloadBytes: payload.length,
      protocol: kind.protocol,
    })
  return {...kind, source, destination, ttl, bytes: kind.family === 4 ? Buffer.concat([header(), payload]) : payload}
}

/** An Authentication Header around no VRRP is nothing to `readHeaders`: the IPv4 header is enough here. */
function seen(arrived: ArrivedPacket): Seen {
  if (arrived.family === 4) {
    const {bytes} = arrived
    const address = (at: number): string => bytes.subarray(at, at + 4).join('.')
    const text = bytes.subarray(20).toString().trim()
    return {source: address(12), destination: address(16), ttl: bytes[8] as number, text}
  }
  const headers = readHeaders(arrived)
  const {source, destination, hopLimit} = arrived
  return {source, destination, ttl: headers.ok ? headers.value.ttl : hopLimit, text: arrived.bytes.toString().trim()}
}

/** In the peer's namespace: tells the sender what it heard, by unicast; and whoever listens, by multicast. */
function mirror(): void {
  for (const [name, kind] of Object.entries(KINDS)) {
    const [own, group, other] = kind.family === 6 ? [PEERS.lla, GROUP6, OTHER_GROUP6] : [PEERS.v4, GROUP4, OTHER_GROUP4]
    const socket = open(kind, 'pe0', arrived => {
      const {source, text, ttl, destination} = seen(arrived)
      process.stdout.write(`${JSON.stringify({name, source, destination, ttl, text})}\n`)
      socket.send(packet(kind, own, source, {text: `${text} unicast`, ttl: 64}))
      socket.send(packet(kind, own, group, {text: `${text} group`, ttl: 255}))
      socket.send(packet(kind, own, other, {text: `${text} other`, ttl: 255}))
    })
    socket.join(group)
  }
  process.stdout.write('ready\n')
  setInterval(() => {}, 1_000)
}

async function startMirror(): Promise<{readonly heard: Heard; stop(): Promise<unknown>}> {
  const self = process.argv[1] ?? ''
  const child = spawn('ip', ['netns', 'exec', process.env.PEER ?? '', process.execPath, self, 'mirror'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let printed = ''
  child.stdout.on('data', bytes => {
    printed += bytes
  })
  if (!(await eventually(() => printed.startsWith('ready\n')))) throw new Error('the peer does not start')
  return {
    heard: () =>
      printed
        .split('\n')
        .slice(1, -1)
        .map(line => JSON.parse(line)),
    stop: () => {
      const closed = new Promise(resolve => child.on('close', resolve))
      child.kill()
      return closed
    },
  }
}

function prepare(): void {
  const peer = process.env.PEER ?? ''
  for (const address of [OURS.lla, OURS.first, OURS.second]) ip('addr', 'add', `${address}/64`, 'dev', 'ha0', 'nodad')
  ip('addr', 'add', `${OURS.v4second}/24`, 'dev', 'ha0')
  ip('-n', peer, 'addr', 'add', `${PEERS.lla}/64`, 'dev', 'pe0', 'nodad')
  ip('-n', peer, 'addr', 'add', '2001:db8::2/64', 'dev', 'pe0', 'nodad')
}

async function main(): Promise<void> {
  const before = descriptors().length
  prepare()
  const peer = await startMirror()
  const found = {
    v6: await exchange(KINDS.v6 as Kind, peer.heard),
    v4: await exchange(KINDS.v4 as Kind, peer.heard),
    ah: await exchange(KINDS.ah as Kind, peer.heard),
    unbound: await unbound(),
    macvlan: await throughMacvlan(),
    wire: await wire(),
    recreated: await recreated(),
  }
  await peer.stop()
  report({...found, leftOpen: descriptors().length - before})
}

/** Sends by multicast and unicast, and joins and leaves a second group; what both sides saw. */
async function exchange(kind: Kind, heard: Heard) {
  const six = kind.family === 6
  const [group, other] = six ? [GROUP6, OTHER_GROUP6] : [GROUP4, OTHER_GROUP4]
  const received: Seen[] = []
  const socket = open(kind, 'ha0', arrived => received.push(seen(arrived)))
  const texts = (): readonly string[] => received.map(({text}) => text).sort()
  const from = heard().length
  const sent = [socket.send(packet(kind, six ? OURS.lla : OURS.v4, group, {text: 'A', ttl: 255}))]
  await eventually(() => received.length >= 1)
  const withoutGroup = [...received.splice(0)]
  const joined = [socket.join(group), socket.join(other), socket.join(group)]
  sent.push(
    socket.send(packet(kind, six ? OURS.second : OURS.v4second, six ? PEERS.lla : PEERS.v4, {text: 'B', ttl: 9})),
  )
  await eventually(() => received.length >= 3)
  const withGroups = texts()
  const unicast = received.find(({text}) => text === 'B unicast')
  const multicast = received.find(({text}) => text === 'B group')
  received.length = 0
  const left = [socket.leave(other), socket.leave(other)]
  sent.push(socket.send(packet(kind, six ? OURS.lla : OURS.v4, group, {text: 'C', ttl: 255})))
  await eventually(() => received.length >= 2)
  const notOurs = socket.send(packet(kind, six ? '2001:db8::dead' : OURS.v4, group, {text: 'D', ttl: 255}))
  const otherFamily = socket.send({...packet(kind, '::1', '::1', {text: 'E', ttl: 1}), family: six ? 4 : 6})
  const found = {withoutGroup, joined, withGroups, unicast, multicast, left, afterLeaving: texts(), sent}
  const atPeer = heard()
    .slice(from)
    .filter(({name}) => KINDS[name] === kind)
    .slice(0, 3)
  socket.close()
  return {...found, notOurs: six ? notOurs : 'any', otherFamily, atPeer, closed: socket.join(group)}
}

/** Without an interface: unicast to whatever address, sent as the routes say. */
async function unbound() {
  const kinds = [
    [KINDS.v6 as Kind, OURS.second, '2001:db8::2'],
    [KINDS.v4 as Kind, OURS.v4second, PEERS.v4],
  ] as const
  const found: unknown[] = []
  for (const [kind, from, to] of kinds) {
    const received: Seen[] = []
    const socket = open(kind, undefined, arrived => received.push(seen(arrived)))
    const sent = socket.send(packet(kind, from, to, {text: 'U', ttl: 7}))
    await eventually(() => received.length >= 1)
    found.push(sent, ...received)
    socket.close()
  }
  return found
}

/** A private macvlan with the hardware address of a virtual router hears groups, and sends from that address. */
async function throughMacvlan() {
  const [v4, v6] = [KINDS.v4 as Kind, KINDS.v6 as Kind]
  ip('link', 'add', 'vrrp.51', 'link', 'ha0', 'address', '00:00:5e:00:01:33', 'type', 'macvlan', 'mode', 'private')
  ip('link', 'set', 'vrrp.51', 'up')
  ip('addr', 'add', 'fe80::1/64', 'dev', 'vrrp.51', 'nodad')
  const received: Seen[] = []
  const sockets = [v4, v6].map(kind => open(kind, 'vrrp.51', arrived => received.push(seen(arrived))))
  const onBase = open(v4, 'ha0', arrived => received.push({...seen(arrived), text: 'heard on the base'}))
  for (const socket of [sockets[0], onBase]) socket?.join(GROUP4)
  sockets[1]?.join(GROUP6)
  const capturing = await capture('ether src 00:00:5e:00:01:33 and not ip6 multicast or proto 112')
  const sent = [
    sockets[0]?.send(packet(v4, OURS.v4, GROUP4, {text: 'M', ttl: 255})),
    sockets[1]?.send(packet(v6, 'fe80::1', GROUP6, {text: 'N', ttl: 255})),
  ]
  await eventually(() => received.length >= 4)
  const captured = await capturing.stop()
  for (const socket of [...sockets, onBase]) socket.close()
  ip('link', 'del', 'vrrp.51')
  const fromVirtual = captured.match(/00:00:5e:00:01:33 > (01:00:5e:00:00:12|33:33:00:00:00:12)/g)
  return {sent, fromVirtual, texts: received.map(({text}) => text).sort()}
}

/** How IPv6 leaves. */
async function wire() {
  const kind = KINDS.v6 as Kind
  const socket = open(kind, 'ha0', () => {})
  const capturing = await capture('ip6 dst ff02::12')
  socket.send(packet(kind, OURS.lla, GROUP6, {text: 'W', ttl: 255}))
  const captured = await capturing.stop()
  socket.close()
  return captured.split('\n')[0]
}

/** The interface goes down, and goes and comes back under its name. */
async function recreated() {
  const kind = KINDS.v6 as Kind
  const received: Seen[] = []
  const socket = open(kind, 'ha0', arrived => received.push(seen(arrived)))
  socket.join(GROUP6)
  const send = (through: VrrpSocket, source: string) =>
    through.send(packet(kind, source, GROUP6, {text: 'R', ttl: 255}))
  errors.length = 0
  ip('link', 'set', 'ha0', 'down')
  const whileDown = send(socket, OURS.lla)
  const peer = process.env.PEER ?? ''
  ip('link', 'set', 'ha0', 'up')
  ip('addr', 'add', `${OURS.lla}/64`, 'dev', 'ha0', 'nodad')
  // Both ends need a moment to find that they are connected again.
  await eventually(() => readFileSync('/sys/class/net/ha0/carrier', 'utf8').startsWith('1'))
  const upAgain = await eventually(() => send(socket, OURS.lla).ok && received.length > 0)
  errors.length = 0
  ip('link', 'del', 'ha0')
  const whileGone = send(socket, OURS.lla)
  await eventually(() => errors.length > 0)
  const gone = errors.splice(0)
  ip('link', 'add', 'ha0', 'type', 'veth', 'peer', 'name', 'pe0', 'netns', peer)
  ip('link', 'set', 'ha0', 'up')
  ip('addr', 'add', `${OURS.lla}/64`, 'dev', 'ha0', 'nodad')
  ip('-n', peer, 'link', 'set', 'pe0', 'up')
  const stillGone = send(socket, OURS.lla)
  socket.close()
  const again = open(kind, 'ha0', () => {})
  const afterwards = await eventually(() => send(again, OURS.lla).ok)
  again.close()
  return {whileDown, upAgain, whileGone, gone, stillGone, afterwards}
}

if (process.argv[2] === 'mirror') mirror()
else void main()
