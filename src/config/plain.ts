import type {Config} from './config.ts'
import type {AnyBlockKind, Entry, PrintMode} from './schema/schema.ts'
import {isHarmless, MASK, secretBlocks} from './secrets.ts'
import {ROOT} from './tables/root.ts'

/** A value as JSON has it. */
export type Plain = string | number | boolean | null | readonly Plain[] | {readonly [name: string]: Plain}

/** What of a configuration becomes JSON. */
export interface PlainOptions {
  readonly mode: PrintMode
  /** False: every secret is masked. */
  readonly secrets: boolean
}

/** A configuration as JSON, without the positions of anything. */
export function plainConfig(config: Config, options: PlainOptions): {readonly [name: string]: Plain} {
  return plainBlock(ROOT as unknown as AnyBlockKind, config, options)
}

/** Known of every object, and of use only while it is read. */
const READING_ONLY = new Set(['position', 'at', 'order'])

function plainBlock(kind: AnyBlockKind, item: object, options: PlainOptions): {readonly [name: string]: Plain} {
  const given = 'at' in item ? (item.at as {readonly [field: string]: unknown}) : {}
  const fields: {[name: string]: Plain} = {}
  if ('name' in item && item.name !== '') fields.name = plain(item.name)
  for (const [field, value] of Object.entries(item)) {
    if (READING_ONLY.has(field) || field === 'name' || value === undefined) continue
    const entry = Object.hasOwn(kind.schema, field) ? kind.schema[field] : undefined
    if (entry && options.mode === 'given' && given[field] === undefined) continue
    const inner = entry && openedBy(entry as unknown as Entry<unknown>)
    const hidden = kind.secret && !options.secrets && entry && !mayBeSeen(kind, entry.keywords[0]?.name ?? '', value)
    if (inner && !hidden) fields[field] = plainBlocks(inner, value, options)
    else fields[field] = hidden ? masked(value) : plain(value)
  }
  return fields
}

/** The kind of the blocks that an entry holds, or what tells it for one of several kinds; undefined: it holds none. */
function openedBy({keywords, print}: Entry<unknown>): ((item: object, listed: boolean) => AnyBlockKind) | undefined {
  const [first, ...others] = keywords.flatMap(({opens}) => opens ?? [])
  if (!first || others.length === 0) return first && (() => first)
  return (item, listed) => {
    const [word] = print(listed ? [item] : item, 'given')[0]?.text.split(' ') ?? []
    return keywords.find(({name}) => name === word)?.opens ?? first
  }
}

function plainBlocks(
  kindOf: (item: object, listed: boolean) => AnyBlockKind,
  value: unknown,
  options: PlainOptions,
): Plain {
  const one = (item: unknown, listed: boolean): Plain =>
    typeof item === 'object' && item !== null ? plainBlock(kindOf(item, listed), item, options) : plain(item)
  return Array.isArray(value) ? value.map((item: unknown) => one(item, true)) : one(value, false)
}

/** A value that stands for one of the choices of its keyword, or a number. */
function mayBeSeen(kind: AnyBlockKind, keyword: string, value: unknown): boolean {
  const block = secretBlocks().get(kind.name)
  if (typeof value === 'boolean') return true
  if (typeof value !== 'string' && typeof value !== 'number') return false
  const words = [String(value), String(value).toUpperCase()]
  return block !== undefined && words.some(word => isHarmless(block, keyword, word))
}

function plain(value: unknown): Plain {
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value === 'object' && value !== null) {
    const kept = Object.entries(value).filter(([name, inner]) => name !== 'position' && inner !== undefined)
    return Object.fromEntries(kept.map(([name, inner]) => [name, plain(inner)]))
  }
  if (typeof value === 'string' || typeof value === 'boolean') return value
  return typeof value === 'number' && Number.isFinite(value) ? value : value === null ? null : String(value)
}

function masked(value: unknown): Plain {
  if (Array.isArray(value)) return value.map(masked)
  if (typeof value !== 'object' || value === null) return MASK
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, masked(inner)]))
}
