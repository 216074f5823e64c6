import {realpathSync, statSync} from 'node:fs'
import {dirname} from 'node:path'
import type {Command, GlobalConfig} from '../../config/config.ts'
import {errorText} from '../../errors.ts'
import {notStarted, type RunningCommand, startCommand} from './run-command.ts'
import {resolveUser} from './users.ts'

const WRITABLE_BY_GROUP_OR_OTHERS = 0o022
const STICKY = 0o1000

/** Whom scripts run as and how careful to be with them: `script_user`, `enable_script_security`. */
export type ScriptPolicy = Pick<GlobalConfig, 'scriptUser' | 'enableScriptSecurity'>

/**
 * Starts a configured script as the user it is to run as. With `enable_script_security` one that root would run and
 * somebody else could change is not started. What is in the way becomes its result, never an exception.
 */
export function startScript(
  command: Command,
  policy: ScriptPolicy,
  {timeoutMs, extra = []}: {readonly timeoutMs: number; readonly extra?: readonly string[]},
): RunningCommand {
  try {
    const runAs = resolveUser(command.runAs, policy.scriptUser)
    const uid = runAs?.uid ?? process.getuid?.()
    const argv = withShell(command.argv)
    if (policy.enableScriptSecurity && uid === 0) {
      const reason = whyInsecure(argv[0])
      if (reason !== undefined) return notStarted(`${reason} (enable_script_security)`)
    }
    return startCommand([...argv, ...extra], {timeoutMs, runAs})
  } catch (error) {
    return notStarted(errorText(error))
  }
}

/** `"</path"` is no program: keepalived 2.2.7 lets a shell open the file, and so whether it can is the result. */
const withShell = (argv: Command['argv']): Command['argv'] =>
  argv[0].startsWith('<') ? ['/bin/sh', '-c', argv.join(' ')] : argv

/** Who else than root could put something else in the place of a program; undefined when nobody can. */
export function whyInsecure(program: string): string | undefined {
  if (!program.startsWith('/')) return `${program} is not an absolute path`
  // Both the path as it is written and the file it leads to: either can be exchanged.
  const real = realpathSync(program)
  for (let path = real; ; path = dirname(path)) {
    const reason = whyChangeable(path, path === real)
    if (reason !== undefined) return reason
    if (path === '/') break
  }
  for (let path = dirname(program); path !== '/'; path = dirname(path)) {
    const reason = whyChangeable(path, false)
    if (reason !== undefined) return reason
  }
  return undefined
}

function whyChangeable(path: string, isProgram: boolean): string | undefined {
  const {uid, mode} = statSync(path)
  if (uid !== 0) return `${path} belongs to another user than root`
  // In a sticky directory nobody can exchange what belongs to root.
  if ((mode & WRITABLE_BY_GROUP_OR_OTHERS) !== 0 && (isProgram || (mode & STICKY) === 0)) {
    return `${path} can be changed by others than root`
  }
  return undefined
}
