import {bundleConfig, type ConfigBundle} from '../config/bundle.ts'
import {defaultConfigFile} from '../config/default-file.ts'
import {readBack} from '../config/read-back.ts'
import type {AgentClient} from '../control/client.ts'
import {API_VERSION, type ConfigReply, type ItemReply} from '../control/model.ts'
import {HactlError} from '../errors.ts'
import {bundleThere, isElsewhere, readConfig} from './config-source.ts'
import {errorsIn} from './findings-views.ts'

/** A configuration as the agent would answer about the one it runs, and what is wrong with it. */
export interface Shown {
  readonly reply: ItemReply<'Config', ConfigReply>
  /** One line; undefined: the file has no error. */
  readonly problem: string | undefined
}

/** What a file says. */
export async function shownConfig(
  file: string,
  {effective, secrets}: {readonly effective: boolean; readonly secrets: boolean},
): Promise<Shown> {
  const named = await readConfig(file)
  const {loaded} = named
  const loadedAt = new Date().toISOString()
  const shown = readBack(loaded.config, {mode: effective ? 'effective' : 'given', secrets})
  const item = {file: loaded.files[0] ?? file, loadedAt, ...shown}
  const reply = {apiVersion: API_VERSION, kind: 'Config', observedAt: loadedAt, item} as const
  return {reply, problem: errorsIn(named, 'what has no effect is not shown')}
}

/**
 * The texts of a file and of all it includes; without one, of what the agent runs or would run, here or on the host
 * named. Throws `HactlError` when it cannot be read.
 */
export async function readFiles(
  file: string | undefined,
  {agent, host}: {readonly agent: AgentClient; readonly host: string | undefined},
): Promise<ConfigBundle> {
  if (file === '-') throw new HactlError('USAGE', 'standard input is no file', 'name a file')
  const name = file ?? (host || undefined)
  if (name !== undefined && isElsewhere(name)) return bundleThere(name)
  return bundleConfig(name ?? (await agentFile(agent)) ?? defaultConfigFile())
}

/** The file that an agent runs; undefined where none answers. Throws `HactlError` for any other failure. */
async function agentFile(agent: AgentClient): Promise<string | undefined> {
  try {
    return (await agent.status()).item.configuration.file
  } catch (error) {
    if (error instanceof HactlError && error.code === 'AGENT_NOT_RUNNING') return undefined
    throw error
  }
}
