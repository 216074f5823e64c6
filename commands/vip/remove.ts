import {string as stringArg} from '@oclif/core/args'
import {boolean, string} from '@oclif/core/flags'
import {BaseCommand} from '../../src/cli/base-command.ts'
import {confirm} from '../../src/cli/confirm.ts'
import type {ItemReply, Override} from '../../src/control/model.ts'

export class VipRemove extends BaseCommand {
  static override description = `take a virtual address away without touching the configuration
Whoever uses it loses it at once. It stands over reloads and restarts until it is added again.`

  static override args = {address: stringArg({description: 'the address, with or without its length', required: true})}

  static override flags = {
    instance: string({description: 'the vrrp_instance, where several have the address', helpValue: 'NAME'}),
    yes: boolean({char: 'y', description: 'do not ask'}),
  }

  async run(): Promise<ItemReply<'Override', Override>> {
    const {args, flags} = await this.parse(VipRemove)
    const {instance} = flags
    await confirm(`Take ${args.address} away from whoever uses it?`, {yes: flags.yes})
    const reply = await this.agent(flags).removeVip({
      address: args.address,
      ...(instance === undefined ? {} : {instance}),
    })
    this.print(() => `${reply.item.instance}: ${reply.item.text}`)
    return reply
  }
}
