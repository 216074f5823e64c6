import {type IpAddress, ipv4Network} from '../../core/ip.ts'
import {ADDRESS_FLAG} from '../../core/netlink/address.ts'
import type {InterfaceAddress} from '../../core/netlink/picture.ts'
import type {AddressSpec} from '../../kernel/addresses.ts'
import type {Network} from '../../kernel/network.ts'
import type {ObjectOperations} from './object-holder.ts'

/**
 * Removes addresses without harm to those of others. Linux takes all secondary IPv4 addresses of a network off with its
 * primary one, unless net.ipv4.conf.*.promote_secondaries is set; those that are not ours are put back at once. Ours
 * are their holders' affair: one that comes back here might just have been released. `isOurs`: whether an address is
 * one of the configuration, which on a kernel before 5.18 its mark does not tell.
 */
export function sparingSecondaries(
  operations: ObjectOperations,
  network: Pick<Network, 'addressesOf' | 'ownProtocol'>,
  isOurs: (address: IpAddress) => boolean,
): ObjectOperations {
  return {
    add: object => operations.add(object),
    remove: async object => {
      const taken = object.kind === 'address' ? takenAlong(object.spec, network, isOurs) : []
      const result = await operations.remove(object)
      if (result.outcome !== 'done') return result
      // Where the kernel promoted one of them, they are there already.
      await Promise.all(taken.map(spec => operations.add({kind: 'address', spec})))
      return result
    },
  }
}

/** The foreign addresses that go with one. An address with a lifetime is left to whoever prolongs it. */
function takenAlong(
  {index, address, prefixLength, peer}: AddressSpec,
  network: Pick<Network, 'addressesOf' | 'ownProtocol'>,
  isOurs: (address: IpAddress) => boolean,
): readonly AddressSpec[] {
  const candidates = foreignSecondaries(network.addressesOf(index), network.ownProtocol)
  if (candidates.length === 0 || address.includes(':')) return []
  const of = ipv4Network(peer ?? address, prefixLength)
  return candidates
    .filter(held => held.prefixLength === prefixLength && ipv4Network(held.peer, prefixLength) === of)
    .filter(held => held.address !== address && !isOurs(held.address))
    .map(held => ({
      index,
      address: held.address,
      prefixLength,
      scope: held.scope,
      flags: held.flags & KEPT_FLAGS,
      protocol: held.protocol,
      ...(held.peer === held.address ? {} : {peer: held.peer}),
      ...(held.broadcast === undefined ? {} : {broadcast: held.broadcast}),
      ...(held.label === undefined ? {} : {label: held.label}),
    }))
}

/** The flags that are somebody's wish. */
const KEPT_FLAGS = ADDRESS_FLAG.noPrefixRoute | ADDRESS_FLAG.autojoin

/** By the list that they were found in: there are thousands of addresses at times, and most are ours. */
const found = new WeakMap<readonly InterfaceAddress[], readonly InterfaceAddress[]>()

function foreignSecondaries(held: readonly InterfaceAddress[], ownProtocol: number): readonly InterfaceAddress[] {
  let foreign = found.get(held)
  if (!foreign) {
    const isPermanent = ({flags}: InterfaceAddress): boolean => (flags & ADDRESS_FLAG.permanent) !== 0
    foreign = held.filter(each => each.secondary && each.protocol !== ownProtocol && isPermanent(each))
    found.set(held, foreign)
  }
  return foreign
}
