import type {HostileKind} from '../lab/hostile.ts'
import {PASS_V2, V3_FAST} from '../lab/pair.ts'
import {missingForLab} from '../lab/peers.ts'
import {type Protocol, protocolName} from '../lab/role.ts'
import {type HostileRun, runHostile} from './hostile-runs.ts'

/** Longest pause of a master's advertisements under attack, in intervals. */
export const MAX_PAUSE = 1.2
/** How late a backup may take over amid a flood, milliseconds. */
const MAX_LATE_MS = 20

const RUNS: readonly {protocol: Protocol; kinds?: readonly HostileKind[]; seconds: number; floodSeconds: number}[] = [
  {protocol: V3_FAST, seconds: 2, floodSeconds: 10},
  // Authentication exists in version 2 alone.
  {protocol: PASS_V2, kinds: ['authentication', 'checksum', 'ttl'], seconds: 6, floodSeconds: 10},
]

/**
 * Attacks a pair of keepalived and a pair of hactl in the same way, one after the other, and prints the longest
 * pauses of their advertisements. Exit code 1 when hactl's are beyond the limit.
 */
export async function benchHostile(_argv: readonly string[]): Promise<number> {
  const missing = missingForLab(['ip', 'keepalived', 'ping'])
  if (missing !== undefined) {
    console.error(`cannot run: ${missing}`)
    return 1
  }
  let good = true
  for (const {protocol, kinds, seconds, floodSeconds} of RUNS) {
    const options = {protocol, secondsPerKind: seconds, floodSeconds, ...(kinds && {kinds})}
    const keepalived = await runHostile({program: 'keepalived', ...options})
    const hactl = await runHostile({program: 'hactl', ...options})
    console.log(table(keepalived, hactl))
    good &&= holds(hactl)
  }
  console.log(`hactl is to pause at most ${MAX_PAUSE} intervals, its backup to keep silent: ${good ? 'yes' : 'NO'}`)
  return good ? 0 : 1
}

/** Whether a run is within the limits. */
export const holds = ({suffered, takeover}: HostileRun): boolean =>
  suffered.every(({longestPause, backupAdverts}) => longestPause <= MAX_PAUSE && backupAdverts === 0) &&
  takeover.tookMs - takeover.formulaMs <= MAX_LATE_MS

/** Two runs side by side. */
function table(left: HostileRun, right: HostileRun): string {
  const {protocol} = left
  const lines = left.suffered.map(({attack, perSecond, longestPause, backupAdverts}, i) => {
    const other = right.suffered[i]
    return [
      `  ${`${attack} ${perSecond}/s`.padEnd(24)}`,
      `${longestPause.toFixed(2).padStart(10)}${String(backupAdverts).padStart(8)}`,
      `${(other?.longestPause ?? Number.NaN).toFixed(2).padStart(14)}${String(other?.backupAdverts).padStart(8)}`,
    ].join('')
  })
  const late = ({takeover}: HostileRun): string => (takeover.tookMs - takeover.formulaMs).toFixed(1)
  return [
    `hostile packets, ${protocolName(protocol)}: longest pause of the master (intervals), adverts of its backup`,
    `  ${''.padEnd(24)}${left.program.padStart(18)}${right.program.padStart(22)}`,
    ...lines,
    `  ${'crash amid the flood: late'.padEnd(28)}${late(left).padStart(11)} ms${late(right).padStart(19)} ms`,
  ].join('\n')
}
