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
    const refuses = config.global.enableScriptSecurity
    const problems = new Map<string, {readonly problem: Problem; readonly uses: UsedCommand[]}>()
    for (const used of commandsOf(config)) {
      const problem = runner.whyNobody(used) ?? problemOfFile(used, {host, user: runner.userOf(used), refuses})
      if (!problem) continue
      const earlier = problems.get(problem.message)
      if (earlier) earlier.uses.push(used)
      else problems.set(problem.message, {problem, uses: [used]})
    }
    for (const {problem, uses} of problems.values()) {
      const [first, ...others] = uses
      if (!first) continue
      const what = others.length > 0 ? `${first.what} and ${others.length} more` : first.what
      lack(problem.name, first.position, `${what}: ${problem.message}`, problem.hint)
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
    const [first, ...others] = commandsOf(config).filter(used => {
      const found = findProgram(used.command.argv[0], host)
      const user = runner.userOf(used)
      if (typeof found !== 'object' || !('path' in found) || user?.uid !== 0) return false
      return !runner.whyNobody(used) && mayExecute(found.path, user, host) === undefined
    })
    if (!first) return
    const what = others.length > 0 ? `${first.what} and ${others.length} more run` : `${first.what} runs`
    const message = `${what} as root without enable_script_security`
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

function problemOfFile({command}: UsedCommand, {host, user, refuses}: Circumstances): Problem | undefined {
  const found = findProgram(command.argv[0], host)
  if (found === 'unknown') return undefined
  if ('why' in found) {
    return {name: 'program-absent', message: found.why, hint: 'install it, or correct the path; it is never run'}
  }
  const {path} = found
  const barrier = user && mayExecute(path, user, host)
  if (barrier !== undefined) {
    return {name: 'program-not-executable', message: barrier, hint: `chmod a+x ${path}, if it is a program`}
  }
  if (user?.uid !== 0) return undefined
  const changeable = whoCanChange(path, host)
  if (changeable !== undefined) {
    const hint = 'let it, and the directories above it, belong to root and be writable by root alone'
    return refuses
      ? {name: 'program-refused', message: `${changeable}, so enable_script_security refuses it`, hint}
      : {name: 'program-changeable', message: `${changeable}, and it runs as root`, hint}
  }
  const link = command.argv[0].includes('/') ? symbolicLinkIn(path, host) : undefined
  if (link === undefined) return undefined
  const message = `${link} is a symbolic link, through which keepalived 2.4 runs nothing as root`
  return {name: 'program-through-link', message, hint: 'write the path without the link'}
}
