import {string} from '@oclif/core/flags'
import {BaseCommand} from '../../src/cli/base-command.ts'
import {overrideTable} from '../../src/cli/move-views.ts'
import type {ItemReply, ListReply, Override} from '../../src/control/model.ts'

export class AgentOverrides extends BaseCommand {
  static override description = `list what operators changed at run time, or take one of it back
Overrides stand over reloads and restarts of the agent.`

  static override flags = {cancel: string({description: 'take this one back', helpValue: 'ID'})}

  async run(): Promise<ListReply<'Override', Override> | ItemReply<'Override', Override>> {
    const {flags} = await this.parse(AgentOverrides)
    const agent = this.agent(flags)
    if (flags.cancel !== undefined) {
      const gone = await agent.cancelOverride({id: flags.cancel})
      this.print(() => `taken back: ${gone.item.text}`)
      return gone
    }
    const reply = await agent.overrides()
    this.print(() => overrideTable(reply.items, new Date().toISOString()))
    return reply
  }
}
