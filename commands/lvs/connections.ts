import {boolean, string} from '@oclif/core/flags'
import {BaseCommand} from '../../src/cli/base-command.ts'
import {lvsClient} from '../../src/cli/lvs-client.ts'
import {given, LVS_FLAGS, realArg, serviceArg, WATCH_FLAG, wholeNumber} from '../../src/cli/lvs-flags.ts'
import {connectionCounts, connectionTable} from '../../src/cli/lvs-views.ts'
import {watch} from '../../src/cli/lvs-watch.ts'
import type {LvsConnection, LvsConnectionCount} from '../../src/control/lvs-model.ts'
import {LVS_ROUTES} from '../../src/control/lvs-routes.ts'
import type {ListReply} from '../../src/control/model.ts'

type Connections = ListReply<'LvsConnection', LvsConnection>
type Counts = ListReply<'LvsConnectionCount', LvsConnectionCount>

/** How many are asked for where no limit is given. */
const LIMIT = 1_000

export class LvsConnections extends BaseCommand {
  static override description = 'show the connections that IPVS tracks, or how many there are'

  static override args = {
    service: serviceArg('all where none is named'),
    real: realArg('all where none is named'),
  }

  static override flags = {
    ...LVS_FLAGS,
    client: string({description: 'only from this address', helpValue: 'ADDRESS'}),
    state: string({description: 'only in this state, such as ESTABLISHED or FIN_WAIT', helpValue: 'STATE'}),
    limit: string({description: `at most so many [default: ${LIMIT}]`, helpValue: 'COUNT', exclusive: ['count']}),
    count: boolean({description: 'how many each real server has, in which states'}),
    ...WATCH_FLAG,
  }

  async run(): Promise<Connections | Counts> {
    const {args, flags} = await this.parse(LvsConnections)
    const limit = wholeNumber('--limit', flags.limit, LVS_ROUTES.lvsConnections.query.limit) ?? LIMIT
    const filter = given({...args, client: flags.client, state: flags.state})
    const lvs = await lvsClient(flags)
    const json = this.jsonEnabled()
    if (flags.count) {
      const read = (): Promise<Counts> => lvs.lvsConnectionCounts(filter)
      const text = ({items}: Counts): string => connectionCounts(items)
      if (flags.watch) return watch({read, text, json})
      const reply = await read()
      this.print(() => text(reply))
      return reply
    }
    const read = (): Promise<Connections> => lvs.lvsConnections({...filter, limit})
    const text = ({items}: Connections): string => connectionTable(items)
    if (flags.watch) return watch({read, text, json})
    const reply = await read()
    this.print(() => text(reply))
    if (reply.items.length === limit) process.stderr.write(`hactl: only the first ${limit}; see --limit and --count\n`)
    return reply
  }
}
