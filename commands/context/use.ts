import {string as stringArg} from '@oclif/core/args'
import {boolean} from '@oclif/core/flags'
import {BaseCommand} from '../../src/cli/base-command.ts'
import {type ContextsReply, contextsReply} from '../../src/cli/context-views.ts'
import {nodesOfContext, readContexts, writeContexts} from '../../src/cli/contexts.ts'
import {HactlError} from '../../src/errors.ts'

export class ContextUse extends BaseCommand {
  static override description = `make a context the current one, or with --none none
Commands that name no agent then ask its first node. Where --socket, --host, HACTL_SOCKET or HACTL_HOST is given it does
not count.`

  static override args = {context: stringArg({description: 'name of the context', ignoreStdin: true})}

  static override flags = {none: boolean({description: 'no context: commands ask the agent of this host'})}

  async run(): Promise<ContextsReply> {
    const {args, flags} = await this.parse(ContextUse)
    if ((args.context === undefined) !== (flags.none === true)) {
      throw new HactlError('USAGE', 'either the name of a CONTEXT or --none is needed', 'see: hactl context list')
    }
    const before = readContexts()
    const current = args.context ?? null
    const nodes = current === null ? [] : nodesOfContext(before, current)
    const contexts = {...before, current}
    writeContexts(contexts)
    this.print(() => (current === null ? 'no current context' : `current context: ${current}: ${nodes.join(' ')}`))
    return contextsReply(contexts)
  }
}
