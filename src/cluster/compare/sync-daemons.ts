import type {Position} from '../../config/config.ts'
import type {Cluster} from '../cluster.ts'
import type {ClusterFindings} from '../findings.ts'

/** Finds IPVS sync daemons that do not hear each other. */
export function compareSyncDaemons({nodes, routers}: Cluster, findings: ClusterFindings): void {
  const daemons = nodes.map(({name, loaded}, node): Daemon => {
    const {lvsSyncDaemon: settings, at, position} = loaded.config.global
    const found = routers.flatMap(router =>
      router.members.filter(member => member.node === node && member.instance.name === settings?.instance),
    )
    const followed = routers.find(({members}) => found.some(member => members.includes(member)))
    const id = settings?.syncId ?? found[0]?.instance.vrid
    return {
      node,
      name,
      position: at.lvsSyncDaemon ?? position,
      facts: settings && [
        `id ${id ?? 0}`,
        `group ${settings.group ?? DEFAULT_GROUP}`,
        `port ${settings.port ?? DEFAULT_PORT}`,
        `inst ${followed?.name ?? settings.instance ?? '(none)'}`,
      ],
    }
  })
  const [first] = daemons.filter(({facts}) => facts !== undefined)
  if (!first) return
  for (const daemon of daemons) {
    const said = differenceOf(first, daemon)
    if (said === undefined) continue
    findings.report({
      name: 'nodes-sync-daemon-differ',
      at: daemon,
      message: `${said}: connections are not known there, and a takeover breaks them`,
      hint: 'write the same lvs_sync_daemon on all nodes',
      related: [{node: first.node, position: first.position, message: `lvs_sync_daemon of ${first.name}`}],
    })
  }
}

/** What the kernel takes where nothing is said. ipvsadm(8), --sync-group and --sync-port. */
const DEFAULT_GROUP = '224.0.0.81'
const DEFAULT_PORT = 8848

interface Daemon {
  readonly node: number
  readonly name: string
  readonly position: Position
  /** What has to be alike, in words; undefined: there is no daemon. */
  readonly facts: readonly string[] | undefined
}

function differenceOf(first: Daemon, {name, facts}: Daemon): string | undefined {
  if (!facts) return `${name} has no lvs_sync_daemon, ${first.name} has one`
  const differing = facts.findIndex((fact, i) => fact !== first.facts?.[i])
  return differing < 0
    ? undefined
    : `lvs_sync_daemon has ${facts[differing]} here, ${first.facts?.[differing]} on ${first.name}`
}
