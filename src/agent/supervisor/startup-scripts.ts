import type {Command, GlobalConfig} from '../../config/config.ts'
import type {JournalEntry} from '../../core/journal/record.ts'
import {describeResult, succeeded} from '../../core/track/script.ts'
import {startScript} from './start-script.ts'

/** Where the result goes, and what ends the script early. */
export interface StartupContext {
  readonly journal: (entry: JournalEntry) => void
  readonly signal?: AbortSignal
}

/**
 * `startup_script`: to be awaited before anything else begins. It never rejects: as keepalived has it, a script that
 * fails or takes longer than `startup_script_timeout` is put down, and the start goes on.
 */
export const runStartupScript = (global: GlobalConfig, context: StartupContext): Promise<void> =>
  run('startup_script', global.startupScript, global.startupScriptTimeoutMs, global, context)

/** `shutdown_script`: to be awaited when everything else has ended. It never rejects either. */
export const runShutdownScript = (global: GlobalConfig, context: StartupContext): Promise<void> =>
  run('shutdown_script', global.shutdownScript, global.shutdownScriptTimeoutMs, global, context)

async function run(
  what: string,
  command: Command | undefined,
  timeoutMs: number,
  global: GlobalConfig,
  {journal, signal}: StartupContext,
): Promise<void> {
  if (!command || signal?.aborted) return
  const startedAt = performance.now()
  const running = startScript(command, global, {timeoutMs})
  const end = (): void => running.kill()
  signal?.addEventListener('abort', end)
  const result = await running.result
  signal?.removeEventListener('abort', end)
  const program = command.argv[0]
  const durationMs = Math.round(performance.now() - startedAt)
  journal({
    at: new Date().toISOString(),
    kind: 'notify-ran',
    text: `${what} ${program}: ${describeResult(result)}`,
    facts: {what, program, ok: succeeded(result), durationMs},
  })
}
