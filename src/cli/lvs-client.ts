import {agentClient, type LvsClient} from '../control/client.ts'
import {dial} from '../control/dial.ts'
import {HactlError} from '../errors.ts'
import {expectShortRun} from './short-run.ts'

/** What a command about IPVS knows of whom to ask. */
export interface LvsTarget {
  readonly socket?: string | undefined
  readonly host?: string | undefined
  readonly direct?: boolean | undefined
}

/**
 * Whoever answers calls about IPVS: the agent, or the kernel itself with `--direct`. An agent that was named has to
 * answer; where none was named and none runs, it is the kernel, with a note on standard error. This is decided once: an
 * agent that is started again while a command waits is waited for. Throws `HactlError`.
 */
export async function lvsClient({socket, host, direct}: LvsTarget): Promise<LvsClient> {
  const named = isNamed(socket) || isNamed(host)
  if (direct) {
    if (isNamed(host)) throw new HactlError('USAGE', '--direct is the kernel of this host', 'leave out --host')
    return straightToTheKernel()
  }
  if (!named && !(await agentRuns())) {
    process.stderr.write('hactl: no agent runs here: straight to the kernel\n')
    return straightToTheKernel()
  }
  return agentClient({socket: isNamed(socket) ? socket : undefined, host})
}

/** A variable of the environment that is empty names nothing. */
const isNamed = (text: string | undefined): boolean => text !== undefined && text !== ''

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

async function straightToTheKernel(): Promise<LvsClient> {
  const {directLvs} = await import('../lvs/direct.ts')
  expectShortRun()
  return directLvs()
}
