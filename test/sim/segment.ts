import {type IpAddress, ipFromBytes} from '../../src/core/ip.ts'
import {
  after,
  centiseconds,
  centisecondsToMs,
  type MonotonicMs,
  monotonicMs,
  priority,
  vrid,
} from '../../src/core/units.ts'
import {VRRP_GROUP4, type VrrpConfig} from '../../src/core/vrrp/config.ts'
import {describeTransition} from '../../src/core/vrrp/describe.ts'
import {nextDeadline, step} from '../../src/core/vrrp/machine.ts'
import {
  type Conditions,
  initialState,
  type VrrpAction,
  type VrrpEvent,
  type VrrpState,
} from '../../src/core/vrrp/state.ts'

/** One simulated router on a simulated segment. */
export interface SimRouter {
  readonly name: string
  config: VrrpConfig
  state: VrrpState
  conditions: Conditions
  /** Whether the virtual addresses are on its interface. */
  holds: boolean
  /** False after a crash, or before the start. */
  alive: boolean
  /** Hears and is heard; a cut router keeps its link. */
  connected: boolean
  sent: number
}

interface Delivery {
  readonly at: MonotonicMs
  readonly to: SimRouter
  readonly event: VrrpEvent
}

/** How packets travel: undefined means lost, otherwise the delay in milliseconds. */
export type Travel = (from: SimRouter, to: SimRouter) => number | undefined

/** A version 2 or 3 configuration with keepalived's defaults and the values given. */
export function simConfig(over: Partial<VrrpConfig> = {}): VrrpConfig {
  return {
    family: 4,
    downTimerAdverts: 3,
    transport: {type: 'multicast', group: VRRP_GROUP4},
    hmac: undefined,
    lowerPriorityNoAdvert: false,
    higherPrioritySendAdvert: false,
    ownerIgnoreAdverts: false,
    skipCheckAdvertAddresses: false,
    timerExpiredBackup: undefined,
    vrid: vrid(51),
    version: 3,
    initialState: 'backup',
    priority: priority(100),
    advertIntervalMs: centisecondsToMs(centiseconds(100)),
    preempt: true,
    preemptDelayMs: 0,
    authentication: undefined,
    checksumWithoutPseudoHeader: false,
    garp: {
      delayMs: 5000,
      repeat: 5,
      refreshMs: 0,
      refreshRepeat: 1,
      lowerPriorityDelayMs: 5000,
      lowerPriorityRepeat: 5,
    },
    vips: [{address: '10.0.0.100' as IpAddress}],
    ...over,
  }
}

/** Many routers, one clock, packets with a delay. Nothing here reads the time or draws a random number. */
export class Segment {
  now = monotonicMs(0)
  readonly routers = new Map<string, SimRouter>()
  readonly log: string[] = []
  readonly #travel: Travel
  #deliveries: Delivery[] = []

  constructor(travel: Travel = () => 0.1) {
    this.#travel = travel
  }

  add(name: string, config: VrrpConfig): SimRouter {
    const source = ipFromBytes(Buffer.from([10, 0, 0, this.routers.size + 1]))
    const conditions: Conditions = {faults: [], waitingFor: [], priority: config.priority, source}
    const router: SimRouter = {
      name,
      config,
      conditions,
      state: initialState(conditions),
      holds: false,
      alive: false,
      connected: true,
      sent: 0,
    }
    this.routers.set(name, router)
    return router
  }

  router(name: string): SimRouter {
    const router = this.routers.get(name)
    if (!router) throw new Error(`no router ${name}`)
    return router
  }

  /** Hands one event to one router and performs what it asks for. */
  event(router: SimRouter, event: VrrpEvent): void {
    if (!router.alive) return
    const before = router.state
    const {state, actions} = step(router.config, before, event, this.now)
    router.state = state
    if (state.name !== before.name) {
      const why = describeTransition({config: router.config, before, event, after: state, now: this.now})
      this.#write(`${router.name}: ${before.name} -> ${state.name} (${why})`)
    }
    for (const action of actions) this.#perform(router, action)
  }

  change(router: SimRouter, conditions: Partial<Conditions>): void {
    router.conditions = {...router.conditions, ...conditions}
    this.event(router, {type: 'conditions-changed', conditions: router.conditions})
  }

  start(router: SimRouter, resumeUntil?: MonotonicMs): void {
    router.alive = true
    router.state = initialState(router.conditions)
    this.event(router, {type: 'started', resumeUntil})
  }

  /** Runs until nothing is due before `end`; `check` sees the segment after every step. */
  run(end: MonotonicMs, check: () => void = () => {}): void {
    for (let steps = 0; steps < 1_000_000; steps++) {
      const due = this.#next()
      if (due === undefined || due > end) {
        this.now = end
        return
      }
      this.now = due
      this.#runDue()
      check()
    }
    throw new Error('the simulation does not come to rest')
  }

  #next(): MonotonicMs | undefined {
    let due: MonotonicMs | undefined
    for (const {at} of this.#deliveries) if (due === undefined || at < due) due = at
    for (const router of this.routers.values()) {
      const deadline = router.alive ? nextDeadline(router.state) : undefined
      if (deadline !== undefined && (due === undefined || deadline < due)) due = deadline
    }
    return due
  }

  /** Packets before timers, as the agent's loop has it. */
  #runDue(): void {
    const due = this.#deliveries.filter(({at}) => at <= this.now)
    this.#deliveries = this.#deliveries.filter(({at}) => at > this.now)
    for (const {to, event} of due) if (to.connected) this.event(to, event)
    for (const router of this.routers.values()) {
      const deadline = router.alive ? nextDeadline(router.state) : undefined
      if (deadline !== undefined && deadline <= this.now) this.event(router, {type: 'clock-advanced'})
    }
  }

  #perform(router: SimRouter, action: VrrpAction): void {
    switch (action.type) {
      case 'send-advertisement':
        router.sent++
        if (action.priority === 0 || router.sent === 1) this.#write(`${router.name}: advertise ${action.priority}`)
        this.#broadcast(router, action.priority)
        return
      case 'add-addresses':
        router.holds = true
        this.#write(`${router.name}: add-addresses`)
        return
      case 'remove-addresses':
        if (router.holds) this.#write(`${router.name}: remove-addresses`)
        router.holds = false
        return
      case 'announce-addresses':
        this.#write(`${router.name}: announce-addresses x${action.repeat}`)
    }
  }

  #broadcast(from: SimRouter, sentPriority: number): void {
    const {source} = from.conditions
    if (!from.connected || source === undefined) return
    for (const to of this.routers.values()) {
      if (to === from) continue
      const delayMs = this.#travel(from, to)
      if (delayMs === undefined) continue
      const event: VrrpEvent = {
        type: 'advertisement-received',
        source,
        priority: priority(sentPriority),
        intervalMs: from.config.advertIntervalMs,
      }
      this.#deliveries.push({at: after(this.now, delayMs), to, event})
    }
  }

  #write(line: string): void {
    this.log.push(`${Math.round(this.now * 1000) / 1000}ms ${line}`)
  }
}
