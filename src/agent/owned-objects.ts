import type {VipConfig} from '../config/config.ts'
import type {RouterConfig} from '../config/router-config.ts'
import type {RouteConfig} from '../config/tables/virtual-route.ts'
import type {RuleConfig} from '../config/tables/virtual-rule.ts'
import {encodeRoute} from '../core/netlink/route.ts'
import {encodeRule} from '../core/netlink/rule.ts'
import type {InterfaceIndex} from '../core/units.ts'
import {prefixLengthOf} from './vrrp/address-spec.ts'
import {deviceOf} from './vrrp/network-view.ts'
import {routeSpecOf} from './vrrp/route-spec.ts'
import {ruleSpecOf} from './vrrp/rule-spec.ts'

/** An address that an agent of this state directory put on an interface. */
export interface OwnedAddress {
  readonly interface: string
  readonly address: string
  readonly prefixLength: number
  /** The other end of a point-to-point link. */
  readonly peer?: string
}

/** A route that such an agent added: its message in hexadecimal digits, with the places in `devices` as indices. */
export interface OwnedRoute {
  readonly route: string
  /** The first one has the index 1. */
  readonly devices: readonly string[]
  /** The routing table is that of this VRF. */
  readonly vrf?: string
}

/** A rule that such an agent added: its message in hexadecimal digits. */
export interface OwnedRule {
  readonly rule: string
}

/** Something that may be left in the kernel when an agent ends without a word. */
export type OwnedObject = OwnedAddress | OwnedRoute | OwnedRule

/** The static objects of a configuration. */
export interface StaticLines {
  readonly staticAddresses: readonly (VipConfig & {readonly device: string})[]
  readonly staticRoutes: readonly RouteConfig[]
  readonly staticRules: readonly RuleConfig[]
}

/** Everything that virtual routers and static objects can put into the kernel. */
export const ownedBy = (routers: readonly RouterConfig[], lines: StaticLines): readonly OwnedObject[] => [
  ...routers.flatMap(config => [
    ...[...config.vips, ...config.excludedVips].map(vip => ownedAddress(vip, deviceOf(config, vip))),
    ...config.routes.flatMap(ownedRoute),
    ...config.rules.flatMap(ownedRule),
  ]),
  ...lines.staticAddresses.map(address => ownedAddress(address, address.device)),
  ...lines.staticRoutes.flatMap(ownedRoute),
  ...lines.staticRules.flatMap(ownedRule),
]

/** What tells two owned objects apart. */
export const ownedKey = (owned: OwnedObject): string => {
  if ('rule' in owned) return `rule ${owned.rule}`
  if ('route' in owned) return `route ${owned.route} ${owned.devices.join(' ')} ${owned.vrf ?? ''}`
  const {interface: device, address, prefixLength, peer} = owned
  return `address ${device} ${address}/${prefixLength}${peer === undefined ? '' : ` ${peer}`}`
}

const ownedAddress = (vip: VipConfig, device: string): OwnedAddress => ({
  interface: device,
  address: vip.address,
  prefixLength: prefixLengthOf(vip),
  ...(vip.peer === undefined ? {} : {peer: vip.peer.address}),
})

/** Indices are not known before an interface is there, and are others after it was made anew. */
function ownedRoute(route: RouteConfig): readonly OwnedRoute[] {
  const names = new Set([route.device, ...route.nextHops.map(({device}) => device)].filter(name => name !== undefined))
  const devices = [...names]
  const result = routeSpecOf(route, {
    indexOf: name => (devices.indexOf(name) + 1) as InterfaceIndex,
    tableOf: () => 0,
  })
  if (!result.ok) return []
  const {message, anyScope} = result.spec
  // Without what a removal leaves out, so that a route with other metrics is the same.
  const {metrics: _metrics, preference: _preference, expires: _expires, ttlPropagate: _ttl, ...values} = message.values
  const bytes = encodeRoute({...message, scope: anyScope ? ANY_SCOPE : message.scope, values})
  return [{route: bytes.toString('hex'), devices, ...(route.vrf === undefined ? {} : {vrf: route.vrf})}]
}

/** RT_SCOPE_NOWHERE. <linux/rtnetlink.h> */
const ANY_SCOPE = 255

function ownedRule(rule: RuleConfig): readonly OwnedRule[] {
  const result = ruleSpecOf(rule)
  return result.ok ? [{rule: encodeRule(result.spec).toString('hex')}] : []
}
