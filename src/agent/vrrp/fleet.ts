import type {MonotonicMs} from '../../core/units.ts'
import type {ArrivedPacket} from '../../core/vrrp/arrived.ts'
import {senderOf} from './reception.ts'
import type {Router} from './router.ts'
import {socketDeviceOf} from './socket-need.ts'
import type {Unit} from './unit.ts'

/** All virtual routers of the node, and where to find them. */
export class Fleet {
  /** By identity (`routersByIdentity`). */
  readonly byIdentity = new Map<string, Router>()
  #units: readonly Unit[] = []
  readonly #unitOf = new Map<Router, Unit>()
  readonly #byPlace = new Map<string, readonly Router[]>()

  get routers(): readonly Router[] {
    return [...this.byIdentity.values()]
  }

  get units(): readonly Unit[] {
    return this.#units
  }

  /** Takes the routers as they are now, put together to these units. */
  arrange(units: readonly Unit[]): void {
    this.#units = units
    this.#unitOf.clear()
    this.#byPlace.clear()
    for (const unit of units) for (const router of unit.routers) this.#unitOf.set(router, unit)
    for (const router of this.byIdentity.values()) {
      const {config} = router
      const place = `${socketDeviceOf(config)} ${config.family} ${config.vrid}`
      this.#byPlace.set(place, [...(this.#byPlace.get(place) ?? []), router])
    }
  }

  /** The unit of a router; undefined once it has ended. */
  unitOf(router: Router): Unit | undefined {
    return this.#unitOf.get(router)
  }

  /**
   * The router that a packet is for, by where it arrived ("eth0 4 51"). With unicast several may be there: then it is
   * the one that has the sender among its peers, the last one as in keepalived.
   */
  meantBy(place: string, packet: ArrivedPacket): Router | undefined {
    const candidates = this.#byPlace.get(place)
    if (!candidates || candidates.length === 1) return candidates?.[0]
    const sender = senderOf(packet)
    const knows = ({config: {transport}}: Router): boolean =>
      transport.type === 'unicast' && transport.peers.some(({address}) => address === sender)
    return candidates.findLast(knows) ?? candidates[0]
  }

  named(name: string): Router | undefined {
    return this.routers.find(({config}) => config.name === name)
  }

  /** When the first unit has something to do. */
  get nextDeadline(): MonotonicMs | undefined {
    let first: MonotonicMs | undefined
    for (const {deadline} of this.#units) {
      if (deadline !== undefined && (first === undefined || deadline < first)) first = deadline
    }
    return first
  }
}
