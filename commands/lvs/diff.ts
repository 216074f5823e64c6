import {string as stringArg} from '@oclif/core/args'
import {BaseCommand} from '../../src/cli/base-command.ts'
import {EXIT_CODES} from '../../src/cli/exit-codes.ts'
import {lvsClient} from '../../src/cli/lvs-client.ts'
import {LVS_FLAGS, type LvsOrderReply} from '../../src/cli/lvs-flags.ts'
import {differenceText} from '../../src/cli/lvs-order.ts'
import {namedFile} from '../../src/cli/lvs-prompt.ts'
import {rulesIn} from '../../src/cli/lvs-rules-file.ts'

export class LvsDiff extends BaseCommand {
  static override description = `compare the table with a file: what hactl lvs apply would do
Exit code 1 when there is a difference.`

  static override args = {file: stringArg({description: 'a file, or - for standard input', ignoreStdin: true})}

  static override flags = {...LVS_FLAGS}

  async run(): Promise<LvsOrderReply> {
    const {args, flags} = await this.parse(LvsDiff)
    const text = await rulesIn(await namedFile(args.file))
    const reply = await (await lvsClient(flags)).restoreLvs({text, equal: true, dryRun: true})
    if (reply.item.changes.length > 0) process.exitCode = EXIT_CODES.FAILED
    this.print(() => differenceText(reply))
    return reply
  }
}
