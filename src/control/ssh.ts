import type {Readable} from 'node:stream'
import {HactlError} from '../errors.ts'

/** ssh's own failures, ssh(1). */
export const SSH_FAILED = 255
/** A shell found no such command. */
export const NOT_INSTALLED = 127

/**
 * For an ssh that nobody watches, ssh_config(5): no question, no wait without end, and a connection whose other end is
 * gone is noticed.
 */
export const UNATTENDED: readonly string[] = [
  ...['-o', 'BatchMode=yes'],
  ...['-o', 'ConnectTimeout=5'],
  ...['-o', 'ServerAliveInterval=2'],
  ...['-o', 'ServerAliveCountMax=3'],
]

/** The newest line of what comes, without control characters, at most 200 characters; empty: there is none. */
export function lastWords(stream: Readable | null): () => string {
  let text = ''
  stream?.on('data', (chunk: Buffer) => {
    text = (text + chunk.toString('utf8')).slice(-KEPT_CHARS)
  })
  return () => {
    const lines = text.split('\n').map(line => line.replaceAll(/\p{Cc}/gu, '').trim())
    const last = lines.findLast(line => line !== '') ?? ''
    // Which host it was is told anyway.
    return last.replace(/^ssh: connect to host \S+ port \d+: /, '').slice(0, 200)
  }
}

const KEPT_CHARS = 4_000

/** Host, user and port are checked: ssh would take one that starts with a dash for an option. */
export function sshArguments(host: string): string[] {
  const match = /^ssh:\/\/(?:([\w.][\w.-]*)@)?([\w.][\w.-]*|\[[0-9a-fA-F:.%\w]+\])(?::([0-9]{1,5}))?\/?$/.exec(host)
  const [, user, name, port] = match ?? []
  if (name === undefined) {
    throw new HactlError('USAGE', `${JSON.stringify(host)} names no host`, 'write ssh://USER@HOST or ssh://HOST:PORT')
  }
  const options = ['-T', ...(user === undefined ? [] : ['-l', user]), ...(port === undefined ? [] : ['-p', port])]
  return [...options, '--', name.replace(/^\[|\]$/g, '')]
}

/** A word as a POSIX shell reads it back. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`
}

/** Runs a command of hactl on another host; resolves to what it printed. Its messages reach the user as they are. */
export async function runThere(
  host: string,
  words: readonly string[],
  {maxBytes}: {readonly maxBytes: number},
): Promise<string> {
  const address = sshArguments(host)
  const {spawn} = await import('node:child_process')
  const child = spawn('ssh', [...address, 'hactl', ...words.map(quoted)], {stdio: ['ignore', 'pipe', 'inherit']})
  const ended = new Promise<number | 'no-ssh'>(resolve => {
    child.once('error', () => resolve('no-ssh'))
    child.once('close', code => resolve(code ?? SSH_FAILED))
  })
  const chunks: Buffer[] = []
  let bytes = 0
  child.stdout.on('data', (chunk: Buffer) => {
    bytes += chunk.length
    if (bytes > maxBytes) child.kill()
    else chunks.push(chunk)
  })
  const status = await ended
  if (bytes > maxBytes)
    throw new HactlError('FAILED', `${host} sent more than ${maxBytes} bytes`, 'look what runs there')
  if (status !== 0) throw failureThere(host, words, status)
  return Buffer.concat(chunks).toString('utf8')
}

function failureThere(host: string, words: readonly string[], status: number | 'no-ssh'): HactlError {
  switch (status) {
    case 'no-ssh':
      return new HactlError('FAILED', 'there is no ssh here', 'install openssh-client')
    case SSH_FAILED:
      return new HactlError('FAILED', `cannot reach ${host}`, `try: ssh ${host} true`)
    case NOT_INSTALLED:
      return new HactlError('FAILED', `there is no hactl on ${host}`, 'install it there, in the PATH of ssh')
    case 4:
      return new HactlError('PERMISSION', `no permission on ${host}`, 'use a user that may read the configuration')
    case 5:
      return new HactlError('NOT_FOUND', `there is no such configuration on ${host}`, 'name its file: ssh://HOST/PATH')
    default:
      return new HactlError('FAILED', `${words.join(' ')} failed on ${host} with exit code ${status}`, undefined)
  }
}
