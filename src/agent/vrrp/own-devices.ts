import {setTimeout as delay} from 'node:timers/promises'
import type {OwnDevice} from '../../config/own-devices.ts'
import type {RouterConfig} from '../../config/router-config.ts'
import type {IpAddress, IpFamily} from '../../core/ip.ts'
import type {NewLink} from '../../core/netlink/new-link.ts'
import type {Link} from '../../core/netlink/picture.ts'
import type {InterfaceIndex} from '../../core/units.ts'
import {errorText} from '../../errors.ts'
import type {LinkChange, LinkOutcome} from '../../kernel/links.ts'
import type {Network} from '../../kernel/network.ts'
import {
  groupNumber,
  judge,
  type Links,
  linksOf,
  OWN_ALIAS,
  promotions,
  settingsOf,
  type Verdict,
  type WantedDevice,
  wantedDevices,
} from './own-devices-plan.ts'
import type {SysctlKeeper, WantedSysctl} from './own-devices-sysctls.ts'

/** What the kernel is asked to do; each resolves to what came of it. */
export interface LinkOperations {
  create(link: NewLink): Promise<LinkOutcome>
  change(index: InterfaceIndex, change: LinkChange): Promise<LinkOutcome>
  delete(indexes: readonly InterfaceIndex[]): Promise<LinkOutcome>
  addSource(index: InterfaceIndex, address: IpAddress, prefixLength: number): Promise<LinkOutcome>
  removeSource(index: InterfaceIndex, address: IpAddress, prefixLength: number): Promise<LinkOutcome>
}

/** An interface of ours that is there, for the rules of the firewall. */
export interface PresentDevice {
  readonly type: OwnDevice['type']
  readonly family: IpFamily
  readonly name: string
  readonly index: number
  readonly base: string
  readonly baseIndex: number
}

/** What the keeper tells. */
export interface DeviceListener {
  /** Reasons or interfaces differ: routers are to be judged anew, and `devices` read again. */
  onChanged(): void
  /** Something happened that a person wants to know; a failure once until it is over. */
  onNews(kind: 'device-made' | 'device-adopted' | 'device-removed' | 'kernel-error', text: string): void
}

/** What kernel and monitor offer the keeper. */
export interface DeviceKernel {
  readonly network: Pick<Network, 'links' | 'addressesOf' | 'ownProtocol'>
  readonly links: LinkOperations
  readonly sysctls: SysctlKeeper
}

/** A kernel that refused is asked again after this, milliseconds; nothing is made twice within it. */
const RETRY_MS = 1_000
const CLOSE_TURNS = 25
const CLOSE_TURN_MS = 20

/**
 * Keeps the interfaces of virtual routers as they are wanted, whatever becomes of them or of those below: made, made
 * again when somebody deletes them, removed when nobody wants them. Looks at the network as it is, one pass at a time.
 */
export class DeviceKeeper {
  readonly #kernel: DeviceKernel
  readonly #listener: DeviceListener
  #routers: readonly RouterConfig[] = []
  #wanted: readonly WantedDevice[] = []
  /** Before the first configuration nothing is known to be unwanted. */
  #configured = false
  #closed = false
  #stale = false
  #working: Promise<void> | undefined
  #retry: NodeJS.Timeout | undefined
  #devices: readonly PresentDevice[] = []
  #reasons = new Map<string, string>()
  readonly #prepared = new Map<number, string>()
  readonly #sources = new Map<number, Source>()
  /** When an interface of this name was last made or removed. */
  readonly #touchedAt = new Map<string, number>()

  constructor(kernel: DeviceKernel, listener: DeviceListener) {
    this.#kernel = kernel
    this.#listener = listener
  }

  /** The interfaces that are there and ready. */
  get devices(): readonly PresentDevice[] {
    return this.#devices
  }

  /** Why an interface is not there: "interface eth0 does not exist"; undefined when nothing stands in its way. */
  reasonFor(name: string): string | undefined {
    return this.#reasons.get(name)
  }

  /** Takes what these routers need, with names as `withFoundNames` gives them; resolves when all has been tried. */
  configure(routers: readonly RouterConfig[]): Promise<void> {
    this.#routers = routers
    this.#wanted = wantedDevices(routers)
    this.#configured = true
    return this.#work()
  }

  /** The network changed: something may be missing, or back. */
  networkChanged(): void {
    if (this.#configured && !this.#closed) void this.#work()
  }

  /** Removes everything it made and puts the settings back; resolves when the kernel has done it. */
  async close(): Promise<void> {
    this.#routers = []
    this.#wanted = []
    for (let turn = 0; turn < CLOSE_TURNS; turn++) {
      await this.#work()
      const {byName} = linksOf(this.#kernel.network.links)
      // One that was just made is removed when the monitor has told its index.
      if (![...this.#touchedAt.keys()].some(name => this.#touchedLately(name) && !byName.has(name))) break
      await delay(CLOSE_TURN_MS)
    }
    this.#closed = true
    clearTimeout(this.#retry)
  }

  #work(): Promise<void> {
    this.#stale = true
    this.#working ??= this.#run().finally(() => {
      this.#working = undefined
    })
    return this.#working
  }

  async #run(): Promise<void> {
    let settled = true
    while (this.#stale) {
      this.#stale = false
      try {
        settled = await this.#pass()
      } catch (error) {
        settled = false
        this.#listener.onNews('kernel-error', `interfaces: ${errorText(error)}`)
      }
    }
    clearTimeout(this.#retry)
    if (!settled && !this.#closed) this.#retry = setTimeout(() => this.networkChanged(), RETRY_MS)
  }

  /** Answers whether there is nothing left to try again. */
  async #pass(): Promise<boolean> {
    const {network} = this.#kernel
    const links = linksOf(network.links)
    for (const index of this.#prepared.keys()) if (!links.byIndex.has(index)) this.#forget(index)
    const reasons = new Map<string, string>()
    const verdicts = this.#wanted.map(wanted => ({wanted, verdict: judge(wanted.device, links)}))
    const replaced = verdicts.flatMap(({verdict}) => (verdict.type === 'remove' ? verdict.link : []))
    const failure = await this.#removeAll([...this.#unwanted(links), ...replaced])
    if (failure !== undefined) {
      reasons.set('', `interfaces could not be removed: ${failure}`)
      for (const {name} of replaced) reasons.set(name, `interface ${name} could not be replaced: ${failure}`)
    }
    await Promise.all(verdicts.map(({wanted, verdict}) => this.#follow(wanted, verdict, reasons)))
    const kept = verdicts.flatMap(({wanted, verdict}) => (verdict.type === 'keep' ? {wanted, ...verdict} : []))
    await this.#kernel.sysctls.hold(await this.#settings(kept, links))
    await Promise.all(kept.map(each => this.#prepare(each, links, reasons)))
    this.#publish(kept, reasons)
    return reasons.size === 0 && !verdicts.some(({verdict}) => verdict.type === 'make' || verdict.type === 'remove')
  }

  #unwanted({byIndex}: Links): readonly Link[] {
    const names = new Set(this.#wanted.map(({device}) => device.name))
    return [...byIndex.values()].filter(({alias, name}) => alias === OWN_ALIAS && !names.has(name))
  }

  /** Answers why it could not be done. */
  async #removeAll(links: readonly Link[]): Promise<string | undefined> {
    if (links.length === 0) return undefined
    const gone = await this.#kernel.links.delete(links.map(({index}) => index))
    for (const {index, name} of links) {
      this.#forget(index)
      this.#touchedAt.delete(name)
      if (gone.outcome === 'done') this.#listener.onNews('device-removed', `interface ${name} was removed`)
    }
    return gone.outcome === 'failed' ? failureText(gone) : undefined
  }

  async #follow({device}: WantedDevice, verdict: Verdict, reasons: Map<string, string>): Promise<void> {
    const {name} = device
    if (verdict.type === 'refuse') reasons.set(name, verdict.reason)
    if (verdict.type !== 'make' || this.#touchedLately(name)) return
    const {type, mac, mode} = device
    this.#touchedAt.set(name, performance.now())
    const made = await this.#kernel.links.create({type, name, base: verdict.base.index, mac, mode, alias: OWN_ALIAS})
    if (made.outcome === 'done') this.#listener.onNews('device-made', `${type} ${name} was made on ${device.base}`)
    if (made.outcome !== 'failed') return
    this.#touchedAt.delete(name)
    reasons.set(name, `interface ${name} could not be made on ${device.base}: ${whyNotMade(type, made)}`)
  }

  /** What the monitor has not told yet is not done again. */
  #touchedLately(name: string): boolean {
    const at = this.#touchedAt.get(name)
    if (at !== undefined && performance.now() - at < RETRY_MS) return true
    this.#touchedAt.delete(name)
    return false
  }

  #forget(index: number): void {
    const name = this.#prepared.get(index)
    // It was there: when it is gone it may be made again at once.
    if (name !== undefined) this.#touchedAt.delete(name)
    this.#prepared.delete(index)
    this.#sources.delete(index)
  }

  async #settings(kept: readonly Kept[], links: Links): Promise<readonly WantedSysctl[]> {
    const macvlans4 = this.#wanted.filter(({device}) => device.family === 4 && device.type === 'macvlan')
    const bases = new Map(
      macvlans4.flatMap(({device}) => {
        const base = links.byName.get(device.base)
        return base ? [[base.name, base] as const] : []
      }),
    )
    const filters = macvlans4.length === 0 ? [] : await this.#reversePathFilters(links)
    const devices = new Map(kept.map(({wanted, link}) => [wanted.device, link]))
    return [...promotions(this.#routers, links), ...filters, ...settingsOf(devices, bases)]
  }

  /** The stricter of `all` and an interface's own counts: to spare ours, each other one gets what `all` has. */
  async #reversePathFilters({byName}: Links): Promise<readonly WantedSysctl[]> {
    const {sysctls} = this.#kernel
    const filter = {family: 4, name: 'rp_filter'} as const
    const all = Number(await sysctls.original({...filter, interface: 'all'}))
    if (!(all > 0)) return []
    const ours = new Set(this.#wanted.map(({device}) => device.name))
    const settings: WantedSysctl[] = []
    const others = [...byName.values()].filter(({name}) => !ours.has(name))
    for (const {name, index} of [{name: 'default', index: undefined}, ...others]) {
      const own = Number(await sysctls.original({...filter, interface: name}))
      if (own < all) settings.push({...filter, interface: name, index, value: String(all)})
    }
    return [...settings, {...filter, interface: 'all', index: undefined, value: '0'}]
  }

  async #prepare({wanted, link, base}: Kept, links: Links, reasons: Map<string, string>): Promise<void> {
    const {device} = wanted
    const {name, index} = link
    if (!this.#prepared.has(index)) {
      const group = device.group === undefined ? 0 : groupNumber(device.group)
      if (group === undefined) {
        reasons.set(name, `interface ${name}: there is no group of interfaces ${device.group}`)
        return
      }
      // It works in the VRF of the interface below it, if any.
      const vrf = links.byIndex.get(base.master ?? 0)?.kind === 'vrf' ? base.master : undefined
      const change: LinkChange = {up: true, addressGeneration: 'none', ...(device.group && {group})}
      const outcome = await this.#kernel.links.change(index, vrf === undefined ? change : {...change, master: vrf})
      if (outcome.outcome === 'failed') {
        reasons.set(name, `interface ${name} could not be brought up: ${failureText(outcome)}`)
        return
      }
      this.#prepared.set(index, name)
      if (!this.#touchedAt.has(name))
        this.#listener.onNews('device-adopted', `${device.type} ${name} was there already and is used`)
    }
    await this.#bringSource(wanted, index, base, reasons)
  }

  /** The address that it sends from: that of the text, or the link-local one of the interface below it. */
  async #bringSource(
    {device, linkLocal}: WantedDevice,
    index: InterfaceIndex,
    base: Link,
    reasons: Map<string, string>,
  ) {
    const wanted = device.address ?? (linkLocal ? this.#linkLocalOf(base) : undefined)
    const held = this.#sources.get(index)
    if (held?.address === wanted?.address && held?.prefixLength === wanted?.prefixLength) return
    const {links} = this.#kernel
    if (held) await links.removeSource(index, held.address, held.prefixLength)
    this.#sources.delete(index)
    if (!wanted) return
    const added = await links.addSource(index, wanted.address, wanted.prefixLength)
    if (added.outcome === 'failed')
      reasons.set(device.name, `${wanted.address} on ${device.name}: ${failureText(added)}`)
    else this.#sources.set(index, wanted)
  }

  #linkLocalOf({index}: Link): Source | undefined {
    const {network} = this.#kernel
    const vips = new Set(this.#routers.flatMap(({vips: own, excludedVips}) => [...own, ...excludedVips]).map(addressOf))
    return network
      .addressesOf(index)
      .find(
        ({family, scope, address, protocol}) =>
          family === 6 && scope === LINK_SCOPE && !vips.has(address) && protocol !== network.ownProtocol,
      )
  }

  #publish(kept: readonly Kept[], reasons: Map<string, string>): void {
    for (const [name, reason] of reasons) {
      if (this.#reasons.get(name) !== reason) this.#listener.onNews('kernel-error', reason)
    }
    const devices = kept
      .filter(({link}) => this.#prepared.has(link.index))
      .map(({wanted: {device}, link, base}) => {
        const {type, family} = device
        return {type, family, name: link.name, index: link.index, base: base.name, baseIndex: base.index}
      })
    const before = JSON.stringify([[...this.#reasons], this.#devices])
    this.#reasons = reasons
    this.#devices = devices
    if (JSON.stringify([[...reasons], devices]) !== before) this.#listener.onChanged()
  }
}

interface Source {
  readonly address: IpAddress
  readonly prefixLength: number
}

interface Kept {
  readonly wanted: WantedDevice
  readonly link: Link
  readonly base: Link
}

/** RT_SCOPE_LINK. <linux/rtnetlink.h> */
const LINK_SCOPE = 253

const addressOf = ({address}: {readonly address: IpAddress}): IpAddress => address

/** An interface has macvlans, or ipvlans, or is a port of a bridge or bond: the kernel wants only one of these. */
function whyNotMade(type: OwnDevice['type'], failure: Extract<LinkOutcome, {outcome: 'failed'}>): string {
  if (failure.reason === 'EOPNOTSUPP') return `this kernel has no ${type}`
  if (failure.reason === 'EBUSY') return `EBUSY, it has interfaces of another kind than ${type}, or is a port`
  return failureText(failure)
}

const failureText = ({reason, text}: Extract<LinkOutcome, {outcome: 'failed'}>): string =>
  text === undefined ? reason : `${reason} (${text})`
