import type {RouterConfig} from '../../config/router-config.ts'
import type {IpAddress} from '../../core/ip.ts'
import {evaluateTracks, type Track} from '../../core/track/tracking.ts'
import type {Conditions} from '../../core/vrrp/state.ts'
import type {Network} from '../../kernel/network.ts'
import type {TrackerStanding} from '../channel.ts'
import {hasAddress, sourceOf, watchedInterfaces} from './network-view.ts'

/** What an interface is held to be, delays and all; `reason` for people: "eth0 is down". */
export type LinkVerdict = {readonly up: true} | {readonly up: false; readonly reason: string}

/** Everything outside of a virtual router that decides whether and how it may run. */
export interface Surroundings {
  readonly network: Pick<Network, 'link' | 'links' | 'addressesOf' | 'ownProtocol'>
  readonly trackers: ReadonlyMap<string, TrackerStanding>
  /** Every address that moves: none of them is anybody's own. */
  readonly vips: ReadonlySet<IpAddress>
  /** What an interface is held to be; that it does not exist is said here too. */
  readonly link: (name: string) => LinkVerdict
  /** An interface that is being made: that it is not there yet is no fault. */
  readonly isComing: (name: string) => boolean
  /** Why sockets or interfaces of its own are not there, and what its track groups lost. */
  readonly lacks: (config: RouterConfig) => readonly string[]
  /** What the start waits for: "vrrp_startup_delay". */
  readonly waitingFor: readonly string[]
  /** Whether a source address need not be on this host: net.ipv4.ip_nonlocal_bind. */
  readonly nonlocalBind: (config: RouterConfig) => boolean
}

/** What names something tracked: "script chk_nginx". */
export const trackerKey = ({kind, name}: {readonly kind: string; readonly name: string}): string => `${kind} ${name}`

/** What an instance tracks, as it stands. */
export function tracksOf(
  config: RouterConfig,
  surroundings: Pick<Surroundings, 'trackers' | 'link'>,
): readonly Track[] {
  return config.tracks.map(({kind, name, weight, reverse}) => {
    const common = {kind, label: `${kind} ${name}`, weight, reverse}
    if (kind === 'interface') {
      const verdict = surroundings.link(name)
      return {...common, verdict: verdict.up ? 'good' : 'bad', detail: verdict.up ? undefined : verdict.reason}
    }
    const standing = surroundings.trackers.get(trackerKey({kind, name}))
    return {...common, verdict: standing?.verdict ?? 'unknown', value: standing?.value, detail: standing?.detail}
  })
}

/** What holds for a virtual router alone, whatever its sync group makes of it. */
export function conditionsOf(config: RouterConfig, held: string | undefined, surroundings: Surroundings): Conditions {
  const tracking = evaluateTracks(config.priority, tracksOf(config, surroundings))
  const source = sourceOf(surroundings.network, config, surroundings.vips)
  const coming = devicesOf(config).filter(surroundings.isComing)
  const faults = [...linkFaults(config, surroundings)]
  if (faults.length === 0 && coming.length === 0) faults.push(...sourceFaults(config, source, surroundings))
  return {
    faults: [...faults, ...surroundings.lacks(config), ...tracking.faults],
    waitingFor: [...surroundings.waitingFor, ...coming.map(name => `interface ${name}`), ...tracking.waitingFor],
    priority: tracking.priority,
    source,
    held,
  }
}

/** The interfaces that are made for it. */
const devicesOf = ({ownDevice, addressDevices}: RouterConfig): readonly string[] =>
  [...(ownDevice ? [ownDevice] : []), ...addressDevices].map(({name}) => name)

function* linkFaults(config: RouterConfig, {network, link, isComing}: Surroundings): Generator<string> {
  const watched = watchedInterfaces(config)
  for (const name of watched) {
    const verdict = link(name)
    if (!verdict.up && !isComing(name)) yield verdict.reason
  }
  const {interface: device} = config
  // Without the interface nothing can be sent, tracked or not.
  if (device !== '' && !watched.has(device) && !network.link(device)) yield `interface ${device} does not exist`
}

function sourceFaults(
  config: RouterConfig,
  source: IpAddress | undefined,
  {network, nonlocalBind}: Surroundings,
): readonly string[] {
  if (source === undefined) {
    if (config.interface === '') return ['it has neither an interface nor a unicast_src_ip']
    const kind = config.family === 6 ? (config.transport.type === 'unicast' ? 'IPv6' : 'link-local IPv6') : 'IPv4'
    return [`interface ${config.interface} has no ${kind} address`]
  }
  const needed = config.source?.tracked === true || (config.transport.type === 'unicast' && !nonlocalBind(config))
  if (config.source === undefined || !needed || hasAddress(network, source)) return []
  return [`this host does not have the source address ${source}`]
}
