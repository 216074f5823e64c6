import type {Destination, ServiceRules} from './model.ts'
import {destinationKey, serviceKey} from './names.ts'
import {OrderDrafts} from './order-drafts.ts'
import type {ConfiguredService, OperatorOrder, ServiceOverride, WantedDestination, WantedService} from './wanted.ts'

/** What is wanted: the configuration as operators changed it. Each service stands once in both lists. */
export function wantedServices(
  configured: readonly ConfiguredService[],
  overrides: readonly ServiceOverride[],
): readonly WantedService[] {
  const rest = new Map(overrides.map(override => [serviceKey(override.id), override]))
  const wanted: WantedService[] = []
  for (const service of configured) {
    const key = serviceKey(service.service.id)
    const override = rest.get(key)
    rest.delete(key)
    const merged = merge(service, override)
    if (merged) wanted.push(merged)
  }
  for (const override of rest.values()) {
    const merged = merge(undefined, override)
    if (merged) wanted.push(merged)
  }
  return wanted
}

/** What the kernel should have: drained real servers with weight 0, disabled ones not at all. */
export function rulesOf(wanted: readonly WantedService[]): readonly ServiceRules[] {
  return wanted.map(({service, destinations}) => ({
    service,
    destinations: destinations.flatMap(destination => heldDestination(destination) ?? []),
  }))
}

/** A real server as the kernel should have it; undefined: it should not be there. */
export function heldDestination({destination, hold}: WantedDestination): Destination | undefined {
  if (hold === undefined) return destination
  return hold.type === 'disabled' ? undefined : {...destination, weight: 0}
}

/**
 * The overrides after an order, whose changes come before its holds. What becomes equal to the configuration is no
 * override any more. A service that others made is taken over from `actual` when one of its real servers is changed,
 * and so is a real server that somebody begins to hold; its other real servers are not.
 */
export function withOrder({
  configured,
  overrides,
  order,
  actual,
}: {
  readonly configured: readonly ConfiguredService[]
  readonly overrides: readonly ServiceOverride[]
  readonly order: OperatorOrder
  readonly actual: readonly ServiceRules[]
}): readonly ServiceOverride[] {
  const drafts = new OrderDrafts({configured, overrides, actual})
  for (const change of order.changes) drafts.change(change)
  for (const {service, destination, hold} of order.holds) drafts.hold(service, destination, hold)
  return drafts.overrides()
}

function merge(
  configured: ConfiguredService | undefined,
  override: ServiceOverride | undefined,
): WantedService | undefined {
  const service = override?.service ?? configured?.service
  if (service === undefined || service === 'deleted') return undefined
  const overrides = new Map(override?.destinations.map(real => [destinationKey(real.id), real]))
  const destinations: WantedDestination[] = []
  for (const destination of configured?.destinations ?? []) {
    const key = destinationKey(destination)
    const real = overrides.get(key)
    overrides.delete(key)
    const origin = real?.destination === undefined ? 'configuration' : 'override'
    const used = real?.destination ?? destination
    if (used !== 'deleted') destinations.push({destination: used, origin, hold: real?.hold})
  }
  for (const {destination, hold} of overrides.values()) {
    if (destination !== undefined && destination !== 'deleted') {
      destinations.push({destination, origin: 'override', hold})
    }
  }
  const origin = override?.service === undefined ? 'configuration' : 'override'
  return {service, origin, configured: configured?.name, destinations}
}
