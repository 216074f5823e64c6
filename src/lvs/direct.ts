import type {LvsClient} from '../control/client.ts'
import {envelope} from '../control/envelope.ts'
import type {LvsService} from '../control/lvs-model.ts'
import {LVS_ROUTES} from '../control/lvs-routes.ts'
import {readInput} from '../control/requests.ts'
import type {LvsHandlers, Observed} from '../control/routes.ts'
import type {IpvsTable} from '../core/ipvs/table.ts'
import {Ipvs} from '../kernel/ipvs.ts'
import {makeLvsHandlers} from './handlers.ts'
import {savedTable} from './saved-text.ts'
import {kernelServiceView} from './views.ts'

/** Calls that concern IPVS, to the kernel. */
export interface DirectLvs extends LvsClient {
  /** The rules of the kernel's table, as `savedTable` writes them. */
  readonly savedTable: () => Promise<string>
  /** What becomes of each service as it is read, as `lvsServices` would answer it. */
  readonly mapServices: <Value>(each: (service: LvsService) => Value) => Promise<readonly Value[]>
}

/**
 * The calls that concern IPVS, straight to the kernel and without anybody who remembers: the answers are those of an
 * agent. Each call opens the kernel's table and closes it again. Calls may throw `HactlError`, as an agent's do.
 */
export function directLvs(open: () => Promise<IpvsTable> = () => Ipvs.open()): DirectLvs {
  const names = Object.keys(LVS_ROUTES) as (keyof LvsHandlers)[]
  const calls = names.map(name => [name, (input: Input = {}) => call(open, name, input)])
  const whole: Pick<DirectLvs, 'savedTable' | 'mapServices'> = {
    savedTable: () => withTable(open, savedTable),
    mapServices: each => withTable(open, table => table.mapServices(entry => each(kernelServiceView(entry)))),
  }
  return {...(Object.fromEntries(calls) as unknown as LvsClient), ...whole}
}

async function withTable<Value>(
  open: () => Promise<IpvsTable>,
  work: (table: IpvsTable) => Promise<Value>,
): Promise<Value> {
  const table = await open()
  try {
    return await work(table)
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
