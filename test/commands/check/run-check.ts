import type {CheckHandlers} from '../../../src/control/routes.ts'
import {temporaryServer} from '../../control/temporary.ts'
import {fakeAgent} from '../../fake-agent.ts'
import {fakeChecks} from '../../fake-checks.ts'
import {type Outcome, runHactl} from '../run-hactl.ts'

/** An agent on a socket, with made-up checkers. */
export interface CheckAgent {
  readonly socketPath: string
  /** The calls that were made: the name of the route, and what was asked as JSON. */
  readonly calls: string[]
}

/** Starts an agent with made-up checkers; `overrides` replace any of its handlers. */
export async function checkAgent(overrides: Partial<CheckHandlers> = {}): Promise<CheckAgent> {
  const calls: string[] = []
  const handlers = Object.entries({...fakeChecks, ...overrides}).map(([name, handler]) => [
    name,
    (input: object) => {
      calls.push(`${name} ${JSON.stringify(input)}`)
      return (handler as (input: object) => unknown)(input)
    },
  ])
  const {socketPath} = await temporaryServer({agent: fakeAgent(Object.fromEntries(handlers))})
  return {socketPath, calls}
}

/** Runs `hactl check …` against an agent with made-up checkers. */
export async function runCheck(
  argv: readonly string[],
  overrides: Partial<CheckHandlers> = {},
): Promise<Outcome & {readonly calls: readonly string[]}> {
  const {socketPath, calls} = await checkAgent(overrides)
  return {...(await runHactl(['check', ...argv], {HACTL_SOCKET: socketPath, TZ: 'UTC'})), calls}
}
