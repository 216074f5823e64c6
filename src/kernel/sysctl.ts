import {readFile, writeFile} from 'node:fs/promises'
import type {IpFamily} from '../core/ip.ts'

/** A setting of one interface, or of `all` or `default` of them: /proc/sys/net/ipv4/conf/INTERFACE/NAME. */
export interface Sysctl {
  readonly family: IpFamily
  readonly interface: string
  /** "arp_ignore" and the like. Documentation/networking/ip-sysctl.rst of Linux. */
  readonly name: string
}

/** What came of a change; `reason` is the name of the error: 'ENOENT' where there is no such interface or setting. */
export type SysctlOutcome = {readonly ok: true} | {readonly ok: false; readonly reason: string}

/**
 * Reads a setting; undefined where it cannot be read. Reading and writing happen in the thread pool: some settings
 * (disable_ipv6) wait for a lock of the kernel that somebody else may hold for long.
 */
export async function readSysctl(sysctl: Sysctl): Promise<string | undefined> {
  const path = pathOf(sysctl)
  try {
    return path && (await readFile(path, 'utf8')).trim()
  } catch {
    return undefined
  }
}

/** Writes a setting; the promise never rejects. */
export async function writeSysctl(sysctl: Sysctl, value: string): Promise<SysctlOutcome> {
  const path = pathOf(sysctl)
  if (path === undefined) return {ok: false, reason: 'EINVAL'}
  try {
    await writeFile(path, value)
    return {ok: true}
  } catch (error) {
    return {ok: false, reason: error instanceof Error && 'code' in error ? String(error.code) : 'EIO'}
  }
}

/** "net.ipv4.conf.eth0.arp_ignore". */
export const sysctlText = ({family, interface: device, name}: Sysctl): string =>
  `net.ipv${family}.conf.${device.replaceAll('.', '/')}.${name}`

/** No name leads out of its directory; the kernel has no interface with such a name either. */
function pathOf({family, interface: device, name}: Sysctl): string | undefined {
  if (!/^[^/\0]{1,15}$/.test(device) || device === '.' || device === '..') return undefined
  if (!/^[a-z0-9_]{1,40}$/.test(name)) return undefined
  return `/proc/sys/net/ipv${family}/conf/${device}/${name}`
}
