import {boolean, string} from '@oclif/core/flags'
import {BaseCommand} from '../../src/cli/base-command.ts'
import {lvsClient} from '../../src/cli/lvs-client.ts'
import {COLUMN_SETS, columnsNamed, LVS_COLUMNS, type LvsColumn} from '../../src/cli/lvs-columns.ts'
import {given, LVS_FLAGS, type LvsServicesReply, serviceArg, WATCH_FLAG} from '../../src/cli/lvs-flags.ts'
import {serviceTree, type TreeOptions, treeParts, treeText} from '../../src/cli/lvs-tree.ts'
import {watch} from '../../src/cli/lvs-watch.ts'

/** What says which columns there are; of two, the later one complains. */
const SETS = ['columns', 'stats', 'rate', 'thresholds', 'persistent']
const earlier = (name: string): string[] => SETS.slice(0, SETS.indexOf(name))

export class LvsList extends BaseCommand {
  static override description = `show services and their real servers
STATE tells how one differs from what is usual: drained or disabled by an operator, missing in the kernel, changed by
others, foreign (made by another program), override (changed at run time). Numbers are shortened, K is 1000.
Columns: ${Object.entries<LvsColumn>(LVS_COLUMNS)
    .map(([name, {doc}]) => `${name} (${doc})`)
    .join(', ')}.`

  static override args = {service: serviceArg('all where none is named')}

  static override flags = {
    ...LVS_FLAGS,
    columns: string({description: 'which columns, with commas', helpValue: 'NAMES'}),
    stats: boolean({description: 'connections, packets and bytes', exclusive: earlier('stats')}),
    rate: boolean({description: 'the same a second, as the kernel estimates it', exclusive: earlier('rate')}),
    thresholds: boolean({description: 'limits of connections', exclusive: earlier('thresholds')}),
    persistent: boolean({description: 'clients that are kept together', exclusive: earlier('persistent')}),
    sort: string({description: 'by which column; the largest number first', helpValue: 'COLUMN'}),
    exact: boolean({description: 'numbers in full'}),
    ...WATCH_FLAG,
  }

  async run(): Promise<LvsServicesReply | undefined> {
    const {args, flags} = await this.parse(LvsList)
    const options: TreeOptions = {
      columns: columnsOf(flags),
      sort: flags.sort === undefined ? undefined : columnsNamed('--sort', flags.sort).at(-1),
      exact: flags.exact,
    }
    const lvs = await lvsClient(flags)
    const read = (): Promise<LvsServicesReply> => lvs.lvsServices(given({service: args.service}))
    const text = ({items}: LvsServicesReply): string => serviceTree(items, options)
    if (flags.watch) return watch({read, text, json: this.jsonEnabled()})
    if (lvs.mapServices !== undefined && args.service === undefined && !this.jsonEnabled()) {
      const parts = await lvs.mapServices(treeParts(options))
      this.print(() => treeText(parts, options))
      return undefined
    }
    const reply = await read()
    this.print(() => text(reply))
    return reply
  }
}

interface ColumnFlags {
  readonly columns?: string | undefined
  readonly stats: boolean
  readonly rate: boolean
  readonly thresholds: boolean
  readonly persistent: boolean
}

function columnsOf({columns, stats, rate, thresholds, persistent}: ColumnFlags): TreeOptions['columns'] {
  if (columns !== undefined) return columnsNamed('--columns', columns)
  if (stats) return COLUMN_SETS.stats
  if (rate) return COLUMN_SETS.rate
  if (thresholds) return COLUMN_SETS.thresholds
  return persistent ? COLUMN_SETS.persistent : COLUMN_SETS.usual
}
