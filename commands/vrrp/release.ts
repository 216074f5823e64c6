import {string as stringArg} from '@oclif/core/args'
import {boolean, string} from '@oclif/core/flags'
import {BaseCommand} from '../../src/cli/base-command.ts'
import {parseDuration} from '../../src/cli/duration-flag.ts'
import {moveText} from '../../src/cli/move-views.ts'
import type {ItemReply, MoveReply} from '../../src/control/model.ts'

export class VrrpRelease extends BaseCommand {
  static override description = `do not be master of a virtual router until told otherwise
Steps down, and reports success when another node has taken over; when none does, it is master again at once.`

  static override args = {name: stringArg({description: 'name of the vrrp_instance', required: true})}

  static override flags = {
    for: string({description: 'end it by itself after this time: 90s, 10m, 2h, 1d', helpValue: 'TIME'}),
    reason: string({description: 'what for; shown wherever the state is', helpValue: 'TEXT'}),
    force: boolean({description: 'stay backup also when nobody takes over'}),
  }

  async run(): Promise<ItemReply<'Move', MoveReply>> {
    const {args, flags} = await this.parse(VrrpRelease)
    const reply = await this.agent(flags).release({
      name: args.name,
      ...(flags.for === undefined ? {} : {forSeconds: parseDuration(flags.for)}),
      ...(flags.reason === undefined ? {} : {reason: flags.reason}),
      force: flags.force,
    })
    this.print(() => moveText(reply.item))
    return reply
  }
}
