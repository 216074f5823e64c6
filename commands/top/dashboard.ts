import {boolean} from '@oclif/core/flags'
import {BaseCommand} from '../../src/cli/base-command.ts'
import {NODE_FLAG, pictureOf, timeoutFlag} from '../../src/cli/cluster-flags.ts'
import {type ClusterReport, clusterReply} from '../../src/cli/cluster-report.ts'
import {overviewText} from '../../src/cli/cluster-views.ts'
import {nodesOf} from '../../src/cli/contexts.ts'
import {expectLongRun} from '../../src/cli/short-run.ts'
import {keepHeapSmall} from '../../src/cli/small-heap.ts'
import type {ItemReply} from '../../src/control/model.ts'
import {HactlError} from '../../src/errors.ts'
import {ClusterWatch} from '../../src/watch/cluster-watch.ts'

export class TopDashboard extends BaseCommand {
  static override description = `show a whole cluster on one screen, and work in it
Its keys are told by "?". With --once, and with --json, what is so now is printed, and that is all.`

  // The terminal is put back before the end.
  static override interruptible = false

  static override flags = {
    ...NODE_FLAG,
    once: boolean({description: 'print the overview once, as plain text'}),
    ...timeoutFlag('5s'),
    readonly: boolean({description: 'give no orders from here'}),
    ascii: boolean({description: 'draw with ASCII alone'}),
  }

  async run(): Promise<ItemReply<'Cluster', ClusterReport> | undefined> {
    const {flags} = await this.parse(TopDashboard)
    if (flags.once || this.jsonEnabled()) {
      const picture = await pictureOf(flags)
      this.print(() => overviewText(picture))
      return clusterReply(picture)
    }
    const {stdin, stdout, env} = process
    if (!stdin.isTTY || !stdout.isTTY || env.TERM === 'dumb') {
      throw new HactlError('USAGE', 'the dashboard needs a terminal; --once prints it as text, --json as JSON')
    }
    expectLongRun()
    keepHeapSmall()
    const {runDashboard} = await import('../../src/tui/main.tsx')
    const watch = new ClusterWatch(nodesOf(flags))
    try {
      await runDashboard({watch, readonly: flags.readonly === true, ascii: flags.ascii === true})
    } finally {
      await watch.close()
    }
    return undefined
  }
}
