import {type IpFamily, ipFamily, ipToBytes, ipv4Broadcast} from '../../core/ip.ts'
import type {VipConfig} from '../config.ts'
import type {InstanceSettings} from '../tables/vrrp-instance.ts'
import type {Report} from './reporter.ts'

/** The family of a virtual router: that of its first virtual address, or else of what it talks to. */
export function familyOf({nativeIpv6, vips, unicastPeers, source, multicastGroup}: InstanceSettings): IpFamily {
  if (nativeIpv6) return 6
  const first = vips[0]?.address ?? unicastPeers[0]?.address ?? source?.address ?? multicastGroup
  return first === undefined ? 4 : ipFamily(first)
}

/** The addresses of a virtual router, each once. */
export interface Addresses {
  /** Advertised: of one family, and no more than an advertisement can name. */
  readonly vips: readonly VipConfig[]
  /** Held but not advertised, of any family. */
  readonly excludedVips: readonly VipConfig[]
}

/** The addresses that remain of those listed; what is too much for an advertisement is held all the same. */
export function buildAddresses(listed: Addresses, family: IpFamily, report: Report<InstanceSettings>): Addresses {
  const most = MAX_VIPS[family]
  const vips = new Map<string, VipConfig>()
  const excluded = new Map<string, VipConfig>()
  for (const vip of listed.vips) {
    if (ipFamily(vip.address) !== family) {
      const message = `${vip.address} is left out: it is not of the family of the first address`
      report('vip-family-differs', vip.position, message, 'list it in virtual_ipaddress_excluded')
    } else keep(vip, vips.size < most ? vips : excluded, [vips, excluded], report)
  }
  const [firstTooMany] = excluded.values()
  if (firstTooMany) {
    const {address} = firstTooMany
    const message = `an advertisement names ${most} addresses; ${address} and what follows is not advertised`
    report('vip-too-many', firstTooMany.position, message, 'list the rest in virtual_ipaddress_excluded')
  }
  for (const vip of listed.excludedVips) keep(vip, excluded, [vips, excluded], report)
  return {vips: [...vips.values()], excludedVips: [...excluded.values()]}
}

/**
 * The count of addresses has eight bits (RFC 9568 section 5.2.5), and an advertisement is one packet: over IPv6 1,500
 * bytes have room for so many, with the trailer of auth_hmac one less, which the last place is kept for.
 */
export const MAX_VIPS = {4: 255, 6: 89} as const

const keyOf = ({address, device, prefixLength}: VipConfig): string => `${address}/${prefixLength} ${device ?? ''}`

function keep(
  vip: VipConfig,
  into: Map<string, VipConfig>,
  taken: readonly ReadonlyMap<string, VipConfig>[],
  report: Report<InstanceSettings>,
): void {
  const key = keyOf(vip)
  if (taken.some(known => known.has(key))) {
    report('vip-duplicate', vip.position, `${vip.address} is listed twice; this one is left out`)
    return
  }
  reportUnusual(vip, report)
  into.set(key, vip)
}

function reportUnusual({address, prefixLength, position}: VipConfig, report: Report<InstanceSettings>): void {
  if (ipFamily(address) !== 4) return
  const [first = 0] = ipToBytes(address)
  if (first === 0 || first >= 224) report('vip-unusual', position, `${address} is not the address of a host`)
  if (prefixLength >= 31) return
  const last = ipv4Broadcast(address, prefixLength)
  const hostBits = ipToBytes(last).readUInt32BE(0) - ipToBytes(address).readUInt32BE(0)
  if (hostBits === 0) {
    report('vip-unusual', position, `${address}/${prefixLength} is the broadcast address of its network`)
  } else if (hostBits === 2 ** (32 - prefixLength) - 1) {
    report('vip-unusual', position, `${address}/${prefixLength} is the network itself, not a host of it`)
  }
}
