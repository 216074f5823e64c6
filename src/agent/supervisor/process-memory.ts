import {readFileSync} from 'node:fs'

const PAGE_BYTES = 4_096

/** Resident memory of a process in bytes: the second number of proc(5) statm, in pages; undefined: there is none. */
export function residentBytes(pid: number): number | undefined {
  try {
    const pages = Number(readFileSync(`/proc/${pid}/statm`, 'latin1').split(' ')[1])
    return Number.isSafeInteger(pages) ? pages * PAGE_BYTES : undefined
  } catch {
    return undefined
  }
}
