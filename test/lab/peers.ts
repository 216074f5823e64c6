import {findProgram, labAvailability} from './availability.ts'

/** Programs of others that tests work with, and the Debian package of each. */
const PACKAGES = {
  ip: 'iproute2',
  keepalived: 'keepalived',
  nginx: 'nginx',
  ping: 'iputils-ping',
  vrrpd: 'frr',
} as const

export type PeerName = keyof typeof PACKAGES
export type Peer = {readonly ok: true; readonly path: string} | {readonly ok: false; readonly reason: string}

/** Where FRR's daemons are: in nobody's PATH. */
const FRR_FOLDERS = ['/usr/lib/frr', '/usr/libexec/frr']

/** Whether a program is here, and if not how to get it. */
export function peer(name: PeerName): Peer {
  const path = findProgram(name) ?? findProgram(name, FRR_FOLDERS)
  return path === undefined
    ? {ok: false, reason: `${name} is not installed (Debian: apt-get install ${PACKAGES[name]})`}
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
