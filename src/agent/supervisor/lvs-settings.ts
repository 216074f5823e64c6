import {checkPlanOf} from '../../config/check-plan.ts'
import type {Config} from '../../config/config.ts'
import {ipvsServicesOf} from '../../config/ipvs-services.ts'
import {ipvsSettingsOf, type SyncSettings} from '../../config/ipvs-settings.ts'
import type {SyncDaemon, SyncRole} from '../../core/ipvs/model.ts'
import type {LvsSettings} from '../channel.ts'

/** What a configuration says of IPVS; the sync daemons' roles depend on how things stand. */
export interface LvsConfig {
  readonly fixed: Pick<LvsSettings, 'services' | 'checks' | 'timeouts' | 'flush' | 'flushAtStop'>
  readonly sync: SyncSettings | undefined
  /** What could not be used, in words. */
  readonly problems: readonly string[]
}

/** Reads what a configuration says of IPVS. */
export function lvsConfigOf(config: Config): LvsConfig {
  const {services, problems} = ipvsServicesOf(config)
  const {timeouts, flushAtStart, flushAtStop, sync, problems: others} = ipvsSettingsOf(config)
  const fixed = {services, checks: checkPlanOf(config), timeouts, flush: flushAtStart, flushAtStop}
  return {fixed, sync, problems: [...problems, ...others]}
}

/**
 * The sync daemons that are to run: a master while the virtual router that they follow is master, else a backup, and
 * both where they follow none. keepalived 2.2.7 does the same, measured: backup also in fault and at the start.
 */
export function syncDaemons(
  sync: SyncSettings | undefined,
  isMaster: (instance: string) => boolean,
): readonly SyncDaemon[] {
  if (!sync) return []
  const {instance, daemon} = sync
  const roles: readonly SyncRole[] =
    instance === undefined ? ['master', 'backup'] : [isMaster(instance) ? 'master' : 'backup']
  return roles.map(role => ({...daemon, role}))
}
