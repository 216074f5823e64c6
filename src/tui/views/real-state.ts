import type {WatchedCheck, WatchedReal} from '../../control/watch-model.ts'
import {unreachable} from '../../core/never.ts'
import type {ClusterPicture, ClusterReal, ClusterRouter, ClusterService} from '../../watch/model.ts'
import {span} from '../lines.ts'
import type {Drawing, Glyphs, Span, Tone} from '../model.ts'

/** How something stands: always a colour, a symbol and a word. */
export interface StateWords {
  readonly tone: Tone
  readonly glyph: Exclude<keyof Glyphs, 'spark'>
  /** "IN", "DRAINED" */
  readonly word: string
  /** Why, or what else is to be known; empty: nothing. */
  readonly detail: string
}

/** How a real server stands by what one node says; `ipvsProblem`: why IPVS cannot be read there. */
export function realStateOn(real: WatchedReal, ipvsProblem: string | null): StateWords {
  const {held, standing, isSorryServer, present, weight} = real
  if (held?.type === 'disabled') return words('warning', 'paused', 'DISABLED', held.reason ?? 'by an operator')
  if (isSorryServer) {
    if (standing === 'in') return words('warning', 'warning', 'SORRY', 'in use: quorum is lost')
    return words('dim', 'backup', 'SORRY', 'sorry server, not in use')
  }
  const failure = failureText(real.checks)
  if (held !== null) {
    if (standing === 'out') return words('bad', 'down', 'DRAINED, OUT', failure)
    return words('warning', 'paused', 'DRAINED', held.reason ?? 'by an operator')
  }
  if (standing === 'out') return words('bad', 'down', 'OUT', failure)
  if (standing === 'inhibited') return words('bad', 'down', 'INHIBITED', failure)
  if (ipvsProblem !== null) return words('unknown', 'unknown', 'UNKNOWN', ipvsProblem)
  if (!present) return words('bad', 'critical', 'MISSING', 'not in the table of the kernel')
  if (weight === 0) return words('warning', 'paused', 'WEIGHT 0', 'no new connections')
  const pause = real.checks.find(check => check.pause !== null)?.pause
  if (pause !== undefined && pause !== null) return words('warning', 'paused', 'IN', `check ${pausedText(pause)}`)
  if (failure !== '') return words('warning', 'warning', 'IN', failure)
  if (standing === null) return words('good', 'up', 'IN', 'nothing checks it')
  return words('good', 'up', 'IN', '')
}

/** How a real server stands by all nodes that are known; where they differ, the worst, and what each says. */
export function realState(
  {onNodes}: ClusterReal,
  service: Pick<ClusterService, 'onNodes'>,
  {nodes}: Pick<ClusterPicture, 'nodes'>,
): StateWords {
  const said: {readonly name: string; readonly state: StateWords}[] = []
  for (const [i, real] of onNodes.entries()) {
    const node = nodes[i]
    if (node === undefined) continue
    const {name} = node.address
    if (real !== null) said.push({name, state: realStateOn(real, node.servicesProblem)})
    else if (service.onNodes[i]) said.push({name, state: words('warning', 'absent', 'ABSENT', '')})
  }
  const first = said[0]
  if (first === undefined) return words('unknown', 'unknown', 'UNKNOWN', 'no node that has it answers')
  let worst = first.state
  for (const {state} of said) if (compareStates(state, worst) < 0) worst = state
  if (said.every(({state}) => state.word === first.state.word)) return worst
  const each = said.map(({name, state}) => `${name} ${state.word}`).join(', ')
  const detail = `nodes differ: ${each}${worst.detail === '' ? '' : ` (${worst.detail})`}`
  return {...worst, tone: worst.tone === 'good' ? 'warning' : worst.tone, detail}
}

/** How a virtual server stands: by the node that serves it, or else by the one that has the fewest in service. */
export function serviceState(service: ClusterService, picture: ClusterPicture): StateWords {
  const router = routerOf(service, picture)
  const where = servedBy(router, picture)
  const counts = countsOf(service, picture, router?.holders ?? [])
  const at = where === '' ? '' : `, ${where}`
  if (counts === undefined) return words('unknown', 'unknown', 'UNKNOWN', 'no node that has it answers')
  const {live, all, problem, isPresent, sorryInUse} = counts
  const of = `${live} of ${all} in${at}`
  if (problem !== null) return words('unknown', 'unknown', 'UNKNOWN', `${problem}${at}`)
  if (!isPresent) return words('bad', 'critical', 'MISSING', `not in the table of the kernel${at}`)
  if (all === 0) return words('warning', 'warning', 'EMPTY', `no real servers${at}`)
  if (live === 0 && sorryInUse) return words('bad', 'critical', 'SORRY', `${of}; the sorry server answers`)
  if (live === 0) return words('bad', 'critical', 'DOWN', of)
  if (live < all) return words('warning', 'warning', 'UP', of)
  return words('good', 'up', 'UP', of)
}

/** A service by its name, or the first that the configuration calls so. */
export function findService(picture: ClusterPicture, name: string): ClusterService | undefined {
  return (
    picture.services.find(service => service.name === name) ??
    picture.services.find(({configured}) => configured === name)
  )
}

/** A state as it is shown: colour, symbol and word, and why. */
export function stateCell({tone, glyph, word, detail}: StateWords, {glyphs}: Drawing): readonly Span[] {
  const state = span(`${glyphs[glyph]} ${word}`, tone)
  return detail === '' ? [state] : [state, span(`  ${detail}`, tone === 'good' ? 'dim' : undefined)]
}

/** Whether a real server gets new connections by what a node says; sorry servers do not count. */
export function isInService(
  {held, standing, isSorryServer, present, weight}: WatchedReal,
  ipvsProblem: string | null,
): boolean {
  if (isSorryServer || held !== null || standing === 'out' || standing === 'inhibited') return false
  return weight > 0 && (present || ipvsProblem !== null)
}

/** The virtual router that has the address of a service; undefined: none, or the service has no address. */
export function routerOf({name}: Pick<ClusterService, 'name'>, picture: ClusterPicture): ClusterRouter | undefined {
  const address = addressOf(name)
  if (address === undefined) return undefined
  let known = routersByAddress.get(picture.routers)
  if (known === undefined) {
    known = new Map(picture.routers.flatMap(router => router.vips.map(vip => [plainAddress(vip), router] as const)))
    routersByAddress.set(picture.routers, known)
  }
  return known.get(address)
}

/** "on lb1", "held by lb1 and lb2", "no holder"; empty where nothing is known of its address. */
export function servedBy(router: ClusterRouter | undefined, {nodes}: Pick<ClusterPicture, 'nodes'>): string {
  if (router === undefined) return ''
  const names = router.holders.map(i => nodes[i]?.address.name ?? '?')
  if (names.length === 1) return `on ${names[0]}`
  if (names.length > 1) return `held by ${names.join(' and ')}`
  return router.problem?.kind === 'holder-unknown' ? 'holder unknown' : 'no holder'
}

/** Why its checks fail, the first of them: "HTTP_GET: status 503 where 200 is wanted"; empty where none does. */
export function failureText(checks: readonly WatchedCheck[]): string {
  const failing = checks.find(({counts}) => counts === 'down') ?? checks.find(({reason}) => reason !== null)
  if (failing === undefined) return ''
  const {kind, reason, state} = failing
  const why = reason ?? (state === 'unknown' ? 'has not run yet' : 'down')
  return `${kind}: ${why}`
}

/** How a checker stands on one node. */
export function checkState({state, counts, reason, pause}: WatchedCheck): StateWords {
  const why = reason ?? ''
  switch (state) {
    case 'down':
      return words('bad', 'down', 'DOWN', why)
    case 'up':
      // Failures that are not enough yet.
      return reason === null ? words('good', 'up', 'UP', '') : words('warning', 'warning', 'FAILING', why)
    case 'paused':
      return idle(counts, 'paused', 'PAUSED', pause === null ? why : pausedText(pause))
    case 'suspended':
      return idle(counts, 'init', 'SUSPENDED', 'its virtual address is not here')
    case 'unknown':
      return idle(counts, 'init', 'NEVER RUN', why)
    default:
      return unreachable(state)
  }
}

/** Which of two states is worse: below 0 the first. */
export const compareStates = (a: StateWords, b: StateWords): number => RANKS[a.tone] - RANKS[b.tone]

/** "paused", "paused: kernel update" */
export const pausedText = ({reason}: NonNullable<WatchedCheck['pause']>): string =>
  reason === null ? 'paused by an operator' : `paused: ${reason}`

/** A checker that does not run: what it found last counts on. */
function idle(counts: WatchedCheck['counts'], glyph: StateWords['glyph'], word: string, detail: string): StateWords {
  if (counts === 'down') return words('bad', 'down', `${word}, down`, detail)
  return words(glyph === 'paused' ? 'warning' : 'dim', glyph, `${word}, up`, detail)
}

interface Counts {
  readonly live: number
  readonly all: number
  readonly problem: string | null
  readonly isPresent: boolean
  readonly sorryInUse: boolean
}

function countsOf({onNodes}: ClusterService, {nodes}: ClusterPicture, holders: readonly number[]): Counts | undefined {
  const positions = holders.some(i => onNodes[i]) ? holders : onNodes.map((_, i) => i)
  let worst: Counts | undefined
  for (const i of positions) {
    const service = onNodes[i]
    if (service === null || service === undefined) continue
    const problem = nodes[i]?.servicesProblem ?? null
    let live = 0
    let all = 0
    let sorryInUse = false
    for (const real of service.realServers) {
      if (real.isSorryServer) sorryInUse ||= real.standing === 'in'
      else {
        all++
        if (isInService(real, problem)) live++
      }
    }
    const counts = {live, all, problem, isPresent: service.present, sorryInUse}
    if (worst === undefined || live < worst.live) worst = counts
  }
  return worst
}

const words = (tone: Tone, glyph: StateWords['glyph'], word: string, detail: string): StateWords => ({
  tone,
  glyph,
  word,
  detail,
})

/** The worst first. */
const RANKS: {readonly [tone in Tone]: number} = {
  bad: 0,
  unknown: 1,
  warning: 2,
  backup: 3,
  dim: 4,
  strong: 5,
  good: 6,
}

const routersByAddress = new WeakMap<readonly ClusterRouter[], ReadonlyMap<string, ClusterRouter>>()

/** The address in "192.0.2.1:80/tcp" and "[2001:db8::1]:53/udp". */
function addressOf(service: string): string | undefined {
  const match = /^(?:\[([^\]]+)\]|([0-9.]+)):/.exec(service)
  const address = match?.[1] ?? match?.[2]
  return address === undefined ? undefined : plainAddress(address)
}

const plainAddress = (address: string): string => address.replace(/\/\d+$/, '').toLowerCase()
