import {string} from '@oclif/core/flags'
import {BaseCommand} from '../../src/cli/base-command.ts'
import {lvsClient} from '../../src/cli/lvs-client.ts'
import {given, LVS_FLAGS, type LvsOrderReply, realArg, serviceArg, wholeNumber} from '../../src/cli/lvs-flags.ts'
import {orderText} from '../../src/cli/lvs-order.ts'
import {chosenReal, chosenService} from '../../src/cli/lvs-prompt.ts'
import {LVS_ROUTES} from '../../src/control/lvs-routes.ts'

export class LvsUndrainReal extends BaseCommand {
  static override description = 'give a drained real server its weight again'

  static override args = {service: serviceArg(), real: realArg()}

  static override flags = {
    ...LVS_FLAGS,
    weight: string({
      char: 'w',
      description: 'which weight from now on; needed with --direct, where nobody remembers it',
      helpValue: 'WEIGHT',
    }),
  }

  async run(): Promise<LvsOrderReply> {
    const {args, flags} = await this.parse(LvsUndrainReal)
    const weight = wholeNumber('--weight', flags.weight, LVS_ROUTES.undrainReal.body.weight)
    const lvs = await lvsClient(flags)
    const service = await chosenService(lvs, args.service)
    const real = await chosenReal(lvs, {service, real: args.real})
    const reply = await lvs.undrainReal({service, real, ...given({weight})})
    this.print(() => orderText(reply))
    return reply
  }
}
