import type {Capture} from '../lab/capture.ts'
import type {AdvertPacket, Packet} from '../lab/packets.ts'
import {type Member, type Pair, VRID} from '../lab/pair.ts'
import {virtualMac} from '../lab/role.ts'

/** RFC 9568 sections 5.1.1.2 and 5.1.2.2. */
const GROUPS = {4: '224.0.0.18', 6: 'ff02::12'} as const
/** RFC 9568 sections 5.1.1.3 and 5.1.2.3. */
const TTL = 255

/** Throws unless every advertisement of the capture has the form that the pair's protocol demands of its sender. */
export function checkAdverts(pair: Pair): void {
  const members = new Map([pair.better, pair.worse].map(member => [member.address, member]))
  for (const advert of pair.capture.adverts()) {
    const member = members.get(advert.source)
    if (!member) throw new Error(`an advertisement came from ${advert.source}, which is no member's address`)
    const wanted = formOf(pair, member)
    const wrong = (Object.keys(wanted) as (keyof Form)[]).filter(field => advert[field] !== wanted[field])
    if (wrong.length === 0) continue
    const faults = wrong.map(field => `${field} ${advert[field]}, not ${wanted[field]}`)
    throw new Error(`${member.program} advertised with ${faults.join('; ')}`)
  }
}

/** Throws unless a master has the VIP on the interface where the protocol wants it. */
export async function checkPlace(pair: Pair, member: Member): Promise<void> {
  const {stdout} = await member.host.run(['ip', '-j', 'address', 'show'])
  const links = JSON.parse(stdout) as readonly {
    ifname: string
    address?: string
    addr_info: readonly {local?: string}[]
  }[]
  const link = links.find(({addr_info}) => addr_info.some(({local}) => local === pair.vip))
  const wanted = pair.protocol.vmac || member.program === 'frr' ? virtualMacOf(pair) : member.mac
  const mac = link?.address?.replaceAll(':', '')
  if (mac !== wanted) throw new Error(`${member.program} has the address on ${link?.ifname} (${mac}), not on ${wanted}`)
}

/** The last packets of a capture that decide who is master, for the message of a failure; equal ones in a row are one. */
export function lastPackets({packets}: Capture, limit = 60): string {
  const endMs = packets.at(-1)?.atMs ?? 0
  const lines: {readonly text: string; readonly fromMs: number; times: number}[] = []
  for (const packet of packets) {
    const text = describePacket(packet)
    const last = lines.at(-1)
    if (text === undefined) continue
    if (last?.text === text) last.times++
    else lines.push({text, fromMs: packet.atMs, times: 1})
  }
  const shown = lines.slice(-limit).map(({text, fromMs, times}) => {
    const at = `${(fromMs - endMs).toFixed(1)} ms`.padStart(14)
    return `${at}  ${text}${times > 1 ? ` (${times} in a row)` : ''}`
  })
  return ['packets, by the time before the last one:', ...shown].join('\n')
}

type Form = Pick<AdvertPacket, 'version' | 'type' | 'vrid' | 'ttl' | 'destination' | 'authentication' | 'sourceMac'>

function formOf(pair: Pair, member: Member): Form {
  const {version, family, transport, authentication, vmac} = pair.protocol
  // Unicast leaves from the interface itself also where there is a VMAC: keepalived.conf(5), vmac_xmit_base.
  const virtual = member.program === 'frr' || (vmac && transport === 'multicast')
  return {
    version,
    type: 1,
    vrid: VRID,
    // What keepalived 2.2.7 sends where unicast_ttl is not given; multicast alone demands 255.
    ttl: member.program === 'keepalived' && transport === 'unicast' && family === 6 ? 64 : TTL,
    destination: transport === 'unicast' ? member.peer : GROUPS[family],
    authentication: WIRE_NAMES[authentication],
    sourceMac: virtual ? virtualMacOf(pair) : member.mac,
  }
}

const WIRE_NAMES = {none: 'none', PASS: 'pass', AH: 'ah', HMAC: 'hmac'} as const

const virtualMacOf = ({protocol}: Pair): string => virtualMac({vrid: VRID, protocol})

function describePacket(packet: Packet): string | undefined {
  switch (packet.kind) {
    case 'advert': {
      const {source, destination, ttl, version, vrid, priority, authentication} = packet
      const rest = `VRID ${vrid} priority ${priority} ttl ${ttl} authentication ${authentication}`
      return `${packet.sourceMac} ${source} > ${destination}: VRRPv${version} ${rest}`
    }
    case 'arp':
      return packet.sender === packet.target ? `${packet.sourceMac} gratuitous ARP for ${packet.target}` : undefined
    case 'neighbour':
      // The link-local address is announced with the other one, and would part equal packets.
      return packet.solicited || packet.target.startsWith('fe80')
        ? undefined
        : `${packet.sourceMac} neighbour advertisement for ${packet.target}`
    default:
      return undefined
  }
}
