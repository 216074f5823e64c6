import {type IpFamily, ipToBytes} from '../../core/ip.ts'
import {OWNER_PRIORITY} from '../../core/vrrp/config.ts'
import type {GlobalConfig} from '../config.ts'
import type {Item} from '../schema/schema.ts'
import type {InstanceSettings} from '../tables/vrrp-instance.ts'
import type {Report} from './reporter.ts'

/** What strict mode decides about. */
export interface StrictSettings {
  readonly strict: boolean
  readonly downTimerAdverts: number
  readonly lowerPriorityNoAdvert: boolean
  readonly higherPrioritySendAdvert: boolean
  /** Undefined: not, and not said. For the owner it cannot be said. */
  readonly ownerIgnoreAdverts: boolean | undefined
  readonly accept: boolean
  readonly noVirtualAddresses: boolean
  readonly vmacTransmitBase: boolean
}

interface Facts {
  readonly family: IpFamily
  readonly version: 2 | 3
  readonly priority: number
}

/** Settles the settings that strict mode has a say in, and reports what it takes back. keepalived.conf(5). */
export function buildStrict(
  item: Item<InstanceSettings>,
  global: GlobalConfig,
  {family, version, priority}: Facts,
  report: Report<InstanceSettings>,
): StrictSettings {
  const strict = item.strict ?? global.strict
  const owner = priority === OWNER_PRIORITY
  const relaxed = {
    strict,
    downTimerAdverts: item.downTimerAdverts ?? global.downTimerAdverts,
    lowerPriorityNoAdvert: item.lowerPriorityNoAdvert ?? (strict || global.lowerPriorityNoAdvert),
    higherPrioritySendAdvert: item.higherPrioritySendAdvert ?? (!strict && global.higherPrioritySendAdvert),
    ownerIgnoreAdverts: item.ownerIgnoreAdverts ?? (strict || global.ownerIgnoreAdverts || undefined),
    accept: item.accept ?? !(strict && !owner),
    noVirtualAddresses: item.noVirtualAddresses,
    vmacTransmitBase: item.vmacTransmitBase,
  }
  if (owner && item.ownerIgnoreAdverts === false) {
    report('owner-corrected', 'ownerIgnoreAdverts', 'priority 255 ignores advertisements; owner_ignore_adverts is set')
    relaxed.ownerIgnoreAdverts = true
  }
  if (!strict) return relaxed
  const corrected = {...relaxed}
  const correct = <Field extends keyof StrictSettings>(
    field: Field,
    value: StrictSettings[Field],
    what: string,
  ): void => {
    if (corrected[field] === value) return
    corrected[field] = value
    report('strict-corrected', field, `strict mode has no ${what}; it is corrected`, 'remove it, or strict mode')
  }
  correct('downTimerAdverts', 3, 'down_timer_adverts other than 3')
  correct('lowerPriorityNoAdvert', true, 'answer to a lower priority')
  correct('higherPrioritySendAdvert', false, 'higher_prio_send_advert')
  correct('noVirtualAddresses', false, 'no_virtual_ipaddress')
  correct('vmacTransmitBase', false, 'vmac_xmit_base')
  if (version === 2 && !owner) correct('accept', false, 'accept in version 2')
  reportStrictRest(item, family, report)
  return corrected
}

function reportStrictRest(item: Item<InstanceSettings>, family: IpFamily, report: Report<InstanceSettings>): void {
  if (item.initialState === 'master' && item.priority !== undefined && item.priority !== OWNER_PRIORITY) {
    report('strict-corrected', 'initialState', 'in strict mode state MASTER is for priority 255 alone')
  }
  if (item.authentication) {
    report('strict-corrected', 'authentication', 'strict mode has no authentication; it is ignored')
  }
  if (item.unicastPeers.length > 0) report('strict-corrected', 'unicastPeers', 'strict mode has no unicast_peer')
  if (item.preemptDelayMs > 0) {
    report('strict-corrected', 'preemptDelayMs', 'strict mode has no preempt_delay; it is cleared')
  }
  if (item.garpLowerPriorityRepeat) {
    report('strict-corrected', 'garpLowerPriorityRepeat', 'strict mode has no garp_lower_prio_repeat; it is cleared')
  }
  if (item.vmac?.mac !== undefined) report('strict-corrected', 'vmac', 'strict mode has no MAC address of your own')
  const first = item.vips[0]
  if (family === 6 && first) {
    const [high = 0, low = 0] = ipToBytes(first.address)
    const linkLocal = high === 0xfe && low >> 6 === 2
    if (!linkLocal) report('strict-corrected', first.position, 'in strict mode the first address has to be link-local')
  }
}
