import {type Colour, paintOn} from './colour.ts'
import {confirm} from './confirm.ts'
import type {LvsOrderReply} from './lvs-flags.ts'
import {canAsk} from './prompt.ts'

/** How many changes a terminal shows. */
const MOST_SHOWN = 50

/** An order that may take something away, and what is asked before. */
export interface HarmfulOrder {
  /** "Delete 192.0.2.1:80/tcp?" */
  readonly question: string
  readonly yes: boolean
  readonly dryRun: boolean
  readonly send: (dryRun: boolean) => Promise<LvsOrderReply>
}

/**
 * Gives an order after it has shown what that would hit and somebody has said yes; without a question where `yes` is
 * set. Throws USAGE where nobody can be asked, REFUSED on a no.
 */
export async function confirmedOrder({question, yes, dryRun, send}: HarmfulOrder): Promise<LvsOrderReply> {
  if (dryRun || yes) return send(dryRun)
  const plan = await send(true)
  const {changes, activeConnections} = plan.item
  if (changes.length === 0) return plan
  if (canAsk()) process.stderr.write(`${changeLines(plan.item, process.stderr).join('\n')}\n`)
  await confirm(`Active connections: ${activeConnections}. ${question}`, {yes})
  return send(false)
}

/** What an order did: every change a line, and how many connections it concerns. */
export function orderText(reply: LvsOrderReply): string {
  return reply.item.changes.length === 0 ? 'nothing was changed: it is so already' : changesText(reply)
}

/** What an order would do. */
export function differenceText(reply: LvsOrderReply): string {
  return reply.item.changes.length === 0 ? 'no difference' : changesText(reply)
}

/** Says on standard error that nothing was done, where that is so. */
export function noteDryRun(dryRun: boolean): void {
  if (dryRun) process.stderr.write('hactl: nothing was changed (--dry-run)\n')
}

function changesText({item}: LvsOrderReply): string {
  const lines = changeLines(item, process.stdout)
  if (item.activeConnections > 0) lines.push(`active connections: ${item.activeConnections}`)
  return lines.join('\n')
}

const COLOURS: {readonly [sign: string]: Colour} = {'+': 'green', '-': 'red', '~': 'yellow'}

function changeLines({changes, moreChanges}: LvsOrderReply['item'], stream: NodeJS.WriteStream): string[] {
  const shown = stream.isTTY === true ? changes.slice(0, MOST_SHOWN) : changes
  const paint = paintOn(stream)
  const lines = shown.map(line => {
    const colour = COLOURS[line.charAt(0)]
    return colour === undefined ? line : paint(colour, line)
  })
  const more = changes.length - shown.length + moreChanges
  return more === 0 ? lines : [...lines, `… and ${more} more`]
}
