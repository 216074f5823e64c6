import type {IpAddress} from '../ip.ts'
import type {MonotonicMs, Priority} from '../units.ts'
import type {VrrpConfig} from './config.ts'

/** What must hold for a virtual router to run, as the agent sees it now: level, not edge. */
export interface Conditions {
  /** Sentences, each a reason not to run: "eth0 is down". Empty: fit to run. */
  readonly faults: readonly string[]
  /** Trackers that have not reported once; while there are any, the router waits in init. */
  readonly waitingFor: readonly string[]
  /** Why it is not to be master although it could: "released by the operator". Undefined: it may be. */
  readonly held: string | undefined
  /** Effective priority: base with tracking weights, 1..254, or 255 for the address owner. */
  readonly priority: Priority
  /** The address advertisements leave from; decides between equal priorities. */
  readonly source: IpAddress | undefined
}

/** Who advertised last, and what. */
export interface Heard {
  readonly source: IpAddress
  readonly priority: Priority
  readonly at: MonotonicMs
}

interface Common {
  readonly conditions: Conditions
}

/** One virtual router's state. RFC 9568 section 6.4; `fault` is keepalived's own. */
export type VrrpState =
  | (Common & {readonly name: 'init'})
  | (Common & {readonly name: 'fault'})
  | (Common & {
      readonly name: 'backup'
      readonly masterDownAt: MonotonicMs
      /** The master's interval as learned from it in version 3, else ours; milliseconds. */
      readonly masterIntervalMs: number
      readonly heard: Heard | undefined
      /** While this lies ahead, a master of lower priority is left alone (`preempt_delay`). */
      readonly preemptAt: MonotonicMs | undefined
    })
  | (Common & {
      readonly name: 'master'
      readonly advertAt: MonotonicMs
      readonly lastAdvertAt: MonotonicMs
      readonly burst: {readonly at: MonotonicMs; readonly repeat: number} | undefined
      readonly refreshAt: MonotonicMs | undefined
      /** Before this moment no further answer is given to a lower priority: a flood must not be amplified. */
      readonly answerFrom: MonotonicMs
      /** Before this moment a lower priority does not bring the addresses announced again. */
      readonly announceFrom: MonotonicMs
      /** An owner that hears another owner: since when without a pause, and when last. */
      readonly rival: {readonly since: MonotonicMs; readonly at: MonotonicMs} | undefined
      /** A VIP that someone deleted goes back at this moment. */
      readonly restoreAt: MonotonicMs | undefined
      readonly restoredAt: MonotonicMs | undefined
    })

/** What happens to a virtual router. */
export type VrrpEvent =
  /** `resumeUntil`: an earlier process was master, and no backup can have taken over before that moment. */
  | {readonly type: 'started'; readonly resumeUntil: MonotonicMs | undefined}
  | {readonly type: 'clock-advanced'}
  | {
      readonly type: 'advertisement-received'
      readonly source: IpAddress
      readonly priority: Priority
      readonly intervalMs: number
    }
  | {readonly type: 'conditions-changed'; readonly conditions: Conditions}
  | {readonly type: 'configuration-changed'; readonly previous: VrrpConfig; readonly conditions: Conditions}
  | {readonly type: 'addresses-lost'}
  /** An operator wants it to be master now, whatever its timer and `nopreempt` say. */
  | {readonly type: 'take-over-ordered'}
  | {readonly type: 'stopped'}

/** What a virtual router wants done. */
export type VrrpAction =
  | {readonly type: 'send-advertisement'; readonly priority: Priority}
  /** Make all virtual addresses present; those there already are left alone, the others announced so many times. */
  | {readonly type: 'add-addresses'; readonly announceAdded: number}
  | {readonly type: 'remove-addresses'}
  | {readonly type: 'announce-addresses'; readonly repeat: number}
  /** A master heard a lower priority; as often as it may answer. keepalived.conf(5), notify_master_rx_lower_pri. */
  | {readonly type: 'report-lower-priority'; readonly source: IpAddress; readonly priority: Priority}

/** Where a step led, and what is to be done, in this order. */
export interface Step {
  readonly state: VrrpState
  readonly actions: readonly VrrpAction[]
}

/** The state of that name. */
export type StateOf<Name extends VrrpState['name']> = Extract<VrrpState, {name: Name}>
/** What `step` is told of an advertisement. */
export type AdvertisementReceived = Extract<VrrpEvent, {type: 'advertisement-received'}>

/** The state before the first event. */
export const initialState = (conditions: Conditions): VrrpState => ({name: 'init', conditions})

/** Nothing is to be done. */
export const stay = (state: VrrpState): Step => ({state, actions: []})
