import {string as stringArg} from '@oclif/core/args'
import {boolean} from '@oclif/core/flags'
import {BaseCommand} from '../../src/cli/base-command.ts'
import {confirm} from '../../src/cli/confirm.ts'
import {type ContextReply, contextReply} from '../../src/cli/context-views.ts'
import {readContexts, requireContextName, writeContexts} from '../../src/cli/contexts.ts'
import {YES_FLAG} from '../../src/cli/lvs-flags.ts'
import {HactlError} from '../../src/errors.ts'
import {nodeAddresses} from '../../src/watch/node-address.ts'

export class ContextAdd extends BaseCommand {
  static override description = `name a set of nodes, so that commands find them
A NODE is "local", ssh://[USER@]HOST[:PORT], or unix:PATH for a socket here. Commands about one agent ask the first
node, hactl top and hactl cluster all of them. A context of that name gets the new nodes, after a question.`

  static override args = {
    name: stringArg({description: 'letters, digits, dots, dashes, underscores', required: true, ignoreStdin: true}),
    node: stringArg({description: 'nodes of the cluster', required: true, multiple: true, ignoreStdin: true}),
  }

  static override flags = {
    use: boolean({description: 'make it the current context'}),
    ...YES_FLAG,
  }

  async run(): Promise<ContextReply> {
    const {args, flags} = await this.parse(ContextAdd)
    const {name} = args
    requireContextName(name)
    // oclif types an argument that takes several as one.
    const given: unknown = args.node
    const nodes = Array.isArray(given) ? given.map(String) : []
    refuseTwins(nodes)
    nodeAddresses(nodes)
    const before = readContexts()
    const there = before.nodes.get(name)
    if (there !== undefined && there.join(' ') !== nodes.join(' ')) {
      await confirm(`Context ${name} is ${there.join(' ')} now: replace it?`, {yes: flags.yes})
    }
    const current = flags.use ? name : before.current
    writeContexts({current, nodes: new Map([...before.nodes, [name, nodes]])})
    this.print(() => {
      const use =
        current === name ? 'the current context' : `make it the current context with: hactl context use ${name}`
      return `context ${name}: ${nodes.join(' ')}\n${use}`
    })
    return contextReply({name, current: current === name, nodes})
  }
}

function refuseTwins(nodes: readonly string[]): void {
  const twin = nodes.find((node, at) => nodes.indexOf(node) !== at)
  if (twin !== undefined) throw new HactlError('USAGE', `${twin.slice(0, 200)} is named twice`, 'name each node once')
}
