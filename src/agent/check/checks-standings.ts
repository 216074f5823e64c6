import type {Standing, Standings} from '../../core/check/standing.ts'
import {standingsOf} from '../../core/check/virtual-server.ts'
import type {ServiceId} from '../../core/ipvs/model.ts'
import {destinationKey, serviceKey} from '../../core/ipvs/names.ts'
import type {VirtualServerRun} from './checks-run.ts'

/** One virtual server as one of its services: the names of its destinations there. */
interface Share {
  readonly server: VirtualServerRun
  readonly realServers: readonly string[]
  readonly sorryServer: string | undefined
}

/** Everything that decides how the destinations of one service stand. */
interface ServiceShares {
  readonly id: ServiceId
  readonly shares: Share[]
}

/** The standings of all services, made from the states of the virtual servers that they belong to. */
export class StandingsBoard {
  #services = new Map<string, ServiceShares>()
  #standings = new Map<string, ReadonlyMap<string, Standing>>()

  get standings(): Standings {
    return this.#standings
  }

  /** Begins anew with these virtual servers. */
  configure(servers: Iterable<VirtualServerRun>): void {
    this.#services = new Map()
    for (const server of servers) {
      for (const id of server.plan.services) {
        const key = serviceKey(id)
        const service = this.#services.get(key) ?? {id, shares: []}
        service.shares.push(shareOf(server, id))
        this.#services.set(key, service)
      }
    }
    this.#standings = new Map()
    for (const [key, {shares}] of this.#services) this.#standings.set(key, standingsOfShares(shares))
  }

  /** Takes these virtual servers as they are now; answers the services that stand otherwise than before. */
  update(servers: Iterable<VirtualServerRun>): readonly ServiceId[] {
    const keys = new Set<string>()
    for (const {plan} of servers) for (const id of plan.services) keys.add(serviceKey(id))
    const changed: ServiceId[] = []
    // Whoever has the standings of before may read them for a while yet.
    let standings: Map<string, ReadonlyMap<string, Standing>> | undefined
    for (const key of keys) {
      const service = this.#services.get(key)
      if (service === undefined) continue
      const now = standingsOfShares(service.shares)
      if (areSame(now, this.#standings.get(key))) continue
      standings ??= new Map(this.#standings)
      standings.set(key, now)
      changed.push(service.id)
    }
    if (standings !== undefined) this.#standings = standings
    return changed
  }
}

function shareOf(server: VirtualServerRun, id: ServiceId): Share {
  const servicePort = id.type === 'address' ? id.port : 0
  const {realServers, sorryServer} = server.plan
  return {
    server,
    realServers: realServers.map(({address, destinationPort}) =>
      destinationKey({address, port: destinationPort ?? servicePort}),
    ),
    sorryServer:
      sorryServer && destinationKey({address: sorryServer.address, port: sorryServer.destinationPort ?? servicePort}),
  }
}

/** A destination that has several parts to play, such as real server and sorry server, stands as the best of them. */
function standingsOfShares(shares: readonly Share[]): ReadonlyMap<string, Standing> {
  const standings = new Map<string, Standing>()
  const put = (key: string, standing: Standing): void => {
    const other = standings.get(key)
    if (other === undefined || RANK[standing.type] > RANK[other.type]) standings.set(key, standing)
  }
  for (const {server, realServers, sorryServer} of shares) {
    const stands = standingsOf(server.plan, server.state)
    for (let place = 0; place < realServers.length; place++) {
      put(realServers[place] as string, stands.realServers[place] as Standing)
    }
    if (sorryServer !== undefined && stands.sorryServer !== undefined) put(sorryServer, stands.sorryServer)
  }
  return standings
}

const RANK = {out: 0, inhibited: 1, in: 2} as const

function areSame(now: ReadonlyMap<string, Standing>, before: ReadonlyMap<string, Standing> | undefined): boolean {
  if (before === undefined || now.size !== before.size) return false
  for (const [key, standing] of now) {
    const other = before.get(key)
    if (other?.type !== standing.type) return false
    if (standing.type === 'in' && other.type === 'in' && standing.weight !== other.weight) return false
  }
  return true
}
