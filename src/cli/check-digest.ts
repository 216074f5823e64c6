import {API_VERSION, type ItemReply} from '../control/model.ts'
import {HactlError} from '../errors.ts'
import {detailLine, wholeMicroseconds} from './check-by-hand.ts'
import type {ProbeFlags} from './check-flags.ts'
import {pageProbe} from './check-probe.ts'
import {addressOfHost} from './host-address.ts'
import {printable} from './table.ts'

/** The digest of a page, and what came with it. */
export interface DigestOfPage {
  readonly target: string
  /** MD5 of the body, 32 hexadecimal digits in lower case. */
  readonly digest: string
  readonly status: number
  readonly lengthBytes: number
  readonly latencyMs: number
}

/** What `check digest` answers. */
export type DigestReply = ItemReply<'Digest', DigestOfPage>

/**
 * Fetches a page once, from this process. A status that no checker would take is told of on standard error. Throws
 * `HactlError`, FAILED when no page comes.
 */
export async function digestOfPage(
  url: string,
  {flags, verbose}: {readonly flags: ProbeFlags; readonly verbose: boolean},
): Promise<DigestReply> {
  const plan = await pageProbe(url, flags, addressOfHost)
  const {pageDigest} = await import('../probe/http.ts')
  const observedAt = new Date().toISOString()
  const result = await pageDigest(plan, verbose ? {details: detailLine} : {})
  if (!result.ok) throw new HactlError('FAILED', `${url.slice(0, 80)}: ${printable(result.reason)}`)
  const {digest, status, lengthBytes} = result
  const latencyMs = wholeMicroseconds(result.latencyMs)
  if (status < 200 || status > 299) {
    process.stderr.write(`hactl: the status of the page is ${status}: digest alone is not enough for a checker\n`)
  }
  return {
    apiVersion: API_VERSION,
    kind: 'Digest',
    observedAt,
    item: {target: url, digest, status, lengthBytes, latencyMs},
  }
}
