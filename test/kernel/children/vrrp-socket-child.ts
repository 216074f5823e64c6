import {spawn} from 'node:child_process'
import type {IpAddress} from '../../../src/core/ip.ts'
import {priority, vrid} from '../../../src/core/units.ts'
import {VRRP_GROUP4} from '../../../src/core/vrrp/config.ts'
import {VRRP_PROTOCOL} from '../../../src/core/vrrp/message.ts'
import {decodeAdvertisement, encodeAdvertisement} from '../../../src/core/vrrp/packet.ts'
import type {OutgoingPacket} from '../../../src/core/vrrp/send.ts'
import {VrrpSocket, type VrrpSocketError} from '../../../src/kernel/vrrp-socket.ts'
import {capture, descriptors, eventually, indexOf, ip, report, sleep} from './tools.ts'

const PEER_PACKETS = 10_000
const PEER_PACKETS_A_SECOND = 5_000

const optionsFor = (name: string, index: string = name) => ({
  family: 4 as const,
  protocol: VRRP_PROTOCOL as typeof VRRP_PROTOCOL,
  device: {name, index: indexOf(index)},
  receiveBufferBytes: undefined,
})

const open = (name: string, onPacket: (packet: Buffer) => void, errors: VrrpSocketError[]) => {
  const opened = VrrpSocket.open({
    ...optionsFor(name),
    onPacket: packet => onPacket(packet.bytes),
    onError: error => errors.push(error),
  })
  if (!opened.ok) throw new Error(`${opened.step}: ${opened.reason}`)
  const joined = opened.socket.join(VRRP_GROUP4)
  if (!joined.ok) throw new Error(`join: ${joined.reason}`)
  return opened.socket
}

const outgoing = (bytes: Buffer): OutgoingPacket => ({
  family: 4,
  protocol: VRRP_PROTOCOL,
  source: '192.0.2.1' as IpAddress,
  destination: VRRP_GROUP4,
  ttl: 255,
  bytes,
})

/** The n-th packet of a sender: its number is the IPv4 identification, and part of the address in the packet. */
const packetOf = (source: string, n: number): Buffer =>
  encodeAdvertisement(
    {
      version: 2,
      vrid: vrid(77),
      priority: priority(100),
      intervalMs: 1000,
      addresses: [`10.0.${(n >> 8) & 255}.${n & 255}` as IpAddress],
    },
    {
      source: source as IpAddress,
      destination: VRRP_GROUP4,
      // The kernel fills in a 0.
      identification: n + 1,
      checksumWithoutPseudoHeader: false,
    },
  )

/** In the peer's namespace: sends a flood, from bursts every five milliseconds. */
async function sendFlood(): Promise<void> {
  const socket = open('pe0', () => {}, [])
  const began = performance.now()
  for (let sent = 0; sent < PEER_PACKETS; ) {
    const due = Math.min(PEER_PACKETS, ((performance.now() - began) / 1000) * PEER_PACKETS_A_SECOND)
    while (sent < due) if (socket.send(outgoing(packetOf('192.0.2.2', sent))).ok) sent++
    await sleep(5)
  }
  report({sent: PEER_PACKETS})
}

function startPeer(): Promise<number | null> {
  const self = process.argv[1] ?? ''
  const child = spawn('ip', ['netns', 'exec', process.env.PEER ?? '', process.execPath, self, 'flood'], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  return new Promise(resolve => child.on('close', resolve))
}

const errors: VrrpSocketError[] = []
const received: Buffer[] = []
let throwOn = -1

async function main(): Promise<void> {
  const before = descriptors().length
  const socket = open('ha0', takePacket, errors)
  const inherited = descriptors().filter(entry => entry.inherited).length
  const found = {
    inherited,
    ...(await sendSome(socket)),
    ...(await receiveFlood(socket)),
    ...(await drainAfterStall(socket)),
    ...(await outliveInterface(socket)),
  }
  await sleep(50)
  report({...found, leftOpen: descriptors().length - before})
}

function takePacket(packet: Buffer): void {
  received.push(packet)
  if (received.length === throwOn) throw new Error('a handler that throws')
}

/** What leaves, as the peer sees it; and nothing of it comes back. */
async function sendSome(socket: VrrpSocket) {
  const seen = await capture('proto', '112')
  const sends = [0, 1, 2].map(n => socket.send(outgoing(packetOf('192.0.2.1', n))))
  const captured = await seen.stop()
  const tooLong = socket.send(outgoing(Buffer.alloc(70_000)))
  return {sends, captured, echoes: received.length, tooLong}
}

/** A flood arrives whole, in order and unharmed; one handler in it throws. */
async function receiveFlood(socket: VrrpSocket) {
  throwOn = 100
  let ticks = 0
  const ticker = setInterval(() => ticks++, 10)
  const peerCode = await startPeer()
  await eventually(() => received.length >= PEER_PACKETS)
  clearInterval(ticker)
  throwOn = -1
  return {
    ticks,
    peerCode,
    intact: received.filter((packet, n) => packet.equals(packetOf('192.0.2.2', n))).length,
    decoded: received.filter(packet => decodeAdvertisement(packet).ok).length,
    afterFlood: socket.counters(),
    handlerErrors: errors.splice(0).map(error => error.type),
  }
}

/** After a loop that stood still, what waits is there at once. */
async function drainAfterStall(socket: VrrpSocket) {
  received.length = 0
  const peer = startPeer()
  await eventually(() => received.length > 0)
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 300)
  const early = received.length
  const drained = [socket.drain(10), socket.drain(100_000)]
  const inTime = received.length - early
  await peer
  await eventually(() => received.length >= PEER_PACKETS)
  return {drained, inTime, second: received.length}
}

/** The interface goes and comes back under its name. */
async function outliveInterface(socket: VrrpSocket) {
  const peer = process.env.PEER ?? ''
  const sendOne = (through: VrrpSocket) => through.send(outgoing(packetOf('192.0.2.1', 9)))
  ip('link', 'set', 'ha0', 'down')
  const whileDown = sendOne(socket)
  ip('link', 'set', 'ha0', 'up')
  ip('link', 'del', 'ha0')
  const whileGone = sendOne(socket)
  await eventually(() => errors.length > 0)
  const goneErrors = errors.splice(0)
  ip('link', 'add', 'ha0', 'type', 'veth', 'peer', 'name', 'pe0', 'netns', peer)
  ip('link', 'set', 'ha0', 'up')
  ip('-n', peer, 'link', 'set', 'pe0', 'up')
  const stillGone = sendOne(socket)
  socket.close()
  socket.close()
  const closed = sendOne(socket)
  const again = open('ha0', takePacket, errors)
  const afterwards = sendOne(again)
  again.close()
  const nowhere = VrrpSocket.open({...optionsFor('nowhere0', 'lo'), onPacket: () => {}, onError: () => {}})
  return {whileDown, whileGone, goneErrors, stillGone, closed, afterwards, nowhere}
}

void (process.argv[2] === 'flood' ? sendFlood() : main())
