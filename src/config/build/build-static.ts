import type {Config, GlobalConfig, Position, StaticAddressConfig} from '../config.ts'
import type {Findings} from '../findings.ts'
import type {Item} from '../schema/schema.ts'
import type {RootSettings} from '../tables/root.ts'
import type {RtId, RtKind} from '../tables/rt-names.ts'
import type {RouteConfig} from '../tables/virtual-route.ts'
import type {RuleConfig} from '../tables/virtual-rule.ts'

/** What the host has whoever is master, with the interface of every address. */
export interface BuiltStatic {
  readonly staticAddresses: readonly StaticAddressConfig[]
  readonly staticRoutes: readonly RouteConfig[]
  readonly staticRules: readonly RuleConfig[]
}

/** Completes static addresses, routes and rules as keepalived does. */
export function buildStatic(root: Item<RootSettings>, global: GlobalConfig, findings: Findings): BuiltStatic {
  const groups = new Map(root.trackGroups.toReversed().map(({name, position}) => [name, position] as const))
  const known = <T extends Tracked>(object: T): T => withKnownGroup(object, groups, findings)
  return {
    staticAddresses: placed(root.staticAddresses.map(known), global.defaultInterface ?? 'eth0', findings),
    staticRoutes: root.staticRoutes.map(known).map(route => withInterface(route, 'route', findings)),
    staticRules: root.staticRules.map(known).map(rule => withInterface(rule, 'rule', findings)),
  }
}

/** A name that only the tables of the host have a number for. */
export interface UnresolvedName {
  readonly kind: RtKind
  readonly name: string
  readonly position: Position
}

/** Every such name in routes and rules, for whoever has the tables. */
export function unresolvedNames({instances, staticRoutes, staticRules}: Config): readonly UnresolvedName[] {
  const routes = [...staticRoutes, ...instances.flatMap(instance => instance.routes)]
  const rules = [...staticRules, ...instances.flatMap(instance => instance.rules)]
  return [...routes.flatMap(namesOfRoute), ...rules.flatMap(namesOfRule)]
}

interface Tracked {
  readonly position: Position
  readonly trackGroup?: string
}

/** keepalived looks a group up when it reads the line, so it has to be defined before. */
function withKnownGroup<T extends Tracked>(object: T, groups: ReadonlyMap<string, Position>, findings: Findings): T {
  const {trackGroup: name, position} = object
  if (name === undefined) return object
  const group = groups.get(name)
  if (group && !(group.file === position.file && group.line > position.line)) return object
  const where = group ? `defined only in line ${group.line}` : 'not defined'
  const message = `track_group ${name} is ${where}; nobody tracks this`
  findings.report('track-group-undefined', position, message, `put track_group ${name} { … } before it`)
  return withoutGroup(object)
}

function withInterface<T extends Tracked & {readonly device?: string}>(object: T, what: string, findings: Findings): T {
  if (object.trackGroup === undefined || object.device !== undefined) return object
  const message = `a ${what} that names no interface cannot be tracked; track_group is ignored`
  findings.report('track-group-without-interface', object.position, message, what === 'rule' ? 'iif NAME' : 'dev NAME')
  return withoutGroup(object)
}

function withoutGroup<T extends Tracked>(object: T): T {
  const copy: T & {trackGroup?: string} = {...object}
  delete copy.trackGroup
  return copy
}

function placed(
  addresses: RootSettings['staticAddresses'],
  usual: string,
  findings: Findings,
): readonly StaticAddressConfig[] {
  const kept = new Map<string, StaticAddressConfig>()
  for (const address of addresses) {
    const device = address.device ?? usual
    const key = `${address.address}/${address.prefixLength} ${device}`
    if (!kept.has(key)) kept.set(key, {...address, device})
    else {
      const message = `${address.address} is listed twice for ${device}; this one is left out`
      findings.report('static-duplicate', address.position, message)
    }
  }
  return [...kept.values()]
}

function named(position: Position, ids: readonly (readonly [RtKind, RtId | undefined])[]): readonly UnresolvedName[] {
  return ids.flatMap(([kind, id]) => (typeof id === 'string' ? [{kind, name: id, position}] : []))
}

function namesOfRoute(route: RouteConfig): readonly UnresolvedName[] {
  const {position, tos, table, protocol, scope} = route
  const ways = [route, ...route.nextHops]
  return named(position, [
    ['dsfield', tos],
    ['table', table],
    ['protocol', protocol],
    ['scope', scope],
    ...ways.flatMap(({realms, encapsulation}) => [
      ['realm', realms?.from] as const,
      ['realm', realms?.to] as const,
      ['dsfield', encapsulation?.type === 'ip' ? encapsulation.tos : undefined] as const,
      ['dsfield', encapsulation?.type === 'ip6' ? encapsulation.trafficClass : undefined] as const,
    ]),
  ])
}

function namesOfRule({position, tos, action, realms, suppressGroup}: RuleConfig): readonly UnresolvedName[] {
  return named(position, [
    ['dsfield', tos],
    ['table', action.type === 'table' ? action.table : undefined],
    ['realm', realms?.from],
    ['realm', realms?.to],
    ['group', suppressGroup],
  ])
}
