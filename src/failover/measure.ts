import {networkInterfaces} from 'node:os'
import {type IpAddress, parseIp} from '../core/ip.ts'
import {monotonicNow} from '../kernel/clock.ts'
import type {Measurement, Outage, ProbeKind} from './model.ts'
import {lateAfterMs, outageOf} from './outage.ts'
import {type OpenedProber, openPingProbes} from './ping-probes.ts'
import type {Prober} from './prober.ts'
import {openTcpProbes} from './tcp-probes.ts'

/** What is probed, and how. */
export interface MeasureWish {
  /** Virtual addresses, those to try first in front. */
  readonly addresses: readonly string[]
  readonly kind: ProbeKind
}

/** Probes that run, or why none do. */
export type StartedMeasure = {readonly ok: true; readonly measure: Measure} | {readonly ok: false; readonly why: string}

/** Probes run this long before an order, milliseconds: neighbours are looked up, and it is seen what is usual here. */
const WARM_UP_MS = 400
/** How many addresses are tried. */
const MAX_TRIED = 4
/** The address is back when it has answered this long without a gap, milliseconds. */
const STEADY_MS = 300
/** What a warm-up may lose. */
const MAX_LOSS = 0.1
const LOOK_EVERY_MS = 20

/** Starts probes of the first address that answers. */
export async function startMeasure({addresses, kind}: MeasureWish): Promise<StartedMeasure> {
  const whys: string[] = []
  const usable = addresses.filter(address => !isLinkLocal(address))
  if (usable.length === 0) return {ok: false, why: 'it has no address that this host could reach by a route'}
  for (const address of usable.slice(0, MAX_TRIED)) {
    const started = await startOne(address, kind)
    if (started.ok) return started
    whys.push(started.why)
  }
  return {ok: false, why: [...new Set(whys)].join('; ')}
}

/** Probes of one address, from before the first order until the last move is over. */
export class Measure {
  readonly address: string
  readonly #prober: Prober
  readonly #probe: string

  constructor(address: string, prober: Prober, probe: string) {
    this.address = address
    this.#prober = prober
    this.#probe = probe
  }

  /** Waits until the address answers again as it did, or for so long; answers whether it does. */
  async steady(withinMs: number): Promise<boolean> {
    const giveUpAt = monotonicNow() + withinMs
    for (;;) {
      await sleep(LOOK_EVERY_MS)
      if (this.#isSteady()) return true
      if (monotonicNow() > giveUpAt || this.#prober.isFull) return false
    }
  }

  /** What the probes since a moment tell of one move. */
  since(fromMs: number): Measurement {
    if (holdsItself(this.address)) return {measured: false, why: selfText(this.address)}
    const {samples, intervalMs} = this.#prober
    const limitMs = this.#limitMs()
    const decided = samples.slice(0, this.#decided())
    const outage = outageOf({samples: decided, intervalMs, fromMs, lateAfterMs: limitMs})
    if (outage !== undefined) return {measured: true, address: this.address, probe: this.#probe, ...rounded(outage)}
    const error = this.#prober.error
    return {measured: false, why: `${this.address} did not answer again${error === undefined ? '' : `: ${error}`}`}
  }

  /** Ends the probes. */
  stop(): Promise<void> {
    return this.#prober.stop()
  }

  #limitMs(): number {
    return lateAfterMs(this.#prober.samples.slice(0, WARM_UP_MS / this.#prober.intervalMs))
  }

  /** How many probes have been answered, or will not be in time; the others are under way. */
  #decided(): number {
    const {samples} = this.#prober
    const limitMs = this.#limitMs()
    const now = monotonicNow()
    return samples.findLastIndex(({sentAt, latencyMs}) => latencyMs !== undefined || now - sentAt > limitMs) + 1
  }

  #isSteady(): boolean {
    const {samples, intervalMs} = this.#prober
    const limitMs = this.#limitMs()
    const decided = samples.slice(0, this.#decided()).slice(-Math.ceil(STEADY_MS / intervalMs))
    const last = decided.at(-1)
    if (last === undefined || monotonicNow() - last.sentAt > STEADY_MS) return false
    return decided.every(({latencyMs}) => latencyMs !== undefined && latencyMs <= limitMs)
  }
}

async function startOne(text: string, kind: ProbeKind): Promise<StartedMeasure> {
  const parsed = parseIp(text)
  if (!parsed.ok) return {ok: false, why: `${text} is no address`}
  if (holdsItself(parsed.value)) return {ok: false, why: selfText(parsed.value)}
  const opened = open(parsed.value, kind)
  if (!opened.ok) return opened
  const {prober} = opened
  // The first probes wait for the neighbour to be found.
  await sleep(WARM_UP_MS)
  const measure = new Measure(parsed.value, prober, kind.type === 'icmp' ? 'icmp' : `tcp port ${kind.port}`)
  if (await measure.steady(2 * WARM_UP_MS)) return {ok: true, measure}
  const {samples, error} = prober
  const answered = samples.filter(({latencyMs}) => latencyMs !== undefined).length
  if (answered >= samples.length * (1 - MAX_LOSS)) return {ok: true, measure}
  await measure.stop()
  const reason = error === undefined ? '' : ` (${error})`
  return {ok: false, why: `${text} answered ${answered} of ${samples.length} probes before the move${reason}`}
}

function open(address: IpAddress, kind: ProbeKind): OpenedProber {
  return kind.type === 'icmp' ? openPingProbes(address) : {ok: true, prober: openTcpProbes(address, kind.port)}
}

/** Nothing here is known to better than a hundredth of a millisecond. */
function rounded(outage: Outage): Outage {
  const round = (ms: number): number => Math.round(ms * 100) / 100
  const {outageMs, atLeastMs, atMostMs} = outage
  return {...outage, outageMs: round(outageMs), atLeastMs: round(atLeastMs), atMostMs: round(atMostMs)}
}

/** Whether this host has an address itself: then its probes never leave it. */
function holdsItself(address: string): boolean {
  const own = Object.values(networkInterfaces()).flatMap(each => each ?? [])
  return own.some(each => {
    const parsed = parseIp(each.address)
    return parsed.ok && parsed.value === address
  })
}

const selfText = (address: string): string => `this host holds ${address} itself`

const isLinkLocal = (address: string): boolean => /^fe[89ab]/i.test(address)

const sleep = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms))
