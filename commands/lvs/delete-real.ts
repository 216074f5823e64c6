import {BaseCommand} from '../../src/cli/base-command.ts'
import {lvsClient} from '../../src/cli/lvs-client.ts'
import {DRY_RUN_FLAG, LVS_FLAGS, type LvsOrderReply, realArg, serviceArg, YES_FLAG} from '../../src/cli/lvs-flags.ts'
import {confirmedOrder, noteDryRun, orderText} from '../../src/cli/lvs-order.ts'
import {chosenReal, chosenService} from '../../src/cli/lvs-prompt.ts'

export class LvsDeleteReal extends BaseCommand {
  static override description = `delete a real server from a service
Its connections end; see hactl lvs drain-real. One of the configuration stays deleted over reloads and restarts, until
it is added again.`

  static override args = {service: serviceArg(), real: realArg()}

  static override flags = {...LVS_FLAGS, ...YES_FLAG, ...DRY_RUN_FLAG}

  async run(): Promise<LvsOrderReply> {
    const {args, flags} = await this.parse(LvsDeleteReal)
    const {yes, 'dry-run': dryRun} = flags
    const lvs = await lvsClient(flags)
    const service = await chosenService(lvs, args.service)
    const real = await chosenReal(lvs, {service, real: args.real})
    const reply = await confirmedOrder({
      question: `Delete ${real} from ${service}?`,
      yes,
      dryRun,
      send: trial => lvs.deleteReal({service, real, dryRun: trial}),
    })
    this.print(() => orderText(reply))
    noteDryRun(dryRun)
    return reply
  }
}
