import {macToBytes} from '../arp/gratuitous-arp.ts'
import type {InterfaceIndex} from '../units.ts'
import {encodeLink} from './link.ts'
import {encodeLinkInfo, IPVLAN_FLAG, IPVLAN_MODE_L2, MACVLAN_MODE} from './link-info.ts'

/** An interface to make on top of another one. */
export interface NewLink {
  readonly type: 'macvlan' | 'ipvlan'
  /** At most 15 bytes. */
  readonly name: string
  readonly base: InterfaceIndex
  /** "00:00:5e:00:01:33"; an ipvlan has that of its base. */
  readonly mac: string | undefined
  readonly mode: 'private' | 'bridge' | 'vepa'
  /** The alias by which its maker knows it again. */
  readonly alias: string
}

/** The body of the RTM_NEWLINK message that makes an interface; it says nothing of the alias. <linux/rtnetlink.h> */
export function encodeNewLink({type, name, base, mac, mode}: NewLink): Buffer {
  const linkInfo =
    type === 'macvlan'
      ? encodeLinkInfo({kind: 'macvlan', mode: MACVLAN_MODE[mode], flags: 0})
      : encodeLinkInfo({kind: 'ipvlan', mode: IPVLAN_MODE_L2, flags: IPVLAN_FLAG[mode]})
  const hardwareAddress = mac === undefined ? undefined : macToBytes(mac)
  const values = {name, base, linkInfo, hardwareAddress}
  return encodeLink({family: 0, hardwareType: 0, index: 0, flags: 0, change: 0, values, unknown: []})
}
