import type {Encapsulation} from '../../config/tables/route-encapsulation.ts'
import type {RouteMetric, RouteMetrics} from '../../config/tables/route-metrics.ts'
import type {NextHop, Realms} from '../../config/tables/route-nexthop.ts'
import {ROUTE_TYPES, type RouteType} from '../../config/tables/rt-names.ts'
import type {RouteConfig} from '../../config/tables/virtual-route.ts'
import {ADDRESS_FAMILY} from '../../core/netlink/address.ts'
import type {AttributeValues} from '../../core/netlink/attributes.ts'
import {encodeEncapsulation, type RouteEncapsulation} from '../../core/netlink/encapsulation.ts'
import {
  type HOP_ATTRIBUTES,
  METRIC_ATTRIBUTES,
  ROUTE_FLAG_ONLINK,
  type RouteHop,
  type RouteMessage,
} from '../../core/netlink/route.ts'
import type {RouteSpec} from '../../kernel/routes.ts'
import {type LinkLookup, type Needs, type Translated, translated} from './link-lookup.ts'

/** A line of virtual_routes or static_routes in the kernel's terms. keepalived.conf(5), ip-route(8). */
export const routeSpecOf = (route: RouteConfig, links: LinkLookup): Translated<RouteSpec> =>
  translated(links, needs => ({
    message: messageOf(route, needs),
    // keepalived adds other than unicast routes only where there is none like them.
    mode: route.mode === 'prepend' && route.type !== 'unicast' ? 'add' : route.mode,
    anyScope: route.scope === undefined,
  }))

/** The number that a message has for realms: from in the high half, to in the low one. */
export const flowOf = ({from, to}: Realms, needs: Needs): number =>
  ((needs.number(from) << 16) | needs.number(to)) >>> 0

function messageOf(route: RouteConfig, needs: Needs): RouteMessage {
  const {family, destination, from, tos = 0, device, nextHops} = route
  const table = tableOf(route, needs)
  return {
    family: family === 4 ? ADDRESS_FAMILY.ipv4 : ADDRESS_FAMILY.ipv6,
    destinationLength: destination.prefixLength,
    sourceLength: from?.prefixLength ?? 0,
    tos: needs.number(tos),
    table: table > LARGEST_IN_HEADER ? 0 : table,
    protocol: needs.number(route.protocol),
    scope: scopeOf(route, needs),
    type: ROUTE_TYPES[route.type],
    flags: route.onlink ? ROUTE_FLAG_ONLINK : 0,
    values: {
      destination: destination.address,
      source: from?.address,
      preferredSource: route.source,
      outIndex: device === undefined ? undefined : needs.index(device),
      priority: route.metric,
      metrics: metricsOf(route.metrics),
      hops: nextHops.length === 0 ? undefined : nextHops.map(hop => hopOf(hop, needs)),
      table: table > LARGEST_IN_HEADER ? table : undefined,
      preference: route.preference,
      expires: route.expires,
      ttlPropagate: route.ttlPropagate === undefined ? undefined : Number(route.ttlPropagate),
      ...wayOf(route, needs),
    },
    unknown: [],
  }
}

const LARGEST_IN_HEADER = 255

const tableOf = ({vrf, table}: RouteConfig, needs: Needs): number =>
  vrf === undefined ? needs.number(table) : needs.table(vrf)

/** RT_SCOPE_LINK and RT_SCOPE_HOST: the widest that the kernel accepts for these types. ip-route(8) has them too. */
const SCOPES4: {readonly [Type in RouteType]?: number} = {local: 254, broadcast: 253, anycast: 253}

/** IPv6 has none. */
function scopeOf({family, scope, type}: RouteConfig, needs: Needs): number {
  if (scope !== undefined) return needs.number(scope)
  return family === 4 ? (SCOPES4[type] ?? 0) : 0
}

function hopOf(hop: NextHop, needs: Needs): RouteHop {
  return {
    flags: hop.onlink ? ROUTE_FLAG_ONLINK : 0,
    weight: hop.weight,
    index: hop.device === undefined ? 0 : needs.index(hop.device),
    values: wayOf(hop, needs),
  }
}

function wayOf(
  {via, encapsulation, realms}: Pick<NextHop, 'via' | 'encapsulation' | 'realms'>,
  needs: Needs,
): AttributeValues<typeof HOP_ATTRIBUTES> {
  const encoded = encapsulation && encodeEncapsulation(encapsulationOf(encapsulation, needs))
  return {
    gateway: via,
    flow: realms && flowOf(realms, needs),
    encapsulationType: encoded?.number,
    encapsulation: encoded?.bytes,
  }
}

function encapsulationOf(encapsulation: Encapsulation, needs: Needs): RouteEncapsulation {
  switch (encapsulation.type) {
    case 'mpls':
      return encapsulation
    case 'ila': {
      const groups = encapsulation.locator.split(':').map(group => Number.parseInt(group, 16))
      return {type: 'ila', locator: Buffer.from(groups.flatMap(group => [group >> 8, group & 0xff]))}
    }
    case 'ip': {
      const {id, destination, source, tos, ttl, flags} = encapsulation
      const outer = {destination, source, ttl, flags}
      return {type: 'ip', tunnel: {...outer, id: tunnelId(id), tos: tos === undefined ? undefined : needs.number(tos)}}
    }
    case 'ip6': {
      const {id, destination, source, trafficClass, hopLimit, flags} = encapsulation
      const tos = trafficClass === undefined ? undefined : needs.number(trafficClass)
      return {type: 'ip6', tunnel: {destination, source, flags, ttl: hopLimit, id: tunnelId(id), tos}}
    }
  }
}

const tunnelId = (id: string | undefined): bigint | undefined => (id === undefined ? undefined : BigInt(id))

/** RTAX_FEATURE_ECN. <linux/rtnetlink.h> */
const FEATURE_ECN = 1

function metricsOf({ecn, congestionControl, ...numbers}: RouteMetrics): RouteMessage['values']['metrics'] {
  const values: Record<string, number> = {}
  let lock = congestionControl?.locked ? 1 << METRIC_ATTRIBUTES.congestionControl.type : 0
  for (const [name, metric] of Object.entries(numbers) as [keyof typeof numbers, RouteMetric | undefined][]) {
    if (metric === undefined) continue
    values[name] = metric.value
    if (metric.locked) lock |= 1 << METRIC_ATTRIBUTES[name].type
  }
  const metrics = {
    ...values,
    ...(ecn ? {features: FEATURE_ECN} : {}),
    ...(congestionControl ? {congestionControl: congestionControl.name} : {}),
    ...(lock === 0 ? {} : {lock}),
  }
  return Object.keys(metrics).length === 0 ? undefined : metrics
}
