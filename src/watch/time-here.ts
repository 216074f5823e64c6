import type {NodePicture} from './model.ts'

/** A moment that a node tells (ISO 8601) in the time of this host, milliseconds since 1970; undefined: it is none. */
export function timeHere(iso: string | null, {clockAheadMs}: NodePicture): number | undefined {
  const at = iso === null ? Number.NaN : Date.parse(iso)
  return Number.isFinite(at) ? at - clockAheadMs : undefined
}
