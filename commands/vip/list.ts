import {BaseCommand} from '../../src/cli/base-command.ts'
import {vipTable} from '../../src/cli/router-views.ts'
import type {ListReply, Vip} from '../../src/control/model.ts'

export class VipList extends BaseCommand {
  static override description = 'show every virtual address and whether it is here'

  async run(): Promise<ListReply<'Vip', Vip>> {
    const {flags} = await this.parse(VipList)
    const reply = await this.agent(flags).vips()
    this.print(() => vipTable(reply.items))
    return reply
  }
}
