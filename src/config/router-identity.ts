import type {RouterConfig} from './router-config.ts'

/**
 * What makes virtual routers the same whatever their names: the interface, the family and the id. Two of one identity
 * can run beside each other only with unicast; they are told apart by their order.
 */
export function routersByIdentity(routers: readonly RouterConfig[]): ReadonlyMap<string, RouterConfig> {
  const found = new Map<string, RouterConfig>()
  for (const config of routers) {
    const place = placeOf(config)
    let identity = place
    for (let n = 2; found.has(identity); n++) identity = `${place} #${n}`
    found.set(identity, config)
  }
  return found
}

/** Where a virtual router's advertisements arrive: "eth0 4 51". */
export const placeOf = ({interface: device, vrf, family, vrid}: RouterConfig): string =>
  `${device === '' ? `vrf ${vrf ?? ''}` : device} ${family} ${vrid}`

/** Whether a running router can take a configuration of its identity without ending. */
export const goesOnAs = (before: RouterConfig, after: RouterConfig): boolean =>
  placeOf(before) === placeOf(after) &&
  before.version === after.version &&
  before.transport.type === after.transport.type &&
  JSON.stringify(before.ownDevice) === JSON.stringify(after.ownDevice)

/** Whether two configurations differ in nothing but where they stand in their files. */
export function sameMeaning(a: RouterConfig, b: RouterConfig): boolean {
  const meaning = (config: RouterConfig): string =>
    JSON.stringify(config, (key, value: unknown) => (key === 'position' ? undefined : value))
  return meaning(a) === meaning(b)
}
