import {string as stringArg} from '@oclif/core/args'
import {BaseCommand} from '../../src/cli/base-command.ts'
import type {TargetFlags} from '../../src/cli/contexts.ts'
import {type Compared, diffFiles, diffWithAgent} from '../../src/cli/diff-configs.ts'
import {EXIT_CODES} from '../../src/cli/exit-codes.ts'
import {reloadText} from '../../src/cli/reload-views.ts'
import {agentClient} from '../../src/control/client.ts'
import type {ConfigDiffReply, ItemReply} from '../../src/control/model.ts'

export class ConfigDiff extends BaseCommand {
  static override description = `compare a file with what the agent runs, object by object
Tells what a reload would do to each: keep, change in place, restart, or nothing since it is not acted on yet. Two files
are compared with each other. Exit code 1 when there is a difference, 6 when a reload would refuse the file for its
errors. Secrets that differ are told, but never shown.`

  static override args = {
    file: stringArg({
      description: "configuration [default: the agent's file]",
      ignoreStdin: true,
    }),
    other: stringArg({description: 'a second one, to be compared with the first', ignoreStdin: true}),
  }

  async run(): Promise<ItemReply<'ConfigDiff', ConfigDiffReply>> {
    const {args, flags} = await this.parse(ConfigDiff)
    const {reply, problem} =
      args.file !== undefined && args.other !== undefined
        ? await diffFiles(args.file, args.other)
        : await this.diffWithAgent(args.file, flags)
    if (reply.item.changes.length > 0) process.exitCode = EXIT_CODES.FAILED
    if (problem !== undefined) {
      process.exitCode = EXIT_CODES.INVALID_CONFIGURATION
      process.stderr.write(`${problem}\n`)
    }
    this.print(() => reloadText(reply.item))
    return reply
  }

  private diffWithAgent(file: string | undefined, flags: TargetFlags): Promise<Compared> {
    const target = this.target(flags)
    return diffWithAgent(file, {agent: agentClient(target), host: target.host})
  }
}
