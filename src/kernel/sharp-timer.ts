import type {MonotonicMs} from '../core/units.ts'
import {monotonicNow} from './clock.ts'
import {close, type ReadableWatch, read, setTimerFd, timerFd, watchReadable} from './libc.ts'

/**
 * One deadline at a time, kept to within microseconds and never early. Node's own timers count whole milliseconds, wake
 * up late and fire up to half a millisecond early. So the kernel's timerfd wakes the loop a little before, and the rest
 * is spent in turns of the loop, in which sockets are served as ever. Keeps the process alive until `close`.
 */
export class SharpTimer {
  readonly #onDeadline: () => void
  readonly #fd: number
  /** Kept: an unreferenced watch is garbage-collected, and its descriptor watched no more. */
  readonly #watch: ReadableWatch | undefined
  #at: MonotonicMs | undefined
  #immediate: NodeJS.Immediate | undefined
  #timeout: NodeJS.Timeout | undefined
  #closed = false

  constructor(onDeadline: () => void) {
    this.#onDeadline = onDeadline
    const opened = WIDE_TIMES ? timerFd() : undefined
    this.#fd = opened?.ok ? opened.value : -1
    if (this.#fd >= 0) this.#watch = watchReadable(this.#fd, () => this.#woken())
  }

  /** Calls back once at this moment or right after it, in place of any moment armed before; a past one is due now. */
  arm(at: MonotonicMs): void {
    if (this.#closed) return
    this.disarm()
    this.#at = at
    const wakeAt = at - SPIN_MS
    if (wakeAt <= monotonicNow()) this.#spin()
    else if (!this.#watch || !setTimerFd(this.#fd, absolute(wakeAt)).ok) this.#fallBack(at)
  }

  /** Forgets the moment that is armed. */
  disarm(): void {
    if (this.#at === undefined) return
    this.#at = undefined
    clearImmediate(this.#immediate)
    this.#immediate = undefined
    clearTimeout(this.#timeout)
    // The next `arm` sets it anew; a wake for nothing does no harm.
  }

  /** Frees the timer; no callback comes after it, and a second call does nothing. */
  close(): void {
    if (this.#closed) return
    this.disarm()
    this.#closed = true
    this.#watch?.close()
    if (this.#fd >= 0) close(this.#fd)
  }

  #woken(): void {
    // Read to the end, or the loop would be woken again and again.
    read(this.#fd, EXPIRATIONS)
    this.#spin()
  }

  /** The check comes from an immediate also at first: the watch calls back where nothing may be thrown. */
  #spin(): void {
    if (this.#at === undefined || this.#closed) return
    this.#immediate ??= setImmediate(() => {
      this.#immediate = undefined
      if (this.#at === undefined) return
      const leftMs = this.#at - monotonicNow()
      if (leftMs <= 0) {
        this.#at = undefined
        this.#onDeadline()
      } else if (leftMs <= 2 * SPIN_MS) this.#spin()
      // Woken for a moment armed before this one.
    })
  }

  #fallBack(at: MonotonicMs): void {
    const leftMs = Math.min(Math.max(1, Math.ceil(at - monotonicNow())), LONGEST_TIMEOUT_MS)
    this.#timeout = setTimeout(() => this.arm(at), leftMs)
  }
}

/** Covers the wake-up of an idle processor: measured 0.1 to 0.3 ms. */
const SPIN_MS = 0.3
const LONGEST_TIMEOUT_MS = 0x7fff_ffff

/** struct itimerspec has 64-bit times there; elsewhere Node's timers must do. */
const WIDE_TIMES = ['x64', 'arm64', 'riscv64', 'loong64'].includes(process.arch)

/** The number of expirations, which nobody needs. timerfd_create(2) */
const EXPIRATIONS = Buffer.alloc(8)

/** struct itimerspec without a period, with 64-bit times. */
function absolute(at: number): Buffer {
  const bytes = Buffer.alloc(32)
  const seconds = Math.floor(at / 1000)
  bytes.writeBigInt64LE(BigInt(seconds), 16)
  bytes.writeBigInt64LE(BigInt(Math.floor((at - seconds * 1000) * 1_000_000)), 24)
  return bytes
}
