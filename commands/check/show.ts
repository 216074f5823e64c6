import {BaseCommand} from '../../src/cli/base-command.ts'
import {checkServiceArg} from '../../src/cli/check-flags.ts'
import {chosenVirtualServer} from '../../src/cli/check-prompt.ts'
import {checksWithResults} from '../../src/cli/check-results.ts'
import {type CheckWithResults, checkDetails} from '../../src/cli/check-views.ts'
import {realArg, WATCH_FLAG} from '../../src/cli/lvs-flags.ts'
import {watch} from '../../src/cli/lvs-watch.ts'
import type {ListReply} from '../../src/control/model.ts'

type Reply = ListReply<'Check', CheckWithResults>

export class CheckShow extends BaseCommand {
  static override description = 'show everything about the checks of a service, or of one of its real servers'

  static override args = {
    service: checkServiceArg('asked for in a terminal'),
    real: realArg('all of the service where none is named'),
  }

  static override flags = {...WATCH_FLAG}

  async run(): Promise<Reply> {
    const {args, flags} = await this.parse(CheckShow)
    const agent = this.agent(flags)
    const service = await chosenVirtualServer(agent, args.service)
    const read = (): Promise<Reply> => checksWithResults(agent, {service, real: args.real})
    const text = ({items}: Reply): string => checkDetails(items, new Date().toISOString())
    if (flags.watch) return watch({read, text, json: this.jsonEnabled()})
    const reply = await read()
    this.print(() => text(reply))
    return reply
  }
}
