import type {LvsChangeReply, LvsInfo, LvsSyncDaemon} from '../control/lvs-model.ts'
import type {InputOf} from '../control/routes.ts'
import {buildDaemon, buildRole, buildTimeouts} from '../core/ipvs/arguments.ts'
import type {IpvsTimeouts, SyncDaemon} from '../core/ipvs/model.ts'
import {serviceName} from '../core/ipvs/names.ts'
import {HactlError} from '../errors.ts'
import {orderRefused, startRefused, stopRefused} from './kernel-failure.ts'
import {findServices, type Whereabouts} from './lookup.ts'
import {requireBuilt} from './service-orders.ts'
import {forgotten} from './transaction.ts'
import {daemonView} from './views.ts'

/** Version, table and timeouts of IPVS. */
export async function readInfo({table}: Whereabouts): Promise<LvsInfo> {
  const [info, {tcpSeconds, tcpFinSeconds, udpSeconds}] = await Promise.all([table.info(), table.timeouts()])
  return {...info, timeouts: {tcp: tcpSeconds, tcpFin: tcpFinSeconds, udp: udpSeconds}}
}

/** Zeroes the counters of the services of a name, or of everything without one. Nothing remembers that. */
export async function zero({table, keeper}: Whereabouts, {service}: InputOf<'zeroLvs'>): Promise<LvsChangeReply> {
  if (service === undefined) {
    const result = await table.zero(undefined)
    if (!result.ok) throw orderRefused('to zero the counters', result)
    return settled(['~ all counters: 0'])
  }
  const ids = (await findServices({table, keeper}, service)).flatMap(({actual}) => actual?.service.id ?? [])
  if (ids.length === 0) throw new HactlError('NOT_FOUND', `the service ${service} is not in the kernel's table`)
  for (const id of ids) {
    const result = await table.zero(id)
    if (!result.ok) throw orderRefused(`to zero the counters of ${serviceName(id)}`, result)
  }
  return settled(ids.map(id => `~ counters of ${serviceName(id)}: 0`))
}

/** Changes when idle connections are forgotten. */
export async function setTimeouts(
  {table, keeper}: Whereabouts,
  input: InputOf<'setLvsTimeouts'>,
): Promise<LvsChangeReply> {
  const timeouts = requireBuilt(buildTimeouts(input))
  const before = await table.timeouts()
  const changes = TIMEOUTS.flatMap(([name, key]) =>
    timeouts[key] === 0 || timeouts[key] === before[key]
      ? []
      : [`~ timeout ${name}: ${before[key]} s -> ${timeouts[key]} s`],
  )
  // Also when the kernel has them: they are to be so after the next start too.
  const takeBack = await keeper?.takeTimeouts(timeouts)
  const result = await table.setTimeouts(timeouts)
  if (!result.ok) {
    throw orderRefused('the timeouts', result, `; nothing was changed${await forgotten(takeBack ?? nothing)}`)
  }
  return settled(changes)
}

/** The sync daemons that run. */
export async function readDaemons({table, keeper}: Whereabouts): Promise<readonly LvsSyncDaemon[]> {
  const wanted = keeper?.daemons() ?? []
  return (await table.daemons()).map(daemon => {
    const wish = wanted.find(one => one.role === daemon.role && one.interface === daemon.interface)
    const unwanted = keeper === undefined ? 'unknown' : 'foreign'
    return daemonView(daemon, wish === undefined ? unwanted : (wish.origin ?? 'configuration'))
  })
}

/** Starts a sync daemon. */
export async function startSync({table, keeper}: Whereabouts, input: InputOf<'startSync'>): Promise<LvsChangeReply> {
  const daemon = requireBuilt(buildDaemon(input))
  const running = (await table.daemons()).find(({role}) => role === daemon.role)
  if (running !== undefined) {
    const message = `a sync daemon ${daemon.role} runs already, on ${running.interface}`
    throw new HactlError('REFUSED', message, `stop it first: hactl lvs sync stop ${daemon.role}`)
  }
  const takeBack = await keeper?.takeDaemon(daemon.role, daemon)
  const result = await table.startDaemon(daemon)
  if (!result.ok) throw startRefused(daemon, result, `; nothing was changed${await forgotten(takeBack ?? nothing)}`)
  return settled([`+ sync daemon ${describeDaemon(daemon)}`])
}

/** Stops a sync daemon. */
export async function stopSync({table, keeper}: Whereabouts, input: InputOf<'stopSync'>): Promise<LvsChangeReply> {
  const role = requireBuilt(buildRole(input.role))
  const running = (await table.daemons()).find(daemon => daemon.role === role)
  const isWanted = keeper?.daemons().some(daemon => daemon.role === role) ?? false
  if (running === undefined && !isWanted) throw new HactlError('NOT_FOUND', `no sync daemon ${role} runs`)
  const takeBack = await keeper?.takeDaemon(role, undefined)
  if (running === undefined) {
    return settled([`- sync daemon ${role} (it does not run)`])
  }
  const result = await table.stopDaemon(role)
  if (!result.ok) throw stopRefused(role, result, `; nothing was changed${await forgotten(takeBack ?? nothing)}`)
  return settled([`- sync daemon ${describeDaemon(running)}`])
}

/** What was changed concerns no connection. */
const settled = (changes: readonly string[]): LvsChangeReply => ({
  changes,
  moreChanges: 0,
  applied: changes.length > 0,
  activeConnections: 0,
})

const TIMEOUTS: readonly (readonly [name: string, key: keyof IpvsTimeouts])[] = [
  ['tcp', 'tcpSeconds'],
  ['tcp-fin', 'tcpFinSeconds'],
  ['udp', 'udpSeconds'],
]

const nothing = async (): Promise<void> => {}

const describeDaemon = ({role, interface: device, syncId}: SyncDaemon): string => `${role} on ${device} id ${syncId}`
