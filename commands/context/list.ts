import {BaseCommand} from '../../src/cli/base-command.ts'
import {type ContextsReply, contextsReply, contextTable} from '../../src/cli/context-views.ts'
import {readContexts} from '../../src/cli/contexts.ts'

export class ContextList extends BaseCommand {
  static override description = 'show the named sets of nodes, and which one is current'

  async run(): Promise<ContextsReply> {
    await this.parse(ContextList)
    const reply = contextsReply(readContexts())
    this.print(() => contextTable(reply.items))
    return reply
  }
}
