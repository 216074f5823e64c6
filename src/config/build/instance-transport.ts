import {type IpAddress, type IpFamily, ipFamily} from '../../core/ip.ts'
import type {Item} from '../schema/schema.ts'
import type {SourceAddress} from '../tables/instance-arguments.ts'
import type {UnicastPeer} from '../tables/unicast-peer.ts'
import type {Vmac} from '../tables/vmac.ts'
import type {InstanceSettings} from '../tables/vrrp-instance.ts'
import type {Report} from './reporter.ts'

/** How advertisements travel. */
export interface Transport {
  readonly unicastPeers: readonly UnicastPeer[]
  readonly source: SourceAddress | undefined
  readonly multicastGroup: IpAddress | undefined
  readonly unicastTtl: number | undefined
  readonly vmac: Vmac | undefined
  readonly vmacTransmitBase: boolean
  readonly promoteSecondaries: boolean
}

/** Drops what does not go together: unicast and multicast settings, addresses of the other family, VMAC options. */
export function buildTransport(
  item: Item<InstanceSettings>,
  family: IpFamily,
  report: Report<InstanceSettings>,
): Transport {
  const unicastPeers = buildPeers(item.unicastPeers, family, report)
  const unicast = unicastPeers.length > 0
  let {source, multicastGroup, unicastTtl} = item
  if (source && ipFamily(source.address) !== family) {
    report('family-differs', 'source', `the source ${source.address} is not IPv${family}; it is ignored`)
    source = undefined
  }
  if (multicastGroup !== undefined && ipFamily(multicastGroup) !== family) {
    report('family-differs', 'multicastGroup', `the group ${multicastGroup} is not IPv${family}; it is ignored`)
    multicastGroup = undefined
  }
  if (unicast && multicastGroup !== undefined) {
    report('unicast-setting-ignored', 'multicastGroup', 'mcast_dst_ip is ignored: it has unicast_peer')
    multicastGroup = undefined
  }
  if (!unicast) {
    if (unicastTtl !== undefined) {
      report('unicast-setting-ignored', 'unicastTtl', 'unicast_ttl without unicast_peer is ignored')
      unicastTtl = undefined
    }
    const where = unicastField(item)
    if (where) {
      const message = 'it has something of unicast, but no unicast_peer: multicast is used'
      report('unicast-without-peers', where, message, 'unicast_peer { ADDRESS … }')
    }
  }
  return {unicastPeers, source, multicastGroup, unicastTtl, ...buildVmacOptions(item, family, unicast, report)}
}

/** The setting that asks for unicast. */
function unicastField({at, source, oldUnicastChecksum}: Item<InstanceSettings>): keyof InstanceSettings | undefined {
  if (at.unicastPeers) return 'unicastPeers'
  if (source?.keyword === 'unicast_src_ip') return 'source'
  return oldUnicastChecksum && 'oldUnicastChecksum'
}

function buildPeers(
  listed: readonly UnicastPeer[],
  family: IpFamily,
  report: Report<InstanceSettings>,
): readonly UnicastPeer[] {
  const kept = new Map<string, UnicastPeer>()
  for (const peer of listed) {
    const {address, position, minTtl, maxTtl} = peer
    if (ipFamily(address) !== family) {
      report('family-differs', position, `the peer ${address} is not IPv${family}; it is ignored`)
    } else if (kept.has(address)) {
      report('peer-duplicate', position, `the peer ${address} is listed twice`)
    } else {
      if (minTtl !== undefined && maxTtl !== undefined && minTtl > maxTtl) {
        report('peer-ttl-range', position, `min_ttl ${minTtl} is greater than max_ttl ${maxTtl}: all is discarded`)
      }
      // Either bound turns the check on, which fills in the other.
      const bounded = minTtl !== undefined || maxTtl !== undefined
      kept.set(address, bounded ? {...peer, minTtl: minTtl ?? 0, maxTtl: maxTtl ?? 255} : peer)
    }
  }
  return [...kept.values()]
}

function buildVmacOptions(
  item: Item<InstanceSettings>,
  family: IpFamily,
  unicast: boolean,
  report: Report<InstanceSettings>,
): Pick<Transport, 'vmac' | 'vmacTransmitBase' | 'promoteSecondaries'> {
  let {vmacTransmitBase, promoteSecondaries} = item
  const {ipvlan} = item
  let {vmac} = item
  if (vmac && unicast && item.interface === undefined) {
    report('vmac-corrected', 'vmac', 'use_vmac does not go with unicast without an interface; it is cleared')
    vmac = undefined
  }
  if (vmac && unicast && !vmacTransmitBase) {
    report('vmac-corrected', 'vmac', 'unicast with use_vmac needs vmac_xmit_base; it is set', 'add vmac_xmit_base')
    vmacTransmitBase = true
  }
  if (!vmac && !ipvlan && vmacTransmitBase) {
    report('vmac-corrected', 'vmacTransmitBase', 'vmac_xmit_base without use_vmac is ignored')
    vmacTransmitBase = false
  }
  if (vmac && promoteSecondaries) {
    report('vmac-corrected', 'promoteSecondaries', 'promote_secondaries is set for a VMAC anyway; it is ignored')
    promoteSecondaries = false
  }
  if (ipvlan) reportIpvlan(item, ipvlan.address, family, report)
  return {vmac, vmacTransmitBase, promoteSecondaries}
}

function reportIpvlan(
  {source}: Item<InstanceSettings>,
  given: IpAddress | undefined,
  family: IpFamily,
  report: Report<InstanceSettings>,
): void {
  if (given !== undefined && ipFamily(given) !== family) {
    report('family-differs', 'ipvlan', `the address ${given} of the ipvlan is not IPv${family}; it is ignored`)
  } else if (family === 4 && given === undefined && source === undefined) {
    const message = 'an ipvlan over IPv4 needs an address of its own; the virtual router stays in fault'
    report('ipvlan-incomplete', 'ipvlan', message, 'use_ipvlan ADDRESS/LENGTH')
  }
}
