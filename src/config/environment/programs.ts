import type {UsedCommand} from '../commands.ts'
import {commandsOf} from '../commands.ts'
import type {Config} from '../config.ts'
import type {HostCheck, Lack} from './check.ts'
import type {HostUser, HostView} from './host.ts'
import {findProgram, mayExecute, symbolicLinkIn, whoCanChange} from './program-files.ts'

/** Checks of programs and of the users that they run as. */
export const PROGRAM_CHECKS: readonly HostCheck[] = [
  (config, host, lack) => {
    const runner = newRunner(config, host)
    for (const used of commandsOf(config)) {
      const problem = runner.whyNobody(used)
      if (problem) lack(problem.name, used.position, `${used.what}: ${problem.message}`, problem.hint)
      else checkFile(used, {host, user: runner.userOf(used), refuses: config.global.enableScriptSecurity}, lack)
    }
  },
  ({global}, host, lack) => {
    if (!global.scriptUser) return
    const {user, group} = global.scriptUser
    const position = global.at.scriptUser ?? global.position
    if (host.user(user) === 'absent') {
      lack('script-user-absent', position, `script_user: this host has no user ${user}`, 'create it, or name another')
    } else if (group !== undefined && host.group(group) === 'absent') {
      lack('script-user-absent', position, `script_user: this host has no group ${group}`, 'create it, or name another')
    }
  },
  (config, host, lack) => {
    if (!config.global.enableScriptSecurity || config.global.scriptUser) return
    if (host.user(DEFAULT_USER) !== 'absent') return
    const [first, ...others] = commandsOf(config).filter(({command}) => !command.runAs)
    if (!first) return
    const more = others.length > 0 ? ` and ${others.length} more` : ''
    const message =
      `${first.what}${more}: with enable_script_security keepalived runs it as the user ${DEFAULT_USER}, which this ` +
      'host does not have'
    lack('script-default-user-absent', first.position, message, `write script_user USER, or create ${DEFAULT_USER}`)
  },
  (config, host, lack) => {
    const runner = newRunner(config, host)
    if (config.global.enableScriptSecurity) return
    const asRoot = commandsOf(config).filter(
      used => runner.userOf(used)?.uid === 0 && runner.whyNobody(used) === undefined,
    )
    const [first, ...others] = asRoot
    if (!first) return
    const more = others.length > 0 ? ` and ${others.length} more` : ''
    const message = `${first.what}${more} as root, and nothing keeps others from changing what is run`
    lack('script-security-off', first.position, message, 'set script_user, or enable_script_security, in global_defs')
  },
]

/** Runs scripts for which nobody is named, if there is such a user. keepalived.conf(5) script_user. */
const DEFAULT_USER = 'keepalived_script'

interface Problem {
  readonly name: Parameters<Lack>[0]
  readonly message: string
  readonly hint: string
}

interface Runner {
  /** Why there is nobody to run a program as. */
  whyNobody(used: UsedCommand): Problem | undefined
  /** Whom a program runs as; undefined: not known. */
  userOf(used: UsedCommand): HostUser | undefined
}

function newRunner({global}: Config, host: HostView): Runner {
  const byDefault = global.scriptUser?.user ?? (isThere(host.user(DEFAULT_USER)) ? DEFAULT_USER : 'root')
  const known = new Map<string, HostUser | 'absent' | 'unknown'>()
  const look = (name: string): HostUser | 'absent' | 'unknown' => {
    const user = known.get(name) ?? (name === 'root' ? ROOT : host.user(name))
    known.set(name, user)
    return user
  }
  return {
    whyNobody: ({command: {runAs}}) => {
      if (!runAs) return undefined
      const {user, group} = runAs
      const hint = 'put a program and its arguments between double quotes; a user may follow'
      if (look(user) === 'absent') return {name: 'script-user-absent', message: `this host has no user ${user}`, hint}
      if (group === undefined || host.group(group) !== 'absent') return undefined
      return {name: 'script-user-absent', message: `this host has no group ${group}`, hint}
    },
    userOf: ({command: {runAs}}) => {
      const user = look(runAs?.user ?? byDefault)
      if (typeof user === 'string') return undefined
      const named = (runAs ?? global.scriptUser)?.group
      const gid = named === undefined ? undefined : host.group(named)
      return typeof gid === 'number' ? {...user, gids: [gid]} : user
    },
  }
}

const ROOT: HostUser = {uid: 0, gids: [0]}
const isThere = (user: HostUser | 'absent' | 'unknown'): boolean => typeof user !== 'string'

interface Circumstances {
  readonly host: HostView
  readonly user: HostUser | undefined
  /** `enable_script_security`. */
  readonly refuses: boolean
}

function checkFile({what, command, position}: UsedCommand, {host, user, refuses}: Circumstances, lack: Lack): void {
  const found = findProgram(command.argv[0], host)
  if (found === 'unknown') return
  if ('why' in found) {
    lack('program-absent', position, `${what}: ${found.why}`, 'install it, or correct the path; it is never run')
    return
  }
  const {path} = found
  const barrier = user && mayExecute(path, user, host)
  if (barrier !== undefined) {
    lack('program-not-executable', position, `${what}: ${barrier}`, `chmod a+x ${path}, if it is a program`)
    return
  }
  if (user?.uid !== 0) return
  const changeable = whoCanChange(path, host)
  if (changeable !== undefined) {
    const name = refuses ? 'program-refused' : 'program-changeable'
    const effect = refuses ? ', so enable_script_security refuses it' : ', and it runs as root'
    lack(name, position, `${what}: ${changeable}${effect}`, 'make it and the directories above it root’s alone')
    return
  }
  const link = command.argv[0].includes('/') ? symbolicLinkIn(path, host) : undefined
  if (link !== undefined) {
    const message = `${what}: ${link} is a symbolic link, through which keepalived 2.4 runs nothing as root`
    lack('program-through-link', position, message, 'write the path without the link')
  }
}
