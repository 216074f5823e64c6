import type {LoadedConfig} from '../../config/config.ts'
import {parseConfig} from '../../config/parse.ts'
import {configText} from '../../config/read-back.ts'
import {agentClient} from '../../control/client.ts'
import type {LvsService, LvsSyncDaemon} from '../../control/lvs-model.ts'
import type {AgentStatus, Override, Vip} from '../../control/model.ts'
import {errorText} from '../../errors.ts'
import type {NodeAddress} from '../../watch/model.ts'
import {readConfig} from '../config-source.ts'

/** What one node says of itself. */
export interface NodeFacts {
  readonly name: string
  readonly agent: AgentStatus
  readonly loaded: LoadedConfig
  /** Null: IPVS cannot be read there, for `lvsProblem`. */
  readonly services: readonly LvsService[] | null
  readonly daemons: readonly LvsSyncDaemon[] | null
  readonly lvsProblem: string | null
  readonly vips: readonly Vip[]
  readonly overrides: readonly Override[]
}

/** All nodes that could be asked. */
export interface ClusterFacts {
  readonly nodes: readonly NodeFacts[]
  /** One line each: "lb2 was not compared: connection refused". */
  readonly missing: readonly string[]
  /** False: an agent tells none, and not every node could be read through ssh. */
  readonly secretsCompared: boolean
}

/**
 * Asks all nodes at once. Of a host that ssh reaches the files are read, with their secrets; an agent tells its own
 * configuration without them, and then they are compared nowhere.
 */
export async function factsOf(addresses: readonly NodeAddress[]): Promise<ClusterFacts> {
  const secretsCompared = addresses.every(isElsewhere)
  const settled = await Promise.allSettled(addresses.map(address => factsOfNode(address, secretsCompared)))
  const nodes = settled.flatMap(each => (each.status === 'fulfilled' ? [each.value] : []))
  const missing = settled.flatMap((each, i) =>
    each.status === 'rejected' ? [`${addresses[i]?.name ?? ''} was not compared: ${errorText(each.reason)}`] : [],
  )
  return {nodes, missing, secretsCompared}
}

const isElsewhere = ({given}: NodeAddress): boolean => given.startsWith('ssh://')

async function factsOfNode(address: NodeAddress, withSecrets: boolean): Promise<NodeFacts> {
  const {name, target} = address
  const client = agentClient(target)
  const agent = (await client.status()).item
  const [services, daemons, vips, overrides] = await Promise.all([
    client.lvsServices().then(({items}) => items, errorText),
    client.lvsSync().then(({items}) => items, errorText),
    client.vips(),
    client.overrides(),
  ])
  const loaded = withSecrets
    ? (await readConfig(address.target.host ?? '')).loaded
    : masked(name, (await client.config()).item.text)
  const problem = [services, daemons].find(each => typeof each === 'string')
  return {
    name,
    agent,
    loaded,
    services: typeof services === 'string' ? null : services,
    daemons: typeof daemons === 'string' ? null : daemons,
    lvsProblem: typeof problem === 'string' ? problem : null,
    vips: vips.items,
    overrides: overrides.items,
  }
}

/** Every secret becomes the same, so that none of them differs. */
function masked(name: string, text: string): LoadedConfig {
  const file = `${name}:configuration`
  const again = configText(parseConfig({file, text}).config, {mode: 'given', secrets: false})
  return parseConfig({file, text: again})
}
