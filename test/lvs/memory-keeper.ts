import type {Standings} from '../../src/core/check/standing.ts'
import type {IpvsTimeouts, ServiceEntry, ServiceId, SyncDaemon, SyncRole} from '../../src/core/ipvs/model.ts'
import {serviceKey} from '../../src/core/ipvs/names.ts'
import {checkedDestinations, wantedServices, withOrder} from '../../src/core/ipvs/overrides.ts'
import type {ConfiguredService, OperatorOrder, ServiceOverride, WantedService} from '../../src/core/ipvs/wanted.ts'
import type {LvsKeeper, WantedDaemon} from '../../src/lvs/keeper.ts'

/** Remembers as an agent does, without a disk. */
export class MemoryKeeper implements LvsKeeper {
  overrides: readonly ServiceOverride[] = []
  /** What `take` was told, the newest last. */
  readonly orders: OperatorOrder[] = []
  /** How often something was taken back. */
  takenBack = 0
  /** Thrown when something is to be remembered. */
  diskProblem: Error | undefined
  /** Thrown when something is to be taken back. */
  takeBackProblem: Error | undefined
  running: readonly WantedDaemon[] = []
  times: IpvsTimeouts | undefined
  standings: Standings = new Map()
  readonly #configured: readonly ConfiguredService[]

  constructor(configured: readonly ConfiguredService[]) {
    this.#configured = configured
  }

  wanted(): readonly WantedService[] {
    return wantedServices(this.#configured, this.overrides, this.standings)
  }

  checkedOf(service: ServiceId): WantedService['checked'] {
    const key = serviceKey(service)
    const configured = this.#configured.find(one => serviceKey(one.service.id) === key)
    return checkedDestinations(configured, this.standings.get(key))
  }

  daemons(): readonly WantedDaemon[] {
    return this.running
  }

  async take(order: OperatorOrder, actual: readonly ServiceEntry[]): Promise<() => Promise<void>> {
    if (this.diskProblem) throw this.diskProblem
    const before = this.overrides
    this.orders.push(order)
    this.overrides = withOrder({configured: this.#configured, overrides: before, order, actual})
    return this.#takeBack(() => {
      this.overrides = before
    })
  }

  async takeTimeouts(timeouts: IpvsTimeouts): Promise<() => Promise<void>> {
    if (this.diskProblem) throw this.diskProblem
    const before = this.times
    this.times = timeouts
    return this.#takeBack(() => {
      this.times = before
    })
  }

  async takeDaemon(role: SyncRole, daemon: SyncDaemon | undefined): Promise<() => Promise<void>> {
    if (this.diskProblem) throw this.diskProblem
    const before = this.running
    const others = before.filter(one => one.role !== role)
    this.running = daemon === undefined ? others : [...others, {...daemon, origin: 'override'}]
    return this.#takeBack(() => {
      this.running = before
    })
  }

  #takeBack(undo: () => void): () => Promise<void> {
    return async () => {
      this.takenBack++
      if (this.takeBackProblem) throw this.takeBackProblem
      undo()
    }
  }
}
