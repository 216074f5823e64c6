import type {LvsHandlers} from '../../../src/control/routes.ts'
import {temporaryServer} from '../../control/temporary.ts'
import {fakeAgent} from '../../fake-agent.ts'
import {fakeLvs} from '../../fake-lvs.ts'
import {type Outcome, type RunOptions, runHactl} from '../run-hactl.ts'

/** An agent on a socket, with made-up services. */
export interface LvsAgent {
  readonly socketPath: string
  /** The calls that were made: the name of the route, and what was asked as JSON. */
  readonly calls: string[]
  readonly close: () => Promise<void>
}

/** Starts an agent with made-up services; `overrides` replace any of its handlers. */
export async function lvsAgent(overrides: Partial<LvsHandlers> = {}): Promise<LvsAgent> {
  const calls: string[] = []
  const handlers = Object.entries({...fakeLvs, ...overrides}).map(([name, handler]) => [
    name,
    (input: object) => {
      calls.push(`${name} ${JSON.stringify(input)}`)
      return (handler as (input: object) => unknown)(input)
    },
  ])
  const {socketPath, server} = await temporaryServer({agent: fakeAgent(Object.fromEntries(handlers))})
  return {socketPath, calls, close: () => server.close()}
}

/** Runs `hactl lvs …` against an agent with made-up services. */
export async function runLvs(
  argv: readonly string[],
  overrides: Partial<LvsHandlers> = {},
  options: RunOptions = {},
): Promise<Outcome & {readonly calls: readonly string[]}> {
  const {socketPath, calls} = await lvsAgent(overrides)
  return {...(await runHactl(['lvs', ...argv], {HACTL_SOCKET: socketPath}, options)), calls}
}
