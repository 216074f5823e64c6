import {string as stringArg} from '@oclif/core/args'
import {string} from '@oclif/core/flags'
import {BaseCommand} from '../../src/cli/base-command.ts'
import type {ItemReply, Override} from '../../src/control/model.ts'

export class VipAdd extends BaseCommand {
  static override description = `add a virtual address without touching the configuration
It stands over reloads and restarts until it is removed. The other nodes need it too.`

  static override args = {
    address: stringArg({
      description: "ADDRESS/LENGTH, or a whole line of virtual_ipaddress in quotes: '10.0.0.9/24 dev eth1'",
      required: true,
    }),
  }

  static override flags = {
    instance: string({description: 'the vrrp_instance; may be left out where there is one', helpValue: 'NAME'}),
  }

  async run(): Promise<ItemReply<'Override', Override>> {
    const {args, flags} = await this.parse(VipAdd)
    const {instance} = flags
    const reply = await this.agent(flags).addVip({line: args.address, ...(instance === undefined ? {} : {instance})})
    this.print(() => `${reply.item.instance}: ${reply.item.text}`)
    return reply
  }
}
