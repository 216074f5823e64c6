import type {LvsClient} from '../control/client.ts'
import {envelope} from '../control/envelope.ts'
import {LVS_ROUTES} from '../control/lvs-routes.ts'
import {readInput} from '../control/requests.ts'
import type {LvsHandlers, Observed} from '../control/routes.ts'
import type {IpvsTable} from '../core/ipvs/table.ts'
import {Ipvs} from '../kernel/ipvs.ts'
import {makeLvsHandlers} from './handlers.ts'
import {savedTable} from './saved-text.ts'

/** Calls that concern IPVS, to the kernel. */
export interface DirectLvs extends LvsClient {
  /** The rules of the kernel's table, as `savedTable` writes them. */
  readonly savedTable: () => Promise<string>
}

/**
 * The calls that concern IPVS, straight to the kernel and without anybody who remembers: the answers are those of an
 * agent. Each call opens the kernel's table and closes it again. Calls may throw `HactlError`, as an agent's do.
 */
export function directLvs(open: () => Promise<IpvsTable> = () => Ipvs.open()): DirectLvs {
  const names = Object.keys(LVS_ROUTES) as (keyof LvsHandlers)[]
  const calls = names.map(name => [name, (input: Input = {}) => call(open, name, input)])
  return {...(Object.fromEntries(calls) as unknown as LvsClient), savedTable: () => savedNow(open)}
}

async function savedNow(open: () => Promise<IpvsTable>): Promise<string> {
  const table = await open()
  try {
    return await savedTable(table)
  } finally {
    table.close()
  }
}

type Input = {readonly [name: string]: unknown}

async function call(open: () => Promise<IpvsTable>, name: keyof LvsHandlers, given: Input): Promise<unknown> {
  const input = readInput(LVS_ROUTES[name], given)
  let opened: IpvsTable | undefined
  const table = async (): Promise<IpvsTable> => {
    opened ??= await open()
    return opened
  }
  const handler = makeLvsHandlers({table, keeper: undefined})[name] as (input: Input) => Promise<Observed<unknown>>
  try {
    return envelope(name, await handler(input))
  } finally {
    opened?.close()
  }
}
