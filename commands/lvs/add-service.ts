import {BaseCommand} from '../../src/cli/base-command.ts'
import {lvsClient} from '../../src/cli/lvs-client.ts'
import {LVS_FLAGS, type LvsOrderReply, SERVICE_FLAGS, serviceArg, serviceSettings} from '../../src/cli/lvs-flags.ts'
import {orderText} from '../../src/cli/lvs-order.ts'
import {typed} from '../../src/cli/lvs-prompt.ts'

export class LvsAddService extends BaseCommand {
  static override description = `add a service; it gets real servers with: hactl lvs add-real
Without a protocol it is TCP. It stands over reloads and restarts of the agent until it is deleted.`

  static override args = {service: serviceArg()}

  static override flags = {...LVS_FLAGS, ...SERVICE_FLAGS}

  async run(): Promise<LvsOrderReply> {
    const {args, flags} = await this.parse(LvsAddService)
    const settings = serviceSettings(flags)
    const service = await typed('SERVICE', args.service, {question: 'new service', example: '192.0.2.1:80/tcp'})
    const reply = await (await lvsClient(flags)).addService({service, ...settings})
    this.print(() => orderText(reply))
    return reply
  }
}
