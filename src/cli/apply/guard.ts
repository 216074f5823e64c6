import type {VirtualRouter} from '../../control/model.ts'
import type {ClusterPicture, ClusterRouter, NodePicture} from '../../watch/model.ts'

/** A virtual router that a configuration has: its family and id tell it apart on a network. */
export interface ExpectedRouter {
  readonly name: string
  readonly family: 4 | 6
  readonly vrid: number
  /** How long its master may be silent, milliseconds. */
  readonly masterDownMs: number
  /** Names of the nodes that are to have it. */
  readonly nodes: readonly string[]
}

/** Something that must not be, in words that need no other context. */
export interface Trouble {
  /** Tells it apart from others as long as it lasts. */
  readonly key: string
  readonly text: string
  /** How long it may last without being one: a takeover takes its time. Milliseconds. */
  readonly patienceMs: number
}

/** What of a cluster speaks against what must hold: one holder for each virtual router, all nodes known, no fault. */
export function troublesOf(picture: ClusterPicture, expected: readonly ExpectedRouter[]): readonly Trouble[] {
  return [...picture.nodes.flatMap(nodeTroubles), ...expected.flatMap(router => routerTroubles(router, picture))]
}

/**
 * Looks at one picture after the other and says when something lasts that must not be. What was so before anything was
 * done is not held against it.
 */
export class Guard {
  /** Those that a node has by now. */
  #expected: readonly ExpectedRouter[]
  /** Those that no node has yet. */
  #coming: readonly ExpectedRouter[]
  readonly #before: ReadonlySet<string>
  readonly #restarts: ReadonlyMap<string, number>
  readonly #held: ReadonlySet<string>
  #since = new Map<string, number>()

  /** `before` is the cluster as it was. */
  constructor(expected: readonly ExpectedRouter[], before: ClusterPicture) {
    this.#expected = runningOf(expected, before)
    this.#coming = expected.filter(router => !this.#expected.includes(router))
    this.#before = new Set(troublesOf(before, this.#expected).map(({key}) => key))
    this.#restarts = new Map(before.nodes.map(node => [node.address.name, restartsOf(node)]))
    this.#held = new Set(expected.filter(router => holdersOf(router, before).length > 0).map(keyOf))
  }

  /** A node has its new configuration: what is new in it has to be held from now on. */
  applied(node: string): void {
    const begun = this.#coming.filter(({nodes}) => nodes.includes(node))
    this.#expected = [...this.#expected, ...begun]
    this.#coming = this.#coming.filter(router => !begun.includes(router))
  }

  /** What has lasted too long at `now` (milliseconds, of any clock); undefined: nothing has. */
  look(picture: ClusterPicture, now: number): string | undefined {
    const died = picture.nodes.find(node => restartsOf(node) > (this.#restarts.get(node.address.name) ?? 0))
    if (died !== undefined) return `a process of the agent on ${died.address.name} died`
    const found = this.pending(picture)
    this.#since = new Map(found.map(({key}) => [key, this.#since.get(key) ?? now]))
    return found.find(trouble => now - (this.#since.get(trouble.key) ?? now) >= this.#patience(trouble))?.text
  }

  /** What there is that was not there before. */
  pending(picture: ClusterPicture): readonly Trouble[] {
    return troublesOf(picture, this.#expected).filter(({key}) => !this.#before.has(key))
  }

  /** Nobody has missed what nobody held: a new virtual router listens first, and its nodes get it one by one. */
  #patience({key, patienceMs}: Trouble): number {
    const [kind, router = ''] = key.split(' ')
    return kind === 'none' && !this.#held.has(router) ? 2 * patienceMs + NEW_ROUTER_MS : patienceMs
  }
}

/** The virtual routers that some node runs now. */
export const runningOf = (expected: readonly ExpectedRouter[], picture: ClusterPicture): readonly ExpectedRouter[] =>
  expected.filter(router => rowsOf(router, picture).length > 0)

/** From the start of a virtual router to its first sound, milliseconds. */
const NEW_ROUTER_MS = 2_000
/** What nodes tell comes one after the other, milliseconds. */
const LEAST_PATIENCE_MS = 500
/** Interfaces that a reload makes are not there at once, milliseconds. */
const FAULT_PATIENCE_MS = 1_500

const keyOf = ({family, vrid}: Pick<ExpectedRouter, 'family' | 'vrid'>): string => `${family}/${vrid}`

function nodeTroubles({address: {name}, state, problem}: NodePicture): readonly Trouble[] {
  if (state === 'live' || state === 'late') return []
  const why = problem === null ? '' : `: ${problem}`
  return [{key: `silent ${name}`, text: `${name} does not answer${why}`, patienceMs: 0}]
}

function routerTroubles(expected: ExpectedRouter, picture: ClusterPicture): readonly Trouble[] {
  const key = keyOf(expected)
  const name = shownName(expected)
  const rows = rowsOf(expected, picture)
  if (rows.length > 0 && rows.every(isObserved)) return []
  if (rows.length === 0) {
    const text = `no node runs ${name}`
    return [{key: `none ${key}`, text, patienceMs: expected.masterDownMs + LEAST_PATIENCE_MS}]
  }
  const holders = holdersOf(expected, picture)
  const shown = rows.flatMap(({onNodes}) => onNodes.flatMap(each => (each?.isKnown ? [each.router] : [])))
  const downMs = Math.max(expected.masterDownMs, ...shown.map(({masterDownIntervalMs}) => masterDownIntervalMs))
  const rival = shown.find(({splitBrain}) => splitBrain !== null)?.splitBrain?.[0]?.rival
  const several = {key: `several ${key}`, patienceMs: LEAST_PATIENCE_MS}
  const none = {key: `none ${key}`, text: `nobody holds ${name}`, patienceMs: downMs + LEAST_PATIENCE_MS}
  return [
    ...(holders.length === 0 ? [none] : []),
    ...(holders.length > 1 ? [{...several, text: `${holders.join(' and ')} both hold ${name}`}] : []),
    ...(holders.length === 1 && rival !== undefined
      ? [{...several, text: `${holders[0]} holds ${name}, and so does ${rival}`}]
      : []),
    ...rows.flatMap(row => faultsOf(row, picture, name, key)),
  ]
}

function faultsOf({onNodes}: ClusterRouter, {nodes}: ClusterPicture, name: string, key: string): readonly Trouble[] {
  return onNodes.flatMap((each, i) => {
    const node = nodes[i]?.address.name ?? ''
    if (each === null || !each.isKnown || each.router.state !== 'fault') return []
    const why = each.router.faults[0] ?? each.router.reason
    const text = `${name} is in fault on ${node}: ${why}`
    return [{key: `fault ${key} ${node}`, text, patienceMs: FAULT_PATIENCE_MS}]
  })
}

/** The names of the known nodes that are master of it. */
function holdersOf(expected: ExpectedRouter, picture: ClusterPicture): readonly string[] {
  return rowsOf(expected, picture).flatMap(({holders}) => holders.map(i => picture.nodes[i]?.address.name ?? ''))
}

/** Two networks may use one id: the names tell then. */
function rowsOf({family, vrid, name}: ExpectedRouter, {routers}: ClusterPicture): readonly ClusterRouter[] {
  const alike = routers.filter(router => router.family === family && router.vrid === vrid)
  const called = alike.filter(({onNodes}) => onNodes.some(each => each?.router.name === name))
  return called.length > 0 ? called : alike
}

const isObserved = ({onNodes}: ClusterRouter): boolean => onNodes.every(each => each === null || each.router.observed)

const shownName = ({name, vrid}: Pick<VirtualRouter, 'name' | 'vrid'>): string => `${name} (VRID ${vrid})`

const restartsOf = ({agent}: NodePicture): number =>
  (agent?.processes ?? []).reduce((sum, {restarts}) => sum + restarts, 0)
