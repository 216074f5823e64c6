import type {Position} from '../config.ts'

/** Where settings were given in vain, by the object and the field; what is wrong with them has been reported. */
const refused = new WeakMap<object, Map<PropertyKey, Position>>()

/** Remembers that a line of an object has no effect. */
export function noteRefused(item: object, field: PropertyKey, position: Position): void {
  const fields = refused.get(item) ?? new Map<PropertyKey, Position>()
  refused.set(item, fields.set(field, position))
}

/** The last line that was to set a field and has no effect, so that what it lacks need not be missed as well. */
export const refusedAt = <Item extends object>(item: Item, field: keyof Item): Position | undefined =>
  refused.get(item)?.get(field)
