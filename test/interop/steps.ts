import {longestGapMs} from '../lab/capture.ts'
import {crash, stopGracefully} from '../lab/daemon.ts'
import {skewTimeMs, takeoverMs} from '../lab/formula.ts'
import type {AdvertPacket} from '../lab/packets.ts'
import {type Member, type Pair, startMember, VIP} from '../lab/pair.ts'
import {sleep, until} from '../lab/wait.ts'

/** What one step of a scenario measured, milliseconds. */
export interface Measured {
  readonly event: string
  /** From the last advertisement of the old master to the first of the new; undefined where nobody went. */
  readonly takeoverMs: number | undefined
  readonly formulaMs: number | undefined
  /** Longest time in which the client heard no answer. */
  readonly clientGapMs: number
}

/** Addresses may overlap or be missing for so long after the first advertisement of a new master. */
export const SETTLE_MS = 500
/** How long the holders are watched once they have settled. */
const WATCH_MS = 300
const WATCH_EVERY_MS = 20
/** A loaded machine may be this late; how late it is on a quiet one is for the benchmark to say. */
const LATE_MS = 250
/** Kernel stamps of two hosts' packets are this exact. */
const EARLY_MS = 0.5
/** A daemon starts within this. */
const START_MS = 15_000

/** Starts both and waits for the election. */
export async function election(pair: Pair): Promise<Measured> {
  const fromMs = Date.now()
  await Promise.all([startMember(pair, pair.better), startMember(pair, pair.worse)])
  await becomesMaster(pair, pair.better, fromMs)
  await exactlyOneHolder(pair, pair.better)
  return {event: 'election', takeoverMs: undefined, formulaMs: undefined, clientGapMs: 0}
}

/** SIGKILL to all of the better node. The other must wait exactly as long as the formula says. */
export async function crashOf(pair: Pair): Promise<Measured> {
  const fromMs = await steadyMaster(pair, pair.better)
  await crash(running(pair.better))
  pair.better.daemon = undefined
  return silenceOf(pair, 'crash', fromMs)
}

/** The better node's cable is pulled: it must let go of the address, and the other takes over by the formula. */
export async function linkCutOf(pair: Pair): Promise<Measured> {
  const fromMs = await steadyMaster(pair, pair.better)
  await pair.better.link.cut()
  return silenceOf(pair, 'link cut', fromMs)
}

/** SIGTERM: priority 0 on the wire, and the other waits no longer than its skew. */
export async function gracefulStopOf(pair: Pair): Promise<Measured> {
  const fromMs = await steadyMaster(pair, pair.better)
  await stopGracefully(running(pair.better))
  pair.better.daemon = undefined
  const first = await becomesMaster(pair, pair.worse, fromMs)
  const leaving = pair.capture.adverts({source: pair.better.address, priority: 0, fromMs})[0]
  if (!leaving) throw new Error(`${pair.better.program} left without an advertisement of priority 0`)
  await exactlyOneHolder(pair, pair.worse)
  const input = {...pair.protocol, priority: pair.worse.priority}
  return measured(pair, {event: 'graceful stop', last: leaving, first, formulaMs: skewTimeMs(input), fromMs})
}

/** The better node comes back and takes the address. */
export async function preemptingReturnOf(pair: Pair, how: 'start' | 'link'): Promise<Measured> {
  const fromMs = await steadyMaster(pair, pair.worse)
  if (how === 'start') await startMember(pair, pair.better)
  else await pair.better.link.restore()
  await becomesMaster(pair, pair.better, fromMs)
  await exactlyOneHolder(pair, pair.better)
  return {
    event: how === 'start' ? 'preempting return' : 'link back',
    takeoverMs: undefined,
    formulaMs: undefined,
    clientGapMs: await clientGapMs(pair, fromMs, pair.better),
  }
}

/** The better node comes back with `nopreempt`: it stays backup for twice as long as it would have waited. */
export async function nopreemptReturnOf(pair: Pair): Promise<Measured> {
  const fromMs = await steadyMaster(pair, pair.worse)
  await startMember(pair, pair.better, {nopreempt: true})
  await sleep(2 * takeoverMs({...pair.protocol, priority: pair.better.priority}))
  await pair.capture.settle()
  const uttered = pair.capture.adverts({source: pair.better.address, fromMs})
  if (uttered.length > 0) throw new Error(`${pair.better.program} advertised in spite of nopreempt`)
  await exactlyOneHolder(pair, pair.worse)
  const gap = await clientGapMs(pair, fromMs, pair.worse)
  return {event: 'nopreempt return', takeoverMs: undefined, formulaMs: undefined, clientGapMs: gap}
}

/** SIGKILL to the worse node while it is master over a `nopreempt` better one, which must take over now. */
export async function crashOfWorse(pair: Pair): Promise<Measured> {
  const fromMs = await steadyMaster(pair, pair.worse)
  await crash(running(pair.worse))
  pair.worse.daemon = undefined
  const swapped = {...pair, better: pair.worse, worse: pair.better}
  return silenceOf(swapped, 'crash of the worse', fromMs)
}

async function silenceOf(pair: Pair, event: string, fromMs: number): Promise<Measured> {
  const {better, worse, capture, protocol} = pair
  const first = await becomesMaster(pair, worse, fromMs)
  const last = capture.adverts({source: better.address, toMs: first.atMs}).at(-1)
  if (!last) throw new Error(`${better.program} never advertised`)
  await exactlyOneHolder(pair, worse)
  const said = capture.adverts({source: better.address, fromMs: first.atMs})
  if (said.length > 0) throw new Error(`${better.program} advertised after its ${event}`)
  const formulaMs = takeoverMs({...protocol, priority: worse.priority})
  return measured(pair, {event, last, first, formulaMs, fromMs})
}

interface Change {
  readonly event: string
  readonly last: AdvertPacket
  readonly first: AdvertPacket
  readonly formulaMs: number
  readonly fromMs: number
}

async function measured(pair: Pair, {event, last, first, formulaMs, fromMs}: Change): Promise<Measured> {
  const tookMs = first.atMs - last.atMs
  const excessMs = tookMs - formulaMs
  if (excessMs < -EARLY_MS || excessMs > LATE_MS) {
    throw new Error(`${event}: ${pair.worse.program} took over after ${tookMs} ms, the formula says ${formulaMs}`)
  }
  const gapMs = await clientGapMs(pair, fromMs, pair.worse)
  if (gapMs > tookMs + pair.protocol.intervalMs + LATE_MS) {
    throw new Error(`${event}: the client heard nothing for ${gapMs} ms, the takeover took ${tookMs}`)
  }
  return {event, takeoverMs: tookMs, formulaMs, clientGapMs: gapMs}
}

/** Waits for a member's next advertisements, so that what follows happens amid steady operation; returns when. */
async function steadyMaster({capture, protocol}: Pair, member: Member): Promise<number> {
  const fromMs = Date.now()
  await until(
    `${member.program} to advertise steadily`,
    () => capture.adverts({source: member.address, fromMs}).length >= 2,
    {timeoutMs: 5 * protocol.intervalMs + 1_000},
  )
  return fromMs
}

/** Waits for the first advertisement of a new master. */
function becomesMaster({capture, protocol}: Pair, member: Member, fromMs: number): Promise<AdvertPacket> {
  const timeoutMs = 2 * takeoverMs({...protocol, priority: member.priority}) + START_MS
  return capture.waitForAdvert({source: member.address, priority: member.priority, fromMs}, {timeoutMs})
}

/**
 * Looks into both hosts, again and again, once they had time to settle. A host whose daemon was killed keeps the
 * address on its interface, as nobody is left to remove it: it counts again when its daemon has started anew.
 */
async function exactlyOneHolder(pair: Pair, expected: Member): Promise<void> {
  await sleep(SETTLE_MS)
  for (let passedMs = 0; passedMs < WATCH_MS; passedMs += WATCH_EVERY_MS) {
    const holders = [pair.better, pair.worse].filter(({daemon, host}) => daemon !== undefined && host.holds(VIP))
    if (holders.length !== 1 || holders[0] !== expected) {
      const names = holders.map(({host, program}) => `${host.name} (${program})`).join(' and ') || 'nobody'
      throw new Error(`${names} held the address, expected ${expected.host.name} (${expected.program}) alone`)
    }
    await sleep(WATCH_EVERY_MS)
  }
}

/** The longest gap in the client's answers since a moment; throws unless the holder answers now. */
async function clientGapMs({capture}: Pair, fromMs: number, holder: Member): Promise<number> {
  const nowMs = Date.now()
  await until(
    `answers from ${holder.host.name}`,
    () => {
      const mac = capture.adverts({source: holder.address}).at(-1)?.sourceMac
      const answers = capture.packets.slice(-200).filter(packet => packet.kind === 'icmp' && packet.source === VIP)
      const latest = answers.at(-1)
      return latest !== undefined && latest.atMs > nowMs && latest.sourceMac === mac
    },
    {timeoutMs: 3_000, everyMs: 20},
  )
  return longestGapMs(capture.answerTimesMs(VIP, {fromMs}))
}

function running(member: Member): NonNullable<Member['daemon']> {
  if (!member.daemon) throw new Error(`nothing runs on ${member.host.name}`)
  return member.daemon
}
