import {API_VERSION, type ItemReply, type ListReply} from '../control/model.ts'
import type {Contexts} from './contexts.ts'
import {table} from './table.ts'

/** A set of nodes as commands print it. */
export interface ContextItem {
  readonly name: string
  /** Commands are about it unless told otherwise. */
  readonly current: boolean
  readonly nodes: readonly string[]
}

/** One context as an answer. */
export type ContextReply = ItemReply<'Context', ContextItem>

/** All contexts as an answer. */
export type ContextsReply = ListReply<'Context', ContextItem>

/** An answer about one context. */
export const contextReply = (item: ContextItem): ContextReply => ({...head(), item})

/** An answer about all contexts, by their names. */
export function contextsReply({current, nodes}: Contexts): ContextsReply {
  const items = [...nodes].map(([name, given]) => ({name, current: name === current, nodes: given}))
  return {...head(), items: items.toSorted((a, b) => (a.name < b.name ? -1 : 1))}
}

/** Contexts, one a line. */
export function contextTable(items: readonly ContextItem[]): string {
  if (items.length === 0) return 'there are no contexts; see: hactl context add --help'
  return table<ContextItem>(
    [
      {head: 'CURRENT', cell: ({current}) => (current ? '*' : ''), colour: () => 'green'},
      {head: 'NAME', cell: ({name}) => name},
      {head: 'NODES', cell: ({nodes}) => nodes.join(' '), shrinks: true},
    ],
    items,
  )
}

const head = () => ({apiVersion: API_VERSION, kind: 'Context', observedAt: new Date().toISOString()}) as const
