import {compareNodes} from '../../cluster/compare-nodes.ts'
import type {LvsRealServer, LvsService, LvsSyncDaemon} from '../../control/lvs-model.ts'
import {formatTime} from '../../core/format.ts'
import type {NodeFacts} from './node-facts.ts'

/** What kind of thing differs. */
export type DifferenceKind = 'version' | 'configuration' | 'address' | 'service' | 'sync-daemon' | 'override'

/** One thing that is not alike on all nodes, or not as their configurations have it. */
export interface Difference {
  readonly kind: DifferenceKind
  /** One line that needs no other context. */
  readonly text: string
}

/** Everything that differs between nodes and should not, and what operators changed. */
export function differencesOf(nodes: readonly NodeFacts[]): readonly Difference[] {
  return [
    ...differing('version', nodes, 'hactl', ({agent}) => agent.version),
    ...configurationDifferences(nodes),
    ...addressDifferences(nodes),
    ...serviceDifferences(nodes),
    ...daemonDifferences(nodes),
    ...nodes.flatMap(({name, overrides}) =>
      overrides.map(({instance, text}) => {
        const of = instance === null ? '' : `${instance}: `
        return {kind: 'override' as const, text: `${name}: an operator changed ${of}${text}`}
      }),
    ),
  ]
}

/** One line where not all nodes have the same: "hactl: 1.0 on lb1; 1.1 on lb2 and lb3". */
function differing(
  kind: DifferenceKind,
  nodes: readonly NodeFacts[],
  subject: string,
  settingOf: (node: NodeFacts) => string,
): readonly Difference[] {
  const byValue = new Map<string, string[]>()
  for (const node of nodes) byValue.set(settingOf(node), [...(byValue.get(settingOf(node)) ?? []), node.name])
  if (byValue.size < 2) return []
  const parts = [...byValue].map(([value, names]) => `${value} on ${names.join(' and ')}`)
  return [{kind, text: `${subject}: ${parts.join('; ')}`}]
}

function configurationDifferences(nodes: readonly NodeFacts[]): readonly Difference[] {
  const compared = compareNodes(nodes.map(({name, loaded}) => ({name, loaded})))
    .filter(({severity}) => severity !== 'info')
    .map(({message, node, position}) => ({
      kind: 'configuration' as const,
      text: `${message} (${node}, line ${position.line})`,
    }))
  const shared = differing(
    'configuration',
    nodes,
    'hash of what nodes share',
    ({agent}) => agent.configuration.sharedHash,
  )
  return [...compared, ...shared, ...nodes.flatMap(fileDifferences)]
}

function fileDifferences({name, agent: {configuration}}: NodeFacts): readonly Difference[] {
  const {file, onDisk, refused, trial} = configuration
  const lines = [
    ...(onDisk === 'changed' ? [`${name}: ${file} was edited and is not what runs`] : []),
    ...(onDisk === 'missing' ? [`${name}: ${file}, which runs, is missing`] : []),
    ...(refused === null ? [] : [`${name}: the last reload was refused: ${refused}`]),
    ...(trial === null ? [] : [`${name}: a configuration is on trial until ${formatTime(trial.until)}`]),
  ]
  return lines.map(text => ({kind: 'configuration' as const, text}))
}

/** Each virtual address is to be on one node: the one that wants it. */
function addressDifferences(nodes: readonly NodeFacts[]): readonly Difference[] {
  const holders = new Map<string, string[]>()
  const lines: string[] = []
  for (const {name, vips} of nodes) {
    for (const {address, instance, present, wanted} of vips) {
      const known = holders.get(address) ?? []
      holders.set(address, present ? [...known, name] : known)
      if (present && !wanted) lines.push(`${address} is on ${name}, where ${instance} is not master`)
      if (wanted && !present) lines.push(`${address} is missing on ${name}, where ${instance} is master`)
    }
  }
  for (const [address, names] of holders) {
    if (names.length === 0) lines.push(`${address} is on no node`)
    if (names.length > 1) lines.push(`${address} is on ${names.join(' and ')}`)
  }
  return lines.map(text => ({kind: 'address' as const, text}))
}

/** What the kernels have: services, real servers and their weights. */
function serviceDifferences(all: readonly NodeFacts[]): readonly Difference[] {
  const nodes = all.filter(({services}) => services !== null)
  const unread = nodes.length === 0 ? [] : all.filter(({services}) => services === null)
  const lines = unread.map(({name, lvsProblem}) => ({
    kind: 'service' as const,
    text: `${name}: IPVS cannot be read: ${lvsProblem ?? ''}`,
  }))
  const tables = new Map(nodes.map(node => [node, tableOf(node)]))
  const rows = new Set([...tables.values()].flatMap(table => [...table.keys()]))
  const found = [...rows].flatMap(row =>
    differing('service', nodes, row, node => tables.get(node)?.get(row) ?? 'missing'),
  )
  return [...lines, ...found]
}

/** A row of the kernel's table by its name, and how it is set. */
function tableOf({services}: NodeFacts): ReadonlyMap<string, string> {
  const rows = new Map<string, string>()
  for (const service of services ?? []) {
    if (!service.present) continue
    rows.set(`service ${service.name}`, serviceText(service))
    for (const real of service.realServers) {
      if (real.present) rows.set(`real server ${real.name} of ${service.name}`, realText(real))
    }
  }
  return rows
}

function serviceText({scheduler, schedulerFlags, onePacket, persistence}: LvsService): string {
  const persistent =
    persistence === null
      ? []
      : [`persistent ${persistence.timeoutSeconds} s /${persistence.prefixLength} ${persistence.engine ?? ''}`.trim()]
  return [scheduler, ...schedulerFlags, ...(onePacket ? ['ops'] : []), ...persistent].join(' ')
}

function realText({method, weight, upperThreshold, lowerThreshold, tunnel}: LvsRealServer): string {
  const thresholds = upperThreshold + lowerThreshold > 0 ? [`thresholds ${lowerThreshold} to ${upperThreshold}`] : []
  const wrapped = tunnel === null ? [] : [`${tunnel.type} ${tunnel.port}`]
  return [method, `weight ${weight}`, ...thresholds, ...wrapped].join(' ')
}

/** One node sends what the others take: the ids agree, and not all have the same role. */
function daemonDifferences(all: readonly NodeFacts[]): readonly Difference[] {
  const nodes = all.filter(({daemons}) => daemons !== null)
  if (nodes.every(({daemons}) => (daemons ?? []).length === 0)) return []
  const settings = differing('sync-daemon', nodes, 'sync daemons', ({daemons}) => daemonText(daemons ?? []))
  const senders = nodes.filter(({daemons}) => daemons?.some(({role}) => role === 'master'))
  const takers = nodes.filter(({daemons}) => daemons?.some(({role}) => role === 'backup'))
  const names = (these: readonly NodeFacts[]): string => these.map(({name}) => name).join(' and ')
  const both = nodes.every(({daemons}) => (daemons ?? []).length > 1)
  const lines = [
    ...(senders.length > 1 && !both ? [`sync daemons: ${names(senders)} all send`] : []),
    ...(senders.length === 0 ? [`sync daemons: ${names(takers)} only take, and nobody sends`] : []),
  ]
  return [...settings, ...lines.map(text => ({kind: 'sync-daemon' as const, text}))]
}

/** What has to agree of them: not the role, and not the interface's name. */
function daemonText(daemons: readonly LvsSyncDaemon[]): string {
  if (daemons.length === 0) return 'none'
  const texts = daemons.map(({id, group, port}) => `id ${id} ${group ?? ''}:${port ?? ''}`)
  return [...new Set(texts)].toSorted().join(', ')
}
