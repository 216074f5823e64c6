import type {Capture} from './capture.ts'
import {type Daemon, type DaemonName, startDaemon} from './daemon.ts'
import type {Host} from './host.ts'
import {createLab, type Lab} from './lab.ts'
import type {Link} from './link.ts'
import {startPing} from './ping.ts'
import type {Segment} from './segment.ts'

/** One way to run a virtual router: all that its two members share. */
export interface Protocol {
  readonly version: 2 | 3
  readonly intervalMs: number
  /** Version 2 only. */
  readonly password?: string
}

export const PASS_V2: Protocol = {version: 2, intervalMs: 1_000, password: 'secret12'}
export const V3_SLOW: Protocol = {version: 3, intervalMs: 1_000}
export const V3_FAST: Protocol = {version: 3, intervalMs: 100}

/** How a protocol is called in the names of tests and tables. */
export const protocolName = ({version, intervalMs, password}: Protocol): string =>
  `VRRPv${version}${password === undefined ? '' : ' PASS'} ${intervalMs === 1_000 ? '1 s' : `${intervalMs / 10} cs`}`

/** A director of a pair: its host, its cable, and what runs there. */
export interface Member {
  readonly host: Host
  readonly link: Link
  readonly address: string
  readonly priority: number
  readonly program: DaemonName
  /** What was started last; it may have ended since. */
  daemon: Daemon | undefined
}

/** Two directors with one virtual address, a client that pings it, and a capture of their segment. */
export interface Pair {
  readonly lab: Lab
  readonly segment: Segment
  readonly better: Member
  readonly worse: Member
  readonly client: Host
  readonly capture: Capture
  readonly protocol: Protocol
}

export const DEVICE = 'eth0'
export const VRID = 51
export const VIP = '10.20.0.100'
export const BETTER_PRIORITY = 200
export const WORSE_PRIORITY = 100
/** Pings this far apart. */
export const PING_EVERY_MS = 10

export interface PairOptions {
  readonly protocol: Protocol
  readonly better: DaemonName
  readonly worse: DaemonName
  /** Record only what the two members send; no client pings. */
  readonly captureMembersOnly?: boolean
}

/** Builds the hosts and starts client and capture; no daemon yet. */
export async function createPair({protocol, better, worse, captureMembersOnly = false}: PairOptions): Promise<Pair> {
  const lab = await createLab()
  try {
    const segment = await lab.segment()
    const member = async (name: string, address: string, priority: number, program: DaemonName): Promise<Member> => {
      const host = await lab.host(name)
      const link = await host.attach(segment, {interface: DEVICE, address: `${address}/24`})
      return {host, link, address, priority, program, daemon: undefined}
    }
    const [betterMember, worseMember, client] = [
      await member('better', '10.20.0.1', BETTER_PRIORITY, better),
      await member('worse', '10.20.0.2', WORSE_PRIORITY, worse),
      await lab.host('client'),
    ]
    await client.attach(segment, {interface: DEVICE, address: '10.20.0.200/24'})
    const members = [betterMember.address, worseMember.address]
    const capture = await segment.capture(captureMembersOnly ? {sources: members} : {})
    if (!captureMembersOnly) await startPing(client, {address: VIP, intervalMs: PING_EVERY_MS})
    return {lab, segment, better: betterMember, worse: worseMember, client, capture, protocol}
  } catch (error) {
    await lab.close()
    throw error
  }
}

/** Starts a member's program, anew after it ended. */
export async function startMember(
  pair: Pair,
  member: Member,
  settings: {readonly nopreempt?: boolean} = {},
): Promise<Daemon> {
  member.daemon = await startDaemon(member.program, member.host, {
    config: pairConfig(pair.protocol, {priority: member.priority, ...settings}),
  })
  return member.daemon
}

/** The configuration of one member, in the language both programs read. */
export function pairConfig(
  {version, intervalMs, password}: Protocol,
  {priority, nopreempt = false}: {readonly priority: number; readonly nopreempt?: boolean},
): string {
  const authentication =
    password === undefined ? '' : `    authentication {\n        auth_type PASS\n        auth_pass ${password}\n    }\n`
  return `global_defs {
    router_id lab
    vrrp_version ${version}
}

vrrp_instance VI_1 {
    state BACKUP
    interface ${DEVICE}
    virtual_router_id ${VRID}
    priority ${priority}
    advert_int ${intervalMs / 1_000}
${nopreempt ? '    nopreempt\n' : ''}${authentication}    virtual_ipaddress {
        ${VIP}/24
    }
}
`
}
