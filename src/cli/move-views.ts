import type {MoveReply, Override, Peer, VirtualRouter} from '../control/model.ts'
import {elapsedMs, formatDuration, formatInterval, formatTime} from '../core/format.ts'
import {type Column, table} from './table.ts'

/** What became of virtual routers that were moved, one a line, and the override that holds them there. */
export function moveText({routers, override}: MoveReply): string {
  if (routers.length === 0) return 'no virtual routers are configured'
  const lines = routers.map(({name, from, to, master, tookMs}) => {
    const where = to === 'master' ? '' : master === null ? ', no master is heard' : `, ${master} is master`
    const moved =
      from === to ? `${name} is ${to.toUpperCase()}` : `${name}: ${from.toUpperCase()} -> ${to.toUpperCase()}`
    return `${moved}${where}${from === to ? '' : ` (after ${formatDuration(tookMs)})`}`
  })
  if (override) lines.push(`override ${override.id}: ${override.text}`)
  return lines.join('\n')
}

/** What operators changed at run time, one a line. */
export function overrideTable(overrides: readonly Override[], now: string): string {
  if (overrides.length === 0) return 'nothing was changed at run time'
  const columns: readonly Column<Override>[] = [
    {head: 'ID', cell: ({id}) => id},
    {head: 'NAME', cell: ({instance}) => instance ?? 'all', shrinks: true},
    {
      head: 'WHAT',
      cell: ({text, applies}) => `${text}${applies ? '' : ' (there is nothing of that name now)'}`,
      shrinks: true,
    },
    {head: 'SINCE', cell: ({since}) => formatDuration(elapsedMs({from: since, to: now}))},
    {head: 'UNTIL', cell: ({until}) => (until === null ? '-' : formatTime(until))},
  ]
  return table(columns, overrides)
}

interface PeerRow {
  readonly router: VirtualRouter
  readonly peer: Peer
}

/** Every router that was heard for ours, one a line. */
export function peerTable(routers: readonly VirtualRouter[], now: string): string {
  const rows = routers.flatMap(router => router.peers.map((peer): PeerRow => ({router, peer})))
  if (rows.length === 0) return 'no other router was heard: a backup is silent while a master speaks'
  const columns: readonly Column<PeerRow>[] = [
    {head: 'ROUTER', cell: ({router}) => router.name, shrinks: true},
    {head: 'ADDRESS', cell: ({peer}) => peer.address},
    {head: 'PRIORITY', cell: ({peer}) => (peer.priority === null ? '-' : String(peer.priority))},
    {head: 'INTERVAL', cell: ({peer}) => (peer.intervalMs === null ? '-' : formatInterval(peer.intervalMs))},
    {head: 'LAST HEARD', cell: ({peer}) => `${formatDuration(elapsedMs({from: peer.lastHeard, to: now}))} ago`},
    {head: 'HEARD', cell: ({peer}) => String(peer.advertisements)},
    {head: 'REJECTED', cell: ({peer}) => rejectedText(peer.rejected), shrinks: true},
  ]
  return table(columns, rows)
}

/** Every counter of every virtual router: a column each, or a line each where there are many. */
export function statsTable(routers: readonly VirtualRouter[]): string {
  if (routers.length === 0) return 'no virtual routers are configured'
  const rows = routers.flatMap(router =>
    countersOf(router).map(([name, value]) => ({router: router.name, name, value})),
  )
  const columns: readonly Column<(typeof rows)[number]>[] = [
    {head: 'ROUTER', cell: ({router}) => router, shrinks: true},
    {head: 'COUNTER', cell: ({name}) => name},
    {head: 'VALUE', cell: ({value}) => String(value)},
  ]
  return table(columns, rows)
}

function countersOf({counters}: VirtualRouter): readonly (readonly [string, number])[] {
  const {rejected, ...rest} = counters
  const spoken = Object.entries(rest).map(([name, value]) => [spokenName(name), value] as const)
  const refused = Object.entries(rejected).map(([failure, count]) => [`rejected: ${failure}`, count] as const)
  return [...spoken, ...refused]
}

/** "advertisementsSent" as people say it: "advertisements sent". */
const spokenName = (name: string): string => name.replace(/[A-Z]/g, letter => ` ${letter.toLowerCase()}`)

function rejectedText(rejected: Peer['rejected']): string {
  const kinds = Object.entries(rejected)
  return kinds.length === 0 ? '-' : kinds.map(([failure, count]) => `${failure} ${count}`).join(', ')
}
