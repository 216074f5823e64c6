import {encodeGratuitousArp} from '../../../src/core/arp/gratuitous-arp.ts'
import type {IpAddress} from '../../../src/core/ip.ts'
import type {InterfaceIndex} from '../../../src/core/units.ts'
import {ArpSender} from '../../../src/kernel/arp-sender.ts'
import {capture, descriptors, indexOf, ip, report} from './tools.ts'

async function main(): Promise<void> {
  const before = descriptors().length
  const sender = ArpSender.open()
  const inherited = descriptors().filter(entry => entry.inherited).length
  const frame = encodeGratuitousArp({mac: '02:00:5e:00:00:01', address: '192.0.2.77' as IpAddress})
  const index = indexOf('ha0')
  const seen = await capture('arp')
  const sent = Array.from({length: 5}, () => sender.send(index, frame))
  const captured = await seen.stop()
  const noInterface = sender.send(9999 as InterfaceIndex, frame)
  ip('link', 'set', 'ha0', 'down')
  const whileDown = sender.send(index, frame)
  sender.close()
  sender.close()
  const closed = sender.send(index, frame)
  report({
    inherited,
    sent,
    captured,
    hex: frame.toString('hex'),
    noInterface,
    whileDown,
    closed,
    leftOpen: descriptors().length - before,
  })
}

void main()
