import {string as stringArg} from '@oclif/core/args'
import {BaseCommand} from '../../src/cli/base-command.ts'
import {whyText} from '../../src/cli/router-views.ts'
import type {ItemReply, WhyReply} from '../../src/control/model.ts'

export class VrrpWhy extends BaseCommand {
  static override description = 'tell why a virtual router is in its state: the chain of causes, from the journal'

  static override args = {name: stringArg({description: 'name of the vrrp_instance', required: true})}

  async run(): Promise<ItemReply<'Why', WhyReply>> {
    const {args, flags} = await this.parse(VrrpWhy)
    const reply = await this.agent(flags).why({name: args.name})
    this.print(() => whyText(reply.item, new Date().toISOString()))
    return reply
  }
}
