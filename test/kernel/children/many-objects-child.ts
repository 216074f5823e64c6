import {addressObject, type HeldObject, routeObject, ruleObject} from '../../../src/agent/vrrp/held-object.ts'
import {lookupIn} from '../../../src/agent/vrrp/link-lookup.ts'
import {ObjectHolder} from '../../../src/agent/vrrp/object-holder.ts'
import {loadText} from '../../../src/config/load.ts'
import type {IpAddress} from '../../../src/core/ip.ts'
import {Network} from '../../../src/kernel/network.ts'
import {ObjectChanger} from '../../../src/kernel/object-changer.ts'
import {ip, report} from './tools.ts'

const ROUTERS = 255
const ADDRESSES = 10_000

async function main(): Promise<void> {
  const network = await Network.open({onChange: () => {}, onError: () => {}})
  const changer = ObjectChanger.open()
  const failures: string[] = []
  const position = {file: 'x', line: 1, column: 1}
  const address = (n: number): HeldObject => {
    const text = `10.${n >> 16}.${(n >> 8) & 255}.${n & 255}` as IpAddress
    return addressObject({position, address: text, prefixLength: 32}, 'ha0')
  }
  const newHolder = (): ObjectHolder =>
    new ObjectHolder(
      changer,
      {onAdded: () => {}, onRemoved: () => {}, onFailed: ({key}, _, reason) => failures.push(`${key} ${reason}`)},
      lookupIn(network),
    )
  const holders = Array.from({length: ROUTERS}, (_, r) => {
    const own = Array.from({length: Math.ceil(ADDRESSES / ROUTERS)}, (_unused, i) => address(r * 256 + i + 1))
    const {config} = loadText(
      'x',
      `static_routes { 172.16.${r}.0/24 dev ha0 }
      static_rules { from 172.17.${r}.0/24 table 100 preference ${1_000 + r} }`,
    )
    const objects = [...own, ...config.staticRoutes.map(routeObject), ...config.staticRules.map(ruleObject)]
    return {holder: newHolder(), objects}
  })
  let ticks = 0
  const ticking = setInterval(() => ticks++, 5)
  const timed = async (act: () => Promise<unknown>): Promise<number> => {
    const start = performance.now()
    await act()
    return Math.round(performance.now() - start)
  }
  const holdMs = await timed(() => Promise.all(holders.map(({holder, objects}) => holder.hold(objects, 0))))
  const held = holders.reduce((sum, {holder, objects}) => sum + objects.filter(each => holder.holds(each)).length, 0)
  const counted = count()
  const againMs = await timed(() => Promise.all(holders.map(({holder, objects}) => holder.hold(objects, 0))))
  network.catchUp()
  const releaseMs = await timed(() => Promise.all(holders.map(({holder, objects}) => holder.release(objects))))
  const left = count()
  const one = newHolder()
  const all = Array.from({length: ADDRESSES}, (_, i) => address(0x10_0000 + i))
  const oneMs = await timed(() => one.hold(all, 0))
  const oneReleaseMs = await timed(() => one.release(all))
  clearInterval(ticking)
  for (const {holder} of holders) holder.close()
  changer.close()
  network.close()
  report({
    failures,
    held,
    counted,
    left,
    ticks,
    times: {holdMs, againMs, releaseMs, oneMs, oneReleaseMs},
  })
}

const count = (): number =>
  ip('-o', '-4', 'addr', 'show', 'dev', 'ha0')
    .split('\n')
    .filter(line => line.includes('inet 10.')).length

void main()
