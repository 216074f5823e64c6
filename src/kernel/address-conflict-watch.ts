import {decodeAddressClaim} from '../core/arp/address-claim.ts'
import {ETHERTYPE_ARP, macFromBytes} from '../core/arp/gratuitous-arp.ts'
import {type IpAddress, type IpFamily, ipFamily} from '../core/ip.ts'
import {ETHERTYPE_IPV6} from '../core/ndp/neighbour-advertisement.ts'
import type {InterfaceIndex, MonotonicMs} from '../core/units.ts'
import {claimFilter} from './claim-filter.ts'
import {monotonicNow} from './clock.ts'
import {
  AF_PACKET,
  attachFilter,
  bind,
  close,
  dropsOf,
  type ReadableWatch,
  receiveNow,
  SOCK_CLOEXEC,
  SOCK_NONBLOCK,
  SOCK_RAW,
  type SystemResult,
  setReceiveBuffer,
  socket,
  watchReadable,
} from './libc.ts'
import {linkAddress} from './socket-address.ts'

/** The addresses that are ours on one interface. */
export interface WatchedInterface {
  readonly name: string
  readonly index: InterfaceIndex
  readonly vips: readonly IpAddress[]
  /** Hardware addresses at which ours may be reached: "02:00:00:00:00:01". */
  readonly ownMacs: ReadonlySet<string>
}

/** Somebody else says that one of our addresses is reached at its own hardware address. */
export interface ForeignClaim {
  readonly interface: string
  readonly address: IpAddress
  readonly mac: string
  /** It was said to us alone: somebody was asked, and has the address now. */
  readonly answered: boolean
}

/** What a watch did since it was made. */
export interface ConflictCounters {
  /** Claims of our addresses by others, told or not. */
  readonly claims: number
  /** Claims not told since the same one was told a moment ago, or too many different ones were. */
  readonly suppressed: number
  /** Frames of open sockets that the kernel dropped since we read slowly, as we do under a flood. */
  readonly dropped: number
}

/**
 * Listens for ARP packets and neighbour advertisements in which others claim our addresses. The kernel filters them:
 * others cost nothing here. What passes is read a few frames at a time and told once a second, however much arrives.
 */
export class AddressConflictWatch {
  readonly #onClaim: (claim: ForeignClaim) => void
  readonly #listeners = new Map<string, ClaimListener>()
  readonly #told = new Map<string, MonotonicMs>()
  #claims = 0
  #suppressed = 0

  /** `onClaim` is called from the event loop, never from within `watch` or `close`. */
  constructor(onClaim: (claim: ForeignClaim) => void) {
    this.#onClaim = onClaim
  }

  /**
   * Watches these interfaces and no other ones; what does not change goes on. Answers why some cannot be watched, one
   * sentence each; they are tried again with the next call.
   */
  watch(interfaces: readonly WatchedInterface[]): readonly string[] {
    const failures: string[] = []
    const wanted = new Set<string>()
    for (const each of interfaces) {
      for (const family of [4, 6] as const) {
        const vips = each.vips.filter(vip => ipFamily(vip) === family)
        if (vips.length === 0) continue
        const key = `${each.index} ${family}`
        wanted.add(key)
        const failure = this.#listen(key, family, {...each, vips})
        if (failure !== undefined) failures.push(`${each.name} is not watched for conflicts: ${failure}`)
      }
    }
    for (const [key, listener] of this.#listeners) {
      if (wanted.has(key)) continue
      listener.close()
      this.#listeners.delete(key)
    }
    return failures
  }

  counters(): ConflictCounters {
    const dropped = [...this.#listeners.values()].reduce((sum, listener) => sum + listener.dropped, 0)
    return {claims: this.#claims, suppressed: this.#suppressed, dropped}
  }

  /** Ends listening; no callback comes after it. */
  close(): void {
    this.watch([])
  }

  #listen(key: string, family: IpFamily, watched: WatchedInterface): string | undefined {
    const open = this.#listeners.get(key)
    if (open) return open.follow(watched)
    const listener = ClaimListener.open(family, watched, claim => this.#claimed(claim))
    if (typeof listener === 'string') return listener
    this.#listeners.set(key, listener)
    return undefined
  }

  #claimed(claim: ForeignClaim): void {
    this.#claims++
    const now = monotonicNow()
    const key = `${claim.interface} ${claim.address} ${claim.mac} ${claim.answered}`
    const toldAt = this.#told.get(key)
    if (toldAt !== undefined && now - toldAt < TOLD_AGAIN_AFTER_MS) {
      this.#suppressed++
      return
    }
    if (toldAt === undefined && this.#told.size >= MAX_TOLD) this.#forgetOld(now)
    if (toldAt === undefined && this.#told.size >= MAX_TOLD) {
      this.#suppressed++
      return
    }
    this.#told.set(key, now)
    this.#onClaim(claim)
  }

  #forgetOld(now: MonotonicMs): void {
    for (const [key, at] of this.#told) if (now - at >= TOLD_AGAIN_AFTER_MS) this.#told.delete(key)
  }
}

/** One packet socket on one interface for one of the two protocols. */
class ClaimListener {
  readonly #fd: number
  readonly #family: IpFamily
  readonly #onClaim: (claim: ForeignClaim) => void
  #watched: WatchedInterface
  #vips: ReadonlySet<IpAddress>
  #readable: ReadableWatch | undefined
  #immediate: NodeJS.Immediate | undefined
  #timer: NodeJS.Timeout | undefined
  #closed = false

  private constructor(fd: number, family: IpFamily, watched: WatchedInterface, onClaim: (claim: ForeignClaim) => void) {
    this.#fd = fd
    this.#family = family
    this.#watched = watched
    this.#vips = new Set(watched.vips)
    this.#onClaim = onClaim
    this.#wait()
  }

  /** The listener, or the name of the call that failed and its error. */
  static open(
    family: IpFamily,
    watched: WatchedInterface,
    onClaim: (claim: ForeignClaim) => void,
  ): ClaimListener | string {
    // With protocol 0 it hears nothing until its filter is there.
    const opened = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)
    if (!opened.ok) return `socket: ${opened.reason}`
    const fd = opened.value
    const protocol = family === 4 ? ETHERTYPE_ARP : ETHERTYPE_IPV6
    const steps: readonly (readonly [string, () => SystemResult])[] = [
      ['SO_RCVBUF', () => setReceiveBuffer(fd, RECEIVE_BUFFER_BYTES)],
      ['SO_ATTACH_FILTER', () => attachFilter(fd, claimFilter(family, watched.vips))],
      ['bind', () => bind(fd, linkAddress(watched.index, protocol))],
    ]
    for (const [step, run] of steps) {
      const result = run()
      if (result.ok) continue
      close(fd)
      return `${step}: ${result.reason}`
    }
    return new ClaimListener(fd, family, watched, onClaim)
  }

  get dropped(): number {
    return dropsOf(this.#fd)
  }

  /** Takes other addresses of ours; answers why not. */
  follow(watched: WatchedInterface): string | undefined {
    this.#watched = watched
    if (watched.vips.length === this.#vips.size && watched.vips.every(vip => this.#vips.has(vip))) return undefined
    const attached = attachFilter(this.#fd, claimFilter(this.#family, watched.vips))
    if (!attached.ok) return `SO_ATTACH_FILTER: ${attached.reason}`
    this.#vips = new Set(watched.vips)
    return undefined
  }

  close(): void {
    this.#closed = true
    this.#readable?.close()
    clearImmediate(this.#immediate)
    clearTimeout(this.#timer)
    close(this.#fd)
  }

  /** One call for all that has arrived: the watch ends with it, so that a flood cannot occupy the loop. */
  #wait(): void {
    this.#readable = watchReadable(this.#fd, () => {
      this.#immediate ??= setImmediate(() => {
        this.#immediate = undefined
        this.#readable?.close()
        this.#readable = undefined
        this.#timer = setTimeout(() => this.#wait(), PAUSE_MS)
        this.#read()
      })
    })
  }

  #read(): void {
    for (let count = 0; count < FRAMES_A_TURN && !this.#closed; count++) {
      const got = receiveNow(this.#fd, FRAME)
      // An interface that goes down leaves one ENETDOWN, which is taken by this; the socket works again once it is up.
      if (!got.ok) return
      const claim = decodeAddressClaim(FRAME.subarray(0, Math.min(got.value, FRAME.length)))
      if (!claim.ok) continue
      const {address, mac} = claim.value
      const {name, ownMacs} = this.#watched
      if (!this.#vips.has(address) || ownMacs.has(mac)) continue
      const answered = ownMacs.has(macFromBytes(FRAME.subarray(0, 6)))
      this.#onClaim({interface: name, address, mac, answered})
    }
  }
}

/** As long as the filter keeps of a frame. */
const FRAME = Buffer.alloc(256)
const FRAMES_A_TURN = 32
/** Between two turns: a flood is read at 320 frames a second, and the kernel drops the rest. */
const PAUSE_MS = 100
const RECEIVE_BUFFER_BYTES = 64 * 1024
const TOLD_AGAIN_AFTER_MS = 1_000
/** Different claims within a second; a flood of invented hardware addresses is told so far. */
const MAX_TOLD = 1_000
