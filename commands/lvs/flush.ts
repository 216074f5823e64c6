import {BaseCommand} from '../../src/cli/base-command.ts'
import {lvsClient} from '../../src/cli/lvs-client.ts'
import {DRY_RUN_FLAG, LVS_FLAGS, type LvsOrderReply, YES_FLAG} from '../../src/cli/lvs-flags.ts'
import {confirmedOrder, noteDryRun, orderText} from '../../src/cli/lvs-order.ts'

export class LvsFlush extends BaseCommand {
  static override description = `delete every service, also those of the configuration and of other programs
All connections end. Services of the configuration stay deleted over reloads and restarts of the agent.`

  static override flags = {...LVS_FLAGS, ...YES_FLAG, ...DRY_RUN_FLAG}

  async run(): Promise<LvsOrderReply> {
    const {flags} = await this.parse(LvsFlush)
    const {yes, 'dry-run': dryRun} = flags
    const lvs = await lvsClient(flags)
    const reply = await confirmedOrder({
      question: 'Delete every service?',
      yes,
      dryRun,
      send: trial => lvs.flushLvs({dryRun: trial}),
    })
    this.print(() => orderText(reply))
    noteDryRun(dryRun)
    return reply
  }
}
