import {readFileSync} from 'node:fs'
import type {OwnDevice} from '../../config/own-devices.ts'
import type {RouterConfig} from '../../config/router-config.ts'
import type {IpAddress} from '../../core/ip.ts'
import type {MonotonicMs} from '../../core/units.ts'
import {monotonicNow} from '../../kernel/clock.ts'
import type {NodeSettings, TrackerStanding} from '../channel.ts'
import {type LinkVerdict, type Surroundings, trackerKey} from './conditions.ts'
import type {SocketNeed} from './interface-sockets.ts'
import type {Kernel} from './kernel.ts'
import {LinkStates} from './link-delays.ts'
import {type LinkChange, LinkWatch} from './link-watch.ts'
import {heldBy, interfacesOf} from './network-view.ts'
import {judge, type LinkTables, strangerText} from './own-devices-plan.ts'
import {socketDeviceOf, socketNeed} from './socket-need.ts'

/** What the node is told of: its settings, what it tracks, and what makes up its virtual routers. */
export class NodeView {
  readonly #kernel: Kernel
  readonly #trackers = new Map<string, TrackerStanding>()
  readonly #states: LinkStates
  readonly #watch = new LinkWatch()
  readonly #links: LinkTables
  #settings: NodeSettings | undefined
  #routers: readonly RouterConfig[] = []
  #names: ReadonlySet<string> = new Set()
  #vips: ReadonlySet<IpAddress> = new Set()
  /** Those that are made for virtual routers, by name. */
  #devices: ReadonlyMap<string, OwnDevice> = new Map()

  /** `onChange`: everything has to be looked at, since an interface that is asked answers something else. */
  constructor(kernel: Kernel, onChange: () => void) {
    this.#kernel = kernel
    this.#links = {
      byName: {get: name => kernel.network.link(name)},
      byIndex: {get: index => kernel.network.links.find(link => link.index === index)},
    }
    this.#states = new LinkStates({
      look: name => kernel.network.link(name),
      limitMs: name => this.#leastWaitMs(name),
      onChange,
    })
  }

  configure(settings: NodeSettings, routers: readonly RouterConfig[], trackers: readonly TrackerStanding[]): void {
    this.#settings = settings
    this.#routers = routers
    this.#trackers.clear()
    for (const tracker of trackers) this.#trackers.set(trackerKey(tracker), tracker)
    this.#vips = new Set(routers.flatMap(config => heldBy(config).map(vip => vip.address)))
    const {ours, network, resizeObjects} = this.#kernel
    const {monitorBytes, commandBytes} = settings.netlinkBuffers
    if (monitorBytes > 0) network.resize(monitorBytes)
    if (commandBytes > 0) resizeObjects(commandBytes)
    ours.clear()
    for (const address of this.#vips) ours.add(address)
    for (const {address} of settings.staticAddresses) ours.add(address)
    this.#names = new Set(routers.flatMap(config => [...interfacesOf(config)]))
    const devices = routers.flatMap(({ownDevice, addressDevices}) => [ownDevice ?? [], addressDevices].flat())
    this.#devices = new Map(devices.map(device => [device.name, device]))
    this.#states.configure(settings, this.#names, new Set(this.#devices.keys()))
    this.#kernel.sockets.retain(routers.flatMap(config => this.#need(config) ?? []))
  }

  trackerChanged(tracker: TrackerStanding): void {
    this.#trackers.set(trackerKey(tracker), tracker)
  }

  /** Everything outside of a virtual router that decides about it, as it is now. */
  surroundings(now = monotonicNow()): Surroundings {
    const {network, sockets, statics} = this.#kernel
    const startAt = this.#settings?.startAt
    const staticFaults = statics.faults()
    return {
      network,
      trackers: this.#trackers,
      vips: this.#vips,
      link: name => this.#linkVerdict(name, now),
      isComing: name => this.#isComing(name),
      lacks: config => {
        const need = this.#need(config)
        const reason = need && sockets.ensure(need)
        return [...(reason === undefined ? [] : [reason]), ...(staticFaults.get(config.name) ?? [])]
      },
      waitingFor: startAt !== undefined && startAt > now ? ['vrrp_startup_delay'] : [],
      nonlocalBind: ({family}) => mayBindNonlocal(family),
    }
  }

  /** When an interface is to be looked at again, or the start is no longer delayed. */
  get nextDeadline(): MonotonicMs | undefined {
    const links = this.#states.nextDeadline()
    const startAt = this.#settings?.startAt
    if (startAt === undefined || startAt <= monotonicNow()) return links
    return links === undefined || startAt < links ? startAt : links
  }

  /** What changed about the interfaces that matter, since this was last asked. */
  linkChanges(): readonly LinkChange[] {
    const now = monotonicNow()
    return this.#watch.changes(this.#names, name =>
      this.#kernel.network.link(name) ? {up: this.#states.isUp(name, now)} : undefined,
    )
  }

  get logsUnknownVrids(): boolean {
    return this.#settings?.logUnknownVrids === true
  }

  close(): void {
    this.#states.close()
  }

  #linkVerdict(name: string, now: MonotonicMs): LinkVerdict {
    const {network, devices} = this.#kernel
    const device = this.#devices.get(name)
    const obstacle = device && devices.reasonFor(name)
    if (!network.link(name)) return {up: false, reason: obstacle ?? `interface ${name} does not exist`}
    // Somebody else's interface of that name must not carry what is meant for ours, however well it works.
    const stranger = device && strangerText(device, this.#links)
    if (stranger !== undefined) return {up: false, reason: stranger}
    if (this.#states.isUp(name, now)) return {up: true}
    return {up: false, reason: obstacle ?? `interface ${name} is down`}
  }

  #isComing(name: string): boolean {
    const {network, devices} = this.#kernel
    const device = this.#devices.get(name)
    if (!device || devices.reasonFor(name) !== undefined) return false
    return !network.link(name) || judge(device, this.#links).type === 'remove'
  }

  #need(config: RouterConfig): SocketNeed | undefined {
    return socketNeed(config, this.#kernel.network, this.#settings?.receiveBuffers)
  }

  /** A delay must not outlast the patience of the backups: one interval before they would take over. */
  #leastWaitMs(name: string): number {
    const there = this.#routers.filter(config => socketDeviceOf(config) === name || config.interface === name)
    return Math.min(...there.map(({downTimerAdverts, advertIntervalMs}) => (downTimerAdverts - 1) * advertIntervalMs))
  }
}

/** net.ipv4.ip_nonlocal_bind, net.ipv6.ip_nonlocal_bind: ip-sysctl.rst. A file in memory is read at once. */
function mayBindNonlocal(family: RouterConfig['family']): boolean {
  try {
    return readFileSync(`/proc/sys/net/ipv${family}/ip_nonlocal_bind`, 'latin1').trim() === '1'
  } catch {
    return false
  }
}
