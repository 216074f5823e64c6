import {parseIp} from '../../core/ip.ts'
import {decodeRoute, type RouteMessage} from '../../core/netlink/route.ts'
import {decodeRule} from '../../core/netlink/rule.ts'
import type {Network} from '../../kernel/network.ts'
import type {KernelObject} from '../../kernel/object-changer.ts'
import {type OwnedAddress, type OwnedObject, type OwnedRoute, ownedKey} from '../owned-objects.ts'
import {type LinkLookup, lookupIn} from './link-lookup.ts'
import type {ObjectOperations} from './object-holder.ts'

/** Something that an earlier run left and that was removed, for the journal. */
export interface Leftover {
  readonly text: string
  readonly facts: {readonly interface: string | null; readonly address: string | null}
}

/** The part of the network's picture that leftovers are looked for in. */
type LeftoverNetwork = Pick<Network, 'link' | 'links' | 'addressesOf' | 'ownProtocol'>

/** So many are asked for at a time. */
const CHUNK = 64

/**
 * Removes what an earlier run left and nobody wants any more: what the state directory lists, and addresses that carry
 * our mark in the kernel. Routes and rules have keepalived's mark, which another daemon beside us may use too, so only
 * those that are listed are removed. `wanted`: what virtual routers and static objects may put there; that is their
 * holders' affair. Resolves to what really was there.
 */
export async function removeLeftovers(
  {network, objects}: {readonly network: LeftoverNetwork; readonly objects: ObjectOperations},
  wanted: readonly OwnedObject[],
  owned: readonly OwnedObject[],
): Promise<readonly Leftover[]> {
  const named = new Set(wanted.map(ownedKey))
  const all = [...owned, ...markedAddresses(network)]
  const candidates = [...new Map(all.map(entry => [ownedKey(entry), entry]))].filter(([key]) => !named.has(key))
  const links = lookupIn(network)
  const removed: Leftover[] = []
  for (let at = 0; at < candidates.length; at += CHUNK) {
    const chunk = candidates.slice(at, at + CHUNK).flatMap(([, entry]) => leftoverOf(entry, links) ?? [])
    const outcomes = await Promise.all(chunk.map(({object}) => objects.remove(object)))
    removed.push(...chunk.filter((_, i) => outcomes[i]?.outcome === 'done').map(({leftover}) => leftover))
  }
  return removed
}

interface Candidate {
  readonly object: KernelObject
  readonly leftover: Leftover
}

/** Undefined: it cannot be there, or what the file says is not to be understood. */
function leftoverOf(owned: OwnedObject, links: LinkLookup): Candidate | undefined {
  if ('rule' in owned) {
    const rule = decodeRule(Buffer.from(owned.rule, 'hex'))
    if (!rule.ok) return undefined
    const text = `the rule ${rule.value.values.preference ?? 0} was left by an earlier run and is removed`
    return {object: {kind: 'rule', spec: rule.value}, leftover: {text, facts: {interface: null, address: null}}}
  }
  return 'route' in owned ? routeOf(owned, links) : addressOf(owned, links)
}

function addressOf(owned: OwnedAddress, links: LinkLookup): Candidate | undefined {
  const {interface: device, prefixLength} = owned
  const index = links.indexOf(device)
  const address = parseIp(owned.address)
  const peer = owned.peer === undefined ? undefined : parseIp(owned.peer)
  if (index === undefined || !address.ok || peer?.ok === false) return undefined
  const spec = {index, address: address.value, prefixLength, ...(peer ? {peer: peer.value} : {})}
  const text = `${owned.address}/${prefixLength} was left on ${device} by an earlier run and is removed`
  return {object: {kind: 'address', spec}, leftover: {text, facts: {interface: device, address: owned.address}}}
}

function routeOf({route: hex, devices, vrf}: OwnedRoute, links: LinkLookup): Candidate | undefined {
  const route = decodeRoute(Buffer.from(hex, 'hex'))
  if (!route.ok) return undefined
  const table = vrf === undefined ? undefined : links.tableOf(vrf)
  const indices = devices.map(name => links.indexOf(name))
  // Its routes went with an interface.
  if (indices.includes(undefined) || (vrf !== undefined && table === undefined)) return undefined
  const indexOf = (place: number): number => indices[place - 1] ?? 0
  const {values} = route.value
  const message: RouteMessage = {
    ...route.value,
    values: {
      ...values,
      ...(values.outIndex === undefined ? {} : {outIndex: indexOf(values.outIndex)}),
      ...(values.hops === undefined
        ? {}
        : {hops: values.hops.map(hop => ({...hop, index: hop.index === 0 ? 0 : indexOf(hop.index)}))}),
      ...(table === undefined ? {} : {table}),
    },
  }
  const place = `${values.destination ?? 'default'}/${message.destinationLength}`
  const text = `the route to ${place} was left by an earlier run and is removed`
  const facts = {interface: devices[0] ?? null, address: values.destination ?? null}
  return {object: {kind: 'route', spec: {message, mode: 'add', anyScope: false}}, leftover: {text, facts}}
}

const markedAddresses = (network: LeftoverNetwork): readonly OwnedAddress[] =>
  network.links.flatMap(link =>
    network
      .addressesOf(link.index)
      .filter(held => held.protocol === network.ownProtocol)
      .map(({address, prefixLength, peer}) => ({
        interface: link.name,
        address,
        prefixLength,
        ...(peer === address ? {} : {peer}),
      })),
  )
