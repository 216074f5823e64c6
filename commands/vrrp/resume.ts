import {string as stringArg} from '@oclif/core/args'
import {BaseCommand} from '../../src/cli/base-command.ts'
import {moveText} from '../../src/cli/move-views.ts'
import type {ItemReply, MoveReply} from '../../src/control/model.ts'

export class VrrpResume extends BaseCommand {
  static override description = 'end a release or a takeover: the configuration decides again'

  static override args = {name: stringArg({description: 'name of the vrrp_instance', required: true})}

  async run(): Promise<ItemReply<'Move', MoveReply>> {
    const {args, flags} = await this.parse(VrrpResume)
    const reply = await this.agent(flags).resume({name: args.name})
    this.print(() => moveText(reply.item))
    return reply
  }
}
