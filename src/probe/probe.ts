import type {ProbePlan} from '../core/check/plan.ts'
import type {ProbeResult} from '../core/check/result.ts'
import {unreachable} from '../core/never.ts'
import {probeTcp} from './tcp.ts'

/** What goes with one probe. */
export interface ProbeOptions {
  /** Of `http`: which page, counted from 0; 0 unless given. */
  readonly page?: number | undefined
  /** Ends it: the result is a failure "cancelled". */
  readonly signal?: AbortSignal | undefined
  /** Is told what happens, one line each. */
  readonly details?: ((line: string) => void) | undefined
}

/** Probes of the network: those that a process makes by itself. */
export type NetworkProbePlan = Exclude<ProbePlan, {type: 'misc' | 'file' | 'bfd'}>

/** Probes once. Never rejects, but for a plan that is none of the network, which is a broken invariant. */
export async function probe(plan: NetworkProbePlan, options: ProbeOptions = {}): Promise<ProbeResult> {
  switch (plan.type) {
    case 'tcp':
      return probeTcp(plan, options)
    case 'http':
      return (await import('./http.ts')).probeHttp(plan, options)
    case 'smtp':
      return (await import('./smtp.ts')).probeSmtp(plan, options)
    case 'dns':
      return (await import('./dns.ts')).probeDns(plan, options)
    case 'udp':
      return (await import('./udp.ts')).probeUdp(plan, options)
    case 'ping':
      return (await import('./ping.ts')).probePing(plan, options)
    default:
      return unreachable(plan)
  }
}
