import {string} from '@oclif/core/flags'
import {BaseCommand} from '../../src/cli/base-command.ts'
import {checkServiceArg} from '../../src/cli/check-flags.ts'
import {checkHistory} from '../../src/cli/check-views.ts'
import {given, realArg, wholeNumber} from '../../src/cli/lvs-flags.ts'
import type {CheckRecord} from '../../src/control/check-model.ts'
import {CHECK_ROUTES} from '../../src/control/check-routes.ts'
import type {ListReply} from '../../src/control/model.ts'

export class CheckHistory extends BaseCommand {
  static override description = 'show what the checks of real servers found, oldest first'

  static override args = {
    service: checkServiceArg('all where none is named'),
    real: realArg('all where none is named'),
  }

  static override flags = {
    limit: string({char: 'n', description: 'at most so many, the newest [default: 100]', helpValue: 'COUNT'}),
  }

  async run(): Promise<ListReply<'CheckRecord', CheckRecord>> {
    const {args, flags} = await this.parse(CheckHistory)
    const limit = wholeNumber('--limit', flags.limit, CHECK_ROUTES.checkHistory.query.limit)
    const reply = await this.agent(flags).checkHistory(given({...args, limit}))
    this.print(() => checkHistory(reply.items))
    return reply
  }
}
