import type {IpAddress} from '../../../src/core/ip.ts'
import type {NetworkChange} from '../../../src/core/netlink/picture.ts'
import {AddressChanger} from '../../../src/kernel/addresses.ts'
import {Network} from '../../../src/kernel/network.ts'
import {descriptors, dumpedAddresses, eventually, indexOf, ip, picturedAddresses, report} from './tools.ts'

async function main(): Promise<void> {
  const before = descriptors().length
  const changes: NetworkChange[] = []
  const errors: string[] = []
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
  /** Does something, waits until the picture shows it, and answers what was told about it. */
  const after = async (act: () => unknown, condition: () => boolean): Promise<readonly string[]> => {
    changes.length = 0
    await act()
    if (!(await eventually(condition))) return ['never seen']
    return changes.map(describe)
  }
  const held = (address: string) => network.addresses.find(entry => entry.address === address)

  const vip = {index: indexOf('ha0'), address: '192.0.2.77' as IpAddress, prefixLength: 24}
  const changer = AddressChanger.open()
  const added = await after(
    () => changer.add(vip),
    () => held('192.0.2.77') !== undefined,
  )
  const seen = held('192.0.2.77')
  const foreignDelete = await after(
    () => ip('addr', 'del', '192.0.2.77/24', 'dev', 'ha0'),
    () => held('192.0.2.77') === undefined,
  )
  changer.close()

  const down = await after(
    () => ip('link', 'set', 'ha0', 'down'),
    () => network.link('ha0')?.up === false,
  )
  const up = await after(
    () => ip('link', 'set', 'ha0', 'up'),
    () => network.link('ha0')?.up === true,
  )
  const peer = process.env.PEER ?? ''
  const carrierLost = await after(
    () => ip('-n', peer, 'link', 'set', 'pe0', 'down'),
    () => network.link('ha0')?.up === false,
  )
  const stillEnabled = network.link('ha0')?.enabled
  const carrierBack = await after(
    () => ip('-n', peer, 'link', 'set', 'pe0', 'up'),
    () => network.link('ha0')?.up === true,
  )

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
      ip('link', 'add', 'ha0', 'type', 'veth', 'peer', 'name', 'pe0', 'netns', peer)
      ip('addr', 'add', '192.0.2.1/24', 'dev', 'ha0')
    },
    () =>
      network.link('ha0') !== undefined && network.link('ha0')?.index !== oldIndex && held('192.0.2.1') !== undefined,
  )
  const last = {pictured: picturedAddresses(network), dumped: dumpedAddresses()}
  const inherited = descriptors().filter(entry => entry.inherited).length
  network.close()
  await new Promise(resolve => setTimeout(resolve, 20))
  report({
    first,
    added,
    seen,
    foreignDelete,
    down,
    up,
    carrierLost,
    stillEnabled,
    carrierBack,
    leftBridge,
    renamed,
    recreated,
    last,
    errors,
    inherited,
    leftOpen: descriptors().length - before,
  })
}

function describe(change: NetworkChange): string {
  if (change.type === 'resynchronised') return change.type
  if ('link' in change) return `${change.type} ${change.link.name} ${change.link.up ? 'up' : 'down'}`
  return `${change.type} ${change.address.address}`
}

void main()
