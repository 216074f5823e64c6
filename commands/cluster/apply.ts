import {string as stringArg} from '@oclif/core/args'
import {boolean, string} from '@oclif/core/flags'
import {applyToCluster} from '../../src/cli/apply/apply.ts'
import {applyReply, type ClusterApplyReport, outcomeText} from '../../src/cli/apply/views.ts'
import {BaseCommand} from '../../src/cli/base-command.ts'
import {NODE_FLAG} from '../../src/cli/cluster-flags.ts'
import {nodesOf} from '../../src/cli/contexts.ts'
import {parseDuration} from '../../src/cli/duration-flag.ts'
import {EXIT_CODES, INTERRUPTED} from '../../src/cli/exit-codes.ts'
import {DRY_RUN_FLAG, YES_FLAG} from '../../src/cli/lvs-flags.ts'
import {noteDryRun} from '../../src/cli/lvs-order.ts'
import type {ItemReply} from '../../src/control/model.ts'

export class ClusterApply extends BaseCommand {
  static override description = `put new configurations to work on all nodes of a cluster, or on none
FILE is NODE=PATH for each node, one for each in the order of the nodes, or one for all. They are validated together,
and every single fault is simulated; errors refuse (exit code 6). Backups get theirs first, one node at a time, each on
trial. When something breaks (nobody or two hold a virtual router, a fault, a silent node), on Ctrl-C, and when nobody
confirms it in time, all of it is taken back (exit code 7); where this program dies the agents do that by themselves.`

  static override args = {
    file: stringArg({
      description: 'NODE=PATH, or a path; "-": standard input',
      multiple: true,
      required: true,
      ignoreStdin: true,
    }),
  }

  static override flags = {
    ...NODE_FLAG,
    'confirm-within': string({
      description: 'how long to wait for the answer whether it is to stay',
      helpValue: 'TIME',
      default: '60s',
    }),
    ...DRY_RUN_FLAG,
    ...YES_FLAG,
    force: boolean({description: 'also on a cluster that is not sound before, and over edited files'}),
  }

  /** Everything is taken back first. */
  static override interruptible = false

  async run(): Promise<ItemReply<'ClusterApply', ClusterApplyReport>> {
    const {args, flags} = await this.parse(ClusterApply)
    // oclif types an argument that takes several as one.
    const given: unknown = args.file
    const files = Array.isArray(given) ? given.map(String) : [String(given)]
    const interrupt = new AbortController()
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => interrupt.abort())
    const {planned, outcome} = await applyToCluster({
      nodes: nodesOf(flags),
      files,
      confirmWithinSeconds: parseDuration(flags['confirm-within']),
      dryRun: flags['dry-run'],
      yes: flags.yes,
      force: flags.force,
      tell: line => process.stderr.write(`${new Date().toISOString().slice(11, 23)} ${line}\n`),
      interrupt,
    })
    noteDryRun(flags['dry-run'])
    if (outcome !== undefined && outcome.result !== 'kept') {
      const failed = outcome.result === 'partly' ? EXIT_CODES.FAILED : EXIT_CODES.REFUSED
      process.exitCode = interrupt.signal.aborted ? INTERRUPTED : failed
    }
    if (outcome !== undefined) this.print(() => outcomeText(outcome))
    return applyReply(planned, outcome)
  }
}
