import {type IpFamily, ipFamily, ipToBytes} from '../../core/ip.ts'
import type {Findings} from '../findings.ts'
import type {ServerGroupConfig} from '../lvs-config.ts'
import type {Item} from '../schema/schema.ts'
import type {GroupMember, ServerGroupSettings} from '../tables/virtual-server-group.ts'

/** The groups by name, and the names of those that could not be used. */
export interface ServerGroups {
  readonly groups: ReadonlyMap<string, ServerGroupConfig>
  readonly leftOut: ReadonlySet<string>
}

/** More services than this are hardly meant. */
const MANY = 65_536

/** Leaves out groups that are empty or contradict themselves; of one name, the first counts. */
export function buildServerGroups(items: readonly Item<ServerGroupSettings>[], findings: Findings): ServerGroups {
  const groups = new Map<string, ServerGroupConfig>()
  const leftOut = new Set<string>()
  for (const item of items) {
    const {name, position, members} = item
    const earlier = groups.get(name)
    if (earlier) {
      const message = `virtual_server_group ${name} is that of line ${earlier.position.line} again; that one is used`
      findings.report('server-group-duplicate', position, message, 'give it another name, or put both into one')
    } else if (members.length === 0) {
      leftOut.add(name)
      const message = `virtual_server_group ${name} has no entry; it is left out`
      findings.report('server-group-empty', position, message, 'ADDRESS PORT')
    } else if (isUndecided(members)) {
      leftOut.add(name)
      const both = `virtual_server_group ${name} has addresses of both families`
      const message = `${both}, so its marks need one; it is left out`
      findings.report('server-group-families', position, message, 'fwmark MARK inet|inet6')
    } else {
      groups.set(name, item)
      reportSize(item, findings)
    }
  }
  return {groups, leftOut}
}

/** The families of the addresses and marks of a group. */
export function familiesOf(members: readonly GroupMember[]): ReadonlySet<IpFamily> {
  const families = new Set<IpFamily>()
  for (const member of members) {
    const family = member.type === 'addresses' ? ipFamily(member.first) : member.family
    if (family) families.add(family)
  }
  return families
}

function isUndecided(members: readonly GroupMember[]): boolean {
  const addresses = members.filter(member => member.type === 'addresses')
  const undecided = members.some(member => member.type === 'fwmark' && member.family === undefined)
  return undecided && familiesOf(addresses).size === 2
}

function reportSize({name, members}: ServerGroupConfig, findings: Findings): void {
  for (const member of members) {
    if (member.type !== 'addresses') continue
    const last = ipToBytes(member.last)
    const count = ipToBytes(member.first).reduce((sum, byte, i) => sum * 256 + (last[i] ?? 0) - byte, 0) + 1
    if (count <= MANY) continue
    const message = `virtual_server_group ${name}: the line means ${Number(count.toPrecision(3))} services`
    findings.report('server-group-large', member.position, message, 'mark the packets, and balance by fwmark')
  }
}
