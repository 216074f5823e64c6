import type {IpAddress} from '../../../src/core/ip.ts'
import type {NetworkChange} from '../../../src/core/netlink/picture.ts'
import {Network} from '../../../src/kernel/network.ts'
import {ObjectChanger} from '../../../src/kernel/object-changer.ts'
import {
  asObject,
  descriptors,
  dumpedAddresses,
  eventually,
  indexOf,
  ip,
  picturedAddresses,
  report,
  sleep,
} from './tools.ts'

const PEER = process.env.PEER ?? ''
const changes: NetworkChange[] = []

/** Does something, waits until the picture shows it, and answers what was told about it. */
async function after(act: () => unknown, condition: () => boolean): Promise<readonly string[]> {
  changes.length = 0
  await act()
  return (await eventually(condition)) ? changes.map(describe) : ['never seen']
}

async function main(): Promise<void> {
  const before = descriptors().length
  const errors: string[] = []
  // What is pictured first is compared with what the kernel says at the same time: nothing may be settling then.
  await eventually(() => ip('link', 'show', 'dev', 'ha0').includes('state UP'))
  const network = await Network.open({
    onChange: some => changes.push(...some),
    onError: reason => errors.push(reason),
  })
  const first = {
    pictured: picturedAddresses(network),
    dumped: dumpedAddresses(),
    ha0: network.link('ha0'),
    lo: network.link('lo'),
    mac: /link\/ether (\S+)/.exec(ip('link', 'show', 'dev', 'ha0'))?.[1],
    changes: changes.length,
  }
  const followed = {...(await followAddresses(network)), ...(await followLinks(network))}
  const last = {pictured: picturedAddresses(network), dumped: dumpedAddresses()}
  const inherited = descriptors().filter(entry => entry.inherited).length
  network.close()
  await sleep(20)
  report({first, ...followed, last, errors, inherited, leftOpen: descriptors().length - before})
}

const held = (network: Network, address: string) => network.addresses.find(entry => entry.address === address)

async function followAddresses(network: Network) {
  const vip = {index: indexOf('ha0'), address: '192.0.2.77' as IpAddress, prefixLength: 24}
  const changer = ObjectChanger.open()
  const added = await after(
    () => changer.add(asObject(vip)),
    () => held(network, vip.address) !== undefined,
  )
  const seen = held(network, vip.address)
  const foreignDelete = await after(
    () => ip('addr', 'del', '192.0.2.77/24', 'dev', 'ha0'),
    () => held(network, vip.address) === undefined,
  )
  changer.close()
  return {added, seen, foreignDelete}
}

async function followLinks(network: Network) {
  const isUp = (up: boolean) => () => network.link('ha0')?.up === up
  const down = await after(() => ip('link', 'set', 'ha0', 'down'), isUp(false))
  const up = await after(() => ip('link', 'set', 'ha0', 'up'), isUp(true))
  const carrierLost = await after(() => ip('-n', PEER, 'link', 'set', 'pe0', 'down'), isUp(false))
  const stillEnabled = network.link('ha0')?.enabled
  const carrierBack = await after(() => ip('-n', PEER, 'link', 'set', 'pe0', 'up'), isUp(true))

  ip('link', 'add', 'br0', 'type', 'bridge')
  ip('link', 'set', 'ha0', 'master', 'br0')
  const leftBridge = await after(
    () => {
      ip('link', 'set', 'ha0', 'nomaster')
      // Told of after the port's leaving.
      ip('link', 'set', 'br0', 'mtu', '1400')
    },
    () => network.link('br0')?.mtu === 1400,
  )
  const renamed = await after(
    () => ip('link', 'set', 'br0', 'name', 'br1'),
    () => network.link('br1') !== undefined && network.link('br0') === undefined,
  )

  const oldIndex = network.link('ha0')?.index
  const recreated = await after(
    () => {
      ip('link', 'del', 'ha0')
      ip('link', 'add', 'ha0', 'type', 'veth', 'peer', 'name', 'pe0', 'netns', PEER)
      ip('addr', 'add', '192.0.2.1/24', 'dev', 'ha0')
    },
    () => network.link('ha0')?.index !== oldIndex && held(network, '192.0.2.1') !== undefined,
  )
  return {down, up, carrierLost, stillEnabled, carrierBack, leftBridge, renamed, recreated}
}

function describe(change: NetworkChange): string {
  if (change.type === 'resynchronised') return change.type
  if ('link' in change) return `${change.type} ${change.link.name} ${change.link.up ? 'up' : 'down'}`
  return `${change.type} ${change.address.address}`
}

void main()
