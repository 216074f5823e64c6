import {string as stringArg} from '@oclif/core/args'
import {BaseCommand} from '../../src/cli/base-command.ts'
import {lvsClient} from '../../src/cli/lvs-client.ts'
import {DRY_RUN_FLAG, LVS_FLAGS, type LvsOrderReply} from '../../src/cli/lvs-flags.ts'
import {noteDryRun, orderText} from '../../src/cli/lvs-order.ts'
import {namedFile} from '../../src/cli/lvs-prompt.ts'
import {rulesIn} from '../../src/cli/lvs-rules-file.ts'

export class LvsRestore extends BaseCommand {
  static override description = `put services and real servers of a file into the table, all or none
Reads what lvs save and ipvsadm -S print. What is there already is changed to what the file has, and what the file does
not have stays; see hactl lvs apply. On an error everything is as it was before.`

  static override args = {
    file: stringArg({description: 'a file, or - for standard input, which is the default', ignoreStdin: true}),
  }

  static override flags = {...LVS_FLAGS, ...DRY_RUN_FLAG}

  async run(): Promise<LvsOrderReply> {
    const {args, flags} = await this.parse(LvsRestore)
    const {'dry-run': dryRun} = flags
    const text = await rulesIn(process.stdin.isTTY ? await namedFile(args.file) : (args.file ?? '-'))
    const lvs = await lvsClient(flags)
    const reply = await lvs.restoreLvs({text, equal: false, dryRun})
    this.print(() => orderText(reply))
    noteDryRun(dryRun)
    return reply
  }
}
