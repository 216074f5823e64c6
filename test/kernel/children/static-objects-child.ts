import {ownedBy} from '../../../src/agent/owned-objects.ts'
import {removeLeftovers} from '../../../src/agent/vrrp/leftovers.ts'
import type {ObjectOperations} from '../../../src/agent/vrrp/object-holder.ts'
import {sparingSecondaries} from '../../../src/agent/vrrp/secondaries.ts'
import {StaticObjects} from '../../../src/agent/vrrp/static-objects.ts'
import type {Config} from '../../../src/config/config.ts'
import {loadText} from '../../../src/config/load.ts'
import {Network} from '../../../src/kernel/network.ts'
import {ObjectChanger} from '../../../src/kernel/object-changer.ts'
import {RouteMonitor} from '../../../src/kernel/route-monitor.ts'
import {descriptors, eventually, ip, ipBatch, report, sleep} from './tools.ts'

const TEXT = `
track_group G { group { A } }
static_ipaddress {
  203.0.113.77/24 dev ha0 track_group G
  203.0.113.80/32 dev ha0
  203.0.113.81/32 dev ha0 no_track
}
static_routes {
  10.5.0.0/24 dev ha0 src 203.0.113.80
  10.5.1.0/24 via 192.0.2.9 dev ha0 track_group G
  10.5.2.0/24 dev ha0 no_track
  2001:db8:5::/64 dev ha0
}
static_rules {
  from 10.6.0.0/24 table 100 preference 2000
  from 10.6.1.0/24 table 100 preference 2001 no_track
}
vrrp_instance A {
  interface ha0
  virtual_router_id 5
  virtual_ipaddress { 10.1.0.1 }
}
`
/** The same without some of it, and with another route. */
const RELOADED = TEXT.replace('203.0.113.80/32 dev ha0\n', '')
  .replace('10.5.0.0/24 dev ha0 src 203.0.113.80', '10.5.3.0/24 dev ha0')
  .replace('from 10.6.0.0/24 table 100 preference 2000\n', '')

async function main(): Promise<void> {
  const before = descriptors().length
  const {config} = loadText('x', TEXT)
  const network = await Network.open({
    onChange: () => objects.networkChanged(),
    onError: () => {},
  })
  const changer = ObjectChanger.open()
  const news: string[] = []
  const told: number[] = []
  const operations = sparingSecondaries(changer, network, () => false)
  const objects = new StaticObjects(
    {network, objects: operations},
    {onRestored: text => news.push(text), onFailed: text => news.push(text), onChanged: () => {}},
  )
  const monitor = new RouteMonitor(
    {
      onDeleted: deletions => {
        told.push(deletions.length)
        objects.deleted(deletions)
      },
      onUncertain: () => objects.recheck(),
    },
    () => changer.port,
  )
  await objects.configure(config)
  monitor.watch(objects.needsRouteMonitor)
  const atStart = shown()

  const disturbed = await disturb(objects, news)

  // Routes of others are no news, however many there are.
  told.length = 0
  const heard = monitor.messages
  const many = Array.from({length: 2_000}, (_, i) => `10.${100 + (i >> 8)}.${i & 255}.0/24 dev ha0 proto 99`)
  await ipBatch(many.map(line => `route add ${line}`))
  await ipBatch(many.map(line => `route del ${line}`))
  await sleep(100)
  const foreign = {told: told.length, heard: monitor.messages - heard}

  const reload = loadText('x', RELOADED).config
  await objects.configure(reload)
  const reloaded = shown()

  const end = await leave({objects, operations, network}, {config, reload})
  monitor.close()
  changer.close()
  network.close()
  await sleep(20)
  report({
    atStart,
    ...disturbed,
    foreign,
    reloaded,
    ...end,
    leftOpen: descriptors().length - before,
  })
}

/** Takes objects and their interface away, and looks at what comes back. */
async function disturb(objects: StaticObjects, news: readonly string[]) {
  /** Takes something away and waits until it is shown again. */
  const back = async (text: string, ...words: string[]): Promise<boolean> => {
    ip(...words)
    return eventually(() => shown().some(line => line.includes(text)) && news.some(line => line.includes('is back')))
  }
  const returned = {
    address: await back('203.0.113.77/24', 'addr', 'del', '203.0.113.77/24', 'dev', 'ha0'),
    route: await back('10.5.1.0/24', 'route', 'del', '10.5.1.0/24'),
    rule: await back('10.6.0.0/24', 'rule', 'del', 'preference', '2000'),
    route6: await back('2001:db8:5::/64', '-6', 'route', 'del', '2001:db8:5::/64'),
    // Its route goes with it, and nobody tells of that.
    source:
      (await back('203.0.113.80/32', 'addr', 'del', '203.0.113.80/32', 'dev', 'ha0')) && (await has('10.5.0.0/24')),
  }
  ip('addr', 'del', '203.0.113.81/32', 'dev', 'ha0')
  ip('route', 'del', '10.5.2.0/24')
  ip('rule', 'del', 'preference', '2001')
  ip('link', 'set', 'ha0', 'down')
  const down = (await eventually(() => (objects.faults().get('A') ?? []).length > 0)) && objects.faults().get('A')
  const routesWhileDown = shown().filter(line => line.includes('10.5.')).length
  ip('link', 'set', 'ha0', 'up')
  const cameUp = (await has('10.5.0.0/24')) && (await has('10.5.1.0/24')) && (await has('2001:db8:5::/64'))
  const faultsAfter = (await eventually(() => (objects.faults().get('A') ?? []).length === 0)) && 'none'
  const notBack = shown().filter(line => /203\.0\.113\.81|10\.5\.2\.0|10\.6\.1\.0/.test(line))
  return {returned, news: news.length, down, routesWhileDown, cameUp, faultsAfter, notBack}
}

/** Withdraws everything, and cleans up what an unclean death would leave. */
async function leave(
  {objects, operations, network}: {objects: StaticObjects; operations: ObjectOperations; network: Network},
  {config, reload}: {config: Config; reload: Config},
) {
  // Somebody else's address in the network of one of ours, which is removed.
  ip('addr', 'add', '203.0.113.99/24', 'dev', 'ha0', 'label', 'ha0:x')
  await eventually(() => network.addresses.some(({address}) => address === '203.0.113.99'))
  const owned = ownedBy([], config)
  ip('route', 'add', '10.7.0.0/24', 'dev', 'ha0', 'proto', '18')
  ip('route', 'add', '10.5.0.0/24', 'dev', 'ha0', 'proto', '99', 'metric', '5')
  await objects.withdraw()
  const atEnd = shown()
  const spared = ip('-o', 'addr', 'show', 'dev', 'ha0').includes('203.0.113.99/24')

  // What an unclean death leaves, beside routes of another daemon.
  ip('addr', 'add', '203.0.113.80/32', 'dev', 'ha0')
  ip('route', 'add', '10.5.0.0/24', 'dev', 'ha0', 'proto', '18', 'src', '203.0.113.80')
  ip('route', 'add', '10.5.1.0/24', 'via', '192.0.2.9', 'proto', '18')
  ip('rule', 'add', 'from', '10.6.0.0/24', 'table', '100', 'preference', '2000', 'proto', '18')
  const leftovers = await removeLeftovers(
    {network, objects: operations},
    ownedBy([], {...reload, staticRules: []}),
    owned,
  )
  const afterCleaning = shown()
  return {atEnd, spared, leftovers: leftovers.map(({text}) => text), afterCleaning}
}

const has = (text: string): Promise<boolean> => eventually(() => shown().some(line => line.includes(text)))

/** The static objects, as ip(8) shows them. */
const shown = (): readonly string[] =>
  [
    ...ip('-o', '-4', 'addr', 'show', 'dev', 'ha0').split('\n'),
    ...ip('-o', 'route').split('\n'),
    ...ip('-o', '-6', 'route').split('\n'),
    ...ip('rule').split('\n'),
  ]
    .map(line => line.trim())
    .filter(line => /203\.0\.113\.(77|8\d)\/|^10\.[57]\.|^2001:db8:5|10\.6\./.test(line))
    .map(line => line.replace(/^\d+: ha0\s+inet (\S+) .*/, '$1').replace(/\t/, ' '))
    .map(line => line.replace(/ (pref medium|metric 1024)/g, '').trim())

void main()
