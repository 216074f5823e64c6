import {string as stringArg} from '@oclif/core/args'
import {boolean, string} from '@oclif/core/flags'
import {BaseCommand} from '../../src/cli/base-command.ts'
import {parseDuration} from '../../src/cli/duration-flag.ts'
import {moveText} from '../../src/cli/move-views.ts'
import type {ItemReply, MoveReply} from '../../src/control/model.ts'

export class AgentMaintenance extends BaseCommand {
  static override description = `step down everywhere, or end that
Reports success when another node has taken over every virtual router that this one was master of; when one is left
without a master, this node is master again everywhere.`

  static override args = {state: stringArg({description: 'on or off', options: ['on', 'off'], required: true})}

  static override flags = {
    for: string({description: 'end it by itself after this time: 90s, 10m, 2h, 1d', helpValue: 'TIME'}),
    reason: string({description: 'what for; shown wherever the state is', helpValue: 'TEXT'}),
    force: boolean({description: 'stay down also where nobody takes over'}),
  }

  async run(): Promise<ItemReply<'Move', MoveReply>> {
    const {args, flags} = await this.parse(AgentMaintenance)
    const reply = await this.agent(flags).maintenance({
      on: args.state === 'on',
      ...(flags.for === undefined ? {} : {forSeconds: parseDuration(flags.for)}),
      ...(flags.reason === undefined ? {} : {reason: flags.reason}),
      force: flags.force,
    })
    this.print(() => moveText(reply.item))
    return reply
  }
}
