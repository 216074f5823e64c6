import {readdirSync, readFileSync, readlinkSync} from 'node:fs'
import {ipFromBytes} from '../../src/core/ip.ts'

/** One line of the process table. proc(5). */
export interface ProcessEntry {
  readonly pid: number
  readonly parent: number
  readonly zombie: boolean
  /** When it started, clock ticks since boot: with the pid it names one process for ever. */
  readonly startedAt: number
}

/** The process with this number; undefined when there is none. */
export function processEntry(pid: number): ProcessEntry | undefined {
  let stat: string
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  } catch {
    return undefined
  }
  // The name is in parentheses and may contain anything, parentheses too.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return {pid, parent: Number(fields[1]), zombie: fields[0] === 'Z', startedAt: Number(fields[19])}
}

/** Every process below `pid`, nearest first, without zombies. */
export function descendants(pid: number): readonly number[] {
  const children = new Map<number, number[]>()
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue
    const entry = processEntry(Number(name))
    if (!entry || entry.zombie) continue
    const siblings = children.get(entry.parent)
    if (siblings) siblings.push(entry.pid)
    else children.set(entry.parent, [entry.pid])
  }
  const found: number[] = []
  const queue = [pid]
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    const below = children.get(next) ?? []
    found.push(...below)
    queue.push(...below)
  }
  return found
}

/** Whether a process still runs; a zombie does not. */
export function isRunning(pid: number): boolean {
  const entry = processEntry(pid)
  return entry !== undefined && !entry.zombie
}

/** A number for the process namespace this program is in: process numbers mean nothing outside of it. */
export const pidNamespace = (): string => /\d+/.exec(readlinkSync('/proc/self/ns/pid'))?.[0] ?? '0'

/** The addresses of the network namespace of a process: IPv4 from the table of local routes, IPv6 of if_inet6. */
export function localAddresses(pid: number): ReadonlySet<string> {
  const addresses = new Set<string>()
  let candidate = ''
  for (const line of readFileSync(`/proc/${pid}/net/fib_trie`, 'utf8').split('\n')) {
    const leaf = /\|-- (\S+)/.exec(line)
    if (leaf) candidate = leaf[1] as string
    else if (line.includes('/32 host LOCAL')) addresses.add(candidate)
  }
  for (const line of readFileSync(`/proc/${pid}/net/if_inet6`, 'utf8').split('\n')) {
    if (line !== '') addresses.add(ipFromBytes(Buffer.from(line.slice(0, 32), 'hex')))
  }
  return addresses
}

/** Whether something listens on a TCP port (IPv4) in the network namespace of a process. */
export function listensOn(pid: number, port: number): boolean {
  const wanted = `:${port.toString(16).toUpperCase().padStart(4, '0')}`
  return readFileSync(`/proc/${pid}/net/tcp`, 'utf8')
    .split('\n')
    .some(line => {
      const [, local, , state] = line.trim().split(/\s+/)
      return local?.endsWith(wanted) === true && state === '0A'
    })
}
