import {BaseCommand} from '../../src/cli/base-command.ts'
import {lvsClient} from '../../src/cli/lvs-client.ts'
import {given, LVS_FLAGS, type LvsOrderReply, serviceArg} from '../../src/cli/lvs-flags.ts'
import {orderText} from '../../src/cli/lvs-order.ts'

export class LvsZero extends BaseCommand {
  static override description = 'set the counters of a service and its real servers to 0, or all of them'

  static override args = {service: serviceArg('all where none is named')}

  static override flags = {...LVS_FLAGS}

  async run(): Promise<LvsOrderReply> {
    const {args, flags} = await this.parse(LvsZero)
    const reply = await (await lvsClient(flags)).zeroLvs(given({service: args.service}))
    this.print(() => orderText(reply))
    return reply
  }
}
