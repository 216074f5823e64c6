import {findProgram, labAvailability} from './availability.ts'

/** Programs of others that tests work with: Debian's packages of each, and what it is called where that differs. */
const PEERS = {
  ip: {packages: 'iproute2'},
  ipvsadm: {packages: 'ipvsadm'},
  keepalived: {packages: 'keepalived'},
  nginx: {packages: 'nginx'},
  ping: {packages: 'iputils-ping'},
  uml: {packages: 'user-mode-linux kmod', programs: ['linux.uml', 'modprobe']},
  vrrpd: {packages: 'frr'},
} as const

export type PeerName = keyof typeof PEERS
export type Peer = {readonly ok: true; readonly path: string} | {readonly ok: false; readonly reason: string}

/** Where FRR's daemons are: in nobody's PATH. */
const FRR_FOLDERS = ['/usr/lib/frr', '/usr/libexec/frr']

/** Whether a program is here, and if not how to get it. */
export function peer(name: PeerName): Peer {
  const {packages, programs = [name]}: {packages: string; programs?: readonly string[]} = PEERS[name]
  const paths = programs.map(program => findProgram(program) ?? findProgram(program, FRR_FOLDERS))
  const [path] = paths
  return path === undefined || paths.includes(undefined)
    ? {ok: false, reason: `${name} is not installed (Debian: apt-get install ${packages})`}
    : {ok: true, path}
}

/** Why something that needs a lab and these programs cannot run here; undefined when it can. */
export function missingForLab(names: readonly PeerName[]): string | undefined {
  const reasons = names.map(peer).flatMap(found => (found.ok ? [] : [found.reason]))
  const available = labAvailability()
  if (!available.ok) reasons.unshift(available.reason)
  else if (names.includes('vrrpd') && available.mode === 'user')
    reasons.push('FRR changes to a user of its own: run as root')
  return reasons.length === 0 ? undefined : reasons.join('; ')
}
