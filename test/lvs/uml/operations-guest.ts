import {spawnSync} from 'node:child_process'
import type {LvsHandlers, Observed} from '../../../src/control/routes.ts'
import {HactlError} from '../../../src/errors.ts'
import {Ipvs} from '../../../src/kernel/ipvs.ts'
import {directLvs} from '../../../src/lvs/direct.ts'
import {makeLvsHandlers} from '../../../src/lvs/handlers.ts'
import {guest} from '../../lab/uml/guest.ts'
import {MemoryKeeper} from '../memory-keeper.ts'

/** What is to be called, one after the other. */
export interface Step {
  /** A shell command in place of a call. */
  readonly shell?: string
  readonly call?: keyof LvsHandlers
  readonly input?: {readonly [name: string]: unknown}
  /** By somebody who remembers; otherwise straight to the kernel. */
  readonly remembers?: boolean
  /** Nobody asks for what is there afterwards. */
  readonly unseen?: boolean
}

/** What came of a step. */
export interface Outcome {
  readonly value?: unknown
  readonly error?: {readonly code: string; readonly message: string; readonly hint: string | undefined}
  /** What `ipvsadm -S -n` prints afterwards, where that is asked for. */
  readonly saved: string
}

guest(async (steps: readonly Step[]): Promise<readonly Outcome[]> => {
  const outcomes: Outcome[] = []
  const table = await Ipvs.open()
  const agent = makeLvsHandlers({table: async () => table, keeper: new MemoryKeeper([])})
  const direct = directLvs()
  for (const {shell, call, input = {}, remembers, unseen} of steps) {
    let outcome: Pick<Outcome, 'value' | 'error'>
    try {
      if (shell !== undefined) outcome = {value: run(shell)}
      else if (call === undefined) throw new Error('a step does something')
      else if (remembers) {
        outcome = {value: (await (agent[call] as (input: unknown) => Promise<Observed<unknown>>)(input)).value}
      } else outcome = {value: await (direct[call] as (input: unknown) => Promise<unknown>)(input)}
    } catch (error) {
      if (!(error instanceof HactlError)) throw error
      outcome = {error: {code: error.code, message: error.message, hint: error.hint}}
    }
    outcomes.push({...outcome, saved: unseen ? '' : run('ipvsadm -S -n')})
  }
  table.close()
  return outcomes
})

function run(command: string): string {
  const {status, stdout, stderr} = spawnSync('sh', ['-c', command], {encoding: 'utf8', maxBuffer: 64 * 1024 * 1024})
  if (status !== 0) throw new Error(`${command}: ${stderr}`)
  return stdout
}
