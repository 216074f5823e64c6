import type {JournalRecord} from '../../core/journal/record.ts'

/** Text waiting for whoever reads standard error; beyond this, lines are dropped and counted. */
const MAX_WAITING_BYTES = 1024 * 1024

let dropped = 0

/** Writes one line to standard error without ever waiting for its reader. */
export function log(line: string): void {
  if (process.stderr.writableLength > MAX_WAITING_BYTES) {
    dropped++
    return
  }
  if (dropped > 0) {
    process.stderr.write(`(${dropped} lines were not read in time and are lost)\n`)
    dropped = 0
  }
  process.stderr.write(`${line}\n`)
}

/** A journal record as a line: time, instance, sentence. */
export const logRecord = (record: JournalRecord): void =>
  log(`${record.at} ${record.instance === undefined ? '' : `${record.instance}: `}${record.text}`)

/** Makes a pipe at standard error non-blocking: Node writes to pipes synchronously otherwise. */
export function unblockStandardError(): void {
  process.stderr.on('error', () => {})
  const handle = (process.stderr as {_handle?: {setBlocking?: (blocking: boolean) => void}})._handle
  handle?.setBlocking?.(false)
}
