import {OWNER_PRIORITY} from '../../core/vrrp/config.ts'
import type {InstanceConfig, Position} from '../config.ts'
import type {Lint} from './lint.ts'

/** Lints of what a virtual router holds and whom it talks to. */
export const ROUTER_LINTS: readonly Lint[] = [
  {
    name: 'strict-unreachable',
    check: ({global, instances}, remark) => {
      const shut = instances.filter(instance => instance.strict && !instance.accept && instance.at.accept === undefined)
      const perInstance = shut.filter(({at}) => at.strict !== undefined)
      const inherited = shut.filter(({at}) => at.strict === undefined)
      for (const instance of perInstance) {
        remark(instance.at.strict ?? instance.position, unreachable(instance), hintFor([instance]))
      }
      const [first] = inherited
      if (!first) return
      const more = inherited.length > 1 ? ` (and ${inherited.length - 1} more)` : ''
      remark(global.at.strict ?? first.position, unreachable(first) + more, hintFor(inherited))
    },
  },
  {
    name: 'peer-own-address',
    check: ({instances}, remark) => {
      for (const {name, source, unicastPeers} of instances) {
        for (const {address, position} of unicastPeers) {
          if (address !== source?.address) continue
          const message = `${name}: ${address} is its own ${source.keyword}, and no peer: it hears itself`
          remark(position, message, 'list the other nodes only')
        }
      }
    },
  },
  {
    name: 'peer-virtual-address',
    check: ({instances}, remark) => {
      for (const {name, unicastPeers, vips, excludedVips} of instances) {
        if (unicastPeers.length === 0) continue
        const held = new Set([...vips, ...excludedVips].map(({address}) => address))
        for (const {address, position} of unicastPeers) {
          if (!held.has(address)) continue
          const what = `the peer ${address} is one of its virtual addresses, which this node may hold itself`
          remark(position, `${name}: ${what}`, 'list the own addresses of the other nodes')
        }
      }
    },
  },
  {
    name: 'source-virtual-address',
    check: ({instances}, remark) => {
      for (const {name, source, unicastPeers, vips, excludedVips, priority, at, position} of instances) {
        if (source === undefined || unicastPeers.length === 0 || priority === OWNER_PRIORITY) continue
        if (![...vips, ...excludedVips].some(({address}) => address === source?.address)) continue
        const message =
          `${name}: its source ${source.address} is one of its virtual addresses, which it does not have before it ` +
          'is master: it stays in fault, unless ip_nonlocal_bind is set'
        remark(at.source ?? position, message, 'use an address that this node always has')
      }
    },
  },
  {
    name: 'vip-static',
    check: ({instances, staticAddresses}, remark) => {
      const held = new Set(staticAddresses.map(({address}) => address))
      if (held.size === 0) return
      for (const {name, vips, excludedVips, priority} of instances) {
        if (priority === OWNER_PRIORITY) continue
        for (const {address, position} of [...vips, ...excludedVips]) {
          if (!held.has(address)) continue
          const what = `${address} is listed in static_ipaddress too, so this node has it without being master`
          remark(position, `${name}: ${what}`, 'remove it from static_ipaddress')
        }
      }
    },
  },
  {
    name: 'vip-on-two-interfaces',
    check: ({instances}, remark) => {
      const holders = new Map<string, Held>()
      const found = new Map<string, {readonly message: string; readonly position: Position; times: number}>()
      for (const instance of instances) {
        if (instance.vrf !== undefined) continue
        for (const {address, device, position} of [...instance.vips, ...instance.excludedVips]) {
          const on = device ?? instance.interface
          if (on === undefined || LINK_LOCAL.test(address)) continue
          const first = holders.get(address)
          if (first === undefined) holders.set(address, {instance, on})
          if (first === undefined || first.instance === instance || first.on === on) continue
          const pair = `${first.on} ${on}`
          const earlier = found.get(pair)
          if (earlier) earlier.times++
          else {
            const other = `${first.instance.name} on ${first.on}`
            const message = `${instance.name}: ${address} on ${on} is a virtual address of ${other} too`
            found.set(pair, {message, position, times: 1})
          }
        }
      }
      for (const {message, position, times} of found.values()) {
        const more = times > 1 ? ` (and ${times - 1} more between these interfaces)` : ''
        remark(position, message + more, 'an address belongs to one network: list it in one virtual router')
      }
    },
  },
  {
    name: 'vip-held-twice',
    check: ({instances}, remark) => {
      const holders = new Map<string, InstanceConfig>()
      const key = (address: string, instance: InstanceConfig, device: string | undefined): string =>
        `${address} ${device ?? instance.interface}`
      for (const instance of instances) {
        for (const {address, device} of instance.vips) {
          const held = key(address, instance, device)
          if (!holders.has(held)) holders.set(held, instance)
        }
      }
      for (const instance of instances) {
        for (const {address, device, position} of instance.excludedVips) {
          const held = key(address, instance, device)
          const holder = holders.get(held)
          if (holder === undefined) holders.set(held, instance)
          else if (holder !== instance) {
            const what = `${address} is an address of ${holder.name} too: one takes it from the other`
            remark(position, `${instance.name}: ${what}`, 'list it in one virtual router')
          }
        }
      }
    },
  },
]

/** Who holds an address, and on which interface. */
interface Held {
  readonly instance: InstanceConfig
  readonly on: string
}

/** Such an address is that of a link, and may be on every one. RFC 4291 section 2.5.6. */
const LINK_LOCAL = /^fe[89ab]/

const unreachable = ({name}: InstanceConfig): string =>
  `${name}: strict mode drops what is sent to the virtual addresses, ping included, unless the priority is 255`

const hintFor = (instances: readonly InstanceConfig[]): string =>
  instances.some(({version}) => version === 2)
    ? 'remove vrrp_strict; or use version 3 and accept'
    : 'add accept to the virtual router, or remove vrrp_strict'
