import type {Interfaces} from '@oclif/core'
import {Command} from '@oclif/core/command'
import {Config} from '@oclif/core/config'
import {string} from '@oclif/core/flags'
import {type AgentClient, agentClient} from '../control/client.ts'
import type {Target} from '../control/dial.ts'
import {type TargetFlags, targetOf} from './contexts.ts'
import {EXIT_CODES, INTERRUPTED} from './exit-codes.ts'
import {failureOf, printFailure} from './failure.ts'

/**
 * What every command has: `--json`, `--socket`, `--host`, `--context`, one clear line for a failure, the exit codes of
 * the contract.
 */
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
    context: string({
      description: 'ask the first node of this context, in place of the current one; see: hactl context',
      helpGroup: 'GLOBAL',
      helpValue: 'NAME',
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
    if (this.jsonEnabled()) return
    process.stdout.write(text())
    // Behind a long text it would make another one of it.
    if (end !== '') process.stdout.write(end)
  }

  /** Where the agent is that the flags name, or else the current context. Throws `HactlError`. */
  protected target(flags: TargetFlags): Target {
    return targetOf(flags)
  }

  /** A client of that agent. */
  protected agent(flags: TargetFlags): AgentClient {
    return agentClient(this.target(flags))
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
