import type {LoadedConfig} from '../config/config.ts'
import {configText} from '../config/read-back.ts'
import {summarizeReload} from '../config/reload-plan.ts'
import type {AgentClient} from '../control/client.ts'
import {API_VERSION, type ConfigDiffReply, type ItemReply} from '../control/model.ts'
import {counted} from '../core/format.ts'
import {readConfig} from './config-source.ts'
import {fileName} from './findings-views.ts'

/** A comparison, and why a reload would do nothing of it. */
export interface Compared {
  readonly reply: ItemReply<'ConfigDiff', ConfigDiffReply>
  /** One line; undefined when nothing is in the way. */
  readonly problem: string | undefined
}

/** Compares two files: what a reload from the first to the second would do. */
export async function diffFiles(before: string, after: string): Promise<Compared> {
  const [old, now] = [await readConfig(before), await readConfig(after)]
  const item = summarizeReload(old.loaded.config, now.loaded.config)
  const reply = {apiVersion: API_VERSION, kind: 'ConfigDiff', observedAt: new Date().toISOString(), item} as const
  return {reply, problem: problemOf(now.loaded)}
}

/**
 * Compares a file with what an agent runs. The agent compares: it gets the whole text, with its secrets, and so need not
 * tell its own.
 */
export async function diffWithAgent(
  file: string | undefined,
  {agent, host}: {readonly agent: AgentClient; readonly host: string | undefined},
): Promise<Compared> {
  const {loaded} = await readConfig(file ?? (await agentsOwn(agent, host)))
  const reply = await agent.configDiff({text: configText(loaded.config, {mode: 'given', secrets: true})})
  return {reply, problem: problemOf(loaded)}
}

/** The file that the agent runs, there where it runs. */
async function agentsOwn(agent: AgentClient, host: string | undefined): Promise<string> {
  const {file} = (await agent.status()).item.configuration
  return host === undefined || host === '' ? file : `${host.replace(/\/$/, '')}${file}`
}

function problemOf({diagnostics, files}: LoadedConfig): string | undefined {
  const errors = diagnostics.filter(({severity}) => severity === 'error').length
  if (errors === 0) return undefined
  const file = fileName(files[0] ?? '')
  return `${file} has ${counted(errors, 'error')}: a reload would refuse it; see: hactl validate config ${file}`
}
