import {BaseCommand} from '../../src/cli/base-command.ts'
import {lvsClient} from '../../src/cli/lvs-client.ts'
import {LVS_FLAGS, type LvsOrderReply, realArg, serviceArg} from '../../src/cli/lvs-flags.ts'
import {orderText} from '../../src/cli/lvs-order.ts'
import {chosenReal, chosenService} from '../../src/cli/lvs-prompt.ts'

export class LvsEnableReal extends BaseCommand {
  static override description = 'put a disabled real server back into the table, with its weight'

  static override args = {service: serviceArg(), real: realArg()}

  static override flags = {...LVS_FLAGS}

  async run(): Promise<LvsOrderReply> {
    const {args, flags} = await this.parse(LvsEnableReal)
    const lvs = await lvsClient(flags)
    const service = await chosenService(lvs, args.service)
    const real = await chosenReal(lvs, {service, real: args.real})
    const reply = await lvs.enableReal({service, real})
    this.print(() => orderText(reply))
    return reply
  }
}
