import {API_VERSION, type ItemReply} from '../control/model.ts'
import type {ProbeFlags} from './check-flags.ts'
import {handMadeProbe} from './check-probe.ts'
import {latencyText} from './check-views.ts'
import {paint} from './colour.ts'
import {addressOfHost} from './host-address.ts'
import {printable} from './table.ts'

/** What a probe found that somebody made by hand. */
export interface HandMadeResult {
  /** The URL. */
  readonly target: string
  readonly ok: boolean
  readonly latencyMs: number
  /** The exact reason of a failure, or what was seen; null: nothing worth telling. */
  readonly text: string | null
}

/** What `check run URL` answers. */
export type HandMadeReply = ItemReply<'Probe', HandMadeResult>

/** Probes a target once, from this process, and tells on standard error what happens where that is wanted. */
export async function probeByHand(
  url: string,
  {flags, verbose}: {readonly flags: ProbeFlags; readonly verbose: boolean},
): Promise<HandMadeReply> {
  const plan = await handMadeProbe(url, flags, addressOfHost)
  const {probe} = await import('../probe/probe.ts')
  const observedAt = new Date().toISOString()
  const result = await probe(plan, verbose ? {details: detailLine} : {})
  const {ok} = result
  const latencyMs = wholeMicroseconds(result.latencyMs)
  const text = (result.ok ? result.detail : result.reason) ?? null
  return {apiVersion: API_VERSION, kind: 'Probe', observedAt, item: {target: url, ok, latencyMs, text}}
}

/** A measured time without figures that mean nothing. */
export const wholeMicroseconds = (ms: number): number => Math.round(ms * 1_000) / 1_000

/** One line on standard error: what a probe does, or what came. */
export function detailLine(line: string): void {
  process.stderr.write(`${printable(line)}\n`)
}

/** "http://10.0.0.1/health is good: status 200, 1.4 ms" */
export function handMadeText({target, ok, latencyMs, text}: HandMadeResult): string {
  const state = ok ? paint('green', 'good') : paint('red', 'failed')
  const what = text === null ? '' : `${printable(text)}, `
  return `${printable(target)}: ${state}, ${what}${latencyText(latencyMs)}`
}
