import {BaseCommand} from '../../src/cli/base-command.ts'
import {EXIT_CODE_FLAG, NODE_FLAG, pictureOf, timeoutFlag} from '../../src/cli/cluster-flags.ts'
import {type ClusterReport, clusterReply} from '../../src/cli/cluster-report.ts'
import {VERDICT_CODES, verdictLine} from '../../src/cli/cluster-verdict.ts'
import {statusText} from '../../src/cli/cluster-views.ts'
import {failureOf} from '../../src/cli/failure.ts'
import type {ItemReply} from '../../src/control/model.ts'

export class ClusterStatus extends BaseCommand {
  static override description = `say how a cluster is: one line, what is wrong, who holds what
The first line begins with OK, WARNING, CRITICAL or UNKNOWN, as monitoring plug-ins have it. What a node that does not
answer would say is UNKNOWN.`

  static override flags = {...NODE_FLAG, ...timeoutFlag('5s'), ...EXIT_CODE_FLAG}

  async run(): Promise<ItemReply<'Cluster', ClusterReport>> {
    const {flags} = await this.parse(ClusterStatus)
    const picture = await pictureOf(flags)
    const reply = clusterReply(picture)
    this.print(() => statusText(picture))
    if (flags['exit-code']) process.exitCode = VERDICT_CODES[reply.item.verdict]
    return reply
  }

  /** A monitoring plug-in that fails has found out nothing, and says so in its first line. */
  protected override async catch(error: unknown): Promise<void> {
    await super.catch(error)
    if (!this.argv.includes('--exit-code')) return
    const {message} = failureOf(error, this.id)
    this.print(() => verdictLine({state: 'unknown', summary: message}))
    process.exitCode = VERDICT_CODES.unknown
  }
}
