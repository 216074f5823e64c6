import {join} from 'node:path'
import {errorText, HactlError} from '../../errors.ts'
import {readStateFile, saveStateFile} from '../state-file.ts'
import {isStateEntry, kernelIdentity, type LvsState, NO_STATE, stateEntries, stateOf} from './lvs-state.ts'

const FILE = 'lvs.json'
/** 10,000 services with 10 real servers each that operators made have about half of it. */
const MAX_FILE_BYTES = 64 * 1024 * 1024

/** What operators changed of IPVS and what there is ours, on disk before it is so. One writer, one write at a time. */
export class LvsStore {
  readonly #identity = kernelIdentity()
  #path: string | undefined
  #state = NO_STATE
  #problem: string | undefined

  get state(): LvsState {
    return this.#state
  }

  /** Why the file is behind what is so; undefined: it is not. */
  get problem(): string | undefined {
    return this.#problem
  }

  /** Reads what earlier runs left; answers what was wrong with the file. Once only. */
  open(directory: string): string | undefined {
    if (this.#path !== undefined) return undefined
    this.#path = join(directory, FILE)
    const {entries, problem} = readStateFile(this.#path, isStateEntry, MAX_FILE_BYTES)
    this.#state = stateOf(entries, this.#identity)
    return problem
  }

  /** Makes a state the present one once it is on disk; rejects with FAILED or REFUSED, and then nothing has changed. */
  async save(state: LvsState): Promise<void> {
    if (state === this.#state && this.#problem === undefined) return
    try {
      await this.#write(state)
    } catch (error) {
      if (error instanceof HactlError) throw error
      const message = `${this.#path} cannot be written, and nothing was changed: ${errorText(error)}`
      throw new HactlError('FAILED', message, 'see to the disk of the state directory', {cause: error})
    }
    this.#state = state
    this.#problem = undefined
  }

  /** Makes a state the present one since it is so, whether or not the disk takes it; `save` or this tries again. */
  async follow(state: LvsState): Promise<void> {
    if (state === this.#state && this.#problem === undefined) return
    this.#state = state
    try {
      await this.#write(state)
      this.#problem = undefined
    } catch (error) {
      this.#problem = `${this.#path}: ${errorText(error)}`
    }
  }

  async #write(state: LvsState): Promise<void> {
    if (this.#path === undefined) throw new HactlError('TIMED_OUT', 'the check process is starting', 'ask again')
    const text = `[${stateEntries(state, this.#identity)
      .map(entry => JSON.stringify(entry))
      .join(',\n')}]\n`
    if (text.length > MAX_FILE_BYTES) {
      const hint = 'what operators change is kept; put such numbers of services into the configuration'
      throw new HactlError('REFUSED', `this is more than the agent keeps: ${MAX_FILE_BYTES} bytes`, hint)
    }
    await saveStateFile(this.#path, text)
  }
}
