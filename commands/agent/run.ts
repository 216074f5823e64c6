import {boolean, string} from '@oclif/core/flags'
import {BaseCommand} from '../../src/cli/base-command.ts'
import {expectLongRun} from '../../src/cli/short-run.ts'
import {CONFIG_FILES, defaultConfigFile} from '../../src/config/default-file.ts'
import {DEFAULT_SOCKET} from '../../src/control/socket-paths.ts'
import {VERSION} from '../../src/version.ts'

export class AgentRun extends BaseCommand {
  static override description = `run the agent in the foreground
Logs to standard error. SIGHUP reloads the configuration; SIGTERM withdraws everything and ends it.`

  static override flags = {
    config: string({
      description: `keepalived.conf to run [default: ${CONFIG_FILES.join(', or else ')}]`,
      helpValue: 'FILE',
    }),
    metrics: string({
      description: 'serve metrics for Prometheus at this address, to whoever can connect: 127.0.0.1:9650, [::1]:9650',
      helpValue: 'ADDRESS:PORT',
    }),
    observe: boolean({
      description: 'join no election and send nothing: show what this agent would do beside a running keepalived',
    }),
    'state-dir': string({
      description: 'where the journal and the overrides are kept',
      default: '/var/lib/hactl',
      helpValue: 'DIR',
    }),
  }

  /** The supervisor takes its signals itself. */
  static override interruptible = false

  async run(): Promise<void> {
    const {flags} = await this.parse(AgentRun)
    expectLongRun()
    // The agent is a bundle of its own: commands that ask it never read its code.
    const {runSupervisor} = await import('../../src/agent/supervisor/main.ts')
    process.exitCode = await runSupervisor({
      configFile: flags.config ?? defaultConfigFile(),
      socketPath: flags.socket ?? DEFAULT_SOCKET,
      stateDir: flags['state-dir'],
      version: VERSION,
      observe: flags.observe === true,
      metrics: flags.metrics,
    })
    // Whatever a library left open must not keep a finished agent alive.
    process.exit()
  }
}
