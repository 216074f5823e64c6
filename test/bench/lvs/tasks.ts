/** What both programs are asked to do; `start` is the start of the program with next to nothing to do. */
export type Task = 'start' | 'restore' | 'list' | 'save'

/** Who is asked, ours in the way of ipvsadm(8) too. */
export const PROGRAMS = ['ipvsadm', 'hactl', 'hactl ipvsadm'] as const
export type Program = (typeof PROGRAMS)[number]

/** What the guest is told. */
export interface Input {
  /** Path of bin/run.cjs. */
  readonly hactl: string
  readonly sizes: readonly {readonly services: number; readonly destinations: number}[]
  readonly rounds: number
}

/** One run: its wall time in milliseconds, or the most memory it had. */
export type Sample = {
  /** "1000 x 10" */
  readonly size: string
  readonly program: Program
  readonly task: Task
} & ({readonly ms: number} | {readonly peakBytes: number})

/** What the guest measured. */
export interface Figures {
  readonly samples: readonly Sample[]
  readonly node: string
}
