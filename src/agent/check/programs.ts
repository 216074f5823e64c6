import type {MiscProbePlan} from '../../core/check/plan.ts'
import type {ProbeResult} from '../../core/check/result.ts'

/** What asks the supervisor for a program. */
export type AskForProgram = (question: {
  readonly type: 'run'
  readonly n: number
  readonly probe: MiscProbePlan
}) => void

/** Programs that the supervisor runs for checkers: each question gets the answer that has its number. */
export class Programs {
  readonly #ask: AskForProgram
  readonly #waiting = new Map<number, (result: ProbeResult) => void>()
  #last = 0

  constructor(ask: AskForProgram) {
    this.#ask = ask
  }

  /** Has one run; `signal`: nobody waits for its result any more. */
  run(probe: MiscProbePlan, signal: AbortSignal): Promise<ProbeResult> {
    return new Promise(resolve => {
      const n = ++this.#last
      signal.addEventListener('abort', () => this.#waiting.delete(n), {once: true})
      this.#waiting.set(n, resolve)
      this.#ask({type: 'run', n, probe})
    })
  }

  ran(n: number, result: ProbeResult): void {
    this.#waiting.get(n)?.(result)
    this.#waiting.delete(n)
  }
}
