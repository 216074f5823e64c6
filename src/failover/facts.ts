import {type AgentClient, agentClient} from '../control/client.ts'
import type {LvsSyncDaemon} from '../control/lvs-model.ts'
import type {AgentStatus, Override, VirtualRouter} from '../control/model.ts'
import type {ClusterPicture, ClusterRouter, ClusterService, NodePicture, NodeState} from '../watch/model.ts'
import {addressIn} from './find-router.ts'

/** What is known of one node for a failover, asked a moment ago. */
export interface NodeFacts {
  readonly name: string
  readonly state: NodeState
  /** Why it does not answer; null while it does. */
  readonly problem: string | null
  readonly agent: AgentStatus | null
  /** The virtual router as this node has it; null: it does not have it, or does not answer. */
  readonly router: VirtualRouter | null
  /** The virtual routers that move with it, itself among them. */
  readonly group: readonly VirtualRouter[]
  /** When the node saw all that, by its own clock, ISO 8601. */
  readonly observedAt: string
  readonly overrides: readonly Override[]
  /** Null where they cannot be asked for: no IPVS, or an agent that does not manage it. */
  readonly syncDaemons: readonly LvsSyncDaemon[] | null
  /** Why IPVS cannot be read there; null when it can. */
  readonly servicesProblem: string | null
}

/** What is known of all nodes, in the order of the picture. */
export interface ClusterFacts {
  readonly routerName: string
  readonly nodes: readonly NodeFacts[]
  /** Services on the addresses that move, and those by marks, which may be for them. */
  readonly services: readonly ClusterService[]
  /** The virtual addresses of the router alone, without the lengths of their prefixes. */
  readonly vips: readonly string[]
}

/** How long a node may take to answer, milliseconds. */
const ANSWER_WITHIN_MS = 5_000
/** How long an order may take, milliseconds. */
const LEAST_ORDER_MS = 20_000
const MOST_ORDER_MS = 65_000

/** Asks every node that answers what a pre-flight needs. What cannot be asked is left as the picture has it. */
export async function gatherFacts(picture: ClusterPicture, wanted: ClusterRouter): Promise<ClusterFacts> {
  const nodes = await Promise.all(picture.nodes.map((node, i) => nodeFacts(node, wanted.onNodes[i]?.router ?? null)))
  const moving = new Set(nodes.flatMap(({group}) => group.flatMap(({vips}) => vips.map(({address}) => address))))
  const services = picture.services.filter(({name}) => name.startsWith('fwm') || moving.has(addressOfService(name)))
  const vips = wanted.vips.flatMap(vip => addressIn(vip) ?? [])
  return {routerName: wanted.name, nodes, services, vips}
}

/** A client for orders about one virtual router: an agent waits for a neighbour, and then sees whether it stays. */
export function clientOf({address}: Pick<NodePicture, 'address'>, {masterDownIntervalMs}: VirtualRouter): AgentClient {
  const timeoutMs = Math.min(MOST_ORDER_MS, LEAST_ORDER_MS + 2 * masterDownIntervalMs)
  return agentClient({...address.target, timeoutMs})
}

/** The names that a virtual router has on its nodes, for the ones that move with it. */
export function movingNames({nodes}: ClusterFacts): readonly string[] {
  return [...new Set(nodes.flatMap(({group}) => group.map(({name}) => name)))]
}

async function nodeFacts(node: NodePicture, seen: VirtualRouter | null): Promise<NodeFacts> {
  const {address, state, problem, servicesProblem} = node
  const base = {name: address.name, state, problem, agent: node.agent, servicesProblem}
  const nothing = {router: seen, group: seen === null ? [] : [seen], overrides: [], syncDaemons: null}
  const unasked = {...base, ...nothing, observedAt: new Date(0).toISOString()}
  if (state === 'unknown' || seen === null) return unasked
  const client = agentClient({...address.target, timeoutMs: ANSWER_WITHIN_MS})
  try {
    const [routers, agent, overrides, sync] = await Promise.all([
      client.routers(),
      client.status(),
      client.overrides(),
      client.lvsSync().catch(() => undefined),
    ])
    const router = routers.items.find(({name}) => name === seen.name) ?? null
    const {group: groupName = null} = router ?? {}
    const group = groupName === null ? [] : routers.items.filter(each => each.group === groupName)
    return {
      ...base,
      agent: agent.item,
      router,
      group: group.length > 0 || router === null ? group : [router],
      observedAt: routers.observedAt,
      overrides: overrides.items,
      syncDaemons: sync?.items ?? null,
    }
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    return {...unasked, state: 'unknown', problem: why}
  }
}

/** "192.0.2.1" of "192.0.2.1:80/tcp", "2001:db8::1" of "[2001:db8::1]:53/udp". */
function addressOfService(name: string): string {
  const [, bracketed, plain] = /^(?:\[([^\]]+)\]|([^:[\]]+)):\d+\//.exec(name) ?? []
  return bracketed ?? plain ?? ''
}
