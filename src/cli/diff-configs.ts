import {configText} from '../config/read-back.ts'
import {summarizeReload} from '../config/reload-plan.ts'
import type {AgentClient} from '../control/client.ts'
import {API_VERSION, type ConfigDiffReply, type ItemReply} from '../control/model.ts'
import {type NamedConfig, readConfig} from './config-source.ts'
import {errorsIn} from './findings-views.ts'

/** A comparison, and why a reload would do nothing of it. */
export interface Compared {
  readonly reply: ItemReply<'ConfigDiff', ConfigDiffReply>
  /** One line; undefined when nothing is in the way. */
  readonly problem: string | undefined
}

/** Compares two files: what a reload from the first to the second would do. */
export async function diffFiles(before: string, after: string): Promise<Compared> {
  const [old, now] = [await readConfig(before), await readConfig(after)]
  const item = {...summarizeReload(old.loaded.config, now.loaded.config), overrides: []}
  const reply = {apiVersion: API_VERSION, kind: 'ConfigDiff', observedAt: new Date().toISOString(), item} as const
  return {reply, problem: problemOf(now)}
}

/**
 * Compares a file with what an agent runs. The agent compares: it gets the whole text, with its secrets, and so need
 * not tell its own.
 */
export async function diffWithAgent(
  file: string | undefined,
  {agent, host}: {readonly agent: AgentClient; readonly host: string | undefined},
): Promise<Compared> {
  const named = await readConfig(file ?? (await agentsOwn(agent, host)))
  const reply = await agent.configDiff({text: configText(named.loaded.config, {mode: 'given', secrets: true})})
  return {reply, problem: problemOf(named)}
}

/** The file that the agent runs, there where it runs. */
async function agentsOwn(agent: AgentClient, host: string | undefined): Promise<string> {
  const {file} = (await agent.status()).item.configuration
  return host === undefined || host === '' ? file : `${host.replace(/\/$/, '')}${file}`
}

const problemOf = (named: NamedConfig): string | undefined => errorsIn(named, 'a reload would refuse it')
