import {string as stringArg} from '@oclif/core/args'
import {BaseCommand} from '../../src/cli/base-command.ts'
import {trialId} from '../../src/cli/trial.ts'
import type {Trial} from '../../src/control/config-model.ts'
import type {ItemReply} from '../../src/control/model.ts'

export class ConfigConfirm extends BaseCommand {
  static override description = `keep the configuration that is on trial
For a trial that nobody looks after any more: cluster apply asks by itself.`

  static override args = {id: stringArg({description: 'of the trial [default: the one there is]'})}

  async run(): Promise<ItemReply<'Trial', Trial>> {
    const {args, flags} = await this.parse(ConfigConfirm)
    const agent = this.agent(flags)
    const reply = await agent.confirmConfig({id: args.id ?? (await trialId(agent))})
    this.print(() => 'the configuration stays')
    return reply
  }
}
