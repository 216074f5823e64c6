import type {ClusterPicture, Problem} from '../watch/model.ts'
import type {Row} from './model.ts'

/** What can have something wrong with it, and has a name. */
export interface Problematic {
  readonly name: string
  readonly problem: Problem | null
}

const RANKS: {readonly [severity in Problem['severity']]: number} = {critical: 0, unknown: 1, warning: 2}

/** The worst first; names decide where nothing else does, numbers in them by their value. */
export const byProblem = (a: Problematic, b: Problematic): number => rank(a) - rank(b) || byName(a, b)

/** By name, numbers in it by their value. */
export const byName = (a: {readonly name: string}, b: {readonly name: string}): number => NAMES.compare(a.name, b.name)

/** The same order for many things of few names, each of which is compared once. */
export function nameOrder(things: Iterable<{readonly name: string}>): typeof byName {
  const names = new Set<string>()
  for (const {name} of things) names.add(name)
  const places = new Map([...names].sort(NAMES.compare).map((name, place) => [name, place]))
  return (a, b) => (places.get(a.name) ?? 0) - (places.get(b.name) ?? 0)
}

/** A sorted copy. */
export const sortedBy = <Item>(items: readonly Item[], order: (a: Item, b: Item) => number): readonly Item[] =>
  [...items].sort(order)

/** Whether a row passes a filter (lower case): every word of it has to be there. */
export const hasWords = ({words}: Pick<Row, 'words'>, filter: string): boolean =>
  filter === '' || filter.split(' ').every(word => words.includes(word))

/** The name of the node at a position. */
export const nameOf = ({nodes}: ClusterPicture, node: number): string => nodes[node]?.address.name ?? '?'

const rank = ({problem}: Problematic): number => (problem === null ? 3 : RANKS[problem.severity])

/** Made once: a comparison by `localeCompare` makes one each time. */
const NAMES = new Intl.Collator('en', {numeric: true})
