import {string as stringArg} from '@oclif/core/args'
import {BaseCommand} from '../../../src/cli/base-command.ts'
import {lvsClient} from '../../../src/cli/lvs-client.ts'
import {LVS_FLAGS, type LvsOrderReply} from '../../../src/cli/lvs-flags.ts'
import {orderText} from '../../../src/cli/lvs-order.ts'
import {typed} from '../../../src/cli/lvs-prompt.ts'

export class LvsSyncStop extends BaseCommand {
  static override description = 'stop a sync daemon'

  static override args = {
    role: stringArg({
      description: 'which end; asked for in a terminal',
      options: ['master', 'backup'],
      ignoreStdin: true,
    }),
  }

  static override flags = {...LVS_FLAGS}

  async run(): Promise<LvsOrderReply> {
    const {args, flags} = await this.parse(LvsSyncStop)
    const role = await typed('ROLE', args.role, {question: 'role', example: 'master, backup'})
    const reply = await (await lvsClient(flags)).stopSync({role})
    this.print(() => orderText(reply))
    return reply
  }
}
