import {routerConfig} from '../../config/router-config.ts'
import type {IpAddress} from '../../core/ip.ts'
import {priority} from '../../core/units.ts'
import type {VrrpConfig} from '../../core/vrrp/config.ts'
import {masterDownIntervalMs} from '../../core/vrrp/timing.ts'
import type {Cluster} from '../cluster.ts'
import {hears} from '../hearing.ts'
import type {Member, VirtualRouter} from '../node.ts'
import {healthyVerdict, type MemberTrack, tracksOf} from '../tracks.ts'

/** One virtual router on one node, as it is simulated. */
export interface SimRouter {
  /** Position of its virtual router among those of the component. */
  readonly router: number
  readonly member: Member
  readonly config: VrrpConfig
  readonly source: IpAddress
  /** The interface it advertises on; empty where none is known. */
  readonly link: string
  /** Interfaces whose loss is a fault. */
  readonly watched: readonly string[]
  readonly tracks: readonly SimTrack[]
  /** Numbers of the simulated routers that obey it. */
  readonly hearers: readonly number[]
}

/** Something tracked and what it is while all is well; `thing` is equal for all that track it on the node. */
export interface SimTrack {
  readonly track: MemberTrack
  readonly thing: string
  readonly healthy: 'good' | 'bad'
}

/** Virtual routers of a node that move together: a sync group, or one alone. */
export interface SimUnit {
  readonly node: number
  /** Numbers of the simulated routers, in the order of the group. */
  readonly routers: readonly number[]
}

/** Virtual routers that can have an effect on each other, and that others have none on. */
export interface Component {
  readonly cluster: Cluster
  readonly virtualRouters: readonly VirtualRouter[]
  readonly routers: readonly SimRouter[]
  readonly units: readonly SimUnit[]
  /** Of each simulated router: its unit, and its position in it. */
  readonly places: readonly {readonly unit: number; readonly member: number}[]
  /** Nodes that have a part in it, ascending. */
  readonly nodes: readonly number[]
  /** The longest advertisement interval, milliseconds. */
  readonly longestIntervalMs: number
  /** How long a takeover can take when nothing delays it, milliseconds. */
  readonly longestTakeoverMs: number
  /** The longest preempt_delay, milliseconds. */
  readonly longestDelayMs: number
}

/** Splits the virtual routers of a cluster into those that have an effect on each other. */
export function componentsOf(cluster: Cluster): readonly (readonly VirtualRouter[])[] {
  const {routers, segments} = cluster
  const roots = new Map<string, VirtualRouter[]>()
  const component = new Map<VirtualRouter, VirtualRouter[]>()
  const merge = (a: VirtualRouter[], b: VirtualRouter[]): VirtualRouter[] => {
    if (a === b) return a
    const [large, small] = a.length < b.length ? [b, a] : [a, b]
    for (const router of small) component.set(router, large)
    large.push(...small)
    return large
  }
  for (const router of routers) component.set(router, [router])
  for (const router of routers) {
    for (const member of router.members) {
      const keys = [`${segments.of(member)} ${member.family} ${member.instance.vrid}`]
      if (member.group) keys.push(`group ${member.node} ${member.group.order}`)
      for (const key of keys) {
        const own = component.get(router) ?? [router]
        const [other] = roots.get(key) ?? []
        roots.set(key, [router])
        if (other) merge(own, component.get(other) ?? [other])
      }
    }
  }
  const order = new Map(routers.map((router, i) => [router, i]))
  return [...new Set(component.values())].map(set => set.toSorted((a, b) => (order.get(a) ?? 0) - (order.get(b) ?? 0)))
}

/** Prepares virtual routers for the simulation. */
export function buildComponent(cluster: Cluster, virtualRouters: readonly VirtualRouter[]): Component {
  const members = virtualRouters.flatMap((virtual, router) => virtual.members.map(member => ({router, member})))
  const reversed = reversedThings(members.map(({member}) => member))
  const routers = members.map(({router, member}): SimRouter => {
    const {instance, global, source} = member
    return {
      router,
      member,
      config: withoutAnnouncements(routerConfig(instance, global, member.group, undefined)),
      source,
      link: instance.interface ?? '',
      watched: watchedInterfaces(member),
      tracks: tracksOf(member).map(track => {
        const thing = thingOf(member.node, track)
        return {track, thing, healthy: reversed.has(thing) ? healthyVerdict(track) : 'good'}
      }),
      hearers: [...members.keys()].filter(i => hears((members[i] as (typeof members)[number]).member, member, cluster)),
    }
  })
  const units = unitsOf(routers)
  const places: {unit: number; member: number}[] = []
  for (const [unit, {routers: numbers}] of units.entries()) {
    for (const [member, number] of numbers.entries()) places[number] = {unit, member}
  }
  return {
    cluster,
    virtualRouters,
    routers,
    units,
    places,
    nodes: [...new Set(members.map(({member}) => member.node))].toSorted((a, b) => a - b),
    longestIntervalMs: Math.max(...routers.map(({config}) => config.advertIntervalMs)),
    longestTakeoverMs: Math.max(...routers.map(({config}) => longestOf(config))),
    longestDelayMs: Math.max(...routers.map(({config}) => config.preemptDelayMs)),
  }
}

/** The name of a thing that is tracked on a node. */
export const thingOf = (node: number, {kind, name}: Pick<MemberTrack, 'kind' | 'name'>): string =>
  `${node} ${kind} ${name}`

const longestOf = (config: VrrpConfig): number => masterDownIntervalMs(config, priority(1), config.advertIntervalMs)

/** Announcements change no election, and would cost most of the time. */
function withoutAnnouncements(config: VrrpConfig): VrrpConfig {
  return {...config, garp: {...config.garp, delayMs: 0, refreshMs: 0, lowerPriorityDelayMs: 0}}
}

/** Things that all who track them want to be bad. */
function reversedThings(members: readonly Member[]): ReadonlySet<string> {
  const reversed = new Map<string, boolean>()
  for (const member of members) {
    for (const track of tracksOf(member)) {
      const thing = thingOf(member.node, track)
      reversed.set(thing, healthyVerdict(track) === 'bad' && (reversed.get(thing) ?? true))
    }
  }
  return new Set([...reversed].flatMap(([thing, all]) => (all ? [thing] : [])))
}

function watchedInterfaces({instance}: Member): readonly string[] {
  if (instance.dontTrackPrimary) return []
  const devices = [...instance.vips, ...instance.excludedVips]
    .filter(({flags}) => !flags?.includes('no_track'))
    .flatMap(({device}) => device ?? [])
  return [...new Set([instance.interface ?? [], ...devices].flat())]
}

function unitsOf(routers: readonly SimRouter[]): readonly SimUnit[] {
  const units: SimUnit[] = []
  const groups = new Map<string, number[]>()
  for (const [number, {member}] of routers.entries()) {
    const {node, group} = member
    const key = group ? `${node} ${group.order}` : ''
    const known = group && groups.get(key)
    if (known) {
      known.push(number)
      continue
    }
    const numbers = [number]
    if (group) groups.set(key, numbers)
    units.push({node, routers: numbers})
  }
  return units
}
