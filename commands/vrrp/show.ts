import {string as stringArg} from '@oclif/core/args'
import {BaseCommand} from '../../src/cli/base-command.ts'
import {routerDetails} from '../../src/cli/router-views.ts'
import type {ItemReply, VirtualRouter} from '../../src/control/model.ts'

export class VrrpShow extends BaseCommand {
  static override description = 'show everything about one virtual router'

  static override args = {name: stringArg({description: 'name of the vrrp_instance', required: true})}

  async run(): Promise<ItemReply<'VirtualRouter', VirtualRouter>> {
    const {args, flags} = await this.parse(VrrpShow)
    const reply = await this.agent(flags).router({name: args.name})
    this.print(() => routerDetails(reply.item, new Date().toISOString()))
    return reply
  }
}
