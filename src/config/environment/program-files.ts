import type {HostFile, HostUser, HostView, Unknown} from './host.ts'

/** Where a program is, or why it is nowhere. */
export type FoundProgram = {readonly path: string} | {readonly why: string}

/** Finds a program as it is started: by its path, or by its name in the directories for programs. */
export function findProgram(program: string, host: HostView): FoundProgram | Unknown {
  // keepalived lets a shell read what begins so: it only opens something.
  if (/^<\s*\//.test(program)) return 'unknown'
  if (program.startsWith('/')) return judgedFile(program, host.file(program))
  // Relative to a directory that is not known here.
  if (program.includes('/')) return 'unknown'
  let unknown = false
  for (const directory of host.searchPath) {
    const path = `${directory}/${program}`
    const file = host.file(path)
    if (file === 'unknown') unknown = true
    else if (file !== 'absent' && file.kind === 'file') return {path}
  }
  return unknown ? 'unknown' : {why: `no directory for programs has ${program} (${host.searchPath.join(':')})`}
}

function judgedFile(path: string, file: HostFile | 'absent' | Unknown): FoundProgram | Unknown {
  if (file === 'unknown') return 'unknown'
  if (file === 'absent') return {why: `there is no ${path}`}
  return file.kind === 'file' ? {path} : {why: `${path} is ${A[file.kind]}, and no program`}
}

const A = {directory: 'a directory', fifo: 'a pipe', other: 'not a file', file: 'a file'} as const

/** Why a user may not run a file, as far as permission bits tell; undefined: nothing is in the way. */
export function mayExecute(path: string, user: HostUser, host: HostView): string | undefined {
  for (const directory of directoriesOf(path)) {
    const file = host.file(directory)
    if (typeof file === 'string') return undefined
    if (user.uid !== 0 && (bitsFor(file, user) & EXECUTE) === 0) return `its user may not enter ${directory}`
  }
  const file = host.file(path)
  if (typeof file === 'string') return undefined
  // Root needs anybody's permission. path_resolution(7)
  const permitted = user.uid === 0 ? file.mode & 0o111 : bitsFor(file, user) & EXECUTE
  if (permitted !== 0) return undefined
  return (file.mode & 0o111) === 0 ? `${path} is not executable` : `its user may not execute ${path}`
}

const EXECUTE = 0o1

function bitsFor({mode, uid, gid}: HostFile, user: HostUser): number {
  if (uid === user.uid) return mode >> 6
  return user.gids.includes(gid) ? mode >> 3 : mode
}

/** Who besides root could put something else in the place of a program; undefined: nobody, or it is not known. */
export function whoCanChange(path: string, host: HostView): string | undefined {
  const real = host.realPath(path)
  const paths = new Set([path, ...directoriesOf(path)])
  if (real !== 'absent' && real !== 'unknown') for (const part of [real, ...directoriesOf(real)]) paths.add(part)
  for (const part of paths) {
    const file = host.file(part)
    if (typeof file === 'string') continue
    const {mode, uid, gid, kind} = file
    if (uid !== 0) return `${part} belongs to another user than root`
    // In a sticky directory nobody can exchange what belongs to root.
    if (kind === 'directory' && (mode & STICKY) !== 0) continue
    if ((mode & 0o002) !== 0) return `everybody can change ${part}`
    if ((mode & 0o020) !== 0 && gid !== 0) return `the group of ${part} can change it`
  }
  return undefined
}

const STICKY = 0o1000

/** The first part of a path that is a symbolic link. */
export function symbolicLinkIn(path: string, host: HostView): string | undefined {
  for (const part of [...directoriesOf(path).toReversed(), path]) {
    if (part === '/') continue
    const real = host.realPath(part)
    if (real === 'absent' || real === 'unknown') return undefined
    if (real !== part) return part
  }
  return undefined
}

/** The directories that a path leads through, from its own up to the root. */
export function directoriesOf(path: string): readonly string[] {
  const found: string[] = []
  for (let end = path.lastIndexOf('/'); end > 0; end = path.lastIndexOf('/', end - 1)) found.push(path.slice(0, end))
  return [...found, '/']
}
