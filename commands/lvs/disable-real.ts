import {BaseCommand} from '../../src/cli/base-command.ts'
import {lvsClient} from '../../src/cli/lvs-client.ts'
import {
  DRY_RUN_FLAG,
  given,
  LVS_FLAGS,
  type LvsOrderReply,
  REASON_FLAG,
  realArg,
  serviceArg,
  YES_FLAG,
} from '../../src/cli/lvs-flags.ts'
import {confirmedOrder, noteDryRun, orderText} from '../../src/cli/lvs-order.ts'
import {chosenReal, chosenService} from '../../src/cli/lvs-prompt.ts'

export class LvsDisableReal extends BaseCommand {
  static override description = `take a real server out of the table until it is enabled
Its connections end; see hactl lvs drain-real. Its weight and method are remembered, over reloads and restarts of the
agent, which has to run.`

  static override args = {service: serviceArg(), real: realArg()}

  static override flags = {...LVS_FLAGS, ...REASON_FLAG, ...YES_FLAG, ...DRY_RUN_FLAG}

  async run(): Promise<LvsOrderReply> {
    const {args, flags} = await this.parse(LvsDisableReal)
    const {yes, 'dry-run': dryRun} = flags
    const lvs = await lvsClient(flags)
    const service = await chosenService(lvs, args.service)
    const real = await chosenReal(lvs, {service, real: args.real})
    const reply = await confirmedOrder({
      question: `Take ${real} out of ${service}?`,
      yes,
      dryRun,
      send: trial => lvs.disableReal({service, real, dryRun: trial, ...given({reason: flags.reason})}),
    })
    this.print(() => orderText(reply))
    noteDryRun(dryRun)
    return reply
  }
}
