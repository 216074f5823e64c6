import {spawnSync} from 'node:child_process'
import {closeSync, constants, fchownSync, fstatSync, lstatSync, openSync, unlinkSync, writeSync} from 'node:fs'
import type {ScriptUser} from '../../config/config.ts'
import {errorText} from '../../errors.ts'
import type {Note} from './notify-note.ts'
import {lookUpUser} from './users.ts'

/** What `notify_fifo`, `vrrp_notify_fifo` and `lvs_notify_fifo` ask for. */
export interface FifoSettings {
  /** The keyword, for messages. */
  readonly what: string
  readonly path: string
  readonly owner: ScriptUser | undefined
  /** Permission bits of a pipe that is made here. */
  readonly mode: number
}

/**
 * Lines that wait while the pipe is full, beside the 64 KiB that the kernel keeps; then the oldest are lost. A switch
 * that fails takes tens of thousands of real servers with it at once.
 */
const MAX_WAITING = 65_536
/** How often a full pipe is tried again, milliseconds. */
const RETRY_MS = 100
/** Least time between two complaints about lost lines, milliseconds. */
const COMPLAIN_EVERY_MS = 60_000
/** How long mkfifo(1) may take, milliseconds: a file system that hangs must not hang the agent. */
const MAKE_TIMEOUT_MS = 2_000

/**
 * A named pipe that others read lines from. It is open for reading and writing, as keepalived has it, so that it needs
 * no reader: what is written before one comes waits in the pipe. Nothing here ever waits for a reader.
 */
export class Fifo {
  readonly #settings: FifoSettings
  readonly #note: Note
  #fd: number | undefined
  /** Index node of the pipe when it was made here; it is removed at the end then. */
  #made: number | undefined
  readonly #waiting: string[] = []
  #retry: NodeJS.Timeout | undefined
  #lost = 0
  #complainedAt = Number.NEGATIVE_INFINITY

  constructor(settings: FifoSettings, note: Note) {
    this.#settings = settings
    this.#note = note
  }

  get isOpen(): boolean {
    return this.#fd !== undefined
  }

  /** Opens the pipe, and makes it where there is none. What is in the way is noted; lines are dropped then. */
  open(): void {
    const {what, path, owner, mode} = this.#settings
    try {
      const made = makeWhereAbsent(path, mode)
      const fd = openSync(path, constants.O_RDWR | constants.O_NONBLOCK | constants.O_NOFOLLOW)
      const opened = fstatSync(fd)
      if (!opened.isFIFO()) {
        closeSync(fd)
        throw new Error('it is no pipe')
      }
      this.#fd = fd
      if (!made) return
      this.#made = opened.ino
      if (!owner) return
      const {uid, gid} = lookUpUser(owner)
      fchownSync(fd, uid, gid)
    } catch (error) {
      this.#note('notify-failed', `${what} ${path}: ${errorText(error)}`, {what, path})
    }
  }

  /** Writes a line, now or when the pipe has room. An expendable one is lost rather than to wait. */
  write(line: string, {expendable = false}: {readonly expendable?: boolean} = {}): void {
    if (this.#fd === undefined) return
    if (this.#waiting.length === 0 && writeNow(this.#fd, line)) return
    if (expendable) {
      this.#lose()
      return
    }
    this.#waiting.push(line)
    if (this.#waiting.length > MAX_WAITING) {
      this.#waiting.shift()
      this.#lose()
    }
    this.#retry ??= setInterval(() => this.#flush(), RETRY_MS).unref()
  }

  /** Writes what there is room for, closes the pipe so that its reader comes to the end, and removes what was made. */
  close(): void {
    if (this.#fd === undefined) return
    this.#flush()
    clearInterval(this.#retry)
    const {what, path} = this.#settings
    const lost = this.#lost + this.#waiting.length
    if (lost > 0) this.#note('notify-failed', `${what} ${path}: ${lost} lines were not read and are lost`, {what, lost})
    closeSync(this.#fd)
    this.#fd = undefined
    if (this.#made === undefined) return
    try {
      // Somebody may have put another one in its place.
      if (lstatSync(path).ino === this.#made) unlinkSync(path)
    } catch {
      // It is gone already.
    }
  }

  #flush(): void {
    if (this.#fd === undefined) return
    const fd = this.#fd
    const kept = this.#waiting.findIndex(line => !writeNow(fd, line))
    this.#waiting.splice(0, kept === -1 ? this.#waiting.length : kept)
    if (this.#waiting.length > 0) return
    clearInterval(this.#retry)
    this.#retry = undefined
  }

  #lose(): void {
    this.#lost++
    const now = performance.now()
    if (now - this.#complainedAt < COMPLAIN_EVERY_MS) return
    this.#complainedAt = now
    const {what, path} = this.#settings
    const text = `${what} ${path}: nobody reads it, or too slowly: ${this.#lost} lines are lost so far`
    this.#note('notify-failed', text, {what, path, lost: this.#lost})
  }
}

/** Whether a pipe was made. Throws when something else than a pipe has the name. */
function makeWhereAbsent(path: string, mode: number): boolean {
  const existing = lstatSync(path, {throwIfNoEntry: false})
  if (existing) {
    // Other files are not even opened: opening a device may do something.
    if (!existing.isFIFO()) throw new Error('it is there already, and no pipe')
    return false
  }
  const {status, error, stderr} = spawnSync('mkfifo', ['-m', mode.toString(8), '--', path], {
    encoding: 'utf8',
    env: {LC_ALL: 'C', PATH: '/usr/sbin:/usr/bin:/sbin:/bin'},
    timeout: MAKE_TIMEOUT_MS,
  })
  if (error) throw error
  if (status !== 0) throw new Error(stderr.trim() || `mkfifo ended with status ${status}`)
  return true
}

/** Whether the pipe had room. Lines are shorter than PIPE_BUF, so they go whole or not at all. pipe(7) */
function writeNow(fd: number, line: string): boolean {
  try {
    writeSync(fd, line)
    return true
  } catch {
    // EAGAIN: it is full. Anything else cannot happen to a pipe that is open at both ends.
    return false
  }
}
