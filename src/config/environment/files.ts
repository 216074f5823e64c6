import type {Config, Position} from '../config.ts'
import type {HostCheck} from './check.ts'
import {directoriesOf} from './program-files.ts'

/** Checks of files, pipes and directories that are not programs. */
export const FILE_CHECKS: readonly HostCheck[] = [
  (config, host, lack) => {
    for (const {what, path, position} of filesOf(config)) {
      const file = host.file(path)
      if (file === 'absent') lack('file-absent', position, `${what}: the file is not there`, 'create it')
      else if (file !== 'unknown' && file.kind === 'directory') {
        lack('file-absent', position, `${what}: it is a directory`, 'name a file')
      }
    }
  },
  (config, host, lack) => {
    for (const {what, path, position} of placesOf(config)) {
      const [directory = '/'] = directoriesOf(path)
      if (path.startsWith('/') && host.file(directory) === 'absent') {
        lack('directory-absent', position, `${what}: there is no directory ${directory}`, `mkdir ${directory}`)
      }
    }
  },
  ({global}, host, lack) => {
    for (const [field, keyword] of FIFOS) {
      const fifo = global[field]
      const file = fifo && host.file(fifo.path)
      if (!fifo || !file || typeof file === 'string' || file.kind === 'fifo') continue
      const message = `${keyword}: ${fifo.path} is there and is no pipe`
      lack('fifo-is-no-pipe', global.at[field] ?? global.position, message, 'remove it, or name another path')
    }
  },
  ({global}, host, lack) => {
    for (const [field, keyword] of FIFOS) {
      const {user, group} = global[field]?.owner ?? {}
      const position = global.at[field] ?? global.position
      if (user !== undefined && host.user(user) === 'absent') {
        lack('script-user-absent', position, `${keyword}: this host has no user ${user}`)
      } else if (group !== undefined && host.group(group) === 'absent') {
        lack('script-user-absent', position, `${keyword}: this host has no group ${group}`)
      }
    }
  },
  ({instances}, host, lack) => {
    for (const {name, authHmac, position} of instances) {
      for (const {id, value} of authHmac?.keys ?? []) {
        const path = value.startsWith('file:') ? value.slice('file:'.length) : undefined
        const file = path === undefined ? 'unknown' : host.file(path)
        const at = authHmac?.at.keys ?? position
        if (file === 'absent') {
          lack('file-absent', at, `${name}: the file of key ${id} is not there`, 'create it, for root alone')
        } else if (file !== 'unknown' && (file.mode & 0o077) !== 0) {
          const message = `${name}: others than its owner can read or change the file of key ${id}`
          lack('key-file-open', at, message, 'chmod 600 the file; keepalived refuses it otherwise')
        }
      }
    }
  },
]

interface NamedFile {
  readonly what: string
  readonly path: string
  readonly position: Position
}

const FIFOS = [
  ['notifyFifo', 'notify_fifo'],
  ['vrrpNotifyFifo', 'vrrp_notify_fifo'],
  ['lvsNotifyFifo', 'lvs_notify_fifo'],
] as const

/** Files that have to be there; those of keys are not named, nor is anything else where secrets stand. */
function filesOf({ssl}: Config): readonly NamedFile[] {
  const files = [
    ['ca', ssl?.caFile, ssl?.at.caFile],
    ['certificate', ssl?.certificateFile, ssl?.at.certificateFile],
    ['key', ssl?.keyFile, ssl?.at.keyFile],
  ] as const
  return files.flatMap(([keyword, path, at]) =>
    ssl && path !== undefined ? [{what: `SSL ${keyword}`, path, position: at ?? ssl.position}] : [],
  )
}

/** Files that are made, in a directory that has to be there. */
function placesOf({trackFiles, global}: Config): readonly NamedFile[] {
  const found: NamedFile[] = []
  for (const {name, file, at, position} of trackFiles) {
    if (file !== undefined) found.push({what: `track_file ${name}`, path: file, position: at.file ?? position})
  }
  for (const [field, keyword] of FIFOS) {
    const fifo = global[field]
    if (fifo) found.push({what: keyword, path: fifo.path, position: global.at[field] ?? global.position})
  }
  return found
}
