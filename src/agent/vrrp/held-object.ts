import type {VipConfig} from '../../config/config.ts'
import type {RouterConfig} from '../../config/router-config.ts'
import type {RouteConfig} from '../../config/tables/virtual-route.ts'
import type {RuleConfig} from '../../config/tables/virtual-rule.ts'
import type {KernelObject} from '../../kernel/object-changer.ts'
import {addressSpecOf, prefixLengthOf} from './address-spec.ts'
import type {LinkLookup, Translated} from './link-lookup.ts'
import {deviceOf} from './network-view.ts'
import {routeSpecOf} from './route-spec.ts'
import {ruleSpecOf} from './rule-spec.ts'

/** An address, a route or a rule that a virtual router holds while it is master, or the host all the time. */
export type HeldObject = {
  /** What names it, with all its options: another key is another wish. */
  readonly key: string
  /** What the kernel tells it from others by: two of one identity cannot be there at once. */
  readonly identity: string
} & (
  | {readonly kind: 'address'; readonly vip: VipConfig; readonly device: string}
  | {readonly kind: 'route'; readonly route: RouteConfig}
  | {readonly kind: 'rule'; readonly rule: RuleConfig}
)

/** An address on an interface. */
export function addressObject(vip: VipConfig, device: string): HeldObject {
  const {scope, label, broadcast, flags, preferredLifetime, peer} = vip
  const identity = `${device} ${vip.address}/${prefixLengthOf(vip)}${peer ? ` peer ${peer.address}` : ''}`
  const options = [scope, label, broadcast, preferredLifetime, ...(flags ?? []).filter(flag => flag !== 'no_track')]
  return {kind: 'address', vip, device, identity, key: `address ${identity} ${options.join(' ')}`.trimEnd()}
}

/** A route; what only says how it is watched does not make it another one. */
export function routeObject(route: RouteConfig): HeldObject {
  const {position: _position, noTrack: _noTrack, trackGroup: _trackGroup, mode: _mode, ...wish} = route
  // The kernel finds a route to delete without these.
  const {metrics: _metrics, preference: _preference, expires: _expires, ttlPropagate: _ttl, ...found} = wish
  return {kind: 'route', route, identity: `route ${JSON.stringify(found)}`, key: `route ${JSON.stringify(wish)}`}
}

/** A rule of routing. */
export function ruleObject(rule: RuleConfig): HeldObject {
  const {position: _position, noTrack: _noTrack, trackGroup: _trackGroup, ...wish} = rule
  const key = `rule ${JSON.stringify(wish)}`
  return {kind: 'rule', rule, identity: key, key}
}

/** Everything that a master holds, in the order in which it is put there: addresses, routes, rules. */
export function objectsOf(config: RouterConfig): readonly HeldObject[] {
  let objects = OBJECTS.get(config)
  if (!objects) {
    objects = [
      ...[...config.vips, ...config.excludedVips].map(vip => addressObject(vip, deviceOf(config, vip))),
      ...config.routes.map(routeObject),
      ...config.rules.map(ruleObject),
    ]
    OBJECTS.set(config, objects)
  }
  return objects
}

/** Configurations never change, so that their keys are put together once. */
const OBJECTS = new WeakMap<RouterConfig, readonly HeldObject[]>()

/** Whether its loss matters: not with no_track, nor where the kernel is to drop it by itself after a while. */
export function isTracked(object: HeldObject): boolean {
  switch (object.kind) {
    case 'address':
      return !object.vip.flags?.includes('no_track')
    case 'route':
      return !object.route.noTrack && object.route.expires === undefined
    case 'rule':
      return !object.rule.noTrack
  }
}

/** The object in the kernel's terms, or what it lacks. */
export function kernelObjectOf(object: HeldObject, links: LinkLookup): Translated<KernelObject> {
  switch (object.kind) {
    case 'address':
      return as('address', addressSpecOf(object.vip, object.device, links))
    case 'route':
      return as('route', routeSpecOf(object.route, links))
    case 'rule':
      return as('rule', ruleSpecOf(object.rule))
  }
}

/** One object for people: "10.0.0.1/24 on eth0", "the route to 10.2.0.0/24 via 192.0.2.9", "the rule 1000". */
export function describeObject(object: HeldObject): string {
  switch (object.kind) {
    case 'address':
      return `${object.vip.address}/${object.vip.prefixLength} on ${object.device}`
    case 'route': {
      const {destination, via, device, vrf, table, nextHops} = object.route
      const [first] = nextHops
      const words = [
        `the route to ${destination.address}/${destination.prefixLength}`,
        ...((via ?? first?.via) ? [`via ${via ?? first?.via}`] : []),
        ...(device === undefined ? [] : [`on ${device}`]),
        ...(vrf !== undefined ? [`of VRF ${vrf}`] : table === MAIN_TABLE ? [] : [`in table ${table}`]),
      ]
      return words.join(' ')
    }
    case 'rule':
      return `the rule ${object.rule.preference} of IPv${object.rule.family}`
  }
}

/** RT_TABLE_MAIN. <linux/rtnetlink.h> */
const MAIN_TABLE = 254

const as = <Kind extends KernelObject['kind'], Spec>(
  kind: Kind,
  result: Translated<Spec>,
): Translated<{readonly kind: Kind; readonly spec: Spec}> =>
  result.ok ? {ok: true, spec: {kind, spec: result.spec}} : result
