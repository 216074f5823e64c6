import {string as stringArg} from '@oclif/core/args'
import {BaseCommand} from '../../src/cli/base-command.ts'
import {moveText} from '../../src/cli/move-views.ts'
import type {ItemReply, MoveReply} from '../../src/control/model.ts'

export class VrrpTakeover extends BaseCommand {
  static override description = `become master of a virtual router now
Its priority is raised above that of the present master until a resume. Refused while something keeps it
from being master.`

  static override args = {name: stringArg({description: 'name of the vrrp_instance', required: true})}

  async run(): Promise<ItemReply<'Move', MoveReply>> {
    const {args, flags} = await this.parse(VrrpTakeover)
    const reply = await this.agent(flags).takeover({name: args.name})
    this.print(() => moveText(reply.item))
    return reply
  }
}
