import {string as stringArg} from '@oclif/core/args'
import {BaseCommand} from '../../src/cli/base-command.ts'
import {printable} from '../../src/cli/table.ts'
import {trialId} from '../../src/cli/trial.ts'
import type {TrialEnd} from '../../src/control/config-model.ts'
import type {ItemReply} from '../../src/control/model.ts'

export class ConfigRollback extends BaseCommand {
  static override description = `take the configuration that is on trial back
The one before it runs again. A file that was edited meanwhile is kept beside it.`

  static override args = {id: stringArg({description: 'of the trial [default: the one there is]'})}

  async run(): Promise<ItemReply<'TrialEnd', TrialEnd>> {
    const {args, flags} = await this.parse(ConfigRollback)
    const agent = this.agent(flags)
    const reply = await agent.rollbackConfig({id: args.id ?? (await trialId(agent))})
    const {changes, keptAs} = reply.item
    if (keptAs !== null) process.stderr.write(`the edited file is kept as ${printable(keptAs)}\n`)
    this.print(() => (changes.length > 0 ? changes.join('\n') : 'nothing changed'))
    return reply
  }
}
