/** One way to run a virtual router: all that its members share. */
export interface Protocol {
  readonly version: 2 | 3
  readonly family: 4 | 6
  readonly transport: 'multicast' | 'unicast'
  /** HMAC: `auth_hmac` of keepalived 2.4. */
  readonly authentication: 'none' | 'PASS' | 'AH' | 'HMAC'
  /** Whether programs that have the choice use the virtual router's MAC address; FRR always does. */
  readonly vmac: boolean
  readonly intervalMs: number
}

/** What one node has to be in a virtual router, in no program's words. */
export interface Role {
  readonly protocol: Protocol
  readonly device: string
  readonly vrid: number
  readonly priority: number
  /** In the order in which they are advertised. */
  readonly vips: readonly string[]
  /** The address that advertisements come from. */
  readonly source: string
  /** Everybody else in the virtual router. */
  readonly peers: readonly string[]
  readonly nopreempt?: boolean
}

/** How a protocol is called in the names of tests and tables. */
export function protocolName({version, family, transport, authentication, vmac, intervalMs}: Protocol): string {
  const words = [
    `VRRPv${version}`,
    ...(family === 6 ? ['IPv6'] : []),
    ...(transport === 'unicast' ? ['unicast'] : []),
    ...(authentication === 'none' ? [] : [authentication]),
    ...(vmac ? ['VMAC'] : []),
    intervalMs === 1_000 ? '1 s' : `${intervalMs / 10} cs`,
  ]
  return words.join(' ')
}

/** The MAC address of a virtual router, as captures write it. RFC 9568 section 7.3. */
export const virtualMac = ({vrid, protocol}: Pick<Role, 'vrid' | 'protocol'>): string =>
  `00005e000${protocol.family === 4 ? 1 : 2}${vrid.toString(16).padStart(2, '0')}`

/** The same with colons, as `ip` wants it. */
export const withColons = (mac: string): string => mac.replace(/..(?=.)/g, '$&:')

/** The role in the language that hactl and keepalived both read. keepalived.conf(5) */
export function keepalivedConfig(role: Role): string {
  const {protocol, device, vrid, priority, vips, source, peers, nopreempt = false} = role
  const unicast = protocol.transport === 'unicast'
  return `global_defs {
    router_id lab
    vrrp_version ${protocol.version}
}

vrrp_instance VI_1 {
    state BACKUP
    interface ${device}
    virtual_router_id ${vrid}
    priority ${priority}
    advert_int ${protocol.intervalMs / 1_000}
${nopreempt ? '    nopreempt\n' : ''}${protocol.vmac ? '    use_vmac\n' : ''}${
  protocol.vmac && unicast ? '    vmac_xmit_base\n' : ''
}${unicast ? `    unicast_src_ip ${source}\n${block('unicast_peer', peers)}` : ''}${authentication(protocol)}${block(
  'virtual_ipaddress',
  vips.map(vip => `${vip}/${vipPrefixLength(protocol)}`),
)}}
`
}

/** The role for FRR's vrrpd. https://docs.frrouting.org/en/latest/vrrp.html */
export function frrConfig({protocol, device, vrid, priority, vips, nopreempt = false}: Role): string {
  const {version, family, intervalMs} = protocol
  const settings = [
    `version ${version}`,
    `priority ${priority}`,
    `advertisement-interval ${intervalMs}`,
    ...vips.map(vip => `${family === 4 ? 'ip' : 'ipv6'} ${vip}`),
  ]
  const lines = [...settings.map(line => ` vrrp ${vrid} ${line}`), ...(nopreempt ? [` no vrrp ${vrid} preempt`] : [])]
  return `interface ${device}\n${lines.join('\n')}\n`
}

/** On an interface of its own an address has no network, or there were two ways to that network. */
export const vipPrefixLength = ({family, vmac}: Protocol): number => (family === 4 ? (vmac ? 32 : 24) : vmac ? 128 : 64)

const PASSWORD = 'secret12'
const HMAC_SECRET = 'hex:000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f'

function authentication({authentication: type}: Protocol): string {
  if (type === 'none') return ''
  if (type === 'HMAC') return block('auth_hmac', [`key 1 ${HMAC_SECRET}`, 'active_key 1'])
  return block('authentication', [`auth_type ${type}`, `auth_pass ${PASSWORD}`])
}

const block = (name: string, lines: readonly string[]): string =>
  `    ${name} {\n${lines.map(line => `        ${line}\n`).join('')}    }\n`
