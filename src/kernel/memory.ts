import {readFileSync} from 'node:fs'
import {errorText} from '../errors.ts'
import {lockOnUse, type SystemResult, unlockAll} from './libc.ts'

/**
 * Keeps the program and its libraries, the heap of the C library and the stack in memory: every page from when it is
 * first used. V8's own heap stays as it is: V8 gives pages back by madvise(2), which fails on locked ones, and then
 * aborts (Node 20, measured), so that mlockall(2) is not for us. Needs CAP_IPC_LOCK. mlock2(2)
 */
export function keepInMemory(): SystemResult {
  let maps: string
  try {
    maps = readFileSync('/proc/self/maps', 'latin1')
  } catch (error) {
    return {ok: false, reason: errorText(error)}
  }
  let lockedBytes = 0
  for (const {start, end} of lockableRanges(maps)) {
    const locked = lockOnUse(start, end - start)
    if (!locked.ok) {
      unlockAll()
      return locked
    }
    lockedBytes += end - start
  }
  return {ok: true, value: lockedBytes}
}

/** Undoes `keepInMemory`. munlockall(2) */
export const releaseMemory = (): SystemResult => unlockAll()

/** The ranges of /proc/PID/maps that hold files, the heap of the C library, or the stack. proc(5) */
export function lockableRanges(maps: string): readonly {readonly start: number; readonly end: number}[] {
  return maps.split('\n').flatMap(line => {
    const [, start, end, name = ''] = MAPPING.exec(line) ?? []
    if (start === undefined || end === undefined || !LOCKABLE.test(name)) return []
    return [{start: Number.parseInt(start, 16), end: Number.parseInt(end, 16)}]
  })
}

/** Readable mappings: START-END PERMISSIONS OFFSET DEVICE INODE NAME. What may not be read holds nothing. */
const MAPPING = /^([0-9a-f]{1,12})-([0-9a-f]{1,12}) r\S* \S+ \S+ \d+\s*(.*)$/
const LOCKABLE = /^(\/|\[heap\]$|\[stack\]$)/
