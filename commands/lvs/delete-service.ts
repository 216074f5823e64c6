import {BaseCommand} from '../../src/cli/base-command.ts'
import {lvsClient} from '../../src/cli/lvs-client.ts'
import {DRY_RUN_FLAG, LVS_FLAGS, type LvsOrderReply, serviceArg, YES_FLAG} from '../../src/cli/lvs-flags.ts'
import {confirmedOrder, noteDryRun, orderText} from '../../src/cli/lvs-order.ts'
import {chosenService} from '../../src/cli/lvs-prompt.ts'

export class LvsDeleteService extends BaseCommand {
  static override description = `delete a service with its real servers
Its connections end. One of the configuration stays deleted over reloads and restarts, until it is added again.`

  static override args = {service: serviceArg()}

  static override flags = {...LVS_FLAGS, ...YES_FLAG, ...DRY_RUN_FLAG}

  async run(): Promise<LvsOrderReply> {
    const {args, flags} = await this.parse(LvsDeleteService)
    const {yes, 'dry-run': dryRun} = flags
    const lvs = await lvsClient(flags)
    const service = await chosenService(lvs, args.service)
    const reply = await confirmedOrder({
      question: `Delete ${service} with its real servers?`,
      yes,
      dryRun,
      send: trial => lvs.deleteService({service, dryRun: trial}),
    })
    this.print(() => orderText(reply))
    noteDryRun(dryRun)
    return reply
  }
}
