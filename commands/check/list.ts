import {boolean, string} from '@oclif/core/flags'
import {BaseCommand} from '../../src/cli/base-command.ts'
import {type ChecksReply, checkServiceArg} from '../../src/cli/check-flags.ts'
import {CHECK_SORTS, checkList, checkSort} from '../../src/cli/check-views.ts'
import {given, realArg, WATCH_FLAG} from '../../src/cli/lvs-flags.ts'
import {watch} from '../../src/cli/lvs-watch.ts'

export class CheckList extends BaseCommand {
  static override description = `show the checks of real servers, problems first
Down, then failing but not down yet, paused, never run, suspended (the address is not here), up. LAST RESULT is what the
last run found, and how long it took.`

  static override args = {
    service: checkServiceArg('all where none is named'),
    real: realArg('all where none is named'),
  }

  static override flags = {
    failing: boolean({description: 'only those that count as down, or failed when they ran last'}),
    sort: string({
      description: `${Object.keys(CHECK_SORTS).join(', ')} [default: state]`,
      helpValue: 'ORDER',
    }),
    ...WATCH_FLAG,
  }

  async run(): Promise<ChecksReply> {
    const {args, flags} = await this.parse(CheckList)
    const sort = flags.sort === undefined ? undefined : checkSort(flags.sort)
    const agent = this.agent(flags)
    const which = given({...args, failing: flags.failing || undefined})
    const read = (): Promise<ChecksReply> => agent.checks(which)
    const text = ({items}: ChecksReply): string =>
      items.length === 0 && flags.failing ? 'no check fails' : checkList(items, {now: new Date().toISOString(), sort})
    if (flags.watch) return watch({read, text, json: this.jsonEnabled()})
    const reply = await read()
    this.print(() => text(reply))
    return reply
  }
}
