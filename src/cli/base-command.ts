import type {Interfaces} from '@oclif/core'
import {Command} from '@oclif/core/command'
import {Config} from '@oclif/core/config'
import {string} from '@oclif/core/flags'
import {type AgentClient, agentClient} from '../control/client.ts'
import {EXIT_CODES, INTERRUPTED} from './exit-codes.ts'
import {failureOf, printFailure} from './failure.ts'

/** What every command has: `--json`, `--socket`, `--host`, one clear line for a failure, the contract's exit codes. */
export abstract class BaseCommand extends Command {
  static override enableJsonFlag = true

  /** False: the command handles Ctrl-C itself. */
  static interruptible = true

  static override baseFlags = {
    socket: string({
      description: "the agent's socket",
      env: 'HACTL_SOCKET',
      helpGroup: 'GLOBAL',
      helpValue: 'PATH',
    }),
    host: string({
      description: 'ask the agent of another host, through ssh',
      env: 'HACTL_HOST',
      helpGroup: 'GLOBAL',
      helpValue: 'ssh://USER@HOST',
    }),
  }

  /** oclif would load its configuration a second time here. */
  static override async run<T extends Command>(
    this: new (
      argv: string[],
      config: Interfaces.Config,
    ) => T,
    argv?: string[],
    options?: Interfaces.LoadOptions,
  ): Promise<ReturnType<T['run']>> {
    const config = options instanceof Config ? options : await Config.load(options ?? __dirname)
    // A class of ours is a BaseCommand, whose protected members are ours.
    const command: BaseCommand = new this(argv ?? process.argv.slice(2), config) as unknown as BaseCommand
    return command._run()
  }

  /** Prints data: the only thing that goes to standard output. Under `--json` the reply is printed instead. */
  protected print(text: () => string, end = '\n'): void {
    if (!this.jsonEnabled()) process.stdout.write(text() + end)
  }

  /** The agent that the flags name. */
  protected agent({socket, host}: {socket?: string | undefined; host?: string | undefined}): AgentClient {
    return agentClient({socket, host})
  }

  protected override async init(): Promise<void> {
    const {interruptible} = this.constructor as typeof BaseCommand
    if (interruptible) process.once('SIGINT', () => process.exit(INTERRUPTED))
  }

  protected override logJson(json: unknown): void {
    process.stdout.write(`${JSON.stringify(json, null, 2)}\n`)
  }

  protected override async catch(error: unknown): Promise<void> {
    // Outside production oclif warns of a command that did not parse, even when the parser is what failed.
    this.parsed = true
    const failure = failureOf(error, this.id)
    process.exitCode = EXIT_CODES[failure.code]
    if (this.jsonEnabled()) this.logJson({error: failure})
    else printFailure(failure)
  }
}
