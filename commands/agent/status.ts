import {agentText} from '../../src/cli/agent-views.ts'
import {BaseCommand} from '../../src/cli/base-command.ts'
import type {AgentStatus, ItemReply} from '../../src/control/model.ts'

export class AgentStatusCommand extends BaseCommand {
  static override description = 'show the agent: its processes, restarts, delays and configuration'

  async run(): Promise<ItemReply<'AgentStatus', AgentStatus>> {
    const {flags} = await this.parse(AgentStatusCommand)
    const reply = await this.agent(flags).status()
    this.print(() => agentText(reply.item, new Date().toISOString()))
    return reply
  }
}
