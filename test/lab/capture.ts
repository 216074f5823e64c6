import type {LabProcess} from './lab-process.ts'
import {
  type AdvertPacket,
  type ArpPacket,
  isEchoReply,
  type NeighbourPacket,
  type Packet,
  readFrame,
} from './packets.ts'
import {PcapReader} from './pcap.ts'
import {until} from './wait.ts'

/** A span of time, milliseconds since 1970; open where a side is left out. */
export interface Span {
  readonly fromMs?: number
  readonly toMs?: number
}

export interface AdvertFilter extends Span {
  readonly source?: string
  readonly vrid?: number
  readonly priority?: number
}

/** More packets than this end the capture: a test that needs more should filter. */
const MAX_PACKETS = 500_000

/** Packets of one segment, as they come, with kernel receive times. */
export class Capture {
  readonly packets: Packet[] = []
  readonly #program: LabProcess
  #failure: Error | undefined

  constructor(program: LabProcess) {
    this.#program = program
    const reader = new PcapReader()
    program.onBytes(bytes => {
      if (this.#failure) return
      try {
        for (const {atMs, frame} of reader.push(bytes)) this.packets.push(readFrame(atMs, frame))
        if (this.packets.length > MAX_PACKETS) throw new Error(`more than ${MAX_PACKETS} packets: use a filter`)
      } catch (error) {
        this.#failure = error instanceof Error ? error : new Error(String(error))
      }
    })
  }

  /** Advertisements that match, oldest first. */
  adverts({source, vrid, priority, ...span}: AdvertFilter = {}): readonly AdvertPacket[] {
    return this.#within(span).filter(
      (packet): packet is AdvertPacket =>
        packet.kind === 'advert' &&
        (source === undefined || packet.source === source) &&
        (vrid === undefined || packet.vrid === vrid) &&
        (priority === undefined || packet.priority === priority),
    )
  }

  /** Gratuitous ARP for an address: sender and target are the same. RFC 5944 section 4.6. */
  gratuitousArps(address: string, span: Span = {}): readonly ArpPacket[] {
    return this.#within(span).filter(
      (packet): packet is ArpPacket => packet.kind === 'arp' && packet.sender === address && packet.target === address,
    )
  }

  /** What tells neighbours of an address: gratuitous ARP, or unsolicited neighbour advertisements. RFC 9568 section 8.2. */
  announcements(address: string, span: Span = {}): readonly (ArpPacket | NeighbourPacket)[] {
    if (!address.includes(':')) return this.gratuitousArps(address, span)
    return this.#within(span).filter(
      (packet): packet is NeighbourPacket =>
        packet.kind === 'neighbour' && packet.target === address && !packet.solicited && packet.override,
    )
  }

  /** When echo replies from an address passed. */
  answerTimesMs(address: string, span: Span = {}): readonly number[] {
    return this.#within(span)
      .filter(packet => isEchoReply(packet) && packet.source === address)
      .map(packet => packet.atMs)
  }

  /** Waits for an advertisement that matches, and returns the first. */
  async waitForAdvert(filter: AdvertFilter, {timeoutMs}: {readonly timeoutMs: number}): Promise<AdvertPacket> {
    return until(
      () => `an advertisement ${JSON.stringify(filter)}`,
      () => this.adverts(filter)[0],
      {timeoutMs},
    )
  }

  /** Waits until everything that passed up to now has been read; the time it returns is after that. */
  async settle(): Promise<void> {
    const before = this.packets.length
    const quietAt = Date.now() + 50
    // Packets take a moment through the sniffer and the pipe; two quiet looks in a row, or at most a quarter of a second.
    let seen = before
    await until(
      'the capture to catch up',
      () => {
        const caughtUp = this.packets.length === seen && Date.now() > quietAt
        seen = this.packets.length
        return caughtUp || Date.now() > quietAt + 200
      },
      {timeoutMs: 5_000, everyMs: 10},
    )
  }

  /** Ends the capture; throws if it lost anything. */
  async stop(): Promise<void> {
    await this.settle()
    this.#check()
    await this.#program.stop()
  }

  #within({fromMs = 0, toMs = Number.POSITIVE_INFINITY}: Span): readonly Packet[] {
    this.#check()
    return this.packets.filter(({atMs}) => atMs >= fromMs && atMs <= toMs)
  }

  #check(): void {
    if (this.#failure) throw this.#failure
    const lost = /lost \d+/.exec(this.#program.stderr)?.[0]
    if (lost !== undefined) throw new Error(`the capture ${lost} packets`)
    if (this.#program.exit) throw new Error(`the capture ended: ${this.#program.describe()}`)
  }
}

/** The differences between neighbours, milliseconds. */
export const gapsMs = (timesMs: readonly number[]): readonly number[] =>
  timesMs.slice(1).map((time, i) => time - (timesMs[i] as number))

/** The longest time without one of these; 0 when there are fewer than two. */
export const longestGapMs = (timesMs: readonly number[]): number =>
  gapsMs(timesMs).reduce((longest, gap) => Math.max(longest, gap), 0)

/** The value below which this part of the values lie (0.5: the median). */
export function quantile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? Number.NaN
}
