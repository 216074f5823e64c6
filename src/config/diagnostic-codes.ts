import {ADDRESS_CODES} from './codes/address-codes.ts'
import {CLUSTER_CODES} from './codes/cluster-codes.ts'
import {HOST_CODES} from './codes/host-codes.ts'
import {JUDGEMENT_CODES} from './codes/judgement-codes.ts'
import type {DiagnosticKinds} from './codes/kind.ts'
import {LVS_CODES} from './codes/lvs-codes.ts'
import {SUPPORT_CODES} from './codes/support-codes.ts'
import {TEXT_CODES} from './codes/text-codes.ts'
import {VRRP_CODES} from './codes/vrrp-codes.ts'

/** Every kind of finding about a configuration, by name. The codes are stable and never reused. */
export const DIAGNOSTIC_KINDS = {
  ...TEXT_CODES,
  ...VRRP_CODES,
  ...ADDRESS_CODES,
  ...LVS_CODES,
  ...HOST_CODES,
  ...JUDGEMENT_CODES,
  ...SUPPORT_CODES,
  ...CLUSTER_CODES,
} as const satisfies DiagnosticKinds

/** The name of a kind of finding. */
export type DiagnosticName = keyof typeof DIAGNOSTIC_KINDS
