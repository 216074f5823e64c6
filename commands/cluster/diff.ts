import {boolean} from '@oclif/core/flags'
import {BaseCommand} from '../../src/cli/base-command.ts'
import {type Difference, differencesOf} from '../../src/cli/cluster-diff/differences.ts'
import {factsOf} from '../../src/cli/cluster-diff/node-facts.ts'
import {NODE_FLAG} from '../../src/cli/cluster-flags.ts'
import {nodesOf} from '../../src/cli/contexts.ts'
import {EXIT_CODES} from '../../src/cli/exit-codes.ts'
import {printable} from '../../src/cli/table.ts'
import {API_VERSION, type ItemReply} from '../../src/control/model.ts'
import {HactlError} from '../../src/errors.ts'

/** What `hactl cluster diff --json` prints. */
interface ClusterDiffReport {
  readonly nodes: readonly string[]
  readonly differences: readonly Difference[]
  /** Why nodes were not compared. */
  readonly missing: readonly string[]
  readonly secretsCompared: boolean
}

export class ClusterDiff extends BaseCommand {
  static override description = `tell what differs between the nodes of a cluster
Compares what has to agree in their configurations, versions, files that were edited since they were read, addresses
that are held, what IPVS has in each kernel, sync daemons, and what operators changed. One line a difference. Secrets
are compared where every node is ssh://HOST, and never shown. Exit code 3 when a node does not answer.`

  static override flags = {
    ...NODE_FLAG,
    'exit-code': boolean({description: 'exit 1 when something differs'}),
  }

  async run(): Promise<ItemReply<'ClusterDiff', ClusterDiffReport>> {
    const {flags} = await this.parse(ClusterDiff)
    const addresses = nodesOf(flags)
    if (addresses.length < 2) {
      throw new HactlError('USAGE', 'one node alone has nothing to differ from', 'name the others with --node')
    }
    const {nodes, missing, secretsCompared} = await factsOf(addresses)
    const differences = differencesOf(nodes)
    for (const line of missing) process.stderr.write(`${printable(line)}\n`)
    if (!secretsCompared) process.stderr.write('secrets are not compared: that needs ssh:// for every node\n')
    if (flags['exit-code'] && differences.length > 0) process.exitCode = EXIT_CODES.FAILED
    if (missing.length > 0) process.exitCode = EXIT_CODES.AGENT_NOT_RUNNING
    this.print(() =>
      differences.length === 0
        ? `no difference between ${nodes.map(({name}) => name).join(', ')}`
        : differences.map(({text}) => printable(text)).join('\n'),
    )
    const names = nodes.map(({name}) => name)
    const item = {nodes: names, differences, missing, secretsCompared}
    return {apiVersion: API_VERSION, kind: 'ClusterDiff', observedAt: new Date().toISOString(), item}
  }
}
