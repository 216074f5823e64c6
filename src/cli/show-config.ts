import {bundleConfig, type ConfigBundle} from '../config/bundle.ts'
import {defaultConfigFile} from '../config/default-file.ts'
import {readBack} from '../config/read-back.ts'
import type {AgentClient} from '../control/client.ts'
import {API_VERSION, type ConfigReply, type ItemReply} from '../control/model.ts'
import {HactlError} from '../errors.ts'
import {readConfig} from './config-source.ts'

/** What a file says, as the agent would answer about the configuration it runs. */
export async function shownConfig(
  file: string,
  {effective, secrets}: {readonly effective: boolean; readonly secrets: boolean},
): Promise<ItemReply<'Config', ConfigReply>> {
  const {loaded} = await readConfig(file)
  const loadedAt = new Date().toISOString()
  const shown = readBack(loaded.config, {mode: effective ? 'effective' : 'given', secrets})
  const item = {file: loaded.files[0] ?? file, loadedAt, ...shown}
  return {apiVersion: API_VERSION, kind: 'Config', observedAt: loadedAt, item}
}

/** The texts of a file and of all it includes; without one, of what the agent here runs or would run. */
export async function readFiles(file: string | undefined, agent: AgentClient): Promise<ConfigBundle> {
  return bundleConfig(file ?? (await agentFile(agent)) ?? defaultConfigFile())
}

/** The file that an agent runs; undefined where none answers. Throws `HactlError` for any other failure. */
export async function agentFile(agent: AgentClient): Promise<string | undefined> {
  try {
    return (await agent.status()).item.configuration.file
  } catch (error) {
    if (error instanceof HactlError && error.code === 'AGENT_NOT_RUNNING') return undefined
    throw error
  }
}
