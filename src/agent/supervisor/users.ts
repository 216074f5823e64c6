import {readFileSync} from 'node:fs'
import type {ScriptUser} from '../../config/config.ts'
import {HactlError} from '../../errors.ts'

/** Numeric ids to run a script as; undefined means: as the agent itself. */
export interface RunAs {
  readonly uid: number
  readonly gid: number
}

/** keepalived.conf(5): the user scripts run as where none is named, if it exists. */
const DEFAULT_SCRIPT_USER = 'keepalived_script'

/** A script's ids: its own user, else `script_user`, else keepalived_script if there is one, else the agent's own. */
export function resolveUser(own: ScriptUser | undefined, global: ScriptUser | undefined): RunAs | undefined {
  const wanted = own ?? global
  if (wanted) return lookUpUser(wanted)
  return passwdEntry(DEFAULT_SCRIPT_USER)
}

/** The ids of a user and group by name or number; without a group, those of the user. Throws where there is none. */
export function lookUpUser({user, group}: ScriptUser): RunAs {
  const entry = /^\d+$/.test(user) ? {uid: Number(user), gid: Number(user)} : passwdEntry(user)
  if (!entry) throw new HactlError('NOT_FOUND', `no user ${user} on this host`, 'create it, or name another one')
  if (group === undefined) return entry
  const gid = /^\d+$/.test(group) ? Number(group) : field('/etc/group', group, 2)
  if (gid === undefined) {
    throw new HactlError('NOT_FOUND', `no group ${group} on this host`, 'create it, or name another one')
  }
  return {uid: entry.uid, gid}
}

function passwdEntry(user: string): RunAs | undefined {
  const uid = field('/etc/passwd', user, 2)
  const gid = field('/etc/passwd', user, 3)
  return uid === undefined || gid === undefined ? undefined : {uid, gid}
}

/** A numeric field of a colon-separated file, by its first field. passwd(5), group(5). */
function field(path: string, name: string, index: number): number | undefined {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
  const line = text.split('\n').find(candidate => candidate.startsWith(`${name}:`))
  const value = line?.split(':')[index]
  return value !== undefined && /^\d+$/.test(value) ? Number(value) : undefined
}
