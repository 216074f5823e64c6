import {string as stringArg} from '@oclif/core/args'
import {boolean, string} from '@oclif/core/flags'
import {BaseCommand} from '../../src/cli/base-command.ts'
import {NODE_FLAG, timeoutFlag} from '../../src/cli/cluster-flags.ts'
import {confirm} from '../../src/cli/confirm.ts'
import {nodesOf} from '../../src/cli/contexts.ts'
import {parseDuration} from '../../src/cli/duration-flag.ts'
import {INTERRUPTED} from '../../src/cli/exit-codes.ts'
import {failoverText, preflightTable} from '../../src/cli/failover-views.ts'
import {API_VERSION, type ItemReply} from '../../src/control/model.ts'
import {HactlError} from '../../src/errors.ts'
import type {FailoverReport, ProbeKind} from '../../src/failover/model.ts'

export class ClusterFailover extends BaseCommand {
  static override description = `move a virtual router to another node and measure the outage
Looks first whether the target is fit, hears the holder, has the same addresses and sees as many real servers; then
moves it, watches all nodes, takes it back when it does not work, and tells how long the address did not answer this
host. What moves stays there until a resume; with --drill it goes back.`

  static override examples = [
    '<%= config.bin %> <%= command.id %> VI_1 --node ssh://root@lb1 --node ssh://root@lb2',
    '<%= config.bin %> <%= command.id %> 192.0.2.10 --to lb2 --drill --probe tcp:443 -y',
    '<%= config.bin %> <%= command.id %> VI_1 --dry-run',
  ]

  static override interruptible = false

  static override args = {
    name: stringArg({description: 'name or VRID of a virtual router, or a virtual address', required: true}),
  }

  static override flags = {
    ...NODE_FLAG,
    to: string({description: 'the node to move it to; default: the best backup', helpValue: 'NODE'}),
    drill: boolean({description: 'move it back afterwards, and measure that too'}),
    for: string({description: 'with --drill: how long it stays there', helpValue: 'TIME', default: '3s'}),
    probe: string({description: 'how the outage is measured: icmp or tcp:PORT', helpValue: 'HOW', default: 'icmp'}),
    'dry-run': boolean({description: 'only look whether it could be done'}),
    force: boolean({description: 'also when the pre-flight says no'}),
    yes: boolean({char: 'y', description: 'do not ask'}),
    ...timeoutFlag('5s'),
  }

  async run(): Promise<ItemReply<'Failover', FailoverReport>> {
    const {args, flags} = await this.parse(ClusterFailover)
    const probe = parseProbe(flags.probe)
    const stayMs = parseDuration(flags.for) * 1000
    const {prepareFailover} = await import('../../src/failover/failover.ts')
    const {signal, ordering} = this.#interruptions(args.name)
    const {drill, force, to} = flags
    const timeoutMs = parseDuration(flags.timeout) * 1000
    const failover = await prepareFailover({addresses: nodesOf(flags), name: args.name, to, drill, timeoutMs})
    try {
      if (flags['dry-run']) {
        this.print(() => preflightTable(failover.before.lines))
        failover.requireFit(force)
        return reply(failover.report)
      }
      this.#tell(preflightTable(failover.before.lines))
      failover.requireFit(force)
      await confirm(failover.question, {yes: flags.yes})
      const startedAt = performance.now()
      const progress = (text: string): void =>
        this.#tell(`${((performance.now() - startedAt) / 1000).toFixed(3).padStart(8)} s  ${text}`)
      const report = await failover.run({probe, stayMs, force, progress, ordering, signal})
      this.print(() => failoverText(report))
      if (report.interrupted) process.exitCode = INTERRUPTED
      return reply(report)
    } finally {
      await failover.close()
    }
  }

  /** Nothing has changed until the order; then a first interruption ends it where it can, a second one at once. */
  #interruptions(name: string): {readonly signal: AbortSignal; readonly ordering: () => void} {
    const abort = new AbortController()
    let ordered = false
    const interrupt = (): void => {
      if (!ordered) {
        process.stderr.write('hactl: interrupted: nothing was changed\n')
        process.exit(INTERRUPTED)
      }
      if (!abort.signal.aborted) {
        abort.abort()
        this.#tell('interrupted: what is under way is finished, a drill goes back now; once more leaves at once')
        return
      }
      const look = `see: hactl cluster status, and on its nodes: hactl vrrp resume ${name}`
      process.stderr.write(`hactl: left in the middle: any node may hold ${name.slice(0, 80)}\n  ${look}\n`)
      process.exit(INTERRUPTED)
    }
    process.on('SIGINT', interrupt)
    process.on('SIGTERM', interrupt)
    return {
      signal: abort.signal,
      ordering: () => {
        ordered = true
      },
    }
  }

  #tell(text: string): void {
    process.stderr.write(`${text}\n`)
  }
}

function parseProbe(text: string): ProbeKind {
  if (text === 'icmp') return {type: 'icmp'}
  const port = Number(/^tcp:(\d{1,5})$/.exec(text)?.[1] ?? 0)
  if (port >= 1 && port <= 65_535) return {type: 'tcp', port}
  throw new HactlError('USAGE', `--probe ${text.slice(0, 40)}: nothing is measured that way`, 'icmp or tcp:PORT')
}

const reply = (item: FailoverReport): ItemReply<'Failover', FailoverReport> => ({
  apiVersion: API_VERSION,
  kind: 'Failover',
  observedAt: new Date().toISOString(),
  item,
})
