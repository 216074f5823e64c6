import type {Position} from '../config.ts'
import type {Item, ItemFacts} from './schema.ts'

/** What a block begins with: its name, where it stands, and what else its first line says. */
export interface ItemHead {
  readonly name: string
  readonly position: Position
}

/** Makes the object of a block out of what its settings begin with, its head, and where settings were given. */
export type ItemMaker<Settings> = (
  settings: Settings,
  head: ItemHead,
  at: ItemFacts<Settings>['at'],
) => Item<Settings> & {order: number}

/**
 * A maker of items of one shape. It is compiled for the names of its fields, which are those of a table: copying field
 * by field takes ten times as long, and a configuration may have 100,000 blocks.
 */
export function itemMaker<Settings>(settings: Settings & object, head: ItemHead): ItemMaker<Settings> {
  const named = (from: string) => (field: string) => `${JSON.stringify(field)}: ${from}[${JSON.stringify(field)}]`
  const fields = [...Object.keys(settings).map(named('settings')), ...Object.keys(head).map(named('head'))]
  const body = `return {${[...fields, 'at', 'order: 0'].join(', ')}}`
  return new Function('settings', 'head', 'at', body) as ItemMaker<Settings>
}
