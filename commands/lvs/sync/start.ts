import {string as stringArg} from '@oclif/core/args'
import {string} from '@oclif/core/flags'
import {BaseCommand} from '../../../src/cli/base-command.ts'
import {lvsClient} from '../../../src/cli/lvs-client.ts'
import {given, LVS_FLAGS, type LvsOrderReply, wholeNumber} from '../../../src/cli/lvs-flags.ts'
import {orderText} from '../../../src/cli/lvs-order.ts'
import {typed} from '../../../src/cli/lvs-prompt.ts'
import {LVS_ROUTES} from '../../../src/control/lvs-routes.ts'

export class LvsSyncStart extends BaseCommand {
  static override description = `start a sync daemon: connections live on when another director takes over
A master sends its connections by multicast, a backup takes them; a director can be both.`

  static override args = {
    role: stringArg({
      description: 'which end; asked for in a terminal',
      options: ['master', 'backup'],
      ignoreStdin: true,
    }),
  }

  static override flags = {
    ...LVS_FLAGS,
    interface: string({description: 'where to send, or listen', helpValue: 'NAME'}),
    id: string({description: '0 to 255; directors with the same one belong together [default: 0]', helpValue: 'ID'}),
    'max-length': string({description: 'longest message', helpValue: 'BYTES'}),
    group: string({description: 'multicast group [default: 224.0.0.81]', helpValue: 'ADDRESS'}),
    port: string({description: 'UDP port [default: 8848]', helpValue: 'PORT'}),
    ttl: string({description: 'TTL or hop limit [default: 1]', helpValue: 'COUNT'}),
  }

  async run(): Promise<LvsOrderReply> {
    const {args, flags} = await this.parse(LvsSyncStart)
    const {body} = LVS_ROUTES.startSync
    const settings = given({
      id: wholeNumber('--id', flags.id, body.id),
      maxLength: wholeNumber('--max-length', flags['max-length'], body.maxLength),
      group: flags.group,
      port: wholeNumber('--port', flags.port, body.port),
      ttl: wholeNumber('--ttl', flags.ttl, body.ttl),
    })
    const role = await typed('ROLE', args.role, {question: 'role', example: 'master, backup'})
    const device = await typed('--interface', flags.interface, {question: 'interface', example: '--interface eth0'})
    const reply = await (await lvsClient(flags)).startSync({role, interface: device, ...settings})
    this.print(() => orderText(reply))
    return reply
  }
}
