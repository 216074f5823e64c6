import type {JUDGEMENT_CODES} from '../codes/judgement-codes.ts'
import type {Config, Position} from '../config.ts'

/** Takes a remark about a place in the configuration; neither of the texts holds a secret. */
export type Remark = (position: Position, message: string, hint?: string) => void

/** One kind of thing that is permitted and still unwise: what a finding of it is called, and what looks for it. */
export interface Lint {
  readonly name: keyof typeof JUDGEMENT_CODES
  check(config: Config, remark: Remark): void
}
