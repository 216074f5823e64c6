import type {LvsClient} from '../control/client.ts'
import {HactlError} from '../errors.ts'
import {sortedReals, sortedServices} from './lvs-tree.ts'
import {ask, canAsk} from './prompt.ts'

/** How many things are offered by their number. */
const MOST_OFFERED = 40

/** The service that was named, or that somebody chooses. Throws USAGE where nobody can be asked. */
export async function chosenService(lvs: LvsClient, service: string | undefined): Promise<string> {
  if (service !== undefined) return service
  requireTerminal('SERVICE', 'name a service, such as 192.0.2.1:80/tcp; hactl lvs list shows them')
  const {items} = await lvs.lvsServices({})
  const offers = sortedServices(items).map(({name, configured}) => ({name, beside: configured ?? ''}))
  return choose('service', offers)
}

/** The real server that was named, or that somebody chooses among those of a service. */
export async function chosenReal(
  lvs: LvsClient,
  {service, real}: {readonly service: string; readonly real: string | undefined},
): Promise<string> {
  if (real !== undefined) return real
  requireTerminal('REAL', `name a real server, such as 10.0.0.1:80; hactl lvs list ${service} shows them`)
  const {items} = await lvs.lvsServices({service})
  const beside = new Map(
    items.flatMap(({realServers}) =>
      sortedReals(realServers).map(({name, weight, activeConnections, held}) => [
        name,
        `${held?.type ?? `weight ${weight}`}, active connections: ${activeConnections}`,
      ]),
    ),
  )
  return choose(
    'real server',
    [...beside].map(([name, text]) => ({name, beside: text})),
  )
}

/** The file with rules that was named, or that somebody types; `-` is standard input. */
export const namedFile = (file: string | undefined): Promise<string> =>
  typed('FILE', file, {question: 'file', example: 'rules.txt, what hactl lvs save prints'})

/** A text that was given, or that somebody types. */
export async function typed(
  argument: string,
  text: string | undefined,
  {question, example}: {readonly question: string; readonly example: string},
): Promise<string> {
  if (text !== undefined) return text
  requireTerminal(argument, `such as ${example}`)
  return required(argument, await ask(`${question} (such as ${example}): `))
}

/** Throws USAGE where nobody can be asked for what is missing. */
export function requireTerminal(argument: string, hint: string): void {
  if (!canAsk()) throw new HactlError('USAGE', `${argument} is missing`, hint)
}

/** What can be chosen, and what is shown beside its name. */
export interface Offer {
  readonly name: string
  readonly beside: string
}

/** The one of several that somebody chooses by its number or types the name of. Throws `HactlError`. */
export async function choose(what: string, offers: readonly Offer[]): Promise<string> {
  if (offers.length === 0) throw new HactlError('NOT_FOUND', `there is no ${what}`)
  const shown = offers.slice(0, MOST_OFFERED)
  const width = Math.max(...shown.map(({name}) => name.length))
  const lines = shown.map(({name, beside}, at) => `${String(at + 1).padStart(3)}  ${name.padEnd(width)}  ${beside}`)
  if (offers.length > shown.length) lines.push(`     … and ${offers.length - shown.length} more, by their names`)
  process.stderr.write(`${lines.map(line => line.trimEnd()).join('\n')}\n`)
  const answer = required(what, await ask(`${what} (number or name): `))
  if (!/^\d{1,6}$/.test(answer)) return answer
  const chosen = shown[Number(answer) - 1]
  if (chosen === undefined) throw new HactlError('USAGE', `there is no number ${answer}`, `1 to ${shown.length}`)
  return chosen.name
}

function required(what: string, answer: string | undefined): string {
  if (answer) return answer
  throw new HactlError('USAGE', `no ${what} was named: nothing was changed`)
}
