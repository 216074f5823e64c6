import {spawnSync} from 'node:child_process'
import {accessSync, constants, readFileSync} from 'node:fs'
import {join} from 'node:path'

/** `root`: namespaces as they come; `user`: inside a user namespace in which an ordinary user is root. */
export type LabMode = 'root' | 'user'
export type Availability = {readonly ok: true; readonly mode: LabMode} | {readonly ok: false; readonly reason: string}

/** Programs without which there is no lab; all but `ip` belong to every Linux. */
const TOOLS = ['env', 'unshare', 'nsenter', 'mount', 'ip', 'sh', 'cat', 'ln']

/** The first of these folders that holds this program; of the usual ones by default. */
export function findProgram(name: string, folders: readonly string[] = usualFolders()): string | undefined {
  return folders
    .filter(folder => folder !== '')
    .map(folder => join(folder, name))
    .find(path => {
      try {
        accessSync(path, constants.X_OK)
        return true
      } catch {
        return false
      }
    })
}

const usualFolders = (): readonly string[] => [
  ...(process.env.PATH ?? '').split(':'),
  ...['/usr/sbin', '/sbin', '/usr/bin', '/bin'],
]

let known: Availability | undefined

/** Whether hosts can be made of namespaces here, found out by trying; if not, what is missing. */
export function labAvailability(): Availability {
  known ??= findOut()
  return known
}

/** The arguments of `unshare` that make a new root of a lab. */
export const rootNamespaces = (mode: LabMode): readonly string[] => [
  'unshare',
  ...(mode === 'user' ? ['--user', '--map-root-user'] : []),
  ...['--mount', '--net', '--pid', '--fork', '--kill-child', '--mount-proc'],
]

function findOut(): Availability {
  if (process.platform !== 'linux') return {ok: false, reason: 'network namespaces exist on Linux only'}
  const missing = TOOLS.filter(tool => findProgram(tool) === undefined)
  if (missing.length > 0) {
    return {ok: false, reason: `not installed: ${missing.join(', ')} (Debian: apt-get install iproute2 util-linux)`}
  }
  const isRoot = process.getuid?.() === 0
  const asRoot = isRoot ? tryNamespaces('root') : undefined
  if (isRoot && asRoot === undefined) return {ok: true, mode: 'root'}
  const asUser = tryNamespaces('user')
  if (asUser === undefined) return {ok: true, mode: 'user'}
  return {ok: false, reason: `no network namespaces here: ${asRoot ?? asUser}${hint()}`}
}

/** Why it does not work this way; undefined when it does. */
function tryNamespaces(mode: LabMode): string | undefined {
  const [file = '', ...args] = rootNamespaces(mode)
  const probe = [
    'env --ignore-signal=CHLD true',
    'mount -t tmpfs lab /run',
    'mount -t sysfs sysfs /sys',
    'ip link add br0 type bridge',
    'ip link add p0 type veth peer name p1',
  ].join(' && ')
  const {status, stderr, error} = spawnSync(file, [...args, 'sh', '-c', probe], {
    encoding: 'utf8',
    timeout: 5_000,
    env: {PATH: `${process.env.PATH ?? ''}:/usr/sbin:/sbin:/usr/bin:/bin`, LANG: 'C'},
  })
  if (status === 0) return undefined
  return (error?.message ?? stderr.trim().split('\n')[0]) || `the probe ended with ${status}`
}

function hint(): string {
  const limits = [
    ['/proc/sys/kernel/unprivileged_userns_clone', '0', 'sysctl kernel.unprivileged_userns_clone=1'],
    ['/proc/sys/user/max_user_namespaces', '0', 'sysctl user.max_user_namespaces=10000'],
    [
      '/proc/sys/kernel/apparmor_restrict_unprivileged_userns',
      '1',
      'sysctl kernel.apparmor_restrict_unprivileged_userns=0',
    ],
  ] as const
  for (const [file, closed, command] of limits) {
    try {
      if (readFileSync(file, 'utf8').trim() === closed) return `; run as root, or allow it with: ${command}`
    } catch {
      // This kernel has no such switch.
    }
  }
  return '; run as root (in a container: with CAP_SYS_ADMIN and CAP_NET_ADMIN)'
}
