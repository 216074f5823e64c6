import {string as stringArg} from '@oclif/core/args'
import {boolean} from '@oclif/core/flags'
import {BaseCommand} from '../../src/cli/base-command.ts'
import {readFiles, shownConfig} from '../../src/cli/show-config.ts'
import type {ConfigBundle} from '../../src/config/bundle.ts'
import {MASK} from '../../src/config/secrets.ts'
import {agentClient} from '../../src/control/client.ts'
import type {ConfigReply, ItemReply} from '../../src/control/model.ts'
import {HactlError} from '../../src/errors.ts'

export class ConfigShow extends BaseCommand {
  static override description = `print a configuration as keepalived.conf, or with --json as typed values
Without FILE it is the one that the agent runs. The text gives the same configuration again, save that secrets are
masked.`

  static override args = {
    file: stringArg({
      description: 'configuration to read in place of the agent\'s; "-": standard input',
      ignoreStdin: true,
    }),
  }

  static override flags = {
    effective: boolean({description: 'with every default and everything inherited'}),
    secrets: boolean({description: 'print secrets, too; only with FILE: an agent never tells them'}),
    files: boolean({
      description: 'the text of FILE and of every file that it includes, as they are, with their secrets',
      exclusive: ['effective'],
    }),
  }

  async run(): Promise<ItemReply<'Config', ConfigReply> | ConfigBundle> {
    const {args, flags} = await this.parse(ConfigShow)
    if (flags.files) {
      const target = this.target(flags)
      const bundle = await readFiles(args.file, {agent: agentClient(target), host: target.host})
      this.print(() => Object.values(bundle.texts).join('').trimEnd())
      return bundle
    }
    if (flags.secrets && args.file === undefined) {
      throw new HactlError(
        'USAGE',
        'an agent never tells its secrets',
        'name the FILE: hactl config show FILE --secrets',
      )
    }
    const {reply, problem} =
      args.file === undefined
        ? {reply: await this.agent(flags).config({effective: flags.effective})}
        : await shownConfig(args.file, flags)
    const hint = args.file === undefined ? '' : '; --secrets prints them'
    if (problem !== undefined) process.stderr.write(`${problem}\n`)
    if (reply.item.text.includes(MASK)) process.stderr.write(`secrets are shown as ${MASK}${hint}\n`)
    this.print(() => reply.item.text.trimEnd())
    return reply
  }
}
