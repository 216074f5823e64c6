import type {IpvsTimeouts, SyncDaemon} from '../core/ipvs/model.ts'
import type {Config} from './config.ts'

/** What a configuration says of IPVS besides its services. */
export interface IpvsSettings {
  /** `lvs_timeouts`; undefined: those of the kernel stay. */
  readonly timeouts: IpvsTimeouts | undefined
  /** `lvs_flush`: everything is removed at the start, also what others made. */
  readonly flushAtStart: boolean
  /**
   * `lvs_flush_on_stop`. `entries`: own real servers and services one by one; `services`: own services, with what
   * others added to them; `everything`: all that there is, also what others made.
   */
  readonly flushAtStop: 'entries' | 'services' | 'everything'
  /** `lvs_sync_daemon`; undefined: none. */
  readonly sync: SyncSettings | undefined
  /** A line for everything that has no effect. */
  readonly problems: readonly string[]
}

/** A sync daemon that follows a virtual router. */
export interface SyncSettings {
  /** Name of the `vrrp_instance`: where it is master the daemon is master, else backup; undefined: both run always. */
  readonly instance: string | undefined
  readonly daemon: Omit<SyncDaemon, 'role'>
}

/** Reads from a configuration what concerns IPVS as a whole. */
export function ipvsSettingsOf(config: Config): IpvsSettings {
  const {lvsTimeouts, lvsFlush, lvsFlushOnStop} = config.global
  const timeouts = {
    tcpSeconds: (lvsTimeouts.tcpMs ?? 0) / 1000,
    tcpFinSeconds: (lvsTimeouts.tcpFinMs ?? 0) / 1000,
    udpSeconds: (lvsTimeouts.udpMs ?? 0) / 1000,
  }
  const isGiven = Object.values(timeouts).some(seconds => seconds > 0)
  return {
    timeouts: isGiven ? timeouts : undefined,
    flushAtStart: lvsFlush,
    flushAtStop: lvsFlushOnStop === 'all' ? 'everything' : lvsFlushOnStop === 'VS' ? 'services' : 'entries',
    ...syncOf(config),
  }
}

/** The old form in an instance counts where the new one is not given; its id is 0, as with keepalived 2.2.7. */
function syncOf({global, instances}: Config): Pick<IpvsSettings, 'sync' | 'problems'> {
  const {lvsSyncDaemon: given} = global
  const [old, ...others] = instances.filter(({lvsSyncInterface}) => lvsSyncInterface !== undefined)
  const ignored = (given ? [old, ...others] : others).flatMap(instance => instance?.name ?? [])
  const problems = ignored.map(
    name => `vrrp_instance ${name}: lvs_sync_daemon_interface has no effect: one is given already`,
  )
  if (!given) {
    if (old?.lvsSyncInterface === undefined) return {sync: undefined, problems}
    return {
      sync: {instance: old.name, daemon: {...KERNELS_CHOICE, interface: old.lvsSyncInterface, syncId: 0}},
      problems,
    }
  }
  const {instance: name, interface: device, syncId, maxLengthBytes, group, port, ttl} = given
  const instance = instances.find(candidate => candidate.name === name)
  if (name !== undefined && !instance) {
    return {
      sync: undefined,
      problems: [...problems, `lvs_sync_daemon: there is no vrrp_instance ${name}; it does not run`],
    }
  }
  const daemon = {interface: device, syncId: syncId ?? instance?.vrid ?? 0, maxLengthBytes, group, port, ttl}
  return {sync: {instance: name, daemon}, problems}
}

const KERNELS_CHOICE = {maxLengthBytes: undefined, group: undefined, port: undefined, ttl: undefined}
