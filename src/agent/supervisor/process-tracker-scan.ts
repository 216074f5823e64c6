import {closeSync, openSync, readdirSync, readSync} from 'node:fs'
import type {ProcessFacts} from '../../core/track/process.ts'

/** What is read of a process: no more than is compared, since its command line may have to be fetched from the disk. */
export interface WantedFacts {
  readonly name: boolean
  /** How many bytes of the command line; 0 means none. */
  readonly commandLineBytes: number
}

/** All processes, by their numbers, as /proc lists them now. proc(5) */
export const listProcesses = (): readonly number[] =>
  readdirSync('/proc')
    .filter(name => /^[1-9]\d*$/.test(name))
    .map(Number)

/** What a process is now; undefined when it is gone, or has ended and only waits for its parent. proc(5) */
export function readProcess(pid: number, wanted: WantedFacts): ProcessFacts | undefined {
  const name = wanted.name ? readName(pid) : undefined
  if (wanted.name && name === undefined) return undefined
  if (wanted.commandLineBytes === 0) return {name, commandLine: undefined}
  const commandLine = readStart(`/proc/${pid}/cmdline`, wanted.commandLineBytes)
  // A process that has ended has no command line any more, as a thread of the kernel never had one.
  return commandLine === undefined ? undefined : {name, commandLine}
}

/** `PID (NAME) STATE …`; the name may hold spaces and parentheses. proc(5), /proc/PID/stat */
function readName(pid: number): string | undefined {
  const text = readStart(`/proc/${pid}/stat`, STAT_BYTES)
  const from = text?.indexOf('(') ?? -1
  const to = text?.lastIndexOf(')') ?? -1
  if (text === undefined || from < 0 || to < from) return undefined
  const state = text[to + 2]
  return state === 'Z' || state === 'X' ? undefined : text.slice(from + 1, to)
}

function readStart(path: string, lengthBytes: number): string | undefined {
  let fd: number | undefined
  try {
    fd = openSync(path, 'r')
    const into = lengthBytes <= SHARED.length ? SHARED : Buffer.alloc(lengthBytes)
    return into.toString('latin1', 0, readSync(fd, into, 0, lengthBytes, 0))
  } catch {
    // It has ended meanwhile.
    return undefined
  } finally {
    if (fd !== undefined) closeSync(fd)
  }
}

/** The number, the name and the state stand within this; later fields hold no parentheses. */
const STAT_BYTES = 64
const SHARED = Buffer.alloc(4096)
