import {findProgram, labAvailability} from './availability.ts'

/** Programs of others that tests work with: Debian's packages of each, and what it is called where that differs. */
const PEERS = {
  dnsmasq: {packages: 'dnsmasq-base'},
  ip: {packages: 'iproute2'},
  ipvsadm: {packages: 'ipvsadm'},
  keepalived: {packages: 'keepalived'},
  nft: {packages: 'nftables'},
  nginx: {packages: 'nginx'},
  openssl: {packages: 'openssl'},
  ping: {packages: 'iputils-ping'},
  smtpd: {packages: 'opensmtpd'},
  // For pictures of screens alone.
  'rsvg-convert': {packages: 'librsvg2-bin fonts-dejavu-core'},
  socat: {packages: 'socat'},
  promtool: {packages: 'prometheus'},
  sshd: {packages: 'openssh-server openssh-client', programs: ['sshd', 'ssh', 'ssh-keygen']},
  tcpdump: {packages: 'tcpdump'},
  tmux: {packages: 'tmux'},
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
  else if (available.mode === 'user') {
    // There is one user in the namespaces of an ordinary user.
    if (names.includes('vrrpd')) reasons.push('FRR changes to a user of its own: run as root')
    if (names.includes('sshd')) reasons.push('sshd changes to a user of its own: run as root')
  }
  return reasons.length === 0 ? undefined : reasons.join('; ')
}
