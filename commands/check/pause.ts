import {string} from '@oclif/core/flags'
import {BaseCommand} from '../../src/cli/base-command.ts'
import {type CheckOrderReply, checkServiceArg} from '../../src/cli/check-flags.ts'
import {chosenVirtualServer} from '../../src/cli/check-prompt.ts'
import {checkList} from '../../src/cli/check-views.ts'
import {parseDuration} from '../../src/cli/duration-flag.ts'
import {given, REASON_FLAG, realArg} from '../../src/cli/lvs-flags.ts'

export class CheckPause extends BaseCommand {
  static override description = `check real servers no more until check resume
What was found last counts on: who is up stays up. It stands over reloads and restarts of the agent.`

  static override args = {
    service: checkServiceArg('asked for in a terminal'),
    real: realArg('all of the service where none is named'),
  }

  static override flags = {
    ...REASON_FLAG,
    for: string({description: 'end it by itself: 90s, 10m, 2h, 1d, at most a year', helpValue: 'TIME'}),
  }

  async run(): Promise<CheckOrderReply> {
    const {args, flags} = await this.parse(CheckPause)
    const forSeconds = flags.for === undefined ? undefined : parseDuration(flags.for)
    const agent = this.agent(flags)
    const service = await chosenVirtualServer(agent, args.service)
    const reply = await agent.pauseChecks({service, ...given({real: args.real, reason: flags.reason, forSeconds})})
    this.print(() => checkList(reply.item.checks, {now: new Date().toISOString()}))
    return reply
  }
}
