import {string as stringArg} from '@oclif/core/args'
import {boolean} from '@oclif/core/flags'
import {BaseCommand} from '../../src/cli/base-command.ts'
import {routerTable} from '../../src/cli/router-views.ts'
import type {ItemReply, ListReply, VirtualRouter} from '../../src/control/model.ts'

export class VrrpStatus extends BaseCommand {
  static override description = 'show every virtual router, or one'

  static override args = {name: stringArg({description: 'name of the vrrp_instance'})}

  static override flags = {
    watch: boolean({char: 'w', description: 'show it again whenever it changes; with --json one line a change'}),
  }

  async run(): Promise<
    ListReply<'VirtualRouter', VirtualRouter> | ItemReply<'VirtualRouter', VirtualRouter> | undefined
  > {
    const {args, flags} = await this.parse(VrrpStatus)
    const agent = this.agent(flags)
    if (flags.watch) {
      const {watchRouters} = await import('../../src/cli/watch-routers.ts')
      await watchRouters(agent, {name: args.name, json: this.jsonEnabled()})
      return undefined
    }
    const reply = args.name === undefined ? await agent.routers() : await agent.router({name: args.name})
    this.print(() => routerTable('items' in reply ? reply.items : [reply.item], new Date().toISOString()))
    return reply
  }
}
