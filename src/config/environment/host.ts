import type {IpAddress} from '../../core/ip.ts'
import type {RtKind} from '../tables/rt-names.ts'

/** What could not be found out, for want of permission or of the file that says it. Nothing is made of it. */
export type Unknown = 'unknown'

/** What is looked up and is not there. */
export type Absent = 'absent'

/** An interface of this host. */
export interface HostInterface {
  /** Up, and something is at the other end. */
  readonly running: boolean | Unknown
  readonly multicast: boolean | Unknown
  readonly addresses: readonly HostAddress[] | Unknown
}

/** An address that an interface has. */
export interface HostAddress {
  readonly address: IpAddress
  readonly prefixLength: number
}

/** A file, or what a symbolic link leads to. */
export interface HostFile {
  readonly kind: 'file' | 'directory' | 'fifo' | 'other'
  /** Permission bits, with those for other users' rights and the sticky bit. chmod(2). */
  readonly mode: number
  readonly uid: number
  readonly gid: number
}

/** A user of this host. */
export interface HostUser {
  readonly uid: number
  /** Its own group first. */
  readonly gids: readonly number[]
}

/** Everything about a host that decides whether a configuration works on it. */
export interface HostView {
  interface(name: string): HostInterface | Absent | Unknown
  /** The interface that has an address; undefined: none is known to. */
  holderOf(address: IpAddress): string | undefined
  /** Follows symbolic links. */
  file(path: string): HostFile | Absent | Unknown
  /** The path without symbolic links. */
  realPath(path: string): string | Absent | Unknown
  user(name: string): HostUser | Absent | Unknown
  /** The number of a group. */
  group(name: string): number | Absent | Unknown
  /** Whether a name of a host has an address. */
  resolves(name: string): boolean | Unknown
  /** Whether there is a network namespace of that name. */
  namespace(name: string): boolean | Unknown
  /** The number that a name has in the tables of iproute2. */
  routingNumber(kind: RtKind, name: string): number | Absent | Unknown
  /** A value below `/proc/sys`, such as `net/ipv4/ip_forward`. */
  sysctl(name: string): string | Absent | Unknown
  /** Whether the kernel has a module, or can load it. */
  kernelModule(name: string): boolean | Unknown
  /** Where programs are looked for whose path is not given. */
  readonly searchPath: readonly string[]
  /** What already runs here and may hold the virtual addresses. */
  readonly running: {readonly name: 'keepalived' | 'hactl'; readonly pid: number} | undefined
}
