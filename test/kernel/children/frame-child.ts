import {writeFileSync} from 'node:fs'
import {encodeGratuitousArp} from '../../../src/core/arp/gratuitous-arp.ts'
import type {IpAddress} from '../../../src/core/ip.ts'
import {encodeNeighbourAdvertisementFrame} from '../../../src/core/ndp/neighbour-advertisement.ts'
import type {InterfaceIndex} from '../../../src/core/units.ts'
import {FrameSender} from '../../../src/kernel/frame-sender.ts'
import {forwardsIpv6} from '../../../src/kernel/ipv6-forwarding.ts'
import {capture, descriptors, indexOf, ip, report, sleep} from './tools.ts'

const MAC = '02:00:5e:00:00:01'
/** Longer than an answer of `forwardsIpv6` is kept. */
const FORGOTTEN_MS = 1_100

async function main(): Promise<void> {
  const before = descriptors().length
  const sender = FrameSender.open()
  const inherited = descriptors().filter(entry => entry.inherited).length
  const arp = encodeGratuitousArp({mac: MAC, address: '192.0.2.77' as IpAddress})
  const forwarding = [forwardsIpv6('ha0'), forwardsIpv6('nowhere0'), forwardsIpv6('../all')]
  writeFileSync('/proc/sys/net/ipv6/conf/ha0/forwarding', '1')
  await sleep(FORGOTTEN_MS)
  forwarding.push(forwardsIpv6('ha0'))
  const advertisement = encodeNeighbourAdvertisementFrame({
    mac: MAC,
    address: '2001:db8::77' as IpAddress,
    router: forwardsIpv6('ha0'),
  })
  const index = indexOf('ha0')
  const seen = await capture('arp', 'or', `ether src ${MAC}`)
  const sent = Array.from({length: 5}, () => sender.send(index, arp))
  sent.push(sender.send(index, advertisement))
  const captured = await seen.stop()
  const noInterface = sender.send(9999 as InterfaceIndex, arp)
  const noFrame = sender.send(index, Buffer.alloc(3))
  ip('link', 'set', 'ha0', 'down')
  const whileDown = sender.send(index, arp)
  sender.close()
  sender.close()
  const closed = sender.send(index, arp)
  report({
    inherited,
    forwarding,
    sent,
    captured,
    hex: arp.toString('hex'),
    noInterface,
    noFrame,
    whileDown,
    closed,
    leftOpen: descriptors().length - before,
  })
}

void main()
