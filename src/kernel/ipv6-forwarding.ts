import {readFileSync} from 'node:fs'
import type {MonotonicMs} from '../core/units.ts'
import {monotonicNow} from './clock.ts'

/**
 * Whether an interface forwards IPv6, net.ipv6.conf.INTERFACE.forwarding: the router flag of its neighbour
 * advertisements. The kernel answers without waiting for anybody; an answer holds for a second, so that the bursts of
 * many virtual routers ask once.
 */
export function forwardsIpv6(device: string): boolean {
  const now = monotonicNow()
  const known = answers.get(device)
  if (known && now - known.at < KEPT_MS) return known.forwards
  if (answers.size >= MAX_ANSWERS) answers.clear()
  const forwards = ask(device)
  answers.set(device, {forwards, at: now})
  return forwards
}

const answers = new Map<string, {readonly forwards: boolean; readonly at: MonotonicMs}>()
const KEPT_MS = 1_000
const MAX_ANSWERS = 1_024

function ask(device: string): boolean {
  if (!/^[^/\0]{1,15}$/.test(device) || device === '.' || device === '..') return false
  try {
    return readFileSync(`/proc/sys/net/ipv6/conf/${device}/forwarding`, 'latin1').trim() !== '0'
  } catch {
    // Without IPv6 there is nothing to forward.
    return false
  }
}
