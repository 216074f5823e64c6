import type {GlobalConfig} from '../config.ts'
import {GLOBAL} from '../tables/global-defs.ts'
import {standsAfter} from './text-order.ts'

/** Settles what one setting of `global_defs` makes of others. */
export function buildGlobal(global: GlobalConfig): GlobalConfig {
  return global.minGarp ? {...global, ...leastGarp(global)} : global
}

type LeastGarp = Pick<GlobalConfig, 'garpDelayMs' | 'garpRepeat'>

/** What `vrrp_min_garp` sets, as far as nothing else was set before it or is set after it. */
const LEAST: LeastGarp = {garpDelayMs: 0, garpRepeat: 1}

/**
 * `vrrp_min_garp` changes what has its default at that point of the file. A line that names the default counts only
 * behind it. The refresh is off by default already.
 */
function leastGarp(global: GlobalConfig): LeastGarp {
  const settle = (field: keyof LeastGarp): number => {
    const differs = global[field] !== GLOBAL.initial[field]
    return differs || standsAfter(global.at[field], global.at.minGarp) ? global[field] : LEAST[field]
  }
  return {garpDelayMs: settle('garpDelayMs'), garpRepeat: settle('garpRepeat')}
}
