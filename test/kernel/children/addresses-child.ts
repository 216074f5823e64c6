import type {IpAddress} from '../../../src/core/ip.ts'
import type {InterfaceIndex} from '../../../src/core/units.ts'
import {ObjectChanger} from '../../../src/kernel/object-changer.ts'
import {asObject, descriptors, indexOf, ip, report} from './tools.ts'

async function main(): Promise<void> {
  const before = descriptors().length
  const changer = ObjectChanger.open()
  const index = indexOf('ha0')
  const vip = {index, address: '192.0.2.77' as IpAddress, prefixLength: 24}
  const whole = {...vip, broadcast: '192.0.2.255' as IpAddress, label: 'ha0:vip'}
  const added = await changer.add(asObject(whole))
  const shown = shownLine('192.0.2.77')
  const again = await changer.add(asObject(vip))
  const otherLength = await changer.remove(asObject({...vip, prefixLength: 32}))
  const removed = await changer.remove(asObject(vip))
  const removedAgain = await changer.remove(asObject(vip))

  const vip6 = {index, address: '2001:db8::77' as IpAddress, prefixLength: 64}
  const added6 = await changer.add(asObject(vip6))
  const shown6 = shownLine('2001:db8::77')
  const again6 = await changer.add(asObject(vip6))
  const removed6 = await changer.remove(asObject(vip6))
  const removedAgain6 = await changer.remove(asObject(vip6))

  const linkLocal = {index, address: '203.0.113.9' as IpAddress, prefixLength: 32, scope: 253}
  const addedLinkScope = await changer.add(asObject(linkLocal))
  const shownLinkScope = shownLine('203.0.113.9')

  const nowhere = {...vip, index: 9999 as InterfaceIndex}
  const noInterface = await changer.add(asObject(nowhere))
  const noInterfaceRemove = await changer.remove(asObject(nowhere))
  const badLabel = await changer.add(asObject({...vip, label: 'x'.repeat(20)}))

  const many = Array.from({length: 500}, (_, i) => ({
    index,
    address: `198.51.${100 + (i >> 8)}.${i & 255}` as IpAddress,
    prefixLength: 32,
  }))
  // The one in the middle fails, and the others do not mind.
  const mixed = await Promise.all(
    many.map((spec, i) => changer.add(asObject(i === 250 ? {...spec, index: 9999 as InterfaceIndex} : spec))),
  )
  const count = ip('-4', '-o', 'addr', 'show', 'dev', 'ha0').trim().split('\n').length
  const gone = await Promise.all(many.map(spec => changer.remove(asObject(spec))))
  const inherited = descriptors().filter(entry => entry.inherited).length
  const pending = changer.add(asObject(vip))
  changer.close()
  const closed = [(await pending).outcome, (await changer.add(asObject(vip))).outcome]
  await new Promise(resolve => setTimeout(resolve, 20))
  report({
    added,
    shown,
    again,
    otherLength,
    removed,
    removedAgain,
    added6,
    shown6,
    again6,
    removed6,
    removedAgain6,
    addedLinkScope,
    shownLinkScope,
    noInterface,
    noInterfaceRemove,
    badLabel,
    mixed: tally(mixed),
    count,
    gone: tally(gone),
    inherited,
    closed,
    leftOpen: descriptors().length - before,
  })
}

const shownLine = (address: string): string | undefined =>
  ip('addr', 'show', 'dev', 'ha0')
    .split('\n')
    .find(line => line.includes(address))
    ?.trim()

function tally(outcomes: readonly {readonly outcome: string}[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const {outcome} of outcomes) counts[outcome] = (counts[outcome] ?? 0) + 1
  return counts
}

void main()
