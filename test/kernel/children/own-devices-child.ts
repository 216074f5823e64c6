import {existsSync, readFileSync, writeFileSync} from 'node:fs'
import {DeviceKeeper} from '../../../src/agent/vrrp/own-devices.ts'
import {withFoundNames} from '../../../src/agent/vrrp/own-devices-plan.ts'
import {type ChangedSysctl, HOST_SYSCTLS, SysctlKeeper} from '../../../src/agent/vrrp/own-devices-sysctls.ts'
import {ownDevicesOf} from '../../../src/config/own-devices.ts'
import {parseConfig} from '../../../src/config/parse.ts'
import {type RouterConfig, routerConfig} from '../../../src/config/router-config.ts'
import {LinkChanger} from '../../../src/kernel/links.ts'
import {Network} from '../../../src/kernel/network.ts'
import {eventually, indexOf, ip, report} from './tools.ts'

const V4 = block('V4', 'use_vmac', '192.0.2.77/24')
const V6 = block('V6', 'use_vmac', '2001:db8::77/64')
const NOTHING = 'global_defs { router_id x }'

function block(name: string, lines: string, vip: string): string {
  return `vrrp_instance ${name} { interface ha0\n virtual_router_id 51\n version 3\n ${lines}\n virtual_ipaddress { ${vip} } }`
}

function routers(text: string): readonly RouterConfig[] {
  const {config} = parseConfig({file: 'x', text})
  const devices = ownDevicesOf(config)
  return config.instances.map(each => routerConfig(each, config.global, undefined, devices.get(each.name)))
}

interface Shown {
  readonly ifname: string
  readonly address: string
  readonly link?: string
  readonly group: string
  readonly flags: readonly string[]
  readonly ifalias?: string
  readonly inet6_addr_gen_mode: string
  readonly linkinfo?: {readonly info_kind: string; readonly info_data?: {readonly mode: string}}
}

function shown(name: string) {
  if (!existsSync(`/sys/class/net/${name}`)) return 'none'
  const [link] = JSON.parse(ip('-d', '-j', 'link', 'show', 'dev', name)) as readonly [Shown]
  const {info_kind: kind, info_data: data} = link.linkinfo ?? {info_kind: ''}
  const addresses = ip('-o', 'addr', 'show', 'dev', name).trim().split('\n').filter(Boolean)
  return {
    kind: `${kind} ${data?.mode ?? ''}`.trim(),
    mac: link.address,
    base: link.link ?? '',
    up: link.flags.includes('UP'),
    generation: link.inet6_addr_gen_mode,
    alias: link.ifalias ?? '',
    addresses: addresses.map(line =>
      line
        .replace(/^\S+\s+\S+\s+/, '')
        .replace(/\\.*/, '')
        .trim(),
    ),
  }
}

const sysctl = (name: string, value?: string): string => {
  const path = `/proc/sys/net/${name}`
  if (value !== undefined) writeFileSync(path, value)
  return readFileSync(path, 'utf8').trim()
}

const sysctls = (...names: readonly string[]): string => names.map(name => sysctl(name)).join(' ')
const BASE = [
  'ipv4/conf/ha0/arp_ignore',
  'ipv4/conf/ha0/arp_filter',
  'ipv4/conf/all/rp_filter',
  'ipv4/conf/ha0/rp_filter',
]
const OF4 = ['arp_ignore', 'accept_local', 'rp_filter', 'promote_secondaries'].map(name => `ipv4/conf/vrrp.51/${name}`)

let network: Network
let links: LinkChanger
let keeper: DeviceKeeper | undefined
let changed: readonly ChangedSysctl[] = []
const news: string[] = []

/** A keeper as another process would have it, with what an earlier one changed. */
function start(inherited: readonly ChangedSysctl[]): DeviceKeeper {
  const settings = new SysctlKeeper(HOST_SYSCTLS, {
    onChanged: list => {
      changed = list
    },
    onFailed: text => news.push(text),
  })
  settings.inherit(inherited)
  keeper = new DeviceKeeper(
    {network, links, sysctls: settings},
    {onChanged: () => {}, onNews: (kind, text) => news.push(`${kind}: ${text}`)},
  )
  return keeper
}

const ready = (...names: readonly string[]) =>
  eventually(() => names.every(name => keeper?.devices.some(each => each.name === name)))
const told = () => news.splice(0)
const present = (name: string) => network.link(name) !== undefined
const privateMacvlan = (name: string, mac: string) =>
  ip('link', 'add', name, 'link', 'ha0', 'address', mac, 'type', 'macvlan', 'mode', 'private')

async function madeAndKept(first: DeviceKeeper) {
  const baseMac = /link\/ether (\S+)/.exec(ip('link', 'show', 'dev', 'ha0'))?.[1] ?? ''
  await first.configure(routers(`${V4}\n${V6}`))
  await ready('vrrp.51', 'vrrp6.51')
  const base = indexOf('ha0')
  const made = {
    v4: shown('vrrp.51'),
    v6: shown('vrrp6.51'),
    of4: sysctls(...OF4, 'ipv6/conf/vrrp.51/disable_ipv6'),
    of6: sysctls('ipv6/conf/vrrp6.51/disable_ipv6', 'ipv6/conf/vrrp6.51/accept_ra'),
    base: sysctls(...BASE),
    devices: first.devices.map(({index, baseIndex, ...rest}) => ({...rest, right: index > 0 && baseIndex === base})),
    news: told(),
  }
  const old = indexOf('vrrp.51')
  ip('link', 'del', 'vrrp.51')
  await eventually(() => first.devices.some(({name, index}) => name === 'vrrp.51' && index !== old))
  const again = {v4: shown('vrrp.51'), of4: sysctls(...OF4)}

  ip('link', 'del', 'ha0')
  await eventually(() => first.devices.length === 0)
  const without = first.reasonFor('vrrp.51')
  ip('link', 'add', 'ha0', 'address', baseMac, 'type', 'veth', 'peer', 'name', 'pe0', 'netns', process.env.PEER ?? '')
  ip('link', 'set', 'ha0', 'up')
  await ready('vrrp.51', 'vrrp6.51')
  const returned = {v4: shown('vrrp.51'), base: sysctls(...BASE.slice(0, 2))}
  told()
  return {made, again, without, returned}
}

/** As after a death of the process: another keeper finds what the first one made. */
async function afterUncleanEnd(second: DeviceKeeper) {
  const index = indexOf('vrrp.51')
  await second.configure(routers(V4))
  await ready('vrrp.51')
  await eventually(() => !present('vrrp6.51'))
  const adopted = {same: indexOf('vrrp.51') === index, v6: shown('vrrp6.51'), news: told()}
  await second.configure(routers(NOTHING))
  const left = {v4: shown('vrrp.51'), base: sysctls(...BASE), default: sysctl('ipv4/conf/default/rp_filter'), changed}
  await eventually(() => !present('vrrp.51'))
  told()
  return {adopted, left}
}

async function inTheWay(second: DeviceKeeper) {
  ip('link', 'add', 'vrrp.51', 'type', 'bridge')
  privateMacvlan('other', '00:00:5e:00:01:55')
  await eventually(() => present('other') && present('vrrp.51'))
  const clashing = V4.replace('V4', 'V').replace('id 51', 'id 52').replace('use_vmac', 'use_vmac vrrp.51')
  await second.configure(routers(`${clashing}\n${V4.replace('use_vmac', 'use_vmac other')}`))
  await ready('other')
  const reason = second.reasonFor('vrrp.51')
  const clash = {reason, bridge: shown('vrrp.51'), replaced: shown('other'), news: told()}
  await second.close()
  const closed = {bridge: shown('vrrp.51'), replaced: shown('other'), news: told()}
  ip('link', 'del', 'vrrp.51')
  await eventually(() => !present('vrrp.51') && !present('other'))
  return {clash, closed}
}

async function ofOthers() {
  privateMacvlan('foreign', '00:00:5e:00:01:33')
  await eventually(() => present('foreign'))
  const third = start([])
  const found = withFoundNames(routers(V4), network.links)
  await third.configure(found)
  await ready('foreign')
  const foreign = {name: found[0]?.ownDevice?.name, up: (shown('foreign') as {up: boolean}).up, news: told()}
  await third.close()
  const kept = shown('foreign') !== 'none'
  // An interface with a macvlan can have no ipvlan.
  ip('link', 'del', 'foreign')
  await eventually(() => !present('foreign'))
  return {foreign, kept}
}

async function withIpvlan() {
  const fourth = start([])
  await fourth.configure(routers(V4.replace('use_vmac', 'use_ipvlan 192.0.2.9')))
  await eventually(() => fourth.reasonFor('vrrp.51') !== undefined || fourth.devices.length === 1)
  const ipvlan = fourth.reasonFor('vrrp.51') ?? shown('vrrp.51')
  await fourth.close()
  return {ipvlan}
}

async function main(): Promise<void> {
  network = await Network.open({onChange: () => keeper?.networkChanged(), onError: () => {}})
  links = LinkChanger.open()
  sysctl('ipv4/conf/all/rp_filter', '1')
  sysctl('ipv4/conf/ha0/rp_filter', '0')
  sysctl('ipv4/conf/default/rp_filter', '2')
  await eventually(() => ip('-6', 'addr', 'show', 'dev', 'ha0').includes('fe80'))
  const linkLocal = /fe80\S+/.exec(ip('-6', 'addr', 'show', 'dev', 'ha0'))?.[0]
  const first = await madeAndKept(start([]))
  const second = start(changed)
  const results = {...first, ...(await afterUncleanEnd(second)), ...(await inTheWay(second))}
  const rest = {...(await ofOthers()), ...(await withIpvlan())}
  network.close()
  links.close()
  report({linkLocal, ...results, ...rest})
}

void main()
