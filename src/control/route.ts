/** What a field of a query or of a JSON body holds, and its type here. */
export interface FieldTypes {
  readonly string: string
  /** A whole number, 1 or more unless `min` says otherwise. */
  readonly count: number
  readonly boolean: boolean
}

/** One field of a query or of a JSON body; every one may be left out. */
export interface Field<Type extends keyof FieldTypes = keyof FieldTypes> {
  readonly type: Type
  readonly doc: string
  /** Smallest and largest `count` accepted. */
  readonly min?: number
  readonly max?: number
}

export type Fields = {readonly [name: string]: Field}

declare const item: unique symbol
/** What a route answers with: one thing, a list, or a stream of NDJSON lines; `Item` exists for the types only. */
export interface ReplyShape<Shape extends 'item' | 'list' | 'stream', Kind extends string, Item> {
  readonly shape: Shape
  readonly kind: Kind
  readonly [item]?: Item
}

/** One thing that can be asked of the agent. Server, client, CLI and documentation are made from a table of these. */
export interface Route<
  Path extends string = string,
  Query extends Fields = Fields,
  Body extends Fields = Fields,
  Shape extends 'item' | 'list' | 'stream' = 'item' | 'list' | 'stream',
  Kind extends string = string,
  Item = unknown,
> {
  readonly method: 'GET' | 'POST'
  /** A `{name}` is one path segment, percent-encoded on the wire. */
  readonly path: Path
  readonly query: Query
  readonly body: Body
  /** `write` is refused on the read-only socket. */
  readonly access: 'read' | 'write'
  /** How large a body may be where that is more than the server accepts elsewhere. */
  readonly bodyBytes?: number
  readonly reply: ReplyShape<Shape, Kind, Item>
  readonly doc: string
}

/** No fields. */
export const NOTHING = {} as const

/** A route that reads. */
export function get<
  const Path extends string,
  const Query extends Fields,
  Shape extends 'item' | 'list' | 'stream',
  Kind extends string,
  Item,
>(
  path: Path,
  query: Query,
  reply: ReplyShape<Shape, Kind, Item>,
  doc: string,
): Route<Path, Query, typeof NOTHING, Shape, Kind, Item> {
  return {method: 'GET', path, query, body: NOTHING, access: 'read', reply, doc}
}

/** A route that changes something; refused on the read-only socket. */
export function post<const Path extends string, const Body extends Fields, Kind extends string, Item>(
  path: Path,
  body: Body,
  reply: ReplyShape<'item', Kind, Item>,
  doc: string,
): Route<Path, typeof NOTHING, Body, 'item', Kind, Item> {
  return {method: 'POST', path, query: NOTHING, body, access: 'write', reply, doc}
}

/** The reply is one thing. */
export function one<Kind extends string, Item>(kind: Kind): ReplyShape<'item', Kind, Item> {
  return {shape: 'item', kind}
}

/** The reply is a list. */
export function many<Kind extends string, Item>(kind: Kind): ReplyShape<'list', Kind, Item> {
  return {shape: 'list', kind}
}

/** The reply is a stream of NDJSON lines. */
export function stream<Kind extends string, Item>(kind: Kind): ReplyShape<'stream', Kind, Item> {
  return {shape: 'stream', kind}
}
