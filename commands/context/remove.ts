import {string as stringArg} from '@oclif/core/args'
import {BaseCommand} from '../../src/cli/base-command.ts'
import {confirm} from '../../src/cli/confirm.ts'
import {type ContextsReply, contextsReply} from '../../src/cli/context-views.ts'
import {nodesOfContext, readContexts, writeContexts} from '../../src/cli/contexts.ts'
import {YES_FLAG} from '../../src/cli/lvs-flags.ts'

export class ContextRemove extends BaseCommand {
  static override description = `forget a context
Nothing happens to its nodes. Without the current one, commands ask the agent of this host.`

  static override args = {context: stringArg({description: 'name of the context', required: true, ignoreStdin: true})}

  static override flags = {...YES_FLAG}

  async run(): Promise<ContextsReply> {
    const {args, flags} = await this.parse(ContextRemove)
    const {context: name} = args
    const before = readContexts()
    const isCurrent = before.current === name
    const nodes = nodesOfContext(before, name).join(' ')
    const question = `Forget context ${name}${isCurrent ? ', the current one' : ''}, of ${nodes}?`
    await confirm(question, flags)
    const contexts = {
      current: isCurrent ? null : before.current,
      nodes: new Map([...before.nodes].filter(([other]) => other !== name)),
    }
    writeContexts(contexts)
    this.print(() => `context ${name} is forgotten${isCurrent ? '; there is no current context now' : ''}`)
    return contextsReply(contexts)
  }
}
