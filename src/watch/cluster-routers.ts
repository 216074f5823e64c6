import {type MatchedRouter, type Matching, matchedAsBefore, matchRouters} from './match-routers.ts'
import type {ClusterRouter, NodePicture, RouterOnNode} from './model.ts'
import {isKnown} from './node-problems.ts'
import {type Finding, worstOf} from './problems.ts'
import {claimsOf, holdersOf, isTimeless, type Moment, routerFindings} from './router-problems.ts'
import {timeHere} from './time-here.ts'

/** A row, and whatever is wrong with it. */
interface JudgedRouter {
  readonly row: ClusterRouter
  readonly findings: readonly Finding[]
  /** Stays as it is as time goes by. */
  readonly isTimeless: boolean
}

/** All rows, and what they were made of. */
export interface JudgedRouters extends Matching {
  /** One for each that was matched. */
  readonly judged: readonly JudgedRouter[]
  /** Whatever of the nodes a row depends on besides its virtual routers, as one string. */
  readonly situation: string
}

/** The rows of all virtual routers; `previous` keeps keys as they were, and what is as in it is taken from there. */
export function clusterRouters(moment: Moment, previous: JudgedRouters | undefined): JudgedRouters {
  const nodes = moment.nodes.map(({routers}) => routers)
  const situation = JSON.stringify(
    moment.nodes.map(({address, state, isWhole, clockAheadMs}) => [address.name, state, isWhole, clockAheadMs]),
  )
  const again = previous && matchedAsBefore(nodes, previous)
  const matched = again ?? matchRouters(nodes)
  const keyOf = keys(again === undefined ? (previous?.judged ?? []) : [])
  const judged = matched.map((routers, position) => {
    const before = again && previous?.judged[position]
    const isSame = routers === previous?.matched[position] && situation === previous.situation
    if (before?.isTimeless && isSame) return before
    return judgedRouter(routers, moment, fallback => before?.row.key ?? keyOf(routers, fallback))
  })
  return {nodes, matched, judged, situation}
}

function judgedRouter(routers: MatchedRouter, moment: Moment, keyOf: (fallback: string) => string): JudgedRouter {
  const {nodes} = moment
  const [first] = routers.filter(router => router !== undefined)
  if (first === undefined) throw new RangeError('a virtual router is on a node')
  const {vrid, family} = first
  const name = mostFrequent(routers.flatMap(router => (router === undefined ? [] : [router.name])))
  const onNodes = routers.map((router, node): RouterOnNode | null => {
    const picture = nodes[node]
    return router === undefined || picture === undefined ? null : {isKnown: isKnown(picture), router}
  })
  const holders = holdersOf(claimsOf({onNodes}, moment))
  const sinceMs = holders.length === 1 ? holders[0]?.sinceMs : undefined
  const facts = {
    key: keyOf(`${family}/${vrid}/${name}`),
    name,
    vrid,
    family,
    vips: [...new Set(routers.flatMap(router => (router?.vips ?? []).map(({address}) => address)))],
    onNodes,
    holders: holders.map(({node}) => node),
    heldSinceMs: sinceMs !== undefined && Number.isFinite(sinceMs) ? sinceMs : null,
    lastCause: lastCause(onNodes, nodes),
  }
  const findings = routerFindings(facts, moment)
  return {row: {...facts, problem: worstOf(findings)}, findings, isTimeless: isTimeless(facts, moment)}
}

/** The newest change of those that are known. */
function lastCause(onNodes: ClusterRouter['onNodes'], nodes: readonly NodePicture[]): ClusterRouter['lastCause'] {
  let newest: ClusterRouter['lastCause'] = null
  for (const [node, there] of onNodes.entries()) {
    const picture = nodes[node]
    if (there === null || !there.isKnown || picture === undefined) continue
    const atMs = timeHere(there.router.since, picture)
    if (atMs === undefined || (newest !== null && newest.atMs >= atMs)) continue
    newest = {node, atMs, text: there.router.reason}
  }
  return newest
}

/** Of several equally frequent ones the first. */
function mostFrequent(names: readonly string[]): string {
  const counts = new Map<string, number>()
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1)
  let best = names[0] ?? ''
  for (const [name, count] of counts) {
    if (count > (counts.get(best) ?? 0)) best = name
  }
  return best
}

/** Keys stay as they are while one node still has the router by the same name; no two are alike. */
function keys(previous: readonly JudgedRouter[]): (routers: MatchedRouter, fallback: string) => string {
  const before = new Map<string, string>()
  for (const {row} of previous) {
    const {key, onNodes, family, vrid} = row
    for (const [node, there] of onNodes.entries()) {
      if (there !== null) before.set(`${node} ${family} ${vrid} ${there.router.name}`, key)
    }
  }
  const taken = new Set<string>()
  return (routers, fallback) => {
    const known = routers.flatMap((router, node) =>
      router === undefined ? [] : (before.get(`${node} ${router.family} ${router.vrid} ${router.name}`) ?? []),
    )
    const found = known.find(key => !taken.has(key)) ?? fallback
    let key = found
    for (let number = 2; taken.has(key); number++) key = `${found}/${number}`
    taken.add(key)
    return key
  }
}
