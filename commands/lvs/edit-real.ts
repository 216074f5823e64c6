import {BaseCommand} from '../../src/cli/base-command.ts'
import {lvsClient} from '../../src/cli/lvs-client.ts'
import {
  LVS_FLAGS,
  type LvsOrderReply,
  REAL_FLAGS,
  realArg,
  realSettings,
  requireSetting,
  serviceArg,
} from '../../src/cli/lvs-flags.ts'
import {orderText} from '../../src/cli/lvs-order.ts'
import {chosenReal, chosenService} from '../../src/cli/lvs-prompt.ts'

export class LvsEditReal extends BaseCommand {
  static override description = `change the weight, method or thresholds of a real server
What is not given stays as it is, also where a default is named below. One that is drained gets its new weight when
that ends.`

  static override args = {service: serviceArg(), real: realArg()}

  static override flags = {...LVS_FLAGS, ...REAL_FLAGS}

  async run(): Promise<LvsOrderReply> {
    const {args, flags} = await this.parse(LvsEditReal)
    const settings = realSettings(flags)
    requireSetting(settings, '--weight 3')
    const lvs = await lvsClient(flags)
    const service = await chosenService(lvs, args.service)
    const real = await chosenReal(lvs, {service, real: args.real})
    const reply = await lvs.editReal({service, real, ...settings})
    this.print(() => orderText(reply))
    return reply
  }
}
