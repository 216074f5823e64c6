import {skewTimeMs, takeoverMs} from '../lab/formula.ts'
import {startNginx} from '../lab/nginx.ts'
import type {AdvertPacket} from '../lab/packets.ts'
import {sleep, until} from '../lab/wait.ts'
import {answersWithin} from '../lab/web-client.ts'
import {milliseconds, type Outcome, type Timeline} from './timeline.ts'
import {CHECK_EVERY_MS, type Director, INTERVAL_MS, startDirector, VIP, type World} from './world.ts'

/** One scene: does something, waits for what must follow, and throws when it does not. */
export interface Step {
  readonly name: string
  readonly play: (world: World, timeline: Timeline) => Promise<Outcome>
}

/** The demo. */
export const STEPS: readonly Step[] = [
  {name: 'election', play: election},
  {name: 'client traffic', play: clientTraffic},
  {name: 'nginx dies on director1', play: nginxDies},
  {name: 'nginx returns', play: nginxReturns},
  {name: 'director1 is killed', play: directorKilled},
  {name: 'director1 returns', play: directorReturns},
  {name: 'director1 is stopped', play: directorStopped},
]

/** A loaded machine may be this late; nothing here is a benchmark. */
const LATE_MS = 1_000
const EARLY_MS = 5
/** An agent starts within this. */
const START_MS = 5_000
/** The addresses may take this long to follow the advertisements. */
const SETTLE_MS = 300

async function election(world: World, timeline: Timeline): Promise<Outcome> {
  const {director1, director2} = world
  timeline.event('hactl starts on director1 (priority 101) and director2 (100)')
  const fromMs = Date.now()
  waitingFor(world, timeline, 'the election')
  await Promise.all([startDirector(director1), startDirector(director2)])
  const formulaMs = downInterval(director1)
  const first = await firstAdvert(world, director1, {fromMs, withinMs: formulaMs + START_MS})
  await holdsAlone(world, director1)
  return outcome('director1 is elected', {measuredMs: first.atMs - fromMs, formulaMs}, START_MS)
}

async function clientTraffic(world: World, timeline: Timeline): Promise<Outcome> {
  const fromMs = await answeredBy(world, world.director1)
  waitingFor(world, timeline, 'client traffic')
  await sleep(1_500)
  const {by, failed} = answersWithin(world.client, {fromMs, toMs: Date.now()})
  const count = by.get('director1') ?? 0
  if (failed > 0 || by.size !== 1 || count === 0) throw new Error(`the client heard ${describe(by, failed)}`)
  return {what: `client: ${count} requests, director1 answered all`}
}

async function nginxDies(world: World, timeline: Timeline): Promise<Outcome> {
  const {director1, director2, capture} = world
  const fromMs = Date.now()
  await director1.nginx?.crash()
  timeline.event('nginx is killed on director1')
  waitingFor(world, timeline, 'chk_nginx to fail and director2 to take over')
  const {priorityWithoutNginx: priority} = director1
  const filter = {source: director1.address, priority, fromMs}
  const lowered = await capture.waitForAdvert(filter, {timeoutMs: CHECK_EVERY_MS + INTERVAL_MS + LATE_MS})
  timeline.event(`director1 advertises ${priority} after ${milliseconds(lowered.atMs - fromMs)} (check every 2 s)`)
  waitingFor(world, timeline, 'director2 to take over')
  const formulaMs = downInterval(director2)
  const first = await firstAdvert(world, director2, {fromMs, withinMs: formulaMs + LATE_MS})
  const last = lastAdvert(world, director1, first.atMs, director1.priority)
  return settled(world, director2, fromMs, {
    what: 'director2 takes over',
    times: {measuredMs: first.atMs - last.atMs, formulaMs},
    note: 'from the last advertisement of 101: the lower ones are not obeyed',
  })
}

async function nginxReturns(world: World, timeline: Timeline): Promise<Outcome> {
  const {director1, director2, capture} = world
  const fromMs = Date.now()
  director1.nginx = await startNginx(director1.host)
  timeline.event('nginx runs on director1 again')
  waitingFor(world, timeline, 'chk_nginx to succeed and director1 to preempt')
  const formulaMs = downInterval(director1)
  const withinMs = CHECK_EVERY_MS + formulaMs + LATE_MS
  const first = await firstAdvert(world, director1, {fromMs, withinMs})
  // Which advertisement was the last that director1 obeyed is known to nobody but itself: the one that fits best.
  const obeyed = capture
    .adverts({source: director2.address, toMs: first.atMs})
    .map(({atMs}) => first.atMs - atMs)
    .sort((a, b) => Math.abs(a - formulaMs) - Math.abs(b - formulaMs))[0]
  if (obeyed === undefined) throw new Error('director2 never advertised')
  return settled(world, director1, fromMs, {
    what: 'director1 preempts',
    times: {measuredMs: obeyed, formulaMs},
    note: `${milliseconds(first.atMs - fromMs)} after nginx came back`,
  })
}

async function directorKilled(world: World, timeline: Timeline): Promise<Outcome> {
  const {director1, director2} = world
  const fromMs = Date.now()
  await director1.daemon?.process.crash()
  director1.daemon = undefined
  await director1.nginx?.crash()
  timeline.event('SIGKILL to every process of director1')
  waitingFor(world, timeline, 'director2 to notice the silence')
  const formulaMs = downInterval(director2)
  const first = await firstAdvert(world, director2, {fromMs, withinMs: formulaMs + LATE_MS})
  const last = lastAdvert(world, director1, first.atMs)
  return settled(world, director2, fromMs, {
    what: 'director2 takes over',
    times: {measuredMs: first.atMs - last.atMs, formulaMs},
  })
}

async function directorReturns(world: World, timeline: Timeline): Promise<Outcome> {
  const {director1} = world
  director1.nginx = await startNginx(director1.host)
  const fromMs = Date.now()
  await startDirector(director1)
  timeline.event('nginx and hactl start on director1')
  waitingFor(world, timeline, 'director1 to preempt')
  await until('the address left over from the crash to go', () => !director1.host.holds(VIP), {timeoutMs: START_MS})
  const formulaMs = downInterval(director1)
  const first = await firstAdvert(world, director1, {fromMs, withinMs: formulaMs + START_MS})
  return settled(world, director1, fromMs, {
    what: 'director1 preempts',
    times: {measuredMs: first.atMs - fromMs, formulaMs},
    lateMs: START_MS,
  })
}

async function directorStopped(world: World, timeline: Timeline): Promise<Outcome> {
  const {director1, director2, capture} = world
  const fromMs = Date.now()
  timeline.event('hactl is stopped on director1 (SIGTERM)')
  waitingFor(world, timeline, 'director2 to take over')
  await director1.daemon?.process.stop()
  director1.daemon = undefined
  const formulaMs = skewTimeMs({version: 2, intervalMs: INTERVAL_MS, priority: director2.priority})
  const first = await firstAdvert(world, director2, {fromMs, withinMs: formulaMs + LATE_MS})
  const leaving = capture.adverts({source: director1.address, priority: 0, fromMs})[0]
  if (!leaving) throw new Error('director1 left without an advertisement of priority 0')
  if (director1.host.holds(VIP)) throw new Error('director1 left the address on its interface')
  return settled(world, director2, fromMs, {
    what: 'director2 takes over',
    times: {measuredMs: first.atMs - leaving.atMs, formulaMs},
    note: 'from the advertisement of priority 0',
  })
}

interface Times {
  readonly measuredMs: number
  readonly formulaMs: number
}

/** After a takeover: one holder, the client is served by it, and the time is what the formula says. */
async function settled(
  world: World,
  holder: Director,
  fromMs: number,
  {what, times, note, lateMs = LATE_MS}: {what: string; times: Times; note?: string; lateMs?: number},
): Promise<Outcome> {
  await holdsAlone(world, holder)
  const toMs = await answeredBy(world, holder)
  const {longestGapMs} = answersWithin(world.client, {fromMs, toMs})
  const client = `client: ${milliseconds(longestGapMs)} without an answer, now ${holder.host.name} answers`
  return {...outcome(what, times, lateMs), notes: note === undefined ? [client] : [note, client]}
}

function outcome(what: string, {measuredMs, formulaMs}: Times, lateMs: number): Outcome {
  if (measuredMs < formulaMs - EARLY_MS) throw new Error(`${what} too early: ${milliseconds(measuredMs)}`)
  if (measuredMs > formulaMs + lateMs) throw new Error(`${what} too late: ${milliseconds(measuredMs)}`)
  return {what, measuredMs, formulaMs}
}

const downInterval = ({priority}: Director): number => takeoverMs({version: 2, intervalMs: INTERVAL_MS, priority})

function firstAdvert(
  {capture}: World,
  {address, priority}: Director,
  {fromMs, withinMs}: {readonly fromMs: number; readonly withinMs: number},
): Promise<AdvertPacket> {
  return capture.waitForAdvert({source: address, priority, fromMs}, {timeoutMs: withinMs})
}

function lastAdvert({capture}: World, {address, host}: Director, toMs: number, priority?: number): AdvertPacket {
  const filter = {source: address, toMs, ...(priority === undefined ? {} : {priority})}
  const last = capture.adverts(filter).at(-1)
  if (!last) throw new Error(`${host.name} never advertised`)
  return last
}

/** Looks into both hosts; one whose agent was killed keeps the address on its interface until the agent is back. */
async function holdsAlone({director1, director2}: World, holder: Director): Promise<void> {
  await sleep(SETTLE_MS)
  const holders = [director1, director2].filter(({daemon, host}) => daemon !== undefined && host.holds(VIP))
  if (holders.length === 1 && holders[0] === holder) return
  const names = holders.map(({host}) => host.name).join(' and ') || 'nobody'
  throw new Error(`${VIP} is held by ${names}, not by ${holder.host.name} alone`)
}

/** Waits until the client has just been answered by this director; returns when that was. */
async function answeredBy({client}: World, {host}: Director): Promise<number> {
  const nowMs = Date.now()
  const answer = await until(
    `an answer of ${host.name} to the client`,
    () => client.answers.slice(-20).find(({atMs, from}) => atMs > nowMs && from === host.name),
    {timeoutMs: 3_000},
  )
  return answer.atMs
}

function waitingFor({client}: World, timeline: Timeline, what: string): void {
  timeline.waiting(() => `${what} · client hears ${client.answers.at(-1)?.from ?? 'nothing'}`)
}

const describe = (by: ReadonlyMap<string, number>, failed: number): string =>
  [...[...by].map(([name, count]) => `${name} ${count} times`), `nothing ${failed} times`].join(', ')
