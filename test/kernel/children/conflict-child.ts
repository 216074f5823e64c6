import {execFile} from 'node:child_process'
import {promisify} from 'node:util'
import {encodeGratuitousArp} from '../../../src/core/arp/gratuitous-arp.ts'
import type {IpAddress} from '../../../src/core/ip.ts'
import {encodeNeighbourAdvertisementFrame} from '../../../src/core/ndp/neighbour-advertisement.ts'
import {AddressConflictWatch, type ForeignClaim} from '../../../src/kernel/address-conflict-watch.ts'
import {FrameSender} from '../../../src/kernel/frame-sender.ts'
import {descriptors, eventually, indexOf, ip, report, sleep} from './tools.ts'

const OWN_MAC = '02:00:00:00:00:01'
const FOREIGN_MAC = '02:00:00:00:00:99'
const FLOOD_FRAMES = 50_000

const arp = (address: string, mac: string): Buffer => encodeGratuitousArp({address: address as IpAddress, mac})
const advertisement = (address: string, mac: string): Buffer =>
  encodeNeighbourAdvertisementFrame({address: address as IpAddress, mac, router: false})

/** A reply to somebody: operation 2, and another target. */
function reply(address: string, mac: string): Buffer {
  const frame = arp(address, mac)
  frame.writeUInt16BE(2, 20)
  frame.set([192, 0, 2, 1], 38)
  return frame
}

/** A probe for an address: the sender has none. RFC 5227 section 2.1.1. */
function probe(address: string, mac: string): Buffer {
  const frame = arp(address, mac)
  frame.fill(0, 28, 32)
  return frame
}

const SENT: {readonly [name: string]: () => readonly Buffer[]} = {
  arp: () => [
    arp('192.0.2.78', FOREIGN_MAC),
    probe('192.0.2.77', FOREIGN_MAC),
    arp('192.0.2.77', OWN_MAC),
    Buffer.alloc(20),
    reply('192.0.2.77', FOREIGN_MAC),
  ],
  // Of the second address only the end is one of ours.
  advertisement: () => [
    advertisement('2001:db8::78', FOREIGN_MAC),
    advertisement('2001:db8:1::77', FOREIGN_MAC),
    advertisement('2001:db8::77', OWN_MAC),
    advertisement('2001:db8::77', FOREIGN_MAC),
  ],
  other: () => [arp('192.0.2.77', FOREIGN_MAC), arp('192.0.2.78', FOREIGN_MAC)],
  flood: () =>
    Array.from({length: FLOOD_FRAMES}, (_, n) =>
      arp(
        '192.0.2.78',
        `02:00:00:${[n >> 16, n >> 8, n].map(byte => (byte & 255).toString(16).padStart(2, '0')).join(':')}`,
      ),
    ),
}

/** In the peer's namespace. */
function send(name: string): void {
  const sender = FrameSender.open()
  const index = indexOf('pe0')
  for (const frame of SENT[name]?.() ?? []) sender.send(index, frame)
  report({})
}

const self = process.argv[1] ?? ''
const peerSends = (name: string): Promise<unknown> =>
  promisify(execFile)('ip', ['netns', 'exec', process.env.PEER ?? '', process.execPath, self, name])

async function main(): Promise<void> {
  const before = descriptors().length
  const claims: ForeignClaim[] = []
  const watch = new AddressConflictWatch(claim => claims.push(claim))
  const watching = (...vips: readonly string[]): readonly string[] =>
    watch.watch([{name: 'ha0', index: indexOf('ha0'), vips: vips as readonly IpAddress[], ownMacs: new Set([OWN_MAC])}])
  const failures = watching('192.0.2.77', '2001:db8::77')
  const inherited = descriptors().filter(entry => entry.inherited).length
  /** What was claimed until the last of these frames was. */
  const claimed = async (name: string, last: string): Promise<readonly ForeignClaim[]> => {
    await peerSends(name)
    await eventually(() => claims.some(({address}) => address === last))
    return claims.splice(0)
  }
  const byArp = await claimed('arp', '192.0.2.77')
  const byAdvertisement = await claimed('advertisement', '2001:db8::77')
  watching('192.0.2.78')
  const afterChange = await claimed('other', '192.0.2.78')
  ip('link', 'set', 'ha0', 'down')
  await sleep(50)
  ip('link', 'set', 'ha0', 'up')
  const counted = watch.counters()
  let ticks = 0
  const ticker = setInterval(() => ticks++, 10)
  await claimed('flood', '192.0.2.78')
  await eventually(() => watch.counters().dropped > 0)
  clearInterval(ticker)
  const flood = {ticks, dropped: watch.counters().dropped, claims: watch.counters().claims - counted.claims}
  const nowhere = watch.watch([{name: 'x', index: 999 as never, vips: ['192.0.2.1' as IpAddress], ownMacs: new Set()}])
  watch.close()
  watch.close()
  report({
    failures,
    inherited,
    byArp,
    byAdvertisement,
    afterChange,
    counted,
    flood,
    nowhere,
    leftOpen: descriptors().length - before,
  })
}

const [, , order] = process.argv
if (order === undefined) void main()
else send(order)
