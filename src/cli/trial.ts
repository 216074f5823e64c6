import type {AgentClient} from '../control/client.ts'
import {HactlError} from '../errors.ts'

/** The configuration that is on trial. Throws `HactlError` NOT_FOUND where there is none. */
export async function trialId(agent: AgentClient): Promise<string> {
  const {trial} = (await agent.status()).item.configuration
  if (trial !== null) return trial.id
  throw new HactlError('NOT_FOUND', 'no configuration is on trial', 'hactl agent status shows it when there is one')
}
