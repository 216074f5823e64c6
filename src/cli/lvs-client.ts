import {agentClient, type LvsClient} from '../control/client.ts'
import {dial} from '../control/dial.ts'
import type {LvsService} from '../control/lvs-model.ts'
import {HactlError} from '../errors.ts'
import {type TargetFlags, targetOf} from './contexts.ts'
import {expectShortRun} from './short-run.ts'

/** What a command about IPVS knows of whom to ask. */
export interface LvsTarget extends TargetFlags {
  readonly direct?: boolean | undefined
}

/** Whoever answers calls about IPVS. */
export interface LvsAnswers extends LvsClient {
  /** Only the kernel: its rules as `ipvsadm -S -n` prints them, without a reply that tells all of each of them. */
  readonly savedTable?: () => Promise<string>
  /** Only the kernel: what becomes of each service as it is read, so that a large table need not be there at once. */
  readonly mapServices?: <Value>(each: (service: LvsService) => Value) => Promise<readonly Value[]>
}

/**
 * Whoever answers calls about IPVS: the agent, or the kernel itself with `--direct`. An agent that was named, also by a
 * context, has to answer; where none was named and none runs, it is the kernel, with a note on standard error. This is
 * decided once: an agent that is started again while a command waits is waited for. Throws `HactlError`.
 */
export async function lvsClient({direct, ...flags}: LvsTarget): Promise<LvsAnswers> {
  if (direct) {
    const other = flags.host ? '--host' : flags.context === undefined ? undefined : '--context'
    if (other !== undefined) throw new HactlError('USAGE', '--direct is the kernel of this host', `leave out ${other}`)
    return straightToTheKernel()
  }
  const target = targetOf(flags)
  const named = target.socket !== undefined || target.host !== undefined
  if (!named && !(await agentRuns())) {
    process.stderr.write('hactl: no agent runs here: straight to the kernel\n')
    return straightToTheKernel()
  }
  return agentClient(target)
}

async function agentRuns(): Promise<boolean> {
  try {
    const {close} = await dial({}, 'read')
    close()
    return true
  } catch (error) {
    if (error instanceof HactlError && error.code === 'AGENT_NOT_RUNNING') return false
    throw error
  }
}

async function straightToTheKernel(): Promise<LvsAnswers> {
  const {directLvs} = await import('../lvs/direct.ts')
  expectShortRun()
  return directLvs()
}
