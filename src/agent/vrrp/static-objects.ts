import type {Config} from '../../config/config.ts'
import type {Network} from '../../kernel/network.ts'
import type {Deletion} from '../../kernel/route-monitor.ts'
import type {StaticLines} from '../owned-objects.ts'
import {isAddressPresent} from './address-spec.ts'
import {addressObject, describeObject, type HeldObject, routeObject, ruleObject} from './held-object.ts'
import {lookupIn} from './link-lookup.ts'
import {ObjectHolder, type ObjectOperations} from './object-holder.ts'

/** The part of a configuration that is about static objects. */
export type StaticConfig = StaticLines & Pick<Config, 'trackGroups'>

/** Through what static objects touch the kernel. */
export interface StaticKernel {
  readonly network: Pick<Network, 'link' | 'addressesOf'>
  readonly objects: ObjectOperations
}

/** What static objects tell, in a sentence. */
export interface StaticListener {
  /** Somebody removed an object, and it is back. */
  onRestored(text: string): void
  /** Once for each reason. */
  onFailed(text: string): void
  /** What `faults` answers may differ. */
  onChanged(): void
}

/**
 * The addresses, routes and rules that this host has as long as the agent runs, whoever is master. What somebody
 * removes comes back at once, unless it has no_track. keepalived.conf(5), static_ipaddress.
 */
export class StaticObjects {
  readonly #kernel: StaticKernel
  readonly #holder: ObjectHolder
  /** Objects whose line names a track_group, and the virtual routers that this is about. */
  #tracked: readonly {readonly object: HeldObject; readonly routers: readonly string[]}[] = []
  #withdrawn = false

  constructor(kernel: StaticKernel, listener: StaticListener) {
    this.#kernel = kernel
    const restored = (object: HeldObject): void =>
      listener.onRestored(`the static ${nameOf(object)} was removed by somebody else and is back`)
    this.#holder = new ObjectHolder(
      kernel.objects,
      {
        onAdded: (object, how) => {
          if (how.restored) restored(object)
          listener.onChanged()
        },
        onRemoved: () => {},
        onFailed: (object, verb, reason) => {
          listener.onFailed(`could not ${verb} the static ${nameOf(object)}: ${reason}`)
          listener.onChanged()
        },
      },
      lookupIn(kernel.network),
    )
  }

  /** Takes a whole configuration: what is new is added, what is no more in it removed. Resolves when that is done. */
  async configure(config: StaticConfig): Promise<void> {
    if (this.#withdrawn) return
    const groups = new Map(config.trackGroups.map(group => [group.name, group.members.map(({name}) => name)]))
    const lines = [
      ...config.staticAddresses.map(line => ({line, object: addressObject(line, line.device)})),
      ...config.staticRoutes.map(line => ({line, object: routeObject(line)})),
      ...config.staticRules.map(line => ({line, object: ruleObject(line)})),
    ]
    this.#tracked = lines.flatMap(({line: {trackGroup}, object}) => {
      const routers = trackGroup === undefined ? undefined : groups.get(trackGroup)
      return routers ? {object, routers} : []
    })
    await this.#holder.hold(
      lines.map(({object}) => object),
      0,
    )
  }

  /** Whether deletions of routes and rules have to be watched. */
  get needsRouteMonitor(): boolean {
    return this.#holder.hasRoutesOrRules
  }

  /** Links or addresses changed: puts back what is missing. */
  networkChanged(): void {
    if (this.#withdrawn) return
    this.#restore()
    this.#holder.recheckSoon()
  }

  /** Somebody deleted these routes and rules: ours come back. */
  deleted(deletions: readonly Deletion[]): void {
    if (!this.#withdrawn && this.#holder.noteDeletions(deletions)) this.#restore()
  }

  /** Deletions may have been missed. */
  recheck(): void {
    if (!this.#withdrawn) void this.#holder.recheck()
  }

  /**
   * Why virtual routers may not run, by their names: an interface that one of their static objects needs is down, or
   * the kernel refuses the object.
   */
  faults(): ReadonlyMap<string, readonly string[]> {
    const faults = new Map<string, Set<string>>()
    const refused = new Set(this.#holder.refused.map(({object}) => object.key))
    for (const {object, routers} of this.#tracked) {
      const reasons = devicesOf(object).flatMap(name => this.#linkFault(name) ?? [])
      if (reasons.length === 0 && refused.has(object.key)) reasons.push(`the static ${nameOf(object)} is missing`)
      for (const router of routers) faults.set(router, new Set([...(faults.get(router) ?? []), ...reasons]))
    }
    return new Map([...faults].map(([router, reasons]) => [router, [...reasons]]))
  }

  /** Removes all of them; resolves when the kernel has done it. Nothing comes back after it. */
  async withdraw(): Promise<void> {
    this.#withdrawn = true
    await this.#holder.release([])
    this.#holder.close()
  }

  /** Resolves when the kernel has answered everything asked so far. */
  settled(): Promise<void> {
    return this.#holder.settled()
  }

  #restore(): void {
    const {network} = this.#kernel
    const missing = this.#holder.missing(({vip, device}) => isAddressPresent(network, vip, device))
    if (missing.length > 0) void this.#holder.restore(missing)
  }

  #linkFault(name: string): string | undefined {
    const link = this.#kernel.network.link(name)
    if (!link) return `interface ${name} does not exist`
    return link.up ? undefined : `interface ${name} is down`
  }
}

/** "address 10.0.0.1/24 on eth0": the description without its article. */
const nameOf = (object: HeldObject): string =>
  object.kind === 'address' ? `address ${describeObject(object)}` : describeObject(object).replace(/^the /, '')

function devicesOf(object: HeldObject): string[] {
  switch (object.kind) {
    case 'address':
      return [object.device]
    case 'route':
      return [object.route.device, ...object.route.nextHops.map(({device}) => device)].flatMap(name => name ?? [])
    case 'rule':
      return [object.rule.device, object.rule.outDevice].flatMap(name => name ?? [])
  }
}
