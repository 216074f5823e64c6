import {string} from '@oclif/core/flags'
import {BaseCommand} from '../../src/cli/base-command.ts'
import {lvsClient} from '../../src/cli/lvs-client.ts'
import {given, LVS_FLAGS, type LvsOrderReply, wholeNumber} from '../../src/cli/lvs-flags.ts'
import {orderText} from '../../src/cli/lvs-order.ts'
import {infoText} from '../../src/cli/lvs-views.ts'
import type {LvsInfo} from '../../src/control/lvs-model.ts'
import {LVS_ROUTES} from '../../src/control/lvs-routes.ts'
import type {ItemReply} from '../../src/control/model.ts'

export class LvsTimeout extends BaseCommand {
  static override description = `show or change after how long idle connections are forgotten
What is not given stays as it is.`

  static override flags = {
    ...LVS_FLAGS,
    tcp: string({description: 'established TCP connections', helpValue: 'SECONDS'}),
    tcpfin: string({description: 'TCP connections after a FIN', helpValue: 'SECONDS'}),
    udp: string({description: 'UDP', helpValue: 'SECONDS'}),
  }

  async run(): Promise<LvsOrderReply | ItemReply<'LvsInfo', LvsInfo>> {
    const {flags} = await this.parse(LvsTimeout)
    const {body} = LVS_ROUTES.setLvsTimeouts
    const timeouts = given({
      tcp: wholeNumber('--tcp', flags.tcp, body.tcp),
      tcpFin: wholeNumber('--tcpfin', flags.tcpfin, body.tcpFin),
      udp: wholeNumber('--udp', flags.udp, body.udp),
    })
    const lvs = await lvsClient(flags)
    if (Object.keys(timeouts).length === 0) {
      const reply = await lvs.lvsInfo()
      this.print(() => infoText(reply.item))
      return reply
    }
    const reply = await lvs.setLvsTimeouts(timeouts)
    this.print(() => orderText(reply))
    return reply
  }
}
