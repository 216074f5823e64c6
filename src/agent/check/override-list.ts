import type {Override} from '../../control/model.ts'
import type {FromCheck} from '../channel.ts'

type OverridesMessage = Extract<FromCheck, {readonly type: 'overrides'}>

/** What operators changed of IPVS and what they paused, told as one list. */
export class OverrideList {
  readonly #tell: (message: OverridesMessage) => void
  #lvs: OverridesMessage = {type: 'overrides', list: [], count: 0, problem: null}
  #pauses: {readonly list: readonly Override[]; readonly problem: string | null} = {list: [], problem: null}

  constructor(tell: (message: OverridesMessage) => void) {
    this.#tell = tell
  }

  useLvs(message: OverridesMessage): void {
    this.#lvs = message
    this.#tellAll()
  }

  useChecks(pauses: {readonly list: readonly Override[]; readonly problem: string | null}): void {
    const hadAny = this.#pauses.list.length > 0 || this.#pauses.problem !== null
    this.#pauses = pauses
    if (hadAny || pauses.list.length > 0 || pauses.problem !== null) this.#tellAll()
  }

  #tellAll(): void {
    const {list, count, problem} = this.#lvs
    const problems = [problem, this.#pauses.problem].filter(each => each !== null)
    this.#tell({
      type: 'overrides',
      list: [...this.#pauses.list, ...list],
      count: this.#pauses.list.length + count,
      problem: problems.length === 0 ? null : problems.join('; '),
    })
  }
}
