import type {Config} from '../config.ts'
import type {VirtualServerConfig} from '../lvs-config.ts'

/** Tells whether a node has an address because of its configuration. */
export function isVirtual({instances, staticAddresses}: Config): (address: string) => boolean {
  const held = new Set<string>(staticAddresses.map(({address}) => address))
  for (const {vips, excludedVips} of instances) for (const {address} of [...vips, ...excludedVips]) held.add(address)
  return address => held.has(address)
}

/** Whether a service is on such an address. */
export const holdsAddresses = ({service}: VirtualServerConfig, virtual: (address: string) => boolean): boolean =>
  service.type === 'address' && virtual(service.address)
