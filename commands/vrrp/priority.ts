import {string as stringArg} from '@oclif/core/args'
import {boolean} from '@oclif/core/flags'
import {BaseCommand} from '../../src/cli/base-command.ts'
import {moveText} from '../../src/cli/move-views.ts'
import type {ItemReply, MoveReply} from '../../src/control/model.ts'
import {HactlError} from '../../src/errors.ts'

export class VrrpPriority extends BaseCommand {
  static override description = `give a virtual router another base priority
It stands over reloads and restarts until it is reset. What is tracked still adds to it.`

  static override args = {
    name: stringArg({description: 'name of the vrrp_instance', required: true}),
    priority: stringArg({description: '1 to 254'}),
  }

  static override flags = {reset: boolean({description: 'back to the configured priority'})}

  async run(): Promise<ItemReply<'Move', MoveReply>> {
    const {args, flags} = await this.parse(VrrpPriority)
    const {name, priority} = args
    if ((priority === undefined) !== (flags.reset === true)) {
      throw new HactlError('USAGE', 'a priority, or --reset', `hactl vrrp priority ${name} 150`)
    }
    const given = priority === undefined ? {reset: true} : {priority: basePriority(priority)}
    const reply = await this.agent(flags).setPriority({name, ...given})
    this.print(() => moveText(reply.item))
    return reply
  }
}

function basePriority(text: string): number {
  const priority = /^\d{1,3}$/.test(text) ? Number(text) : 0
  if (priority >= 1 && priority <= 254) return priority
  throw new HactlError('USAGE', `${text} is not a priority`, '1 to 254; 255 is for the owner of the addresses')
}
