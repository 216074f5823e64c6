import {
  closeSync,
  existsSync,
  fsync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import {join} from 'node:path'
import type {JournalEntry, JournalKind, JournalRecord} from '../../core/journal/record.ts'
import {errorText} from '../../errors.ts'

const FILE = 'journal.ndjson'
const OLDER_FILE = 'journal.1.ndjson'
/** A file of this size is set aside as the older one; the one before it goes. */
const MAX_FILE_BYTES = 4 * 1024 * 1024
/** Records held in memory and answered from there. */
const MAX_RECORDS = 5_000
/** A record longer than this is not ours. */
const MAX_LINE_BYTES = 64 * 1024

/** Kinds that must survive a power cut at once. */
const SYNCED: ReadonlySet<JournalKind> = new Set(['transition', 'process-died', 'agent-started', 'agent-stopping'])

/**
 * The journal: numbered records, in memory and in an append-only NDJSON file that is capped in size. A full disk or
 * a damaged file costs the file, never the agent.
 */
export class Journal {
  readonly #directory: string
  readonly #onRecord: (record: JournalRecord) => void
  #records: JournalRecord[] = []
  #nextSeq = 1
  #fd: number | undefined
  #bytes = 0
  #writeFailure: string | undefined

  constructor(directory: string, onRecord: (record: JournalRecord) => void) {
    this.#directory = directory
    this.#onRecord = onRecord
  }

  /** Reads what earlier runs left, then opens the file for appending. */
  open(): void {
    const damage: string[] = []
    for (const name of [OLDER_FILE, FILE]) {
      const problem = this.#read(join(this.#directory, name))
      if (problem) damage.push(problem)
    }
    this.#records = this.#records.slice(-MAX_RECORDS)
    this.#nextSeq = (this.#records.at(-1)?.seq ?? 0) + 1
    this.#openFile()
    for (const text of damage) this.append({kind: 'journal-damaged', text, facts: {}, at: new Date().toISOString()})
  }

  get records(): readonly JournalRecord[] {
    return this.#records
  }

  /** Why the file is not written at present; undefined when it is. */
  get writeFailure(): string | undefined {
    return this.#writeFailure
  }

  append(entry: JournalEntry): JournalRecord {
    const record: JournalRecord = {seq: this.#nextSeq++, ...entry}
    this.#records.push(record)
    if (this.#records.length > MAX_RECORDS * 1.1) this.#records = this.#records.slice(-MAX_RECORDS)
    this.#write(record)
    this.#onRecord(record)
    return record
  }

  close(): void {
    if (this.#fd === undefined) return
    try {
      fsyncSync(this.#fd)
    } catch {
      // The disk said no; what is written is written.
    }
    closeSync(this.#fd)
    this.#fd = undefined
  }

  #read(path: string): string | undefined {
    if (!existsSync(path)) return undefined
    let damaged = 0
    const sound: string[] = []
    try {
      if (statSync(path).size > 2 * MAX_FILE_BYTES) throw new Error('it is larger than the agent ever writes')
      for (const line of readFileSync(path, 'utf8').split('\n')) {
        if (line === '') continue
        const record = line.length <= MAX_LINE_BYTES ? parseRecord(line) : undefined
        if (record) {
          this.#records.push(record)
          sound.push(line)
        } else damaged++
      }
    } catch (error) {
      setAside(path)
      return `${path} could not be read and was set aside: ${errorText(error)}`
    }
    if (damaged === 0) return undefined
    setAside(path)
    rewrite(path, sound)
    return `${path} held ${damaged} damaged ${damaged === 1 ? 'line' : 'lines'} and was set aside; the others were kept`
  }

  #openFile(): void {
    const path = join(this.#directory, FILE)
    try {
      this.#fd = openSync(path, 'a', 0o640)
      this.#bytes = statSync(path).size
    } catch (error) {
      this.#writeFailure = errorText(error)
    }
  }

  #write(record: JournalRecord): void {
    if (this.#fd === undefined) this.#openFile()
    if (this.#fd === undefined) return
    const line = Buffer.from(`${JSON.stringify(record)}\n`)
    try {
      if (this.#bytes + line.length > MAX_FILE_BYTES) this.#rotate()
      const written = writeSync(this.#fd, line)
      this.#bytes += written
      // A short write leaves half a line; end it, so that only this record is lost.
      if (written < line.length) writeSync(this.#fd, '\n')
      this.#writeFailure = undefined
      if (SYNCED.has(record.kind)) fsync(this.#fd, () => {})
    } catch (error) {
      this.#writeFailure = errorText(error)
    }
  }

  #rotate(): void {
    if (this.#fd !== undefined) closeSync(this.#fd)
    this.#fd = undefined
    renameSync(join(this.#directory, FILE), join(this.#directory, OLDER_FILE))
    this.#openFile()
    if (this.#fd === undefined) throw new Error(this.#writeFailure ?? 'the journal could not be opened')
  }
}

function setAside(path: string): void {
  try {
    renameSync(path, `${path}.damaged`)
  } catch {
    // It stays where it is, and is read again next time.
  }
}

function rewrite(path: string, lines: readonly string[]): void {
  try {
    writeFileSync(path, lines.map(line => `${line}\n`).join(''), {mode: 0o640})
  } catch {
    // They are in memory, and in the file that was set aside.
  }
}

function parseRecord(line: string): JournalRecord | undefined {
  try {
    const value: unknown = JSON.parse(line)
    if (typeof value !== 'object' || value === null) return undefined
    const record = value as Partial<JournalRecord>
    const sound =
      Number.isSafeInteger(record.seq) &&
      typeof record.at === 'string' &&
      typeof record.kind === 'string' &&
      typeof record.text === 'string' &&
      typeof record.facts === 'object'
    return sound ? (value as JournalRecord) : undefined
  } catch {
    return undefined
  }
}
