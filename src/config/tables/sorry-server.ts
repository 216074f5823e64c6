import {type Entry, REFUSED, type ReadContext, type Refused} from '../schema/schema.ts'
import {readArguments} from '../schema/statement-cursor.ts'
import type {Statement} from '../text/pieces.ts'
import {FORWARDING_METHOD, type ForwardingMethod} from './forwarding-method.ts'
import {type Endpoint, endpoint} from './lvs-arguments.ts'

/** The server that takes over while too few real servers are alive. */
export interface SorryServer extends Endpoint {
  /** `sorry_server_lvs_method`; undefined: that of the virtual server. */
  readonly method: ForwardingMethod | undefined
  /** `sorry_server_inhibit`: it stays with weight 0 while it is not used. */
  readonly inhibit: boolean
}

/** `sorry_server` and what follows it; a second one takes the place of the first, with all that was said of it. */
export const SORRY_SERVER: Entry<SorryServer | undefined> = {
  keywords: [
    {
      name: 'sorry_server',
      form: endpoint.form,
      doc: 'server to use while quorum is lost',
      defaultText: 'none',
    },
    {
      name: 'sorry_server_inhibit',
      form: '',
      doc: 'keep the sorry server with weight 0 while it is not used; after sorry_server',
      defaultText: 'off',
    },
    {
      name: 'sorry_server_lvs_method',
      form: FORWARDING_METHOD.form,
      doc: 'how packets get to the sorry server; after sorry_server',
      defaultText: 'lvs_method',
    },
  ],
  initial: undefined,
  repeats: 'collects',
  read: (statement, previous, context) => {
    if (statement.keyword.text === 'sorry_server') return readServer(statement, previous, context)
    if (!previous) {
      const message = `${statement.keyword.text} has no effect: no sorry_server stands before it`
      context.findings.report('sorry-server-missing', statement.position, message, 'put it after sorry_server')
      return REFUSED
    }
    if (statement.keyword.text === 'sorry_server_inhibit') {
      readArguments(statement, NOTHING, context)
      return {...previous, inhibit: true}
    }
    const method = readArguments(statement, FORWARDING_METHOD, context)
    return method === REFUSED ? REFUSED : {...previous, method}
  },
  print: server => {
    if (!server) return []
    const printed = [{text: `sorry_server ${endpoint.print(server)}`}]
    if (server.inhibit) printed.push({text: 'sorry_server_inhibit'})
    if (server.method) printed.push({text: `sorry_server_lvs_method ${FORWARDING_METHOD.print(server.method)}`})
    return printed
  },
}

const NOTHING = {form: '', read: () => undefined, print: () => ''}

function readServer(
  statement: Statement,
  previous: SorryServer | undefined,
  context: ReadContext,
): SorryServer | Refused {
  const server = readArguments(statement, endpoint, context)
  if (server === REFUSED) return REFUSED
  if (previous) {
    const message = `sorry_server ${endpoint.print(server)} overrides ${endpoint.print(previous)}`
    context.findings.report('given-again', statement.position, message, 'give it once')
  }
  return {...server, method: undefined, inhibit: false}
}
