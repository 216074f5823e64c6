import type {Standing, Standings} from '../check/standing.ts'
import type {Destination, ServiceRules} from './model.ts'
import {destinationKey, serviceKey} from './names.ts'
import {OrderDrafts} from './order-drafts.ts'
import type {
  CheckedDestination,
  ConfiguredService,
  OperatorOrder,
  ServiceOverride,
  WantedDestination,
  WantedService,
} from './wanted.ts'

/**
 * What is wanted: the configuration as operators changed it, and how checks find the real servers of it. Each service
 * stands once in both lists.
 */
export function wantedServices(
  configured: readonly ConfiguredService[],
  overrides: readonly ServiceOverride[],
  standings: Standings = NO_STANDINGS,
): readonly WantedService[] {
  const rest = new Map(overrides.map(override => [serviceKey(override.id), override]))
  const wanted: WantedService[] = []
  for (const service of configured) {
    const key = serviceKey(service.service.id)
    const override = rest.get(key)
    rest.delete(key)
    const merged = wantedService(service, override, standings.get(key))
    if (merged) wanted.push(merged)
  }
  for (const [key, override] of rest) {
    const merged = wantedService(undefined, override, standings.get(key))
    if (merged) wanted.push(merged)
  }
  return wanted
}

/** What the kernel should have. */
export function rulesOf(wanted: readonly WantedService[]): readonly ServiceRules[] {
  return wanted.map(({service, destinations}) => ({
    service,
    destinations: destinations.flatMap(destination => destinationInTable(destination) ?? []),
  }))
}

/**
 * A real server as the kernel should have it; undefined: it should not be there. What an operator disabled and what is
 * out by its checks is not there; what is drained or inhibited has weight 0. Checks may give it another weight than
 * that of the configuration, but not than that of an operator.
 */
export function destinationInTable({
  destination,
  hold,
  checked,
}: Pick<WantedDestination, 'destination' | 'hold' | 'checked'>): Destination | undefined {
  const standing = checked?.standing.type
  if (hold?.type === 'disabled' || standing === 'out') return undefined
  if (hold !== undefined || standing === 'inhibited') return {...destination, weight: 0}
  if (checked?.standing.type !== 'in' || checked.configuredWeight !== destination.weight) return destination
  const {weight} = checked.standing
  return weight === destination.weight ? destination : {...destination, weight}
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

/** What is wanted of one service; undefined: nothing. */
export function wantedService(
  configured: ConfiguredService | undefined,
  override: ServiceOverride | undefined,
  standings: ReadonlyMap<string, Standing> | undefined,
): WantedService | undefined {
  const service = override?.service ?? configured?.service
  if (service === undefined || service === 'deleted') return undefined
  const checked = checkedDestinations(configured, standings)
  const overrides = new Map(override?.destinations.map(real => [destinationKey(real.id), real]))
  const destinations: WantedDestination[] = []
  for (const destination of configured?.destinations ?? []) {
    const key = destinationKey(destination)
    const real = overrides.get(key)
    overrides.delete(key)
    const origin = real?.destination === undefined ? 'configuration' : 'override'
    const used = real?.destination ?? destination
    if (used !== 'deleted') destinations.push({destination: used, origin, hold: real?.hold, checked: checked?.get(key)})
  }
  for (const [key, {destination, hold}] of overrides) {
    if (destination !== undefined && destination !== 'deleted') {
      destinations.push({destination, origin: 'override', hold, checked: checked?.get(key)})
    }
  }
  const origin = override?.service === undefined ? 'configuration' : 'override'
  return {service, origin, configured: configured?.name, destinations, checked}
}

/**
 * What checks say of the real servers of a service, by name; undefined: nothing. A real server that they do not name is
 * in service, and a sorry server is out of it.
 */
export function checkedDestinations(
  configured: ConfiguredService | undefined,
  standings: ReadonlyMap<string, Standing> = NOTHING_CHECKED,
): WantedService['checked'] {
  if (standings.size === 0 && !configured?.sorryServers?.length) return undefined
  const weights = new Map(configured?.destinations.map(each => [destinationKey(each), each.weight]))
  const sorryServers = new Set(configured?.sorryServers)
  const checked = new Map<string, CheckedDestination>()
  for (const [key, standing] of [...[...sorryServers].map(name => [name, OUT] as const), ...standings]) {
    checked.set(key, {standing, configuredWeight: weights.get(key), isSorryServer: sorryServers.has(key)})
  }
  return checked
}

const NO_STANDINGS: Standings = new Map()
const NOTHING_CHECKED: ReadonlyMap<string, Standing> = new Map()
const OUT: Standing = {type: 'out'}
