import {string as stringArg} from '@oclif/core/args'
import {BaseCommand} from '../../src/cli/base-command.ts'
import {lvsClient} from '../../src/cli/lvs-client.ts'
import {DRY_RUN_FLAG, LVS_FLAGS, type LvsOrderReply, YES_FLAG} from '../../src/cli/lvs-flags.ts'
import {confirmedOrder, noteDryRun, orderText} from '../../src/cli/lvs-order.ts'
import {namedFile} from '../../src/cli/lvs-prompt.ts'
import {rulesIn} from '../../src/cli/lvs-rules-file.ts'

export class LvsApply extends BaseCommand {
  static override description = `make the table equal to a file, all or nothing
Reads what lvs save and ipvsadm -S print. What the file does not have is deleted, also what other programs made. On an
error everything is as it was before.`

  static override args = {file: stringArg({description: 'a file, or - for standard input', ignoreStdin: true})}

  static override flags = {...LVS_FLAGS, ...YES_FLAG, ...DRY_RUN_FLAG}

  async run(): Promise<LvsOrderReply> {
    const {args, flags} = await this.parse(LvsApply)
    const {yes, 'dry-run': dryRun} = flags
    const file = await namedFile(args.file)
    const text = await rulesIn(file)
    const lvs = await lvsClient(flags)
    const reply = await confirmedOrder({
      question: `Make the table equal to ${file}?`,
      yes,
      dryRun,
      send: trial => lvs.restoreLvs({text, equal: true, dryRun: trial}),
    })
    this.print(() => orderText(reply))
    noteDryRun(dryRun)
    return reply
  }
}
