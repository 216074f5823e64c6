import {chmod, chown, link, lstat, mkdir, readFile, unlink} from 'node:fs/promises'
import {connect, type Server} from 'node:net'
import {dirname} from 'node:path'
import {errorText, HactlError} from '../errors.ts'

/** Added to the path until the socket is ready: a process id has seven digits at most, proc_pid(5). */
const unready = (socketPath: string): string => `${socketPath}.${process.pid}`

/** Longest path of a Unix socket, bytes: sun_path without its zero, <linux/un.h>, and without what `unready` adds. */
const MAX_PATH_BYTES = 107 - 8

/** Where to listen and who may connect. */
export interface SocketFile {
  readonly socketPath: string
  readonly mode: number
  readonly group?: string
}

/**
 * Listens on a Unix socket with exactly these permissions, in the place of one that a dead process left behind. The
 * file appears when it answers, not before: between bind(2) and listen(2) a socket refuses, as a dead one does.
 * Resolves to what removes the file; call it before the server is closed. Throws `HactlError`: AGENT_ALREADY_RUNNING,
 * PERMISSION, USAGE (path too long), FAILED.
 */
export async function listenOnSocket(server: Server, file: SocketFile): Promise<() => Promise<void>> {
  const {socketPath} = file
  if (Buffer.byteLength(socketPath) > MAX_PATH_BYTES) {
    throw new HactlError('USAGE', `${socketPath} is too long for a socket`, `use at most ${MAX_PATH_BYTES} bytes`)
  }
  try {
    await mkdir(dirname(socketPath), {recursive: true, mode: 0o755})
    await removeStale(socketPath)
    await unlink(unready(socketPath)).catch(ignoreMissing)
    await listen(server, unready(socketPath))
    await publish(file).catch(async error => {
      server.close()
      throw error
    })
  } catch (error) {
    throw asHactlError(socketPath, error)
  }
  return () => unlink(socketPath).catch(() => undefined)
}

/** Unlike rename(2), link(2) never takes the place of another agent's socket. */
async function publish(file: SocketFile): Promise<void> {
  const {socketPath} = file
  await setGroup(file)
  await chmod(unready(socketPath), file.mode)
  await link(unready(socketPath), socketPath).catch((error: NodeJS.ErrnoException) => {
    throw error.code === 'EEXIST' ? alreadyRunning(socketPath, error) : error
  })
  await unlink(unready(socketPath))
}

async function removeStale(socketPath: string): Promise<void> {
  const found = await lstat(socketPath).catch(ignoreMissing)
  if (found === undefined) return
  if (!found.isSocket()) {
    throw new HactlError('FAILED', `${socketPath} exists and is no socket`, 'choose another path or remove it')
  }
  if (await isAnswered(socketPath)) {
    throw alreadyRunning(socketPath)
  }
  await unlink(socketPath).catch(ignoreMissing)
}

/** Only a refusal proves that nobody listens: a full backlog (EAGAIN) is somebody busy. */
function isAnswered(socketPath: string): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect(socketPath)
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', (error: NodeJS.ErrnoException) => {
      socket.destroy()
      resolve(error.code !== 'ECONNREFUSED' && error.code !== 'ENOENT')
    })
  })
}

function listen(server: Server, socketPath: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    // Node binds within the call; until the mode is set, nobody else can connect.
    const umask = process.umask(0o177)
    try {
      server.listen({path: socketPath}, () => {
        server.removeListener('error', reject)
        resolve()
      })
    } finally {
      process.umask(umask)
    }
  })
}

async function setGroup({socketPath, group}: SocketFile): Promise<void> {
  if (group === undefined) return
  const gid = await groupId(group)
  if (gid === undefined) return
  // Without the right to give the file away the socket stays with the agent's own group.
  await chown(unready(socketPath), process.geteuid?.() ?? -1, gid).catch(() => undefined)
}

/** Looks a group up in /etc/group, group(5); Node has no getgrnam. */
async function groupId(name: string): Promise<number | undefined> {
  const text = await readFile('/etc/group', 'utf8').catch(() => '')
  for (const line of text.split('\n')) {
    const [group, , gid] = line.split(':')
    if (group === name && gid !== undefined && /^[0-9]+$/.test(gid)) return Number(gid)
  }
  return undefined
}

function asHactlError(socketPath: string, error: unknown): HactlError {
  if (error instanceof HactlError) return error
  const code = (error as NodeJS.ErrnoException).code
  if (code === 'EADDRINUSE') return alreadyRunning(socketPath, error)
  if (code === 'EACCES' || code === 'EPERM') {
    const hint = 'run the agent as root, or give it a --socket that it may write'
    return new HactlError('PERMISSION', `cannot listen on ${socketPath}`, hint, {cause: error})
  }
  return new HactlError('FAILED', `cannot listen on ${socketPath}: ${errorText(error)}`, undefined, {cause: error})
}

function alreadyRunning(socketPath: string, cause?: unknown): HactlError {
  const hint = 'stop it with: hactl agent stop'
  return new HactlError('AGENT_ALREADY_RUNNING', `an agent already answers on ${socketPath}`, hint, {cause})
}

function ignoreMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error
  return undefined
}
