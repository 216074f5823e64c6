import {BaseCommand} from '../../../src/cli/base-command.ts'
import {lvsClient} from '../../../src/cli/lvs-client.ts'
import {LVS_FLAGS, WATCH_FLAG} from '../../../src/cli/lvs-flags.ts'
import {daemonTable} from '../../../src/cli/lvs-views.ts'
import {watch} from '../../../src/cli/lvs-watch.ts'
import type {LvsSyncDaemon} from '../../../src/control/lvs-model.ts'
import type {ListReply} from '../../../src/control/model.ts'

type Daemons = ListReply<'LvsSyncDaemon', LvsSyncDaemon>

export class LvsSyncStatus extends BaseCommand {
  static override description = 'show the sync daemons that run here'

  static override flags = {...LVS_FLAGS, ...WATCH_FLAG}

  async run(): Promise<Daemons> {
    const {flags} = await this.parse(LvsSyncStatus)
    const lvs = await lvsClient(flags)
    const read = (): Promise<Daemons> => lvs.lvsSync()
    const text = ({items}: Daemons): string => daemonTable(items)
    if (flags.watch) return watch({read, text, json: this.jsonEnabled()})
    const reply = await read()
    this.print(() => text(reply))
    return reply
  }
}
