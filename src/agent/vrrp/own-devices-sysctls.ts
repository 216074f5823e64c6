import {readSysctl, type Sysctl, sysctlText, writeSysctl} from '../../kernel/sysctl.ts'

/** A setting as it is to be, on an interface with this index; undefined for `all` and `default`. */
export interface WantedSysctl extends Sysctl {
  readonly index: number | undefined
  readonly value: string
}

/** A setting that was changed, and what it was before: put back at the end, also after an unclean one. */
export interface ChangedSysctl extends WantedSysctl {
  readonly original: string
}

/** How settings are read and written. */
export interface SysctlOperations {
  read(sysctl: Sysctl): Promise<string | undefined>
  write(sysctl: Sysctl, value: string): Promise<{readonly ok: true} | {readonly ok: false; readonly reason: string}>
}

/** What the keeper of settings tells. */
export interface SysctlListener {
  /** Everything that differs from what it was; told before it is written, so that an unclean end can be made good. */
  onChanged(changed: readonly ChangedSysctl[]): void
  onFailed(text: string): void
}

/** The settings of this host. */
export const HOST_SYSCTLS: SysctlOperations = {read: readSysctl, write: writeSysctl}

/**
 * Holds settings at values as long as somebody wants them, and puts back what was there before when nobody does any
 * more; what somebody else changed meanwhile stays as that one wanted it. One call of `hold` after the other.
 */
export class SysctlKeeper {
  readonly #operations: SysctlOperations
  readonly #listener: SysctlListener
  readonly #held = new Map<string, ChangedSysctl>()
  readonly #failed = new Set<string>()

  constructor(operations: SysctlOperations, listener: SysctlListener) {
    this.#operations = operations
    this.#listener = listener
  }

  /** What an earlier process of this boot and network namespace changed and did not put back. */
  inherit(changed: readonly ChangedSysctl[]): void {
    for (const sysctl of changed.slice(0, MAX_HELD)) {
      const key = keyOf(sysctl)
      if (!this.#held.has(key)) this.#held.set(key, sysctl)
    }
  }

  /** What a setting was before it was changed, or is. */
  async original(sysctl: Sysctl): Promise<string | undefined> {
    return this.#held.get(keyOf(sysctl))?.original ?? (await this.#operations.read(sysctl))
  }

  /** These settings are wanted, and no others; written in this order, the others put back after them. */
  async hold(wanted: readonly WantedSysctl[]): Promise<void> {
    const fresh: ChangedSysctl[] = []
    for (const sysctl of wanted.slice(0, MAX_HELD)) {
      const held = this.#held.get(keyOf(sysctl))
      if (held && held.index === sysctl.index && held.value === sysctl.value) continue
      const now = await this.#operations.read(sysctl)
      if (now === undefined) this.#complain(sysctl, 'ENOENT')
      else fresh.push({...sysctl, original: held && held.index === sysctl.index ? held.original : now})
    }
    const kept = new Set(wanted.map(keyOf))
    // The last first: `all` goes back before what stood in for it.
    const left = [...this.#held.values()].filter(sysctl => !kept.has(keyOf(sysctl))).reverse()
    if (fresh.length === 0 && left.length === 0) return
    for (const sysctl of fresh) this.#held.set(keyOf(sysctl), sysctl)
    this.#tell()
    for (const sysctl of fresh) await this.#write(sysctl)
    for (const sysctl of left) await this.#putBack(sysctl)
    if (left.length > 0) this.#tell()
  }

  async #write(sysctl: ChangedSysctl): Promise<void> {
    if (sysctl.value === sysctl.original && (await this.#operations.read(sysctl)) === sysctl.value) return
    const written = await this.#operations.write(sysctl, sysctl.value)
    if (written.ok) this.#failed.delete(keyOf(sysctl))
    else this.#complain(sysctl, written.reason)
  }

  async #putBack(sysctl: ChangedSysctl): Promise<void> {
    this.#held.delete(keyOf(sysctl))
    if (sysctl.original === sysctl.value || (await this.#operations.read(sysctl)) !== sysctl.value) return
    const written = await this.#operations.write(sysctl, sysctl.original)
    // An interface that went took its settings along.
    if (!written.ok && written.reason !== 'ENOENT') this.#complain(sysctl, written.reason)
  }

  #tell(): void {
    this.#listener.onChanged([...this.#held.values()])
  }

  /** Once a setting, until it works again. */
  #complain(sysctl: Sysctl, reason: string): void {
    const key = keyOf(sysctl)
    if (this.#failed.has(key) || this.#failed.size >= MAX_HELD) return
    this.#failed.add(key)
    this.#listener.onFailed(`could not set ${sysctlText(sysctl)}: ${reason}`)
  }
}

/** Some ten settings for each of 255 virtual routers on two interfaces. */
const MAX_HELD = 8_192

const keyOf = ({family, interface: device, name}: Sysctl): string => `${family} ${device} ${name}`
