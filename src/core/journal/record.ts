/** What kinds of thing the journal remembers. */
export type JournalKind =
  | 'agent-started'
  | 'agent-stopping'
  | 'configuration-loaded'
  | 'configuration-refused'
  /** A configuration on trial: begun, confirmed, or taken back. */
  | 'configuration-trial'
  | 'process-died'
  | 'process-stalled'
  | 'transition'
  | 'priority-changed'
  | 'tracker-changed'
  | 'link-changed'
  | 'master-changed'
  | 'lower-priority-heard'
  | 'split-brain'
  | 'split-brain-over'
  | 'operator'
  | 'vip-restored'
  | 'vip-adopted'
  | 'leftover-removed'
  | 'device-made'
  | 'device-adopted'
  | 'device-removed'
  | 'packets-rejected'
  | 'notify-ran'
  | 'notify-failed'
  | 'mail-sent'
  | 'mail-failed'
  | 'kernel-error'
  | 'journal-damaged'
  /** The services in the kernel were made those that are wanted. */
  | 'services-updated'
  /** A change of IPVS that the kernel refused; it is tried again. */
  | 'services-failed'
  | 'sync-daemon'
  /** A real server or a quorum that changed by its checks, or a check that failed. */
  | 'check'
  | 'ipvs-missing'
  | 'ipvs-back'

/** One line of the journal: what happened, when, to whom, and why, in a sentence that needs no other context. */
export interface JournalRecord {
  /** 1, 2, 3 …; grows over restarts of the agent. */
  readonly seq: number
  /** Wall-clock time, ISO 8601 in UTC with milliseconds. */
  readonly at: string
  readonly kind: JournalKind
  /** The `vrrp_instance` concerned; absent when it concerns the whole node. */
  readonly instance?: string
  /** One sentence, lower case, no full stop: "backup -> master: no advertisement from 10.0.0.1 for 3609 ms". */
  readonly text: string
  /** Machine-readable facts, flat; keys are stable for one kind. */
  readonly facts: {readonly [key: string]: string | number | boolean | readonly string[] | null}
}

/** A record before the journal has numbered it. */
export type JournalEntry = Omit<JournalRecord, 'seq'>
