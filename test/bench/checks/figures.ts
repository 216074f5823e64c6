import type {Cost} from '../vrrp/cost.ts'

/** Who checks what. */
export interface Play {
  readonly program: 'keepalived' | 'hactl'
  readonly kind: 'tcp' | 'http'
  readonly reals: number
  readonly seconds: number
  /** Real servers that die afterwards, one by one; a multiple of them is `reals`. */
  readonly kills: number
  /** Whether the kernel has IPVS: without it nothing is removed from anywhere. */
  readonly ipvs: boolean
}

/** What was measured of it. */
export interface Figures extends Cost {
  /** Connections begun, by the kernel's count. */
  readonly checksPerSecond: number
  /** From the death of a real server to the kernel's table without it. */
  readonly removalsMs: readonly number[]
  /** Of each advertisement, how much longer than the interval it was since the one before. */
  readonly advertsLateMs: readonly number[]
}

/** `delay_loop` and `connect_timeout` of each checker. */
export const DELAY_MS = 1_000
export const TIMEOUT_MS = 1_000
/** `delay_before_retry`: there has to be one retry at least. */
export const RETRY_DELAY_MS = 20
