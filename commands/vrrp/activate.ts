import {string as stringArg} from '@oclif/core/args'
import {boolean} from '@oclif/core/flags'
import {BaseCommand} from '../../src/cli/base-command.ts'
import {moveText} from '../../src/cli/move-views.ts'
import type {ItemReply, MoveReply} from '../../src/control/model.ts'

export class VrrpActivate extends BaseCommand {
  static override description = `run a virtual router that an agent with --observe only looks at
Take it out of the other daemon first. Refused while its addresses are on this host, since that daemon is master then.`

  static override args = {name: stringArg({description: 'name of the vrrp_instance', required: true})}

  static override flags = {force: boolean({description: 'also while its addresses are on this host'})}

  async run(): Promise<ItemReply<'Move', MoveReply>> {
    const {args, flags} = await this.parse(VrrpActivate)
    const reply = await this.agent(flags).activate({name: args.name, force: flags.force})
    this.print(() => moveText(reply.item))
    return reply
  }
}
