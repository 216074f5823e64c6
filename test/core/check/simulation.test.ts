import {describe, expect, it} from 'vitest'
import {
  type CheckerState,
  checkerStep,
  firstDelayMs,
  initialChecker,
  standingOfCheckers,
} from '../../../src/core/check/checker.ts'
import type {CheckNews} from '../../../src/core/check/news.ts'
import type {CheckedRealServer, CheckedVirtualServer, CheckerPlan, ProbePlan} from '../../../src/core/check/plan.ts'
import type {ProbeResult} from '../../../src/core/check/result.ts'
import {Schedule} from '../../../src/core/check/schedule.ts'
import {
  initialVirtualServer,
  type RealServerState,
  standingsOf,
  type VirtualServerState,
  virtualServerStep,
} from '../../../src/core/check/virtual-server.ts'
import {seededRandom} from '../../sim/random.ts'
import {type CheckerPast, quorumOf, type Verdict, verdictOf, type Weighed, wantedStandings, weighed} from './oracle.ts'
import {bad, checker, good, pages, realServer, sorryServer, virtualServer} from './plans.ts'

const SERVICES = 500
const REAL_SERVERS = 20
const SECONDS = 30
const SEEDS = [1, 2]

type Random = (below: number) => number

/** A checker in the machine and in the oracle. */
interface Checker extends CheckerPast {
  state: CheckerState
  verdict: Verdict
  readonly service: Service
  realServer: number
  /** Whether what it asks is broken just now. */
  broken: boolean
}

/** A virtual server in the machine and in the oracle. */
interface Service {
  plan: CheckedVirtualServer
  checkers: Checker[][]
  state: VirtualServerState
  /** The oracle's, as the next line. */
  quorum: boolean
  weighed: Weighed[]
  /** What was told last, by name of the real server; undefined: nothing, and it is down by `alpha`. */
  told: Map<string, boolean | undefined>
  toldQuorum: boolean
}

describe('500 virtual servers of 20 real servers with random failures, weights and reloads', () => {
  it.each(SEEDS)(
    'stand every second as the definition has them, seed %i',
    seed => {
      const random = seededRandom(seed)
      const schedule = new Schedule<Checker>()
      const services = Array.from({length: SERVICES}, (_, number) => begin(randomPlan(random, number)))
      for (const each of services) {
        for (const one of each.checkers.flat()) schedule.set(one, firstDelayMs(one.plan, random(1000) / 1000))
      }
      const seen = {probes: 0, words: new Set<string>()}
      for (let second = 0; second < SECONDS; second++) {
        seen.probes += playSecond(schedule, second * 1000, random)
        if (second % 5 === 4) {
          for (let count = 0; count < 40; count++) {
            reload(services[random(SERVICES)] as Service, {schedule, now: second * 1000 + 999, random})
          }
        }
        for (const each of services) compare(each, {seed, second, words: seen.words})
      }
      // A simulation in which nothing happens would agree, too.
      expect(seen.probes).toBeGreaterThan(100_000)
      expect([...seen.words].filter(word => /^\d+$/.test(word)).length).toBeGreaterThan(50)
      for (const word of ['0', '2147483647', 'out', 'inhibited', 'quorum', 'no quorum']) {
        expect(seen.words, `seed ${seed}`).toContain(word)
      }
    },
    60_000,
  )
})

/** Lets a second pass; what is due runs in the order of its moments. Answers how many probes that were. */
function playSecond(schedule: Schedule<Checker>, from: number, random: Random): number {
  let probes = 0
  for (;;) {
    const now = schedule.nextDueAt()
    if (now === undefined || now >= from + 1000) return probes
    const due = schedule.takeDue(now) as Checker
    const nextInMs = probe(due, random)
    // fast_recovery asks at once; a probe takes a while all the same.
    schedule.set(due, now + Math.max(20, Number.isFinite(nextInMs) ? nextInMs : 3000))
    probes++
  }
}

function probe(one: Checker, random: Random): number {
  if (random(8) === 0) one.broken = !one.broken
  const {service} = one
  const plan = service.plan.realServers[one.realServer] as CheckedRealServer
  const result = one.broken || random(20) === 0 ? bad : good(randomWeight(one.plan.probe, random))
  one.past.push({page: one.state.page, result, configuredWeight: plan.weight})
  const step = checkerStep(one.plan, one.state, {result, configuredWeight: plan.weight})
  one.state = step.state
  const standing = standingOfCheckers((service.checkers[one.realServer] as Checker[]).map(({state}) => state))
  const reason = result.ok ? undefined : result.reason
  const after = virtualServerStep(service.plan, service.state, {realServer: one.realServer, ...standing, reason})
  service.state = after.state
  hear(service, after.news)

  one.verdict = verdictOf(one)
  service.weighed[one.realServer] = weighedAt(service, one.realServer)
  service.quorum = quorumOf(service.plan, service.weighed, service.quorum)
  return step.nextInMs
}

const weighedAt = ({plan, checkers}: Service, place: number): Weighed =>
  weighed(
    plan.realServers[place] as CheckedRealServer,
    (checkers[place] as Checker[]).map(({verdict}) => verdict),
  )

const weighedAll = (service: Service): Weighed[] =>
  service.plan.realServers.map((_, place) => weighedAt(service, place))

function compare(service: Service, at: {seed: number; second: number; words: Set<string>}): void {
  const realServers = weighedAll(service)
  const wanted = wantedStandings(service.plan, realServers, service.quorum)
  const {realServers: standings, sorryServer: sorry} = standingsOf(service.plan, service.state)
  const found = [...standings, ...(sorry ? [sorry] : [])].map(each =>
    each.type === 'in' ? `${each.weight}` : each.type,
  )
  const where = `seed ${at.seed}, second ${at.second}, ${service.plan.name}`
  if (found.join(' ') !== wanted) expect.fail(`${where}: ${found.join(' ')} where ${wanted} is wanted`)
  if (service.toldQuorum !== service.quorum) expect.fail(`${where}: quorum ${service.quorum} was not told`)
  for (const [place, {up}] of realServers.entries()) {
    const {name} = service.plan.realServers[place] as CheckedRealServer
    if ((service.told.get(name) ?? false) !== up) expect.fail(`${where}: ${name} is ${up}, and that was not told`)
  }
  for (const one of service.checkers.flat()) {
    if (one.state.page !== one.verdict.page) expect.fail(`${where}: page ${one.state.page}, not ${one.verdict.page}`)
  }
  at.words.add(service.quorum ? 'quorum' : 'no quorum')
  for (const word of found) at.words.add(word)
}

/** Nothing is told that was told before. */
function hear(service: Service, news: readonly CheckNews[]): void {
  for (const each of news) {
    if (each.type === 'quorum') {
      if (each.up === service.toldQuorum) expect.fail(`${each.virtualServer}: quorum ${each.up} is told twice`)
      service.toldQuorum = each.up
    } else if (each.type === 'real-server') {
      if (each.up === service.told.get(each.realServer)) expect.fail(`${each.realServer}: ${each.up} is told twice`)
      service.told.set(each.realServer, each.up)
    }
  }
}

function begin(plan: CheckedVirtualServer): Service {
  const empty = {quorumUp: false, realServers: []}
  const service: Service = {
    plan,
    checkers: [],
    state: empty,
    quorum: false,
    weighed: [],
    told: new Map(),
    toldQuorum: false,
  }
  service.checkers = plan.realServers.map((each, place) => each.checkers.map(one => newChecker(one, service, place)))
  const realServers = standings(service)
  for (const [place, {up}] of realServers.entries()) service.told.set(nameOf(plan, place), up || undefined)
  // What a quorum that is down at the start has told is not told of a change.
  const {state, news} = initialVirtualServer(plan, {realServers, quorumUp: undefined, tellsOfStart: false})
  service.state = state
  hear(
    service,
    news.filter(each => each.type !== 'quorum' || each.up),
  )
  service.weighed = weighedAll(service)
  service.quorum = quorumOf(plan, service.weighed, false)
  return service
}

const newChecker = (plan: CheckerPlan, service: Service, place: number): Checker => {
  const made = {plan, past: [], state: initialChecker(plan), service, realServer: place, broken: false}
  return {...made, verdict: verdictOf(made)}
}

const standings = ({checkers}: Service): RealServerState[] =>
  checkers.map(each => standingOfCheckers(each.map(({state}) => state)))

const nameOf = (plan: CheckedVirtualServer, place: number): string =>
  (plan.realServers[place] as CheckedRealServer).name

/** A new configuration of a virtual server: what is known of checkers that are the same objects is kept. */
function reload(
  service: Service,
  {schedule, now, random}: {schedule: Schedule<Checker>; now: number; random: Random},
): void {
  const {plan: oldPlan, state: oldState, checkers: oldCheckers} = service
  const plan = changedPlan(oldPlan, random)
  const oldPlaces = new Map(oldPlan.realServers.map(({name}, place) => [name, place]))
  const left = new Set(oldCheckers.flat())
  service.plan = plan
  service.checkers = plan.realServers.map((each, place) => {
    const old = oldCheckers[oldPlaces.get(each.name) ?? -1] ?? []
    return each.checkers.map(one => {
      const kept = old.find(known => known.plan === one)
      if (kept) {
        left.delete(kept)
        kept.realServer = place
        return kept
      }
      const made = newChecker(one, service, place)
      schedule.set(made, now + firstDelayMs(one, random(1000) / 1000))
      return made
    })
  })
  for (const gone of left) expect(schedule.delete(gone)).toBe(true)
  const told = service.told
  const realServers = standings(service)
  service.told = new Map(
    plan.realServers.map(({name}, place) => [
      name,
      oldPlaces.has(name) ? told.get(name) : realServers[place]?.up || undefined,
    ]),
  )
  const before = plan.realServers.map(({name}) => oldState.realServers[oldPlaces.get(name) ?? -1])
  const step = initialVirtualServer(plan, {realServers, before, quorumUp: oldState.quorumUp, tellsOfStart: false})
  service.state = step.state
  hear(service, step.news)
  service.weighed = weighedAll(service)
  service.quorum = quorumOf(plan, service.weighed, service.quorum)
}

function changedPlan(plan: CheckedVirtualServer, random: Random): CheckedVirtualServer {
  const place = random(plan.realServers.length)
  const change = (changes: Partial<CheckedRealServer>) => ({
    ...plan,
    realServers: plan.realServers.map((each, at) => (at === place ? {...each, ...changes} : each)),
  })
  const checkers = plan.realServers[place]?.checkers ?? []
  switch (random(8)) {
    case 0:
      return {...plan, ...randomQuorum(random)}
    case 1:
      return change({weight: randomConfiguredWeight(random)})
    case 2:
      return change({inhibitOnFailure: random(2) === 0})
    case 3:
      return change({checkers: [...checkers, randomChecker(random)]})
    case 4:
      return change({checkers: checkers.slice(1)})
    case 5:
      return plan.realServers.length < 2 ? plan : {...plan, realServers: plan.realServers.toSpliced(place, 1)}
    case 6:
      return {...plan, realServers: plan.realServers.toSpliced(place, 0, randomRealServer(random, random(1e9)))}
    default:
      return {...plan, sorryServer: randomSorryServer(random)}
  }
}

const randomPlan = (random: Random, number: number): CheckedVirtualServer =>
  virtualServer(
    Array.from({length: REAL_SERVERS}, (_, place) => randomRealServer(random, place)),
    {name: `service ${number}`, ...randomQuorum(random), sorryServer: randomSorryServer(random)},
  )

function randomQuorum(random: Random): {quorum: number; hysteresis: number} {
  const quorum = 1 + random(random(3) === 0 ? 400 : 30)
  return {quorum, hysteresis: random(quorum)}
}

const randomSorryServer = (random: Random) => (random(3) === 0 ? undefined : sorryServer({inhibit: random(2) === 0}))

const randomConfiguredWeight = (random: Random): number =>
  random(50) === 0 ? 2_147_483_647 : random(10) === 0 ? 0 : 1 + random(20)

const randomRealServer = (random: Random, number: number): CheckedRealServer =>
  realServer(`real ${number}`, {
    weight: randomConfiguredWeight(random),
    inhibitOnFailure: random(3) === 0,
    checkers: Array.from({length: random(4)}, () => randomChecker(random)),
  })

function randomChecker(random: Random): CheckerPlan {
  const probes: ProbePlan[] = [
    checker().probe,
    pages(['/a', '/b', '/c'].slice(random(3)), {fastRecovery: random(2) === 0}),
    {type: 'misc', words: ['/bin/x'], timeoutMs: 1000, dynamic: true, user: undefined},
    {type: 'file', trackFile: 'f', weight: 1, reverse: false},
  ]
  return checker(
    {
      delayLoopMs: 1000 + random(4000),
      delayBeforeRetryMs: 200 + random(2000),
      retry: random(4),
      warmupMs: random(5000),
      alpha: random(4) === 0,
    },
    probes[random(probes.length)],
  )
}

function randomWeight(probed: ProbePlan, random: Random): Extract<ProbeResult, {ok: true}>['weight'] {
  if (probed.type === 'misc' && random(3) > 0) return {type: 'instead', weight: random(254)}
  if (probed.type !== 'file') return undefined
  return {type: 'added', weight: random(20) === 0 ? 4_294_967_296 - random(2 ** 31) : random(60) - 40}
}
