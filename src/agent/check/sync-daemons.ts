import type {SyncDaemon, SyncRole} from '../../core/ipvs/model.ts'
import type {IpvsTable} from '../../core/ipvs/table.ts'
import {errorText} from '../../errors.ts'
import {startRefused, stopRefused} from '../../lvs/kernel-failure.ts'

/** What was done to the sync daemons, in words, and what the kernel refused. */
export interface DaemonsMade {
  readonly done: readonly string[]
  readonly problems: readonly string[]
}

/** True when a daemon that runs is as it is wanted; what the wanted one leaves open is the kernel's choice. */
export function sameDaemon(wanted: SyncDaemon, actual: SyncDaemon): boolean {
  return (
    wanted.interface === actual.interface &&
    wanted.syncId === actual.syncId &&
    OPEN.every(field => wanted[field] === undefined || wanted[field] === actual[field])
  )
}

const OPEN = ['maxLengthBytes', 'group', 'port', 'ttl'] as const

/** Stops and starts daemons until those that are wanted run; of the others, only those that are ours are stopped. */
export async function makeDaemons(
  table: IpvsTable,
  {wanted, owned}: {readonly wanted: readonly SyncDaemon[]; readonly owned: ReadonlySet<SyncRole>},
): Promise<DaemonsMade> {
  const actual = await table.daemons()
  const done: string[] = []
  const problems: string[] = []
  const attempts = (['master', 'backup'] as const).map(role => ({
    role,
    is: actual.find(daemon => daemon.role === role),
    want: wanted.find(daemon => daemon.role === role),
  }))
  for (const {role, is, want} of attempts) {
    if (!is || (want ? sameDaemon(want, is) : !owned.has(role))) continue
    const result = await table.stopDaemon(role)
    if (result.ok) done.push(`${role} on ${is.interface} stopped`)
    else problems.push(errorText(stopRefused(role, result)))
  }
  for (const {role, is, want} of attempts) {
    if (!want || (is && sameDaemon(want, is))) continue
    const result = await table.startDaemon(want)
    if (result.ok) done.push(`${role} on ${want.interface} started`)
    else problems.push(errorText(startRefused(want, result)))
  }
  return {done, problems}
}
