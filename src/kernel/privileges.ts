import {readFileSync} from 'node:fs'
import {HactlError} from '../errors.ts'

/** Throws unless this process may change addresses and open raw sockets: capabilities(7), NET_ADMIN and NET_RAW. */
export function requireNetworkPrivileges(): void {
  const effective = effectiveCapabilities()
  // Without /proc nobody can tell: the system calls will.
  if (effective === undefined) return
  const missing = Object.entries(NEEDED)
    .filter(([, bit]) => (effective & (1n << bit)) === 0n)
    .map(([name]) => name)
  if (missing.length === 0) return
  throw new HactlError(
    'PERMISSION',
    `this process lacks ${missing.join(' and ')}`,
    'run it as root, or give the service AmbientCapabilities=CAP_NET_ADMIN CAP_NET_RAW',
  )
}

/** <linux/capability.h> */
const NEEDED = {CAP_NET_ADMIN: 12n, CAP_NET_RAW: 13n} as const

/** The set that system calls are judged by, CapEff of proc(5). */
function effectiveCapabilities(): bigint | undefined {
  try {
    const match = /^CapEff:\s*([0-9a-f]+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))
    return match ? BigInt(`0x${match[1]}`) : undefined
  } catch {
    return undefined
  }
}
