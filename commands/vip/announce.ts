import {string as stringArg} from '@oclif/core/args'
import {BaseCommand} from '../../src/cli/base-command.ts'
import type {AnnounceReply, ItemReply} from '../../src/control/model.ts'

export class VipAnnounce extends BaseCommand {
  static override description = `send gratuitous ARP and neighbour advertisements again
For the addresses that this node holds, so that switches and neighbours learn where they are.`

  static override args = {address: stringArg({description: 'only this address'})}

  async run(): Promise<ItemReply<'Announce', AnnounceReply>> {
    const {args, flags} = await this.parse(VipAnnounce)
    const reply = await this.agent(flags).announce(args.address === undefined ? {} : {address: args.address})
    this.print(() => reply.item.announced.join('\n'))
    return reply
  }
}
