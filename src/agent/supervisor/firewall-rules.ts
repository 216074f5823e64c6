import type {GlobalConfig, VipConfig} from '../../config/config.ts'
import type {RouterConfig} from '../../config/router-config.ts'
import {type IpFamily, ipFamily} from '../../core/ip.ts'

/** What `global_defs` says of the rules. keepalived.conf(5), nftables. */
export type FirewallSettings = Pick<GlobalConfig, 'nftablesTable' | 'nftablesPriority' | 'nftablesCounters'>

/** A macvlan with a virtual MAC address, as far as the rules have to do with it. */
export interface VirtualInterface {
  readonly type: 'macvlan' | 'ipvlan'
  readonly index: number
  readonly baseIndex: number
}

/** What the rules are made from. */
export interface FirewallFacts {
  readonly table: string
  readonly priority: number
  readonly counters: boolean
  readonly routers: readonly RouterConfig[]
  readonly devices: readonly VirtualInterface[]
}

/** The table when nobody names another one. keepalived's own name is left to keepalived. */
export const DEFAULT_TABLE = 'hactl'

/** The name of the table; undefined: what is configured is no name that nft(8) takes. */
export function tableName(configured: string | undefined): string | undefined {
  if (configured === undefined || configured === 'keepalived') return DEFAULT_TABLE
  return /^[A-Za-z][A-Za-z0-9_.-]{0,62}$/.test(configured) ? configured : undefined
}

/** Input for nft(8) that takes a table away, whether it is there or not. */
export const removal = (table: string): string =>
  FAMILIES.map(({name}) => `add table ${name} ${table}\ndelete table ${name} ${table}\n`).join('')

/**
 * Input for nft(8), one transaction, that makes the tables anew; undefined: no rule is needed.
 *
 * Addresses of virtual routers that accept nothing: what is for them or comes from them is dropped, but for neighbour
 * discovery. The rules stand in every state: RFC 9568 section 6.4.2 has a backup accept nothing either, what a backup
 * forwards does not pass these chains, and no moment is left between becoming master and the rules.
 *
 * Interfaces with a virtual MAC address: reports of group membership leave from the interface below, and nobody is
 * asked for routers; a switch would learn from them that the virtual MAC address is here, while another is master.
 * `redirect`: false where the kernel has no `dup`.
 */
export function rulesOf(facts: FirewallFacts, redirect: boolean): string | undefined {
  const tables = FAMILIES.map(family => tableOf(family, facts, redirect))
  if (tables.every(text => text === '')) return undefined
  return `${removal(facts.table)}${tables.join('')}`
}

interface Family {
  readonly family: IpFamily
  readonly name: 'ip' | 'ip6'
  readonly type: 'ipv4_addr' | 'ipv6_addr'
  readonly reports: string
}

const FAMILIES: readonly Family[] = [
  {family: 4, name: 'ip', type: 'ipv4_addr', reports: 'ip protocol igmp'},
  {
    family: 6,
    name: 'ip6',
    type: 'ipv6_addr',
    reports: 'icmpv6 type { mld-listener-report, mld-listener-done, mld2-listener-report }',
  },
]

function tableOf({family, name, type, reports}: Family, facts: FirewallFacts, redirect: boolean): string {
  const {table, priority, counters, devices} = facts
  const closed = closedAddresses(facts.routers, family)
  const macvlans = devices.filter(device => device.type === 'macvlan')
  const silenced = redirect || family === 6 ? macvlans : []
  if (closed.anywhere.length + closed.onInterface.length + silenced.length === 0) return ''
  const count = counters ? 'counter ' : ''
  const sets: string[] = []
  const output: string[] = []
  const input: string[] = []
  if (silenced.length > 0 && redirect) {
    sets.push(
      set(
        'map bases',
        'iface_index : iface_index',
        silenced.map(each => `${each.index} : ${each.baseIndex}`),
      ),
    )
    output.push(`${reports} dup to ${name} daddr device oif map @bases ${count}drop`)
  }
  if (silenced.length > 0 && family === 6) {
    const indexes = silenced.map(({index}) => index).join(', ')
    output.push(`icmpv6 type nd-router-solicit oif { ${indexes} } ${count}drop`)
  }
  if (family === 6 && closed.anywhere.length + closed.onInterface.length > 0) {
    for (const chain of [input, output]) {
      chain.push(`icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } ${count}accept`)
    }
  }
  if (closed.anywhere.length > 0) {
    sets.push(set('set vips', type, closed.anywhere))
    input.push(`${name} daddr @vips ${count}drop`)
    output.push(`${name} saddr @vips ${count}drop`)
  }
  if (closed.onInterface.length > 0) {
    sets.push(set('set vips_link_local', `${type} . ifname`, closed.onInterface))
    input.push(`${name} daddr . iifname @vips_link_local ${count}drop`)
    output.push(`${name} saddr . oifname @vips_link_local ${count}drop`)
  }
  const chains = [chain('in', 'input', priority, input), chain('out', 'output', priority, output)]
  return `table ${name} ${table} {\n${[...sets, ...chains].join('')}}\n`
}

/** The addresses that accept nothing; link-local ones are somebody else's on another interface. */
function closedAddresses(routers: readonly RouterConfig[], family: IpFamily) {
  const anywhere = new Set<string>()
  const onInterface = new Set<string>()
  for (const router of routers) {
    if (router.accept) continue
    for (const vip of [...router.vips, ...router.excludedVips]) {
      if (ipFamily(vip.address) !== family) continue
      const device = deviceOf(router, vip)
      if (!LINK_LOCAL.test(vip.address)) anywhere.add(vip.address)
      else if (QUOTABLE.test(device)) onInterface.add(`${vip.address} . "${device}"`)
    }
  }
  return {anywhere: [...anywhere], onInterface: [...onInterface]}
}

const deviceOf = ({ownDevice, interface: base}: RouterConfig, {device}: VipConfig): string =>
  device ?? ownDevice?.name ?? base

/** fe80::/10. RFC 4291 section 2.5.6. */
const LINK_LOCAL = /^fe[89ab][0-9a-f]:/i
/** An interface's name without what means something to nft(8), such as a wildcard. */
const QUOTABLE = /^[^"*\\\s]{1,15}$/

const set = (head: string, type: string, elements: readonly string[]): string =>
  `  ${head} {\n    type ${type}\n    elements = { ${elements.join(', ')} }\n  }\n`

const chain = (name: string, hook: string, priority: number, rules: readonly string[]): string =>
  rules.length === 0
    ? ''
    : `  chain ${name} {\n    type filter hook ${hook} priority ${priority}; policy accept;\n${rules
        .map(rule => `    ${rule}\n`)
        .join('')}  }\n`
