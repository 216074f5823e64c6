import {boolean, string} from '@oclif/core/flags'
import {BaseCommand} from '../../src/cli/base-command.ts'
import {parseDuration} from '../../src/cli/duration-flag.ts'
import {lvsClient} from '../../src/cli/lvs-client.ts'
import {COLUMN_SETS} from '../../src/cli/lvs-columns.ts'
import {given, LVS_FLAGS, type LvsServicesReply, serviceArg, wholeNumber} from '../../src/cli/lvs-flags.ts'
import {type LvsInterval, measureRates} from '../../src/cli/lvs-rates.ts'
import {serviceTree} from '../../src/cli/lvs-tree.ts'
import type {ListReply} from '../../src/control/model.ts'
import {HactlError} from '../../src/errors.ts'

/** The kernel adds to its counters every so many seconds. */
const LEAST_SECONDS = 2

export class LvsStats extends BaseCommand {
  static override description = `show what was counted of services and real servers
Since the counters were zeroed, or with --rate what happens a second, measured over an interval. The kernel adds to its
counters every 2 s. With --json and --count more than 1 a line for each interval.`

  static override args = {service: serviceArg('all where none is named')}

  static override flags = {
    ...LVS_FLAGS,
    rate: boolean({description: 'what happens a second, measured over an interval'}),
    interval: string({
      description: 'how long to measure, 2s or more [default: 2s]',
      helpValue: 'TIME',
      dependsOn: ['rate'],
    }),
    count: string({description: 'measure so many times [default: 1]', helpValue: 'COUNT', dependsOn: ['rate']}),
  }

  async run(): Promise<LvsServicesReply | ListReply<'LvsInterval', LvsInterval> | undefined> {
    const {args, flags} = await this.parse(LvsStats)
    const seconds = parseDuration(flags.interval ?? '2s')
    if (seconds < LEAST_SECONDS) {
      throw new HactlError('USAGE', `--interval: ${flags.interval} is too short`, `${LEAST_SECONDS}s or more`)
    }
    const count = wholeNumber('--count', flags.count, {type: 'count', doc: ''}) ?? 1
    const lvs = await lvsClient(flags)
    const read = (): Promise<LvsServicesReply> => lvs.lvsServices(given({service: args.service}))
    if (!flags.rate) {
      const reply = await read()
      this.print(() => serviceTree(reply.items, {columns: COLUMN_SETS.stats, exact: true}))
      return reply
    }
    let last: ListReply<'LvsInterval', LvsInterval> | undefined
    await measureRates(read, {
      intervalMs: seconds * 1000,
      count,
      measured: ({reply, services}) => {
        last = reply
        this.print(() => serviceTree(services, {columns: COLUMN_SETS.rate, exact: true}), count > 1 ? '\n\n' : '\n')
        if (count > 1 && this.jsonEnabled()) process.stdout.write(`${JSON.stringify(reply)}\n`)
      },
    })
    return count > 1 ? undefined : last
  }
}
