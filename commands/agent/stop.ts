import {integer} from '@oclif/core/flags'
import {BaseCommand} from '../../src/cli/base-command.ts'
import {untilGone} from '../../src/cli/until-gone.ts'
import type {ItemReply, StopReply} from '../../src/control/model.ts'

export class AgentStop extends BaseCommand {
  static override description = 'stop the agent: it withdraws its addresses; returns when it is gone'

  static override flags = {
    timeout: integer({description: 'wait at most so long', default: 30, min: 1, max: 3600, helpValue: 'SECONDS'}),
  }

  async run(): Promise<ItemReply<'Stop', StopReply>> {
    const {flags} = await this.parse(AgentStop)
    const agent = this.agent(flags)
    const reply = await agent.stop()
    await untilGone(agent, {pid: reply.item.pid, withinMs: flags.timeout * 1000})
    this.print(() => `the agent (pid ${reply.item.pid}) has stopped`)
    return reply
  }
}
