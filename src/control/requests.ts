import {HactlError} from '../errors.ts'
import type {Field, Fields, Route} from './route.ts'
import {ROUTES, type RouteName} from './routes.ts'

/** A request that names a known route, with everything it carries except the body checked. */
export interface MatchedRequest {
  readonly name: RouteName
  readonly route: Route
  readonly input: {readonly [name: string]: unknown}
}

/** What a request can be wrong in before any handler sees it; `allow` lists the methods a path does answer. */
export type Mismatch =
  | {readonly failure: 'unknown-path'}
  | {readonly failure: 'wrong-method'; readonly allow: string}
  | {readonly failure: 'bad-input'; readonly message: string; readonly hint: string}

/** Finds the route of a request line; whatever a client sends, this returns. */
export function matchRequest(method: string, target: string): MatchedRequest | Mismatch {
  const [path = '', search = ''] = split(target, '?')
  const segments = path.split('/')
  const allowed: string[] = []
  for (const {name, route, pattern} of PATTERNS) {
    const params = matchPath(pattern, segments)
    if (params === undefined) continue
    if (route.method !== method) {
      allowed.push(route.method)
      continue
    }
    const query = readFields(route.query, Object.fromEntries(new URLSearchParams(search)), 'query parameter')
    if ('failure' in query) return query
    return {name, route, input: {...params, ...query.values}}
  }
  return allowed.length > 0 ? {failure: 'wrong-method', allow: allowed.join(', ')} : {failure: 'unknown-path'}
}

/** Reads a JSON body for a route; an empty one means no fields. Throws `HactlError` USAGE. */
export function readBody(route: Route, text: string): {readonly [name: string]: unknown} {
  if (text.trim() === '') return {}
  const body = parseJson(text)
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw new HactlError('USAGE', 'the body is not a JSON object', 'send for instance {}')
  }
  const read = readFields(route.body, body as {readonly [name: string]: unknown}, 'field')
  if ('failure' in read) throw new HactlError('USAGE', read.message, read.hint)
  return read.values
}

/** Checks what is given to a call without HTTP in between, as a request with it would be. Throws `HactlError` USAGE. */
export function readInput(route: Route, given: {readonly [name: string]: unknown}): {readonly [name: string]: unknown} {
  const present = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))
  const read = readFields({...route.query, ...route.body}, present, 'field')
  if ('failure' in read) throw new HactlError('USAGE', read.message, read.hint)
  return read.values
}

type PathPattern = readonly {readonly text: string; readonly isParam: boolean}[]

const PATTERNS = (Object.keys(ROUTES) as RouteName[]).map(name => {
  const route: Route = ROUTES[name]
  return {name, route, pattern: patternOf(route.path)}
})

function patternOf(path: string): PathPattern {
  return path.split('/').map(segment => {
    const isParam = segment.startsWith('{')
    return {text: isParam ? segment.slice(1, -1) : segment, isParam}
  })
}

function matchPath(pattern: PathPattern, segments: readonly string[]): {[name: string]: string} | undefined {
  if (segments.length !== pattern.length) return undefined
  const params: {[name: string]: string} = {}
  for (const [index, part] of pattern.entries()) {
    const segment = segments[index] ?? ''
    if (!part.isParam) {
      if (segment !== part.text) return undefined
      continue
    }
    const value = decodeSegment(segment)
    if (value === undefined || value === '') return undefined
    params[part.text] = value
  }
  return params
}

function decodeSegment(segment: string): string | undefined {
  try {
    return decodeURIComponent(segment)
  } catch {
    return undefined
  }
}

type ReadFields =
  | {readonly values: {readonly [name: string]: unknown}}
  | Extract<Mismatch, {readonly failure: 'bad-input'}>

function readFields(fields: Fields, given: {readonly [name: string]: unknown}, what: string): ReadFields {
  const values: {[name: string]: unknown} = {}
  const known = Object.keys(fields)
  for (const [name, raw] of Object.entries(given)) {
    const field = Object.hasOwn(fields, name) ? fields[name] : undefined
    if (field === undefined) {
      const hint = known.length > 0 ? `known: ${known.join(', ')}` : 'this call takes none'
      return {failure: 'bad-input', message: `unknown ${what} ${JSON.stringify(name.slice(0, 40))}`, hint}
    }
    const value = readField(field, raw)
    if (value === undefined)
      return {failure: 'bad-input', message: `bad value for ${what} ${name}`, hint: wanted(field)}
    values[name] = value
  }
  return {values}
}

/** A query carries text, a body carries JSON values: both spellings of a number and of a boolean are read. */
function readField(field: Field, raw: unknown): string | number | boolean | undefined {
  switch (field.type) {
    case 'string':
      return typeof raw === 'string' ? raw : undefined
    case 'boolean':
      return raw === true || raw === 'true' ? true : raw === false || raw === 'false' ? false : undefined
    case 'count': {
      const {least, most} = boundsOf(field)
      const count = typeof raw === 'string' && /^[0-9]{1,10}$/.test(raw) ? Number(raw) : raw
      const inRange = Number.isInteger(count) && Number(count) >= least && Number(count) <= most
      return inRange ? Number(count) : undefined
    }
  }
}

const boundsOf = ({min = 1, max = 1_000_000}: Field) => ({least: min, most: max})

function wanted(field: Field): string {
  const {least, most} = boundsOf(field)
  const type = field.type === 'count' ? `a whole number from ${least} to ${most}` : `a ${field.type}`
  return `${type}: ${field.doc}`
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new HactlError('USAGE', 'the body is not JSON', 'send for instance {}')
  }
}

function split(text: string, separator: string): readonly [string, string] {
  const at = text.indexOf(separator)
  return at === -1 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)]
}
