import {BaseCommand} from '../../src/cli/base-command.ts'
import {lvsClient} from '../../src/cli/lvs-client.ts'
import {LVS_FLAGS, type LvsOrderReply, REAL_FLAGS, realArg, realSettings, serviceArg} from '../../src/cli/lvs-flags.ts'
import {orderText} from '../../src/cli/lvs-order.ts'
import {chosenService, typed} from '../../src/cli/lvs-prompt.ts'

export class LvsAddReal extends BaseCommand {
  static override description = `add a real server to a service
Without a port it has that of the service. It stands over reloads and restarts of the agent until it is deleted.`

  static override args = {service: serviceArg(), real: realArg()}

  static override flags = {...LVS_FLAGS, ...REAL_FLAGS}

  async run(): Promise<LvsOrderReply> {
    const {args, flags} = await this.parse(LvsAddReal)
    const settings = realSettings(flags)
    const lvs = await lvsClient(flags)
    const service = await chosenService(lvs, args.service)
    const real = await typed('REAL', args.real, {question: 'new real server', example: '10.0.0.1:80'})
    const reply = await lvs.addReal({service, real, ...settings})
    this.print(() => orderText(reply))
    return reply
  }
}
