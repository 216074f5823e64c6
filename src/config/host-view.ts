import {existsSync, readdirSync, readFileSync, readlinkSync, realpathSync, type Stats, statSync} from 'node:fs'
import {networkInterfaces, release} from 'node:os'
import {type IpAddress, parseIp} from '../core/ip.ts'
import type {Config} from './config.ts'
import type {Absent, HostAddress, HostFile, HostInterface, HostUser, HostView, Unknown} from './environment/host.ts'
import type {RtKind} from './tables/rt-names.ts'

/** What of a configuration decides where on the host one has to look. */
export type HostScope = Pick<Config, 'netNamespace'> & {
  readonly global: Pick<Config['global'], 'iprouteEtcDirectory' | 'iprouteUsrDirectory'>
}

/**
 * This host, read when it is asked for, as far as an ordinary user may. Never throws: what cannot be read is unknown.
 * Interfaces in another network namespace than one's own are unknown, too, and names that were not looked up before.
 */
export function readHost(
  {netNamespace, global}: HostScope,
  resolved: ReadonlyMap<string, boolean | Unknown> = new Map(),
): HostView {
  const files = remembered(readFile)
  const realPaths = remembered(readRealPath)
  const users = once(() => readUsers())
  const groups = once(() => readGroups())
  const interfaces = once(() => (inOwnNamespace(netNamespace) ? readInterfaces() : undefined))
  const holders = once(() => holdersOf(interfaces()))
  const modules = once(() => readModules())
  const numbers = remembered(kind => readRoutingNames(kind as RtKind, routingDirectories(global)))
  return {
    interface: name => (interfaces() === undefined ? 'unknown' : (interfaces()?.get(name) ?? 'absent')),
    holderOf: address => holders().get(address),
    file: files,
    realPath: realPaths,
    user: name => users().byName.get(name) ?? (users().all ? 'absent' : 'unknown'),
    group: name => groups().byName.get(name) ?? (groups().all ? 'absent' : 'unknown'),
    resolves: name => resolved.get(name) ?? 'unknown',
    namespace: name => NAMESPACE_DIRECTORIES.some(directory => existsSync(`${directory}/${name}`)),
    routingNumber: (kind, name) => {
      const names = numbers(kind)
      return names === 'unknown' ? 'unknown' : (names.get(name) ?? 'absent')
    },
    sysctl: name => readSysctl(name),
    kernelModule: name => hasModule(name, modules()),
    searchPath: SEARCH_PATH,
    get running() {
      return runningDaemon()
    },
  }
}

/** Where systemd has services look for programs. systemd.exec(5) */
const SEARCH_PATH = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin']
const NAMESPACE_DIRECTORIES = ['/run/netns', '/var/run/netns']
/** No honest configuration names more paths. */
const MAX_LOOK_UPS = 20_000

function once<T>(make: () => T): () => T {
  let made: {readonly value: T} | undefined
  return () => {
    made ??= {value: make()}
    return made.value
  }
}

function remembered<T>(look: (name: string) => T | Unknown): (name: string) => T | Unknown {
  const known = new Map<string, T | Unknown>()
  return name => {
    const earlier = known.get(name)
    if (earlier !== undefined) return earlier
    if (known.size >= MAX_LOOK_UPS) return 'unknown'
    const value = look(name)
    known.set(name, value)
    return value
  }
}

/** The text of a file; undefined when it cannot be read. */
function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}

const namesIn = (path: string): readonly string[] => {
  try {
    return readdirSync(path)
  } catch {
    return []
  }
}

function absentOrUnknown(error: unknown): Absent | Unknown {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined
  return code === 'ENOENT' || code === 'ENOTDIR' || code === 'ENAMETOOLONG' ? 'absent' : 'unknown'
}

function readFile(path: string): HostFile | Absent | Unknown {
  try {
    const stat = statSync(path)
    return {kind: kindOf(stat), mode: stat.mode & 0o7777, uid: stat.uid, gid: stat.gid}
  } catch (error) {
    return absentOrUnknown(error)
  }
}

function kindOf(stat: Stats): HostFile['kind'] {
  if (stat.isFile()) return 'file'
  if (stat.isDirectory()) return 'directory'
  return stat.isFIFO() ? 'fifo' : 'other'
}

function readRealPath(path: string): string | Absent | Unknown {
  try {
    return realpathSync(path)
  } catch (error) {
    return absentOrUnknown(error)
  }
}

interface Entries<T> {
  readonly byName: ReadonlyMap<string, T>
  /** False when others may be known to a server. */
  readonly all: boolean
}

/** The lines of a database of users or groups, in fields. passwd(5), group(5). */
function database(path: string): readonly (readonly string[])[] {
  const lines = (textOf(path) ?? '').split('\n').filter(line => line !== '' && !line.startsWith('#'))
  return lines.map(line => line.split(':'))
}

function readUsers(): Entries<HostUser> {
  const members = new Map<string, number[]>()
  for (const [, , gid, names = ''] of database('/etc/group')) {
    for (const name of names.split(',')) members.set(name, [...(members.get(name) ?? []), Number(gid)])
  }
  const byName = new Map<string, HostUser>()
  for (const [name = '', , uid, gid] of database('/etc/passwd')) {
    if (!byName.has(name)) byName.set(name, {uid: Number(uid), gids: [Number(gid), ...(members.get(name) ?? [])]})
  }
  return {byName, all: byName.size > 0 && onlyFiles('passwd')}
}

function readGroups(): Entries<number> {
  const byName = new Map(database('/etc/group').map(([name = '', , gid]) => [name, Number(gid)]))
  return {byName, all: byName.size > 0 && onlyFiles('group')}
}

/** True when no server is asked for names. nsswitch.conf(5) */
function onlyFiles(kind: 'passwd' | 'group'): boolean {
  const line = (textOf('/etc/nsswitch.conf') ?? '').split('\n').find(text => text.trimStart().startsWith(`${kind}:`))
  const sources =
    line === undefined
      ? []
      : line
          .replace(/#.*|\[[^\]]*\]/g, '')
          .trim()
          .split(/\s+/)
          .slice(1)
  return sources.every(source => ['files', 'systemd', 'altfiles', 'extrausers', 'db'].includes(source))
}

/** True when the interfaces that one sees are those of the configuration. */
function inOwnNamespace(name: string | undefined): boolean {
  if (!name) return true
  try {
    const own = readlinkSync('/proc/self/ns/net')
    return NAMESPACE_DIRECTORIES.some(
      directory => existsSync(`${directory}/${name}`) && own === `net:[${statSync(`${directory}/${name}`).ino}]`,
    )
  } catch {
    return false
  }
}

/** Interfaces by name; undefined when they cannot be listed. */
function readInterfaces(): ReadonlyMap<string, HostInterface> | undefined {
  const table = textOf('/proc/net/dev')
  if (table === undefined) return undefined
  const names = table.split('\n').flatMap(line => /^\s*([^\s:]+):/.exec(line)?.[1] ?? [])
  const running = runningInterfaces()
  const sysfs = sysfsShows(names)
  return new Map(names.map(name => [name, readInterface(name, running?.[name], sysfs)]))
}

function runningInterfaces(): ReturnType<typeof networkInterfaces> | undefined {
  try {
    return networkInterfaces()
  } catch {
    return undefined
  }
}

/** The `/sys` that is mounted may belong to another network namespace. */
function sysfsShows(names: readonly string[]): boolean {
  const shown = namesIn('/sys/class/net').filter(name => existsSync(`/sys/class/net/${name}/flags`))
  return shown.length === names.length && names.every(name => shown.includes(name))
}

const IFF_UP = 0x1
const IFF_MULTICAST = 0x1000

function readInterface(
  name: string,
  addresses: ReturnType<typeof networkInterfaces>[string],
  sysfs: boolean,
): HostInterface {
  const flags = sysfs ? Number(textOf(`/sys/class/net/${name}/flags`)) : Number.NaN
  const up = Number.isNaN(flags) ? undefined : (flags & IFF_UP) !== 0
  const carrier = sysfs ? textOf(`/sys/class/net/${name}/carrier`)?.trim() : undefined
  const known = addresses !== undefined
  const running = known || (up && carrier === '1') || (up === undefined ? 'unknown' : false)
  return {
    running,
    multicast: Number.isNaN(flags) ? 'unknown' : (flags & IFF_MULTICAST) !== 0,
    // Those of an interface that is down are listed nowhere.
    addresses: known ? addresses.flatMap(toAddress) : running === true ? [] : 'unknown',
  }
}

function toAddress({address, cidr}: {readonly address: string; readonly cidr: string | null}): HostAddress[] {
  const parsed = parseIp(address)
  const length = /\/(\d+)$/.exec(cidr ?? '')?.[1]
  return parsed.ok && length !== undefined ? [{address: parsed.value, prefixLength: Number(length)}] : []
}

function holdersOf(interfaces: ReadonlyMap<string, HostInterface> | undefined): ReadonlyMap<IpAddress, string> {
  const holders = new Map<IpAddress, string>()
  for (const [name, {addresses}] of interfaces ?? []) {
    if (addresses !== 'unknown') for (const {address} of addresses) holders.set(address, name)
  }
  return holders
}

const ROUTING_FILES: {readonly [Kind in RtKind]: string} = {
  table: 'rt_tables',
  scope: 'rt_scopes',
  protocol: 'rt_protos',
  dsfield: 'rt_dsfield',
  realm: 'rt_realms',
  group: 'group',
}

const routingDirectories = ({
  iprouteEtcDirectory,
  iprouteUsrDirectory,
}: Partial<HostScope['global']>): readonly string[] => [
  iprouteEtcDirectory ?? '/etc/iproute2',
  iprouteUsrDirectory ?? '/usr/share/iproute2',
  '/usr/lib/iproute2',
]

/** The names of one kind; unknown when no file of iproute2 has any. ip-route(8) */
function readRoutingNames(kind: RtKind, directories: readonly string[]): ReadonlyMap<string, number> | Unknown {
  const names = new Map<string, number>()
  let found = false
  for (const directory of directories) {
    const file = `${directory}/${ROUTING_FILES[kind]}`
    const more = namesIn(`${file}.d`).filter(name => name.endsWith('.conf'))
    for (const path of [file, ...more.map(name => `${file}.d/${name}`)]) {
      const text = textOf(path)
      found ||= text !== undefined
      for (const line of text?.split('\n') ?? []) {
        const [, number, name] = /^\s*(0x[0-9a-fA-F]+|\d+)\s+([^\s#]+)/.exec(line) ?? []
        if (name !== undefined && !names.has(name)) names.set(name, Number(number))
      }
    }
  }
  return found ? names : 'unknown'
}

function readSysctl(name: string): string | Absent | Unknown {
  try {
    return readFileSync(`/proc/sys/${name}`, 'utf8').trim()
  } catch (error) {
    return absentOrUnknown(error)
  }
}

/** Names of modules; `all` is false where those that can be loaded are not listed, as in a container. */
function readModules(): {readonly names: ReadonlySet<string>; readonly all: boolean} {
  const directory = `/lib/modules/${release()}`
  const dependencies = textOf(`${directory}/modules.dep`)
  const built = textOf(`${directory}/modules.builtin`)
  const loaded = textOf('/proc/modules')
  const ofPath = (line: string): string | readonly string[] => /([^/]+)\.ko/.exec(line)?.[1]?.replaceAll('-', '_') ?? []
  const names = new Set([
    ...(loaded ?? '').split('\n').flatMap(line => line.split(' ')[0] ?? []),
    ...[...(dependencies ?? '').split('\n'), ...(built ?? '').split('\n')].flatMap(ofPath),
  ])
  return {names, all: dependencies !== undefined && built !== undefined}
}

function hasModule(name: string, {names, all}: ReturnType<typeof readModules>): boolean | Unknown {
  if (names.has(name) || existsSync(`/sys/module/${name}`) || existsSync(`/proc/net/${name}`)) return true
  return all ? false : 'unknown'
}

const PID_FILES = ['/run/keepalived.pid', '/var/run/keepalived.pid', '/run/keepalived/keepalived.pid']

/** What answers to its pid file. */
function runningDaemon(): HostView['running'] {
  for (const path of PID_FILES) {
    const pid = Number(textOf(path)?.trim())
    if (pid > 0 && textOf(`/proc/${pid}/comm`)?.startsWith('keepalived')) return {name: 'keepalived', pid}
  }
  const pid = Number(textOf('/run/hactl/agent.pid')?.trim())
  return pid > 0 && existsSync(`/proc/${pid}`) ? {name: 'hactl', pid} : undefined
}
