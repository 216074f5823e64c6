import type {Capture} from '../../lab/capture.ts'
import {AGENT_SOCKET, type Daemon, startAgent, startKeepalived} from '../../lab/daemon.ts'
import type {Host} from '../../lab/host.ts'
import {createLab, type Lab} from '../../lab/lab.ts'
import type {AdvertPacket} from '../../lab/packets.ts'
import {until} from '../../lab/wait.ts'

export type Contender = 'hactl' | 'keepalived'

export const INTERVAL_MS = 1_000
export const BETTER_PRIORITY = 200
export const WORSE_PRIORITY = 100
/** Two hundred virtual routers elect within a second of each other; a loaded machine may take longer. */
const ELECTION_MS = 40_000

/** One node of a crowd. */
export interface Node {
  readonly host: Host
  readonly address: string
  readonly mac: string
  readonly priority: number
  daemon: Daemon | undefined
}

/** Two nodes with many virtual routers between them on one segment. */
export interface Crowd {
  readonly lab: Lab
  readonly program: Contender
  readonly vrids: readonly number[]
  readonly better: Node
  readonly worse: Node
  readonly capture: Capture
}

/** What a virtual router of a crowd differs in from the others. */
export interface Deviation {
  readonly removed?: readonly number[]
  readonly changed?: readonly number[]
}

/** Builds the hosts, and starts the better node and then the other; resolves when all virtual routers are at rest. */
export async function createCrowd(program: Contender, instances: number): Promise<Crowd> {
  const lab = await createLab()
  try {
    const segment = await lab.segment()
    const node = async (n: 1 | 2, priority: number): Promise<Node> => {
      const host = await lab.host(n === 1 ? 'better' : 'worse')
      const [address, mac] = [`10.20.0.${n}`, `02:00:00:00:00:0${n}`]
      await host.attach(segment, {interface: 'eth0', address: `${address}/24`, mac})
      return {host, address, mac: mac.replaceAll(':', ''), priority, daemon: undefined}
    }
    const [better, worse] = [await node(1, BETTER_PRIORITY), await node(2, WORSE_PRIORITY)]
    const vrids = Array.from({length: instances}, (_, i) => i + 1)
    const crowd = {lab, program, vrids, better, worse, capture: await segment.capture()}
    await startNode(crowd, better)
    await mastersAre(crowd, better, Date.now())
    await startNode(crowd, worse)
    return crowd
  } catch (error) {
    await lab.close()
    throw error
  }
}

/** Starts the program of a node, anew after a crash. */
export async function startNode({program, vrids}: Crowd, node: Node): Promise<void> {
  const options = {config: crowdConfig(vrids, node)}
  node.daemon = await (program === 'hactl' ? startAgent(node.host, options) : startKeepalived(node.host, options))
}

/** Waits until a node has advertised each of these virtual routers since a moment; returns the first of each. */
export async function mastersAre(
  {capture, vrids}: Pick<Crowd, 'capture' | 'vrids'>,
  {address, priority}: Node,
  fromMs: number,
): Promise<ReadonlyMap<number, AdvertPacket>> {
  const first = new Map<number, AdvertPacket>()
  await until(
    () => `${vrids.length} virtual routers to be advertised by ${address}: ${first.size} are`,
    () => {
      for (const advert of capture.adverts({source: address, fromMs})) {
        if (advert.priority >= priority && !first.has(advert.vrid)) first.set(advert.vrid, advert)
      }
      return vrids.every(vrid => first.has(vrid))
    },
    {timeoutMs: ELECTION_MS, everyMs: 100},
  )
  return first
}

/** The two addresses of a virtual router. */
export const vipsOf = (vrid: number): readonly [string, string] => [`10.21.0.${vrid}`, `10.22.0.${vrid}`]

/** The arguments of `hactl` that ask the agent of its own host. */
export const STATUS = ['vrrp', 'status', '--socket', AGENT_SOCKET] as const

/** keepalived.conf of a node; a virtual router that was changed has a higher priority and another second address. */
export function crowdConfig(
  vrids: readonly number[],
  {priority}: Pick<Node, 'priority'>,
  {removed = [], changed = []}: Deviation = {},
): string {
  const blocks = vrids
    .filter(vrid => !removed.includes(vrid))
    .map(vrid => {
      const isChanged = changed.includes(vrid)
      const [one, two] = vipsOf(vrid)
      return `vrrp_instance VI_${vrid} {
    state BACKUP
    interface eth0
    virtual_router_id ${vrid}
    priority ${isChanged ? priority + CHANGED_BY : priority}
    advert_int ${INTERVAL_MS / 1_000}
    virtual_ipaddress {
        ${one}/32
        ${isChanged ? `10.23.0.${vrid}` : two}/32
    }
}
`
    })
  return `global_defs {
    router_id lab
    vrrp_version 3
}

${blocks.join('\n')}`
}

export const CHANGED_BY = 10
