import type {VipConfig} from '../../config/config.ts'
import type {IpAddress} from '../../core/ip.ts'
import {type ClusterFindings, enumerated, type Report} from '../findings.ts'
import type {Member, VirtualRouter} from '../node.ts'
import {placeOf} from './differing.ts'

/** Finds virtual addresses that are not the same on all nodes. */
export function compareAddresses(router: VirtualRouter, findings: ClusterFindings): void {
  const held = router.members.map(addressesOf)
  reportMissing(router, held, findings)
  reportVaried(router, held, findings)
}

interface Held {
  readonly vip: VipConfig
  readonly excluded: boolean
}

type HeldAddresses = ReadonlyMap<IpAddress, Held>

function addressesOf({instance: {vips, excludedVips}}: Member): HeldAddresses {
  return new Map<IpAddress, Held>([
    ...excludedVips.map(vip => [vip.address, {vip, excluded: true}] as const),
    ...vips.map(vip => [vip.address, {vip, excluded: false}] as const),
  ])
}

function reportMissing(router: VirtualRouter, held: readonly HeldAddresses[], findings: ClusterFindings): void {
  const holders = new Map<IpAddress, {readonly member: Member; readonly vip: VipConfig}>()
  for (const [i, member] of router.members.entries()) {
    for (const [address, {vip}] of held[i] ?? []) if (!holders.has(address)) holders.set(address, {member, vip})
  }
  const lacks = router.members.flatMap((member, i) => {
    const missing = [...holders.keys()].filter(address => !held[i]?.has(address))
    return missing.length > 0 ? [{member, missing}] : []
  })
  // What the last one lacks is named first: it is the file that was changed less.
  const [odd, ...others] = lacks.toReversed()
  if (!odd) return
  const sentence = [
    `${enumerated(odd.missing)} is missing here`,
    ...others.map(({member, missing}) => `${enumerated(missing)} on ${member.nodeName}`),
  ].join(', ')
  const listed = lacks.flatMap(({missing}) => missing).flatMap(address => holders.get(address) ?? [])
  findings.report({
    name: 'nodes-addresses-differ',
    router: router.name,
    at: placeOf(odd.member, 'vips'),
    message: `${router.name}: ${sentence}: what is missing is gone while that node is master`,
    hint: 'list the same virtual addresses on all nodes',
    related: listed.slice(0, MAX_LISTED).map(({member: {node}, vip}) => ({
      node,
      position: vip.position,
      message: `${vip.address} is listed here`,
    })),
  })
}

/** Addresses that all have, but not in the same way: one finding of each kind a router. */
function reportVaried(router: VirtualRouter, held: readonly HeldAddresses[], findings: ClusterFindings): void {
  const [first, ...others] = router.members
  const [reference, ...rest] = held
  if (!first || !reference) return
  const both = rest.flatMap((addresses, i) =>
    [...addresses].flatMap(([address, is]): readonly Varied[] => {
      const was = reference.get(address)
      const member = others[i]
      return was && member ? [{member, is, was}] : []
    }),
  )
  const prefixes = both.filter(({is, was}) => is.vip.prefixLength !== was.vip.prefixLength)
  const [prefix] = prefixes
  if (prefix) {
    const {is, was} = prefix
    const message =
      `${router.name}: ${is.vip.address} has prefix length ${is.vip.prefixLength} here, ${was.vip.prefixLength} on ` +
      `${first.nodeName}${andMore(prefixes)}: the routes that come with it change at a takeover`
    reportOne('nodes-prefix-differ', prefix, message, 'write the same prefix length on all nodes')
  }
  const excluded = both.filter(({is, was}) => is.excluded !== was.excluded)
  const [exclusion] = excluded
  if (exclusion) {
    const {is, was} = exclusion
    const say = (how: Held): string => (how.excluded ? 'excluded' : 'advertised')
    const message =
      `${router.name}: ${is.vip.address} is ${say(is)} here and ${say(was)} on ` +
      `${first.nodeName}${andMore(excluded)}: advertisements are complained of`
    reportOne('nodes-excluded-differ', exclusion, message, 'list it in the same block on all nodes')
  }

  function reportOne(name: Report['name'], {member, is, was}: Varied, message: string, hint: string): void {
    findings.report({
      name,
      router: router.name,
      at: {node: member.node, position: is.vip.position},
      message,
      hint,
      related: [{node: first?.node ?? 0, position: was.vip.position, message: `${was.vip.address} is listed here`}],
    })
  }
}

interface Varied {
  readonly member: Member
  readonly is: Held
  readonly was: Held
}

const andMore = (varied: readonly Varied[]): string => (varied.length > 1 ? ` (and ${varied.length - 1} more)` : '')

/** How many places of addresses a finding names. */
const MAX_LISTED = 8
