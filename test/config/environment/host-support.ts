import {expect, it} from 'vitest'
import type {DiagnosticClass, Severity} from '../../../src/config/config.ts'
import type {HostFile, HostInterface, HostUser, HostView} from '../../../src/config/environment/host.ts'
import {checkEnvironment} from '../../../src/config/environment.ts'
import {type IpAddress, parseIp} from '../../../src/core/ip.ts'
import {parse} from '../support.ts'

/** What a made-up host has; what is not said is absent, and of interfaces there is eth0 with 10.0.0.8/24. */
export interface MadeUpHost {
  readonly interfaces?: {readonly [name: string]: Partial<HostInterface> | 'unknown'}
  readonly files?: {readonly [path: string]: Partial<HostFile> | 'unknown'}
  /** Where symbolic links lead. */
  readonly links?: {readonly [path: string]: string}
  readonly users?: {readonly [name: string]: HostUser}
  readonly groups?: {readonly [name: string]: number}
  readonly namespaces?: readonly string[]
  readonly names?: {readonly [name: string]: boolean | 'unknown'}
  readonly tables?: {readonly [name: string]: number}
  readonly sysctls?: {readonly [name: string]: string}
  readonly withoutModules?: readonly string[]
  readonly running?: HostView['running']
}

/** An address with its prefix, such as `10.0.0.8/24`. */
export function hostAddress(text: string): {readonly address: IpAddress; readonly prefixLength: number} {
  const [address = '', length] = text.split('/')
  const parsed = parseIp(address)
  if (!parsed.ok) throw new Error(`${address} is no address`)
  return {address: parsed.value, prefixLength: Number(length)}
}

/** An interface that is up and has addresses. */
export const up = (...addresses: string[]): HostInterface => ({
  running: true,
  multicast: true,
  addresses: addresses.map(hostAddress),
})

/** A host that is as it is said to be. */
export function madeUpHost(host: MadeUpHost): HostView {
  const interfaces = new Map<string, HostInterface | 'unknown'>()
  for (const [name, found] of Object.entries(host.interfaces ?? {eth0: up('10.0.0.8/24')})) {
    interfaces.set(name, found === 'unknown' ? found : {...up(), ...found})
  }
  const addresses = [...interfaces].flatMap(([name, found]) =>
    found === 'unknown' || found.addresses === 'unknown'
      ? []
      : found.addresses.map(({address}) => [address, name] as const),
  )
  const holders = new Map(addresses)
  const file = (path: string): HostFile | 'absent' | 'unknown' => {
    const found = host.files?.[path]
    if (found === undefined || found === 'unknown') return found ?? 'absent'
    return {kind: 'file', mode: 0o755, uid: 0, gid: 0, ...found}
  }
  return {
    interface: name => interfaces.get(name) ?? 'absent',
    holderOf: address => holders.get(address),
    file,
    realPath: path => host.links?.[path] ?? path,
    user: name => host.users?.[name] ?? 'absent',
    group: name => host.groups?.[name] ?? 'absent',
    resolves: name => host.names?.[name] ?? 'unknown',
    namespace: name => host.namespaces?.includes(name) ?? false,
    routingNumber: (_kind, name) => host.tables?.[name] ?? 'absent',
    sysctl: name => host.sysctls?.[name] ?? 'unknown',
    kernelModule: name => !(host.withoutModules ?? []).includes(name),
    searchPath: ['/usr/bin', '/bin'],
    running: host.running,
  }
}

/** A sentence, a configuration, a host, and the finding as `LINE:COLUMN message`; without one, there is none. */
export type HostCase = readonly [sentence: string, text: string, host: MadeUpHost, finding?: string]

/** Expects that a configuration has exactly the finding of one kind on a host. */
export function itLacks(code: string, severity: Severity, kind: DiagnosticClass, cases: readonly HostCase[]): void {
  const all = cases.map(([sentence, text, host, finding]) => [sentence, {text, host, finding}] as const)
  it.each(all)(`${code}: %s`, (_sentence, {text, host, finding}) => {
    const found = checkEnvironment(parse(text).config, madeUpHost(host)).filter(each => each.code === code)
    const shown = found.map(({position: {line, column}, message}) => `${line}:${column} ${message}`)
    expect(shown).toEqual(finding === undefined ? [] : [finding])
    for (const each of found) expect(each).toMatchObject({severity, class: kind})
  })
}
