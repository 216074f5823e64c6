import type {VirtualRouter} from '../control/model.ts'
import type {ClusterRouter, NodePicture} from './model.ts'
import {type Finding, listed} from './problems.ts'
import {timeHere} from './time-here.ts'

/** A node that says that it is master of a virtual router. */
export interface Claim {
  /** Its position. */
  readonly node: number
  readonly router: VirtualRouter
  /** Since when, and up to when it is known, in the time of this host; minus infinity: for ever. */
  readonly sinceMs: number
  readonly heardMs: number
}

/** Of a virtual router whatever is needed to judge it. */
export type RouterFacts = Pick<ClusterRouter, 'key' | 'name' | 'onNodes'>

/** What all nodes say as of now. */
export interface Moment {
  readonly nodes: readonly NodePicture[]
  readonly nowMs: number
}

/** The known nodes that are master; one that only looks is none. */
export function claimsOf({onNodes}: Pick<RouterFacts, 'onNodes'>, {nodes, nowMs}: Moment): readonly Claim[] {
  return onNodes.flatMap((there, node) => {
    const picture = nodes[node]
    if (picture === undefined || there === null) return []
    const {isKnown, router} = there
    if (!isKnown || router.observed || router.state !== 'master') return []
    return [{node, router, sinceMs: sinceOf(router, picture, nowMs), heardMs: nowMs - (picture.silentMs ?? 0)}]
  })
}

/**
 * Those of them that may still be master. Who was not heard since another became master may have gone down: this is
 * how a takeover looks until the node that went down is unknown.
 */
export function holdersOf(claims: readonly Claim[]): readonly Claim[] {
  const holders = claims.filter(({node, heardMs}) =>
    claims.every(other => other.node === node || other.sinceMs <= heardMs),
  )
  return holders.length > 0 ? holders : claims
}

/** Whatever is wrong with one virtual router. */
export function routerFindings(router: RouterFacts, moment: Moment): readonly Finding[] {
  const claims = claimsOf(router, moment)
  const split = splitBrain(router, claims, moment)
  const lost = claims.length === 0 ? noHolder(router, moment) : undefined
  const alone = lost === undefined ? noBackup(router, claims, moment) : undefined
  const worst = [split, lost, alone].filter(finding => finding !== undefined)
  // Who is in fault or held is named there already.
  const rest = lost === undefined && alone === undefined ? lessFit(router, moment) : []
  return [...worst, ...missingAddresses(router, claims, moment), ...rest, ...observed(router, moment)]
}

/**
 * Whether nothing but something new can change what `routerFindings` says: one master for a while already, with its
 * addresses, and nobody who knows of another.
 */
export function isTimeless(router: RouterFacts, moment: Moment): boolean {
  const claims = claimsOf(router, moment)
  const [master] = claims
  if (claims.length !== 1 || master === undefined) return false
  if (!Number.isFinite(master.sinceMs) || master.sinceMs > moment.nowMs) return false
  if (master.router.vips.some(({wanted, present}) => wanted && !present)) return false
  return membersOf(router, moment).every(
    ({router: {heard}}) => heard === null || heard.address === master.router.source,
  )
}

function splitBrain(router: RouterFacts, claims: readonly Claim[], moment: Moment): Finding | undefined {
  const {nodes, nowMs} = moment
  const nameOf = (node: number): string => nodes[node]?.address.name ?? ''
  const graceMs = Math.max(LEAST_GRACE_MS, 1.5 * Math.max(...claims.map(claim => claim.router.advertIntervalMs)))
  const rivals = new Set<string>()
  const holders = holdersOf(claims)
  for (const {node, sinceMs} of holders) {
    // Each has said that it is master since the other is, and they have been for longer than a takeover takes.
    const isBeside = holders.some(other => other.node !== node && nowMs - Math.max(sinceMs, other.sinceMs) > graceMs)
    if (isBeside) rivals.add(nameOf(node))
  }
  for (const {node, router: there} of claims) {
    for (const {rival, how} of there.splitBrain ?? []) {
      rivals.add(nameOf(node))
      rivals.add(whoIs(rival, router, nodes) ?? (how === 'answers' ? `${rival}, which answers for it` : rival))
    }
  }
  for (const address of heardBeside(router, claims, moment)) {
    for (const {node} of holders) rivals.add(nameOf(node))
    rivals.add(whoIs(address, router, nodes) ?? address)
  }
  if (rivals.size === 0) return undefined
  const names = listed([...rivals])
  return found(router, 'critical', 'split-brain', names, (about, verb) => {
    return `SPLIT BRAIN: ${about} ${verb('is', 'are')} held by ${names}`
  })
}

/**
 * Other masters than those that say so, whom backups hear: of a node that is silent, or of none of the nodes. Who is
 * heard is told at once when it changes, so that a backup hears a new master as soon as it has advertised.
 */
function heardBeside(router: RouterFacts, claims: readonly Claim[], moment: Moment): readonly string[] {
  const sources = new Set(claims.map(({router: {source}}) => source))
  const newestMs = Math.max(...claims.map(({sinceMs}) => sinceMs))
  if (claims.length === 0 || sources.has(null)) return []
  return membersOf(router, moment).flatMap(member => {
    const {heard, masterDownIntervalMs, observed: looks} = member.router
    if (!hearsSomebody(member, moment) || heard === null || looks || sources.has(heard.address)) return []
    return moment.nowMs - newestMs > masterDownIntervalMs + LEAST_GRACE_MS ? [heard.address] : []
  })
}

/** No takeover is judged quicker, whatever the interval. */
const LEAST_GRACE_MS = 300

function noHolder(router: RouterFacts, moment: Moment): Finding | undefined {
  const {nodes, nowMs} = moment
  const members = membersOf(router, moment)
  const known = members.filter(({isKnown}) => isKnown)
  if (members.every(({router: {observed}}) => observed) || isHeldElsewhere(router, moment)) return undefined
  // Whoever has never told anything may have it too.
  const silent = nodes.filter(
    ({state, isWhole}, node) => isSilent(state) && (!isWhole || (router.onNodes[node] ?? null) !== null),
  )
  if (silent.some(({state}) => state === 'connecting')) return undefined
  if (silent.length > 0) {
    const names = listed(silent.map(({address}) => address.name))
    const verb = silent.length === 1 ? 'does' : 'do'
    const others = known.map(member => `, ${stateOn(member)}`).join('')
    return found(router, 'unknown', 'holder-unknown', names + others, about => {
      return `it is unknown who holds ${about}: ${names} ${verb} not answer${others}`
    })
  }
  const changedMs = Math.max(...known.map(member => sinceOf(member.router, member.picture, nowMs)))
  const graceMs = Math.max(...known.map(member => member.router.masterDownIntervalMs))
  if (nowMs - changedMs <= graceMs) return undefined
  const why = known.map(stateOn).join(', ')
  return found(router, 'critical', 'no-holder', why, about => `no holder of ${about}: ${why}`)
}

function noBackup(router: RouterFacts, claims: readonly Claim[], moment: Moment): Finding | undefined {
  const members = membersOf(router, moment)
  if (claims.length !== 1 || members.length < 2) return undefined
  const others = members.filter(({node}) => node !== claims[0]?.node)
  if (others.some(({picture, isKnown, router: other}) => picture.state === 'connecting' || (isKnown && isFit(other)))) {
    return undefined
  }
  const why = others.map(stateOn).join(', ')
  return found(
    router,
    'warning',
    'no-backup',
    why,
    (about, verb) => `${about} ${verb('has', 'have')} no backup: ${why}`,
  )
}

const isFit = ({state, held, observed: looks}: VirtualRouter): boolean =>
  (state === 'backup' || state === 'master') && held === null && !looks

/** Nodes that could not take over or must not, while others can. */
function lessFit(router: RouterFacts, moment: Moment): readonly Finding[] {
  return membersOf(router, moment).flatMap(({isKnown, picture, router: there}) => {
    if (!isKnown || there.observed) return []
    const {name} = picture.address
    if (there.state === 'fault') {
      const why = `on ${name}: ${faultOf(there)}`
      return [
        found(router, 'warning', 'router-fault', why, (about, verb) => `${about} ${verb('is', 'are')} in fault ${why}`),
      ]
    }
    if (there.held === null) return []
    const why = `on ${name}: ${there.held}`
    return [
      found(router, 'warning', 'held', why, (about, verb) => {
        return `${about} ${verb('is', 'are')} kept from being master ${why}`
      }),
    ]
  })
}

/** A master without its addresses is none for anybody who wants to reach them. */
function missingAddresses(router: RouterFacts, claims: readonly Claim[], {nodes, nowMs}: Moment): readonly Finding[] {
  return claims.flatMap(({node, router: there, sinceMs}) => {
    const missing = there.vips.filter(({wanted, present}) => wanted && !present)
    if (missing.length === 0 || nowMs - sinceMs < ADDRESSES_MS) return []
    const name = nodes[node]?.address.name ?? ''
    const addresses = missing.length > 3 ? `${missing.length} addresses` : listed(missing.map(({address}) => address))
    const why = `${addresses} on ${name}`
    return [
      found(router, 'critical', 'router-fault', why, about => `${name} is master of ${about} without ${addresses}`),
    ]
  })
}

/** A master has its addresses long before, milliseconds. */
const ADDRESSES_MS = 3_000

function observed(router: RouterFacts, moment: Moment): readonly Finding[] {
  return membersOf(router, moment)
    .filter(({isKnown, router: there}) => isKnown && there.observed)
    .map(({picture}) => {
      const {name} = picture.address
      return found(router, 'warning', 'observed', name, (about, verb) => {
        return `${about} ${verb('is', 'are')} only looked at on ${name}, which does nothing for ${verb('it', 'them')}`
      })
    })
}

/** Somebody who is not among the known nodes is heard as master. */
function isHeldElsewhere(router: RouterFacts, moment: Moment): boolean {
  const members = membersOf(router, moment)
  const sources = new Set(members.filter(({isKnown}) => isKnown).map(member => member.router.source))
  return members.some(member => hearsSomebody(member, moment) && !sources.has(member.router.heard?.address ?? null))
}

/** A known backup that has a master. */
function hearsSomebody({isKnown, picture, router}: Member, {nowMs}: Moment): boolean {
  const {state, heard, masterDownIntervalMs} = router
  if (!isKnown || state !== 'backup' || heard === null) return false
  const seenMs = timeHere(heard.lastSeen, picture) ?? Number.NEGATIVE_INFINITY
  return nowMs - seenMs < masterDownIntervalMs + FIGURES_MS
}

/** When somebody was heard last is told at least this often, milliseconds, with room for what is on its way. */
const FIGURES_MS = 15_000

interface Member {
  readonly node: number
  readonly picture: NodePicture
  readonly isKnown: boolean
  readonly router: VirtualRouter
}

/** The nodes that have it, or had it when they were heard last. */
function membersOf({onNodes}: RouterFacts, {nodes}: Moment): readonly Member[] {
  return onNodes.flatMap((there, node) => {
    const picture = nodes[node]
    return there === null || picture === undefined ? [] : [{node, picture, ...there}]
  })
}

/** The name of the node that an address belongs to. */
function whoIs(address: string, router: RouterFacts, nodes: readonly NodePicture[]): string | undefined {
  const node = router.onNodes.findIndex(there => there?.router.source === address)
  return nodes[node]?.address.name
}

/** "lb2 is in fault (interface eth0 is down)" */
function stateOn({picture, isKnown, router}: Member): string {
  const {name} = picture.address
  if (!isKnown) return `${name} does not answer`
  if (router.observed) return `${name} only looks at it`
  if (router.state === 'fault') return `${name} is in fault (${faultOf(router)})`
  if (router.held !== null) return `${name} is kept from it (${router.held})`
  return router.state === 'init' ? `${name} has not begun` : `${name} is ${router.state}`
}

const faultOf = ({faults, reason}: VirtualRouter): string => faults[0] ?? (reason === '' ? 'no reason told' : reason)

/** A time in the future is that of a clock that was set since: it says nothing about now. */
function sinceOf(router: VirtualRouter, picture: NodePicture, nowMs: number): number {
  const at = timeHere(router.since, picture)
  return at === undefined || at > nowMs + CLOCK_SLACK_MS ? Number.NEGATIVE_INFINITY : at
}

const CLOCK_SLACK_MS = 1_000

const isSilent = (state: NodePicture['state']): boolean => state === 'unknown' || state === 'connecting'

function found(
  {key, name}: RouterFacts,
  severity: Finding['severity'],
  kind: Finding['kind'],
  cause: string,
  say: Finding['say'],
): Finding {
  return {severity, kind, subject: key, about: name, plural: 'virtual routers', cause, say}
}
