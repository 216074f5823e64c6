import type {Size} from './cluster.ts'

/** What is to be measured. */
export interface Play {
  readonly size: Size
  /** Of each of the three spans: without a dashboard, with one, without. */
  readonly seconds: number
  /** Keys of each kind. */
  readonly rounds: number
}

/** What a dashboard and the agents cost. */
export interface Figures {
  /** Of one core, percent. */
  readonly dashboardCpu: number
  /** While keys are pressed without a pause. */
  readonly dashboardCpuWithKeys: number
  readonly residentBytes: number
  readonly peakBytes: number
  /** From a key to the frame that answers it, by kind. */
  readonly keysMs: {readonly [kind: string]: readonly number[]}
  /** Pieces that the terminal got, a second. */
  readonly piecesPerSecond: number
  readonly bytesPerSecond: number
  /** From the start of the program to the first whole picture, milliseconds. */
  readonly startMs: number
  readonly agents: readonly AgentFigures[]
}

/** CPU of all processes of one agent, percent of one core. */
export interface AgentFigures {
  /** Before and after the dashboard. */
  readonly without: readonly [number, number]
  readonly watched: number
}

/** What serving a dashboard costs an agent, percent of one core. */
export const costOfServing = ({without: [before, after], watched}: AgentFigures): number =>
  watched - (before + after) / 2
