import {BaseCommand} from '../../src/cli/base-command.ts'
import {type CheckOrderReply, checkServiceArg} from '../../src/cli/check-flags.ts'
import {chosenVirtualServer} from '../../src/cli/check-prompt.ts'
import {checkList} from '../../src/cli/check-views.ts'
import {given, realArg} from '../../src/cli/lvs-flags.ts'

export class CheckResume extends BaseCommand {
  static override description = 'check real servers again, which check pause has ended'

  static override args = {
    service: checkServiceArg('asked for in a terminal'),
    real: realArg('all of the service where none is named'),
  }

  async run(): Promise<CheckOrderReply> {
    const {args, flags} = await this.parse(CheckResume)
    const agent = this.agent(flags)
    const service = await chosenVirtualServer(agent, args.service)
    const reply = await agent.resumeChecks({service, ...given({real: args.real})})
    this.print(() => checkList(reply.item.checks, {now: new Date().toISOString()}))
    return reply
  }
}
