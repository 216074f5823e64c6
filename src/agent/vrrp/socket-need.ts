import type {RouterConfig} from '../../config/router-config.ts'
import {AH_PROTOCOL} from '../../core/vrrp/authentication-header.ts'
import {VRRP_PROTOCOL} from '../../core/vrrp/message.ts'
import {type ReceiveBufferSettings, receiveBufferBytes} from '../../core/vrrp/receive-buffer.ts'
import type {Network} from '../../kernel/network.ts'
import type {SocketNeed} from './interface-sockets.ts'
import {transmitDeviceOf} from './network-view.ts'

/**
 * What the socket of a virtual router is bound to: the interface that it advertises from, its own one where it has one,
 * as keepalived 2.2.7 does; without an interface the VRF, or nothing at all.
 */
export const socketDeviceOf = (config: RouterConfig): string => transmitDeviceOf(config) || config.vrf || ''

/** What a virtual router needs to hear and be heard; undefined while its interface is not there. */
export function socketNeed(
  config: RouterConfig,
  network: Pick<Network, 'link'>,
  buffers: ReceiveBufferSettings = {policy: undefined, multiplier: 1},
): SocketNeed | undefined {
  const device = socketDeviceOf(config)
  const link = network.link(device)
  const index = link?.index
  if (device !== '' && index === undefined) return undefined
  return {
    interface: device,
    index,
    family: config.family,
    protocol: config.authentication?.type === 'ah' ? AH_PROTOCOL : VRRP_PROTOCOL,
    group: config.transport.type === 'multicast' ? config.transport.group : undefined,
    receiveBufferBytes: receiveBufferBytes(buffers, [
      {mtu: link?.mtu ?? ETHERNET_MTU, advertBytes: advertBytes(config), ownBytes: config.receiveBufferBytes},
    ]),
  }
}

const ETHERNET_MTU = 1_500

/** The length of an advertisement with everything around it, bytes. RFC 9568 section 5.1, RFC 3768 section 5.1 */
function advertBytes({family, version, vips, authentication, hmac}: RouterConfig): number {
  const addresses = vips.length * (family === 4 ? 4 : 16)
  const ip = family === 4 ? 20 : 40
  return ip + 8 + addresses + (version === 2 ? 8 : 0) + (authentication?.type === 'ah' ? 24 : 0) + (hmac ? 28 : 0)
}
