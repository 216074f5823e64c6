import type {VipConfig} from '../../config/config.ts'
import {ipv4Broadcast, ipv4Network} from '../../core/ip.ts'
import type {InterfaceIndex} from '../../core/units.ts'
import type {AddressSpec} from '../../kernel/addresses.ts'

/** What the kernel is asked to do; each resolves to what came of it. */
export interface AddressOperations {
  add(spec: AddressSpec): Promise<AddressOutcome>
  remove(spec: AddressSpec): Promise<AddressOutcome>
}

export type AddressOutcome =
  | {readonly outcome: 'done' | 'already-there' | 'was-gone'}
  | {readonly outcome: 'failed'; readonly reason: string}

/** What the holder tells: one call an address, after the kernel has answered. */
export interface HolderListener {
  onAdded(vip: VipConfig, how: {adopted: boolean; announce: number}): void
  onRemoved(vip: VipConfig): void
  onFailed(vip: VipConfig, verb: 'add' | 'remove', reason: string): void
}

/** A kernel that refuses an address is asked again after this, milliseconds. */
const RETRY_MS = 1_000

/**
 * Brings the addresses of one virtual router to what is wanted, one change after the other: wishes that come while
 * the kernel works replace each other, so that the last one wins and nothing piles up.
 */
export class AddressHolder {
  readonly #operations: AddressOperations
  readonly #listener: HolderListener
  readonly #deviceIndex: (vip: VipConfig) => InterfaceIndex | undefined
  #wanted: readonly VipConfig[] = []
  #announceAdded = 0
  /** Addresses that may be on an interface and are to go unless wanted. */
  #toRemove = new Map<string, VipConfig>()
  #held = new Map<string, VipConfig>()
  readonly #everHeld = new Set<string>()
  #stale = false
  #working: Promise<void> | undefined
  #retry: NodeJS.Timeout | undefined

  constructor(
    operations: AddressOperations,
    listener: HolderListener,
    deviceIndex: (vip: VipConfig) => InterfaceIndex | undefined,
  ) {
    this.#operations = operations
    this.#listener = listener
    this.#deviceIndex = deviceIndex
  }

  /** Whether an address is wanted on its interface now. */
  wants(vip: VipConfig): boolean {
    return this.#wanted.some(candidate => keyOf(candidate) === keyOf(vip))
  }

  /** Whether the kernel said that it has this address, and nobody took the wish back since. */
  holds(vip: VipConfig): boolean {
    return this.#held.has(keyOf(vip))
  }

  /** Whether it was ever put there, or found there, by this process. */
  everHeld(vip: VipConfig): boolean {
    return this.#everHeld.has(keyOf(vip))
  }

  /** All of these must be there, checked anew with the kernel; each that was not is announced so many times. */
  hold(vips: readonly VipConfig[], announceAdded: number): Promise<void> {
    const kept = new Set(vips.map(keyOf))
    for (const [key, vip] of this.#held) if (!kept.has(key)) this.#toRemove.set(key, vip)
    this.#wanted = vips
    this.#announceAdded = announceAdded
    this.#held.clear()
    return this.#work()
  }

  /** None of these may be there, whoever put them there. */
  release(vips: readonly VipConfig[]): Promise<void> {
    for (const vip of [...vips, ...this.#held.values(), ...this.#wanted]) this.#toRemove.set(keyOf(vip), vip)
    this.#wanted = []
    this.#held.clear()
    return this.#work()
  }

  /** Resolves when the kernel has answered everything asked so far. */
  settled(): Promise<void> {
    return this.#working ?? Promise.resolve()
  }

  /** Ends retries; what is under way is finished. */
  close(): void {
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
    let failed = false
    while (this.#stale) {
      this.#stale = false
      failed = false
      for (const [key, vip] of this.#toRemove) {
        if (this.wants(vip)) this.#toRemove.delete(key)
        else if (!(await this.#remove(key, vip))) failed = true
        if (this.#stale) break
      }
      if (this.#stale) continue
      const missing = this.#wanted.filter(vip => !this.#held.has(keyOf(vip)))
      const results = await Promise.all(missing.map(vip => this.#add(vip)))
      if (results.includes(false)) failed = true
    }
    clearTimeout(this.#retry)
    if (failed) this.#retry = setTimeout(() => void this.#work(), RETRY_MS)
  }

  async #add(vip: VipConfig): Promise<boolean> {
    const spec = this.#spec(vip)
    if (!spec) return false
    const announce = this.#announceAdded
    const result = await this.#operations.add(spec)
    if (result.outcome === 'failed') {
      this.#listener.onFailed(vip, 'add', result.reason)
      return false
    }
    // A wish that came meanwhile decides what becomes of it.
    if (this.wants(vip)) this.#held.set(keyOf(vip), vip)
    else this.#toRemove.set(keyOf(vip), vip)
    const adopted = result.outcome === 'already-there'
    this.#listener.onAdded(vip, {adopted, announce: adopted ? 0 : announce})
    this.#everHeld.add(keyOf(vip))
    return true
  }

  async #remove(key: string, vip: VipConfig): Promise<boolean> {
    const spec = this.#spec(vip)
    const result: AddressOutcome = spec ? await this.#operations.remove(spec) : {outcome: 'was-gone'}
    if (result.outcome === 'failed') {
      this.#listener.onFailed(vip, 'remove', result.reason)
      return false
    }
    if (!this.wants(vip)) this.#toRemove.delete(key)
    if (result.outcome === 'done') this.#listener.onRemoved(vip)
    return true
  }

  #spec(vip: VipConfig): AddressSpec | undefined {
    const index = this.#deviceIndex(vip)
    return index === undefined ? undefined : specOf(vip, index)
  }
}

/** What identifies an address on a host: two entries of one address may differ in length. */
export const keyOf = (vip: VipConfig): string => `${vip.device ?? ''} ${vip.address}/${vip.prefixLength}`

/** A line of the configuration in the kernel's terms. keepalived.conf(5), virtual_ipaddress. */
function specOf(vip: VipConfig, index: InterfaceIndex): AddressSpec {
  return {
    index,
    address: vip.address,
    prefixLength: vip.prefixLength,
    scope: vip.scope ?? 0,
    ...(vip.label === undefined ? {} : {label: vip.label}),
    ...broadcastOf(vip),
  }
}

function broadcastOf(vip: VipConfig): Pick<AddressSpec, 'broadcast'> {
  if (vip.broadcast === undefined) return {}
  if (vip.broadcast === '+') return {broadcast: ipv4Broadcast(vip.address, vip.prefixLength)}
  if (vip.broadcast === '-') return {broadcast: ipv4Network(vip.address, vip.prefixLength)}
  return {broadcast: vip.broadcast}
}
