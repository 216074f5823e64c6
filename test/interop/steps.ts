import {longestGapMs} from '../lab/capture.ts'
import {crash, holdsVip, stopGracefully} from '../lab/daemon.ts'
import {skewTimeMs, takeoverMs} from '../lab/formula.ts'
import {type AdvertPacket, isEchoReply} from '../lab/packets.ts'
import {type Member, type Pair, startMember, VRID} from '../lab/pair.ts'
import {virtualMac} from '../lab/role.ts'
import {sleep, until} from '../lab/wait.ts'
import {checkPlace} from './wire.ts'

/** What one step of a scenario measured, milliseconds. */
export interface Measured {
  readonly event: string
  /** From the last advertisement of the old master to the first of the new; undefined where nobody went. */
  readonly takeoverMs: number | undefined
  readonly formulaMs: number | undefined
  /** Longest time in which the client heard no answer; undefined where it may hear none at all. */
  readonly clientGapMs: number | undefined
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
  await crashMember(pair, pair.better)
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
  const formulaMs = skewOf(pair, pair.worse)
  return measured(pair, {event: 'graceful stop', last: leaving, first, formulaMs, fromMs})
}

/** The better node comes back and takes the address. */
export async function preemptingReturnOf(pair: Pair, how: 'start' | 'link'): Promise<Measured> {
  const fromMs = await steadyMaster(pair, pair.worse)
  await pair.better.link.restore()
  if (how === 'start') await startMember(pair, pair.better)
  await becomesMaster(pair, pair.better, fromMs)
  await exactlyOneHolder(pair, pair.better)
  // FRR stays master without a carrier and announces nothing when it is back: it counts on everybody's virtual MAC.
  const silent = how === 'link' && pair.better.program === 'frr' && !pair.protocol.vmac && pair.worse.program !== 'frr'
  return {
    event: how === 'start' ? 'preempting return' : 'link back',
    takeoverMs: undefined,
    formulaMs: undefined,
    clientGapMs: silent ? undefined : await clientGapMs(pair, fromMs, pair.better),
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
  await crashMember(pair, pair.worse)
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
  const formulaMs = 3 * protocol.intervalMs + skewOf(pair, worse)
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
  const tookMs = takeoverAtMs(pair, first) - last.atMs
  const excessMs = tookMs - formulaMs
  if (excessMs < -EARLY_MS || excessMs > LATE_MS) {
    throw new Error(`${event}: ${pair.worse.program} took over after ${tookMs} ms, the formula says ${formulaMs}`)
  }
  const announcements = pair.capture.announcements(pair.vip, {fromMs: last.atMs + tookMs - EARLY_MS})
  if (!announcements.some(({sourceMac}) => macsOf(pair, pair.worse).includes(sourceMac))) {
    throw new Error(`${event}: ${pair.worse.program} did not announce the address`)
  }
  const gapMs = await clientGapMs(pair, fromMs, pair.worse)
  if (gapMs > tookMs + pair.protocol.intervalMs + LATE_MS) {
    throw new Error(`${event}: the client heard nothing for ${gapMs} ms, the takeover took ${tookMs}`)
  }
  return {event, takeoverMs: tookMs, formulaMs, clientGapMs: gapMs}
}

/**
 * When the worse node took over. Over IPv6 the first advertisement of FRR is lost, as its interface has no carrier yet
 * when it is sent: the next one comes an interval later, and until then only the announcement of the address tells.
 */
function takeoverAtMs({worse, protocol, capture, vip}: Pair, first: AdvertPacket): number {
  if (worse.program !== 'frr' || protocol.family === 4) return first.atMs
  const fromMs = first.atMs - 1.5 * protocol.intervalMs
  return capture.announcements(vip, {fromMs, toMs: first.atMs})[0]?.atMs ?? first.atMs
}

/**
 * Ends a program as if its machine had lost its power. Its address stays on the interface; where that has the virtual
 * MAC address the kernel of the dead would go on answering under it, to announcements even, so the cable is cut too.
 */
async function crashMember({protocol}: Pair, member: Member): Promise<void> {
  if (protocol.vmac || member.program === 'frr') await member.link.cutSilently()
  await crash(running(member))
  member.daemon = undefined
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
    const holders = [pair.better, pair.worse].filter(({daemon}) => daemon !== undefined && holdsVip(daemon, pair.vip))
    if (holders.length !== 1 || holders[0] !== expected) {
      const names = holders.map(({host, program}) => `${host.name} (${program})`).join(' and ') || 'nobody'
      throw new Error(`${names} held the address, expected ${expected.host.name} (${expected.program}) alone`)
    }
    await sleep(WATCH_EVERY_MS)
  }
  await checkPlace(pair, expected)
}

/** The longest gap in the client's answers since a moment; throws unless the holder answers now. */
async function clientGapMs(pair: Pair, fromMs: number, holder: Member): Promise<number> {
  const {capture, vip} = pair
  const nowMs = Date.now()
  const macs = macsOf(pair, holder)
  await until(
    `answers from ${holder.host.name}`,
    () => {
      const latest = capture.packets.slice(-200).findLast(packet => isEchoReply(packet) && packet.source === vip)
      return latest !== undefined && latest.atMs > nowMs && macs.includes(latest.sourceMac)
    },
    {timeoutMs: 3_000, everyMs: 20},
  )
  return longestGapMs(capture.answerTimesMs(vip, {fromMs}))
}

/** Skew_Time; FRR counts it in whole centiseconds. */
function skewOf({protocol}: Pair, {program, priority}: Member): number {
  const skewMs = skewTimeMs({...protocol, priority})
  return program === 'frr' ? Math.floor(skewMs / 10) * 10 : skewMs
}

/** What a member may send from, as far as the VIP is concerned. */
const macsOf = ({protocol}: Pair, {mac}: Member): readonly string[] => [mac, virtualMac({vrid: VRID, protocol})]

function running(member: Member): NonNullable<Member['daemon']> {
  if (!member.daemon) throw new Error(`nothing runs on ${member.host.name}`)
  return member.daemon
}
