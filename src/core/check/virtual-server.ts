import type {CheckNews} from './news.ts'
import type {CheckedRealServer, CheckedVirtualServer} from './plan.ts'
import type {Standing} from './standing.ts'

/** What is known of a virtual server; JSON. */
export interface VirtualServerState {
  readonly quorumUp: boolean
  /** In the order of the plan. */
  readonly realServers: readonly RealServerState[]
}

/** What is known of a real server. */
export interface RealServerState {
  readonly up: boolean
  /** What its checkers add to its weight, together. */
  readonly addedWeight: number
  /** It has been down from the start, by `alpha`, and nobody was told. */
  readonly untold?: boolean
}

/** What became of a virtual server. */
export interface VirtualServerStep {
  /** The same object as before where nothing changed. */
  readonly state: VirtualServerState
  readonly news: readonly CheckNews[]
}

/** What its checkers say of a real server, counted from 0. */
export interface RealServerEvent extends RealServerState {
  readonly realServer: number
  /** Why it is down, after a checker failed; undefined: no checker failed just now. */
  readonly reason: string | undefined
}

/** Greatest weight that IPVS takes: <linux/ip_vs.h> has 32 bits, and the kernel reads them with a sign. */
export const GREATEST_WEIGHT = 0x7fff_ffff

/**
 * At the start, or after a reload with what was known before of the real servers that it had too. It begins without
 * quorum, so that `quorum` + `hysteresis` are needed; that the quorum is there is told, and that it is not where a
 * sorry server takes over. All of this was measured of keepalived 2.2.7.
 */
export function initialVirtualServer(
  plan: CheckedVirtualServer,
  options: {
    /** In the order of the plan: what its checkers say of each. */
    readonly realServers: readonly RealServerState[]
    /** In the order of the plan: what was known of each before a reload; undefined: it is new. */
    readonly before?: readonly (RealServerState | undefined)[]
    /** Undefined: there was none. */
    readonly quorumUp: boolean | undefined
    readonly tellsOfStart: boolean
  },
): VirtualServerStep {
  const news: CheckNews[] = []
  const realServers = plan.realServers.map((realServer, place) => {
    const {up, addedWeight} = options.realServers[place] ?? UP
    const before = options.before?.[place]
    const tells = before === undefined ? up && options.tellsOfStart : before.up !== up
    if (tells) news.push(realServerNews(plan, realServer, {up, reason: undefined}))
    const untold = !up && (before === undefined || before.untold === true)
    return untold ? {up, addedWeight, untold} : {up, addedWeight}
  })
  const state = withQuorum(plan, {quorumUp: options.quorumUp ?? false, realServers}, news)
  if (options.quorumUp === undefined && !state.quorumUp && plan.sorryServer) news.push(quorumNews(plan, state))
  return {state, news}
}

/** Takes what the checkers of one real server say of it now. */
export function virtualServerStep(
  plan: CheckedVirtualServer,
  state: VirtualServerState,
  event: RealServerEvent,
): VirtualServerStep {
  const before = state.realServers[event.realServer]
  const realServer = plan.realServers[event.realServer]
  if (before === undefined || realServer === undefined) {
    throw new Error(`virtual server ${plan.name} has no real server ${event.realServer}`)
  }
  const tells = before.up !== event.up || (before.untold === true && event.reason !== undefined)
  if (!tells && before.addedWeight === event.addedWeight) return {state, news: NO_NEWS}

  const news: CheckNews[] = []
  if (tells) news.push(realServerNews(plan, realServer, {up: event.up, reason: event.up ? undefined : event.reason}))
  const {up, addedWeight} = event
  const after = before.untold === true && !tells ? {up, addedWeight, untold: true} : {up, addedWeight}
  const realServers = state.realServers.with(event.realServer, after)
  return {state: withQuorum(plan, {quorumUp: state.quorumUp, realServers}, news), news}
}

/** How each real server stands in IPVS, in the order of the plan, and the sorry server; undefined without one. */
export function standingsOf(
  plan: CheckedVirtualServer,
  state: VirtualServerState,
): {readonly realServers: readonly Standing[]; readonly sorryServer: Standing | undefined} {
  const sorry = plan.sorryServer !== undefined && !state.quorumUp
  return {
    realServers: plan.realServers.map((realServer, place) => {
      const known = state.realServers[place] ?? UP
      if (known.up && !sorry) return {type: 'in', weight: effectiveWeight(realServer, known)}
      return realServer.inhibitOnFailure ? INHIBITED : OUT
    }),
    sorryServer: plan.sorryServer && sorryStanding(plan.sorryServer.inhibit, sorry),
  }
}

/** Sum of the weights of the real servers that are up, each held to what IPVS takes. */
export function liveWeight(plan: CheckedVirtualServer, state: VirtualServerState): number {
  let sum = 0
  for (let place = 0; place < plan.realServers.length; place++) {
    const realServer = plan.realServers[place] as CheckedRealServer
    const known = state.realServers[place] ?? UP
    if (known.up) sum += effectiveWeight(realServer, known)
  }
  return sum
}

/** Weight of a real server with what its checkers add, 0..2147483647. */
export function effectiveWeight(realServer: CheckedRealServer, {addedWeight}: RealServerState): number {
  return Math.min(GREATEST_WEIGHT, Math.max(0, realServer.weight + addedWeight))
}

const UP: RealServerState = {up: true, addedWeight: 0}
const OUT: Standing = {type: 'out'}
const INHIBITED: Standing = {type: 'inhibited'}
const NO_NEWS: readonly CheckNews[] = []

/** keepalived gives a sorry server the weight 1. */
const IN_AS_SORRY: Standing = {type: 'in', weight: 1}

function sorryStanding(inhibit: boolean, used: boolean): Standing {
  if (used) return IN_AS_SORRY
  return inhibit ? INHIBITED : OUT
}

/** Holds the quorum against the weights: it is lost `hysteresis` below and gained `hysteresis` above. */
function withQuorum(plan: CheckedVirtualServer, state: VirtualServerState, news: CheckNews[]): VirtualServerState {
  const weight = liveWeight(plan, state)
  const quorumUp = state.quorumUp
    ? weight > 0 && weight >= plan.quorum - plan.hysteresis
    : weight >= plan.quorum + plan.hysteresis
  if (quorumUp === state.quorumUp) return state
  const after = {quorumUp, realServers: state.realServers}
  news.push(quorumNews(plan, after, weight))
  return after
}

function quorumNews(
  plan: CheckedVirtualServer,
  state: VirtualServerState,
  weight = liveWeight(plan, state),
): CheckNews {
  return {type: 'quorum', virtualServer: plan.name, up: state.quorumUp, weight, quorum: plan.quorum}
}

function realServerNews(
  plan: CheckedVirtualServer,
  realServer: CheckedRealServer,
  {up, reason}: {readonly up: boolean; readonly reason: string | undefined},
): CheckNews {
  return {type: 'real-server', virtualServer: plan.name, realServer: realServer.name, up, reason}
}
