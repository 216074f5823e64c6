import type {InstanceConfig} from '../config/config.ts'
import {NOT_ACTED_ON} from '../config/not-acted-on.ts'
import type {Cluster} from './cluster.ts'
import {enumerated} from './findings.ts'
import type {Member} from './node.ts'

/** What holds for all nodes and is not simulated: sentences without a full stop. */
export function notSimulated({nodes, routers}: Cluster, given: number): readonly string[] {
  const shared = routers.filter(({members}) => members.length > 1)
  const members = shared.flatMap(router => router.members)
  const sentences = LACKS.flatMap(({isIn, say}) => {
    const concerned = members.filter(isIn)
    return concerned.length > 0 ? [`${namesOf(concerned)}: ${say}`] : []
  })
  const delayed = nodes.some(({loaded: {config}}) => config.global.startupDelayMs > 0)
  if (delayed) sentences.push('vrrp_startup_delay: virtual routers start at once')
  const guessed = shared.filter(({members: all}) => hasGuessedWinner(all)).flatMap(router => router.members.slice(0, 1))
  if (guessed.length > 0) {
    const say = 'who wins between equal priorities was guessed: the addresses of the nodes are not known'
    sentences.push(`${namesOf(guessed)}: ${say}`)
  }
  if (given > nodes.length) sentences.unshift(`${given} nodes are given; only the first ${nodes.length} were simulated`)
  return sentences
}

/** Keywords that are in use and were simulated as keepalived acts on them, while this agent does not yet. */
export function simulatedAsKeepalived({routers}: Cluster): readonly string[] {
  const members = routers.filter(router => router.members.length > 1).flatMap(router => router.members)
  return AHEAD.flatMap(({within, keyword, isIn}) =>
    NOT_ACTED_ON.get(within)?.has(keyword) && members.some(isIn) ? [keyword] : [],
  )
}

interface Lack {
  readonly isIn: (member: Member) => boolean
  readonly say: string
}

const inInstance =
  (isIn: (instance: InstanceConfig) => boolean): Lack['isIn'] =>
  ({instance}) =>
    isIn(instance)

const LACKS: readonly Lack[] = [
  {
    isIn: inInstance(({unicastFaultNoPeer, unicastPeers}) => unicastFaultNoPeer && unicastPeers.length === 0),
    say: 'unicast_fault_no_peer: it advertises by multicast',
  },
]

interface Ahead {
  /** The block in which the keyword stands. */
  readonly within: string
  readonly keyword: string
  readonly isIn: (member: Member) => boolean
}

const AHEAD: readonly Ahead[] = [
  {within: 'vrrp_instance', keyword: 'track_bfd', isIn: inInstance(({trackBfds}) => has(trackBfds))},
]

function has(tracks: readonly unknown[]): boolean {
  return tracks.length > 0
}

/** Two that nothing but made-up addresses decides between. */
function hasGuessedWinner(members: readonly Member[]): boolean {
  const guessed = members.filter(({sourceIs}) => sourceIs === 'made-up').map(({instance}) => instance.priority)
  return new Set(guessed).size < guessed.length
}

/** The virtual routers of members, each once. */
function namesOf(members: readonly Member[]): string {
  return enumerated([...new Set(members.map(({instance}) => instance.name))])
}
