import type {Capture} from './capture.ts'
import {type Daemon, type DaemonName, startDaemon} from './daemon.ts'
import type {Host} from './host.ts'
import {createLab, type Lab} from './lab.ts'
import type {Link} from './link.ts'
import {startPing} from './ping.ts'
import {keepalivedConfig, type Protocol, type Role} from './role.ts'
import type {Segment} from './segment.ts'

const PLAIN = {family: 4, transport: 'multicast', authentication: 'none', vmac: false} as const
export const PASS_V2: Protocol = {...PLAIN, version: 2, authentication: 'PASS', intervalMs: 1_000}
export const V3_SLOW: Protocol = {...PLAIN, version: 3, intervalMs: 1_000}
export const V3_FAST: Protocol = {...PLAIN, version: 3, intervalMs: 100}

/** A director of a pair: its host, its cable, and what runs there. */
export interface Member {
  readonly host: Host
  readonly link: Link
  /** The address that its advertisements come from. */
  readonly address: string
  /** The other member's. */
  readonly peer: string
  readonly priority: number
  readonly program: DaemonName
  /** Hardware address of its interface, as captures write it. */
  readonly mac: string
  /** What was started last; it may have ended since. */
  daemon: Daemon | undefined
}

/** Two directors with one virtual router, a client that pings it, and a capture of their segment. */
export interface Pair {
  readonly lab: Lab
  readonly segment: Segment
  readonly better: Member
  readonly worse: Member
  readonly client: Host
  readonly capture: Capture
  readonly protocol: Protocol
  /** The virtual address that the client pings. */
  readonly vip: string
}

export const DEVICE = 'eth0'
export const VRID = 51
export const VIP = '10.20.0.100'
const VIP6 = 'fd20::100'
/** The first address of a virtual router is a link-local one: RFC 9568 section 5.2.9; FRR insists. */
const LINK_LOCAL_VIP = 'fe80::100'
export const BETTER_PRIORITY = 200
export const WORSE_PRIORITY = 100
/** Pings this far apart. */
export const PING_EVERY_MS = 10

export interface PairOptions {
  readonly protocol: Protocol
  readonly better: DaemonName
  readonly worse: DaemonName
  /** Record only what the two members send; no client pings. IPv4 only. */
  readonly captureMembersOnly?: boolean
}

/** Builds the hosts and starts client and capture; no daemon yet. */
export async function createPair({protocol, better, worse, captureMembersOnly = false}: PairOptions): Promise<Pair> {
  const lab = await createLab()
  try {
    const segment = await lab.segment()
    const network = protocol.family === 4 ? '10.20.0.%/24' : 'fd20::%/64'
    const onNetwork = (n: number): string => network.replace('%', String(n))
    const member = async (n: 1 | 2, name: string, priority: number, program: DaemonName): Promise<Member> => {
      const host = await lab.host(name)
      const mac = `02:00:00:00:00:0${n}`
      const link = await host.attach(segment, {interface: DEVICE, address: onNetwork(n), mac})
      const [address, peer] = [sourceOf(protocol, n), sourceOf(protocol, n === 1 ? 2 : 1)]
      return {host, link, address, peer, priority, program, mac: mac.replaceAll(':', ''), daemon: undefined}
    }
    const [betterMember, worseMember, client] = [
      await member(1, 'better', BETTER_PRIORITY, better),
      await member(2, 'worse', WORSE_PRIORITY, worse),
      await lab.host('client'),
    ]
    await client.attach(segment, {interface: DEVICE, address: onNetwork(200)})
    const members = [betterMember.address, worseMember.address]
    const capture = await segment.capture(captureMembersOnly ? {sources: members} : {})
    const vip = protocol.family === 4 ? VIP : VIP6
    if (!captureMembersOnly) await startPing(client, {address: vip, intervalMs: PING_EVERY_MS})
    return {lab, segment, better: betterMember, worse: worseMember, client, capture, protocol, vip}
  } catch (error) {
    await lab.close()
    throw error
  }
}

/** Starts a member's program, anew after it ended. */
export async function startMember(
  {protocol}: Pick<Pair, 'protocol'>,
  member: Member,
  settings: {readonly nopreempt?: boolean} = {},
): Promise<Daemon> {
  const {program, host, priority, address, peer} = member
  const role: Role = {...ROLE, protocol, vips: vipsOf(protocol), priority, source: address, peers: [peer], ...settings}
  member.daemon = await startDaemon(program, host, role)
  return member.daemon
}

/** The configuration of one member of a pair over IPv4 multicast, in the language that hactl and keepalived read. */
export const pairConfig = (protocol: Protocol, {priority}: {readonly priority: number}): string =>
  keepalivedConfig({...ROLE, protocol, vips: vipsOf(protocol), priority, source: '', peers: []})

const ROLE = {device: DEVICE, vrid: VRID} as const

const vipsOf = ({family}: Protocol): readonly string[] => (family === 4 ? [VIP] : [LINK_LOCAL_VIP, VIP6])

/** Multicast over IPv6 comes from the link-local address, which the kernel makes of the hardware address. */
function sourceOf({family, transport}: Protocol, n: 1 | 2): string {
  if (family === 4) return `10.20.0.${n}`
  return transport === 'unicast' ? `fd20::${n}` : `fe80::ff:fe00:${n}`
}
