import {BaseCommand} from '../../src/cli/base-command.ts'
import {lvsClient} from '../../src/cli/lvs-client.ts'
import {
  LVS_FLAGS,
  type LvsOrderReply,
  requireSetting,
  SERVICE_FLAGS,
  serviceArg,
  serviceSettings,
} from '../../src/cli/lvs-flags.ts'
import {orderText} from '../../src/cli/lvs-order.ts'
import {chosenService} from '../../src/cli/lvs-prompt.ts'

export class LvsEditService extends BaseCommand {
  static override description = `change the scheduler or the persistence of a service
What is not given stays as it is, also where a default is named below. Connections go on.`

  static override args = {service: serviceArg()}

  static override flags = {...LVS_FLAGS, ...SERVICE_FLAGS}

  async run(): Promise<LvsOrderReply> {
    const {args, flags} = await this.parse(LvsEditService)
    const settings = serviceSettings(flags)
    requireSetting(settings, '--scheduler wrr')
    const lvs = await lvsClient(flags)
    const reply = await lvs.editService({service: await chosenService(lvs, args.service), ...settings})
    this.print(() => orderText(reply))
    return reply
  }
}
