import {gapsMs} from '../lab/capture.ts'
import {crash, type DaemonName} from '../lab/daemon.ts'
import {takeoverMs} from '../lab/formula.ts'
import type {Host} from '../lab/host.ts'
import {HOSTILE_KINDS, type HostileKind, hostileFrames, startAttack} from '../lab/hostile.ts'
import {createPair, DEVICE, type Pair, startMember, VIP, VRID, WORSE_PRIORITY} from '../lab/pair.ts'
import type {Protocol} from '../lab/role.ts'
import {sleep} from '../lab/wait.ts'

/** What an attack did. */
export interface Suffered {
  readonly attack: HostileKind | 'flood'
  readonly perSecond: number
  readonly sent: number
  /** Longest time between two advertisements of the master around the attack, in intervals. */
  readonly longestPause: number
  /** Advertisements of the backup, which has no reason to speak. */
  readonly backupAdverts: number
}

/** A takeover amid the flood. */
export interface TakeoverUnderFire {
  readonly tookMs: number
  readonly formulaMs: number
}

export interface HostileRun {
  readonly program: DaemonName
  readonly protocol: Protocol
  readonly suffered: readonly Suffered[]
  readonly takeover: TakeoverUnderFire
}

export interface HostileOptions {
  readonly program: DaemonName
  readonly protocol: Protocol
  readonly kinds?: readonly HostileKind[]
  readonly secondsPerKind: number
  readonly floodSeconds: number
}

export const PER_SECOND = 500
export const FLOOD_PER_SECOND = 5_000
/** Nobody's address: neither member's, so that no member can take the packets for its own. */
const ATTACKER_SOURCE = '10.20.0.66'

/** Attacks a pair of one program with each kind in turn, then with all at once; then its master crashes amid it. */
export async function runHostile(options: HostileOptions): Promise<HostileRun> {
  const {program, protocol, kinds = HOSTILE_KINDS, secondsPerKind, floodSeconds} = options
  // The capture must not see the attack itself: only what the two members say.
  const pair = await createPair({protocol, better: program, worse: program, captureMembersOnly: true})
  try {
    const attacker = await pair.lab.host('attacker')
    await attacker.attach(pair.segment, {interface: DEVICE})
    await startMember(pair, pair.better)
    await pair.capture.waitForAdvert({source: pair.better.address}, {timeoutMs: 20_000})
    await startMember(pair, pair.worse)
    await sleep(3 * protocol.intervalMs)
    const suffered: Suffered[] = []
    for (const kind of kinds) {
      const attack = {attack: kind, perSecond: PER_SECOND, seconds: secondsPerKind}
      suffered.push(await attackOnce(pair, attacker, {...attack, frames: framesOf([kind], protocol)}))
    }
    const frames = framesOf(kinds, protocol)
    const flood = {attack: 'flood', perSecond: FLOOD_PER_SECOND, seconds: floodSeconds, frames} as const
    suffered.push(await attackOnce(pair, attacker, flood))
    const takeover = await takeoverUnderFire(pair, attacker, frames)
    await pair.capture.stop()
    return {program, protocol, suffered, takeover}
  } finally {
    await pair.lab.close()
  }
}

interface AttackOnce {
  readonly attack: Suffered['attack']
  readonly frames: readonly Buffer[]
  readonly perSecond: number
  readonly seconds: number
}

async function attackOnce(
  {better, worse, capture, protocol}: Pair,
  attacker: Host,
  {attack, frames, perSecond, seconds}: AttackOnce,
): Promise<Suffered> {
  const fromMs = Date.now()
  const sender = await startAttack(attacker, {device: DEVICE, frames, perSecond, seconds})
  const {code} = await sender.exited
  const {sent = 0, failed = 0} = code === 0 ? JSON.parse(sender.stdout) : {}
  if (code !== 0 || failed > 0 || sent < perSecond * seconds) throw new Error(`the attack failed: ${sender.describe()}`)
  // The advertisement after the attack belongs to the measurement: a pause may last to the very end.
  await sleep(2 * protocol.intervalMs)
  await capture.settle()
  const toMs = Date.now()
  const times = capture.adverts({source: better.address, fromMs: fromMs - protocol.intervalMs, toMs}).map(a => a.atMs)
  const longestMs = Math.max(...gapsMs([...times, toMs - protocol.intervalMs]))
  return {
    attack,
    perSecond,
    sent,
    longestPause: longestMs / protocol.intervalMs,
    backupAdverts: capture.adverts({source: worse.address, fromMs, toMs}).length,
  }
}

async function takeoverUnderFire(pair: Pair, attacker: Host, frames: readonly Buffer[]): Promise<TakeoverUnderFire> {
  const {better, worse, capture, protocol} = pair
  const formulaMs = takeoverMs({...protocol, priority: WORSE_PRIORITY})
  const seconds = Math.ceil((2 * formulaMs + 3_000) / 1_000)
  await startAttack(attacker, {device: DEVICE, frames, perSecond: FLOOD_PER_SECOND, seconds})
  await sleep(1_000)
  const fromMs = Date.now()
  if (better.daemon) await crash(better.daemon)
  const first = await capture.waitForAdvert({source: worse.address, fromMs}, {timeoutMs: seconds * 1_000 + formulaMs})
  const last = capture.adverts({source: better.address, toMs: first.atMs}).at(-1)
  return {tookMs: first.atMs - (last?.atMs ?? Number.NaN), formulaMs}
}

function framesOf(kinds: readonly HostileKind[], {version}: Protocol): readonly Buffer[] {
  const target = {version, vrid: VRID, vip: VIP, source: ATTACKER_SOURCE}
  const each = kinds.map(kind => hostileFrames(kind, target))
  // Mixed like cards, so that a flood is of all kinds at every moment.
  const longest = Math.max(...each.map(({length}) => length))
  return Array.from({length: longest}, (_, i) => each.flatMap(frames => frames[i % frames.length] ?? [])).flat()
}
