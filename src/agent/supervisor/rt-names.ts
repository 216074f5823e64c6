import {closeSync, openSync, readdirSync, readSync} from 'node:fs'
import {join} from 'node:path'
import type {Position} from '../../config/config.ts'
import type {Encapsulation} from '../../config/tables/route-encapsulation.ts'
import type {NextHop, Realms} from '../../config/tables/route-nexthop.ts'
import type {RtId, RtKind} from '../../config/tables/rt-names.ts'
import type {RouteConfig} from '../../config/tables/virtual-route.ts'
import type {RuleConfig} from '../../config/tables/virtual-rule.ts'

/** The names that this host has for numbers of routing, by kind. */
export type RtNames = {readonly [Kind in RtKind]: ReadonlyMap<string, number>}

/** Lines whose names are to become numbers. */
export interface RoutingLines {
  readonly routes: readonly RouteConfig[]
  readonly rules: readonly RuleConfig[]
}

/** The lines that can be used, with numbers only, and what is wrong with the others. */
export interface ResolvedLines extends RoutingLines {
  readonly problems: readonly {readonly position: Position; readonly text: string}[]
}

/** Where iproute2 has its tables; what a later one says counts. */
const DIRECTORIES = ['/usr/lib/iproute2', '/usr/share/iproute2', '/etc/iproute2']

const FILES: {readonly [Kind in RtKind]: string} = {
  table: 'rt_tables',
  scope: 'rt_scopes',
  protocol: 'rt_protos',
  dsfield: 'rt_dsfield',
  realm: 'rt_realms',
  group: 'group',
}

const MAX_FILE_BYTES = 256 * 1024
const MAX_FILES = 64
const MAX_NUMBER = 0xffff_ffff

/** Reads the tables of iproute2, each file and what lies in the directory FILE.d beside it. ip-route(8). */
export function readRtNames(directories: readonly string[] = DIRECTORIES): RtNames {
  const read = (kind: RtKind): ReadonlyMap<string, number> =>
    new Map(directories.flatMap(directory => filesOf(join(directory, FILES[kind])).flatMap(readTable)))
  return {
    table: read('table'),
    scope: read('scope'),
    protocol: read('protocol'),
    dsfield: read('dsfield'),
    realm: read('realm'),
    group: read('group'),
  }
}

/**
 * Puts numbers in place of the names that only this host knows. A line with a name that it does not know is left out,
 * as keepalived does it: a route in the wrong table would do harm.
 */
export function resolveRtNames(names: RtNames, {routes, rules}: RoutingLines): ResolvedLines {
  const problems: {readonly position: Position; readonly text: string}[] = []
  const resolved = <Line extends {readonly position: Position}>(
    lines: readonly Line[],
    what: string,
    resolve: (line: Line, number: NumberOf) => Line,
  ): readonly Line[] =>
    lines.flatMap(line => {
      const unknown: string[] = []
      const number: NumberOf = (kind, id) => {
        const value = typeof id === 'number' ? id : names[kind].get(id)
        if (value === undefined) unknown.push(`/etc/iproute2/${FILES[kind]} has no ${id}`)
        return value ?? 0
      }
      const result = resolve(line, number)
      const [reason] = unknown
      if (reason === undefined) return [result]
      problems.push({position: line.position, text: `the ${what} is left out: ${reason}`})
      return []
    })
  return {routes: resolved(routes, 'route', routeWith), rules: resolved(rules, 'rule', ruleWith), problems}
}

type NumberOf = (kind: RtKind, id: RtId) => number

function routeWith(route: RouteConfig, number: NumberOf): RouteConfig {
  const {tos, scope, realms, encapsulation} = route
  return {
    ...route,
    table: number('table', route.table),
    protocol: number('protocol', route.protocol),
    ...(tos === undefined ? {} : {tos: number('dsfield', tos)}),
    ...(scope === undefined ? {} : {scope: number('scope', scope)}),
    ...wayWith({realms, encapsulation}, number),
    nextHops: route.nextHops.map(hop => ({...hop, ...wayWith(hop, number)})),
  }
}

function ruleWith(rule: RuleConfig, number: NumberOf): RuleConfig {
  const {tos, action, realms, suppressGroup} = rule
  return {
    ...rule,
    action: action.type === 'table' ? {type: 'table', table: number('table', action.table)} : action,
    ...(tos === undefined ? {} : {tos: number('dsfield', tos)}),
    ...(realms ? {realms: realmsWith(realms, number)} : {}),
    ...(suppressGroup === undefined ? {} : {suppressGroup: number('group', suppressGroup)}),
  }
}

function wayWith(
  {realms, encapsulation}: {readonly realms?: Realms | undefined; readonly encapsulation?: Encapsulation | undefined},
  number: NumberOf,
): Pick<NextHop, 'realms' | 'encapsulation'> {
  return {
    ...(realms ? {realms: realmsWith(realms, number)} : {}),
    ...(encapsulation ? {encapsulation: encapsulationWith(encapsulation, number)} : {}),
  }
}

const realmsWith = ({from, to}: Realms, number: NumberOf): Realms => ({
  from: number('realm', from),
  to: number('realm', to),
})

function encapsulationWith(encapsulation: Encapsulation, number: NumberOf): Encapsulation {
  if (encapsulation.type === 'ip' && encapsulation.tos !== undefined) {
    return {...encapsulation, tos: number('dsfield', encapsulation.tos)}
  }
  if (encapsulation.type === 'ip6' && encapsulation.trafficClass !== undefined) {
    return {...encapsulation, trafficClass: number('dsfield', encapsulation.trafficClass)}
  }
  return encapsulation
}

function filesOf(path: string): readonly string[] {
  try {
    const more = readdirSync(`${path}.d`).filter(name => name.endsWith('.conf') && !name.startsWith('.'))
    return [
      path,
      ...more
        .sort()
        .slice(0, MAX_FILES)
        .map(name => join(`${path}.d`, name)),
    ]
  } catch {
    return [path]
  }
}

/** Lines "NUMBER NAME", decimal or hexadecimal, and comments after #. A file that cannot be read has none. */
function readTable(path: string): readonly (readonly [string, number])[] {
  return readBounded(path)
    .split('\n')
    .flatMap(line => {
      const match = /^\s*(0[xX][0-9a-fA-F]{1,8}|\d{1,10})\s+([^\s#]{1,64})/.exec(line)
      const [value, name] = [Number(match?.[1]), match?.[2]]
      return name === undefined || value > MAX_NUMBER ? [] : [[name, value] as const]
    })
}

function readBounded(path: string): string {
  try {
    const fd = openSync(path, 'r')
    try {
      const bytes = Buffer.alloc(MAX_FILE_BYTES)
      return bytes.toString('utf8', 0, readSync(fd, bytes))
    } finally {
      closeSync(fd)
    }
  } catch {
    return ''
  }
}
