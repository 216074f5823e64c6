import {string as stringArg} from '@oclif/core/args'
import {BaseCommand} from '../../src/cli/base-command.ts'
import {peerTable} from '../../src/cli/move-views.ts'
import type {ItemReply, ListReply, VirtualRouter} from '../../src/control/model.ts'

export class VrrpPeers extends BaseCommand {
  static override description = `show every router that is heard for ours
Its address, priority and interval, when it was heard last, and what of it was rejected.`

  static override args = {name: stringArg({description: 'name of a vrrp_instance; all where none is named'})}

  async run(): Promise<ListReply<'VirtualRouter', VirtualRouter> | ItemReply<'VirtualRouter', VirtualRouter>> {
    const {args, flags} = await this.parse(VrrpPeers)
    const agent = this.agent(flags)
    const reply = args.name === undefined ? await agent.routers() : await agent.router({name: args.name})
    const routers = 'items' in reply ? reply.items : [reply.item]
    this.print(() => peerTable(routers, new Date().toISOString()))
    return reply
  }
}
