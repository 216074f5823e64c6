import {string} from '@oclif/core/flags'
import {BaseCommand} from '../../src/cli/base-command.ts'
import {EXIT_CODE_FLAG, NODE_FLAG, pictureOf, timeoutFlag} from '../../src/cli/cluster-flags.ts'
import {clusterLine, lineOf} from '../../src/cli/cluster-line.ts'
import {type ClusterReport, clusterReply} from '../../src/cli/cluster-report.ts'
import {VERDICT_CODES} from '../../src/cli/cluster-verdict.ts'
import {failureOf} from '../../src/cli/failure.ts'
import {wholeNumber} from '../../src/cli/lvs-flags.ts'
import type {ItemReply} from '../../src/control/model.ts'

/** Columns of the line unless told otherwise. */
const USUAL_WIDTH = 60

export class TopLine extends BaseCommand {
  static override description = `print a cluster as one line, for a prompt or a status line
For each node how many virtual routers are master (M), backup (B), in fault (F) and not started (I) there, or "?" where
it does not answer; then "ok" or what is wrong. The exit code is 0, also then.`

  static override flags = {
    ...NODE_FLAG,
    width: string({description: `columns at most [default: ${USUAL_WIDTH}]`, helpValue: 'COLUMNS'}),
    ...timeoutFlag('1s'),
    ...EXIT_CODE_FLAG,
  }

  #width = USUAL_WIDTH

  async run(): Promise<ItemReply<'Cluster', ClusterReport>> {
    const {flags} = await this.parse(TopLine)
    this.#width = wholeNumber('--width', flags.width, {type: 'count', doc: 'columns', max: 1_000}) ?? USUAL_WIDTH
    const picture = await pictureOf(flags)
    const reply = clusterReply(picture)
    this.print(() => clusterLine(picture, this.#width))
    if (flags['exit-code']) process.exitCode = VERDICT_CODES[reply.item.verdict]
    return reply
  }

  /** A prompt has no place for messages: what fails is told in the line. A wrong flag is told as everywhere. */
  protected override async catch(error: unknown): Promise<void> {
    const {code, message} = failureOf(error, this.id)
    const givesCode = this.argv.includes('--exit-code')
    if (code === 'USAGE' || this.jsonEnabled()) await super.catch(error)
    else this.print(() => lineOf(`? ${message}`, this.#width))
    if (givesCode) process.exitCode = VERDICT_CODES.unknown
  }
}
