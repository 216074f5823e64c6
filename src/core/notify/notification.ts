/** States as scripts, pipes and mail name them. keepalived.conf(5), notify. */
export type NotifiedState = 'MASTER' | 'BACKUP' | 'FAULT' | 'STOP' | 'DELETED'

/** What others are told when a virtual router or a sync group enters a state. */
export interface Notification {
  readonly subject: 'INSTANCE' | 'GROUP'
  readonly name: string
  readonly state: NotifiedState
  /** Effective priority; 0 for a group, as keepalived has it. */
  readonly priority: number
}

/** What only the pipes are told: a priority that changed, or that a master heard a lower one. */
export interface PriorityNews {
  readonly subject: 'INSTANCE'
  readonly name: string
  readonly state: 'MASTER_PRIORITY' | 'BACKUP_PRIORITY' | 'MASTER_RX_LOWER_PRI'
  readonly priority: number
}

/** A line for a pipe, as keepalived 2.2.7 writes it: `INSTANCE "VI_1" MASTER 100`, and a line feed. */
export const fifoLine = ({subject, name, state, priority}: Notification | PriorityNews): string =>
  `${subject} "${name}" ${state} ${priority}\n`

/** The words that a generic notify script gets after its own: TYPE NAME STATE PRIORITY. keepalived.conf(5), notify. */
export const notifyWords = ({subject, name, state, priority}: Notification): readonly string[] => [
  subject,
  name,
  state,
  String(priority),
]

/** The state of a sync group: that of its members once they all have the same one; undefined until then. */
export function commonState(members: readonly (NotifiedState | undefined)[]): NotifiedState | undefined {
  const [first] = members
  return members.every(state => state === first) ? first : undefined
}
