import {join} from 'node:path'
import {MAX_VIPS} from '../../config/build/instance-addresses.ts'
import type {VipConfig} from '../../config/config.ts'
import type {RouterConfig} from '../../config/router-config.ts'
import type {Override, RouterOverrideKind} from '../../control/model.ts'
import {ipFamily} from '../../core/ip.ts'
import {type Priority, priority} from '../../core/units.ts'
import {errorText, HactlError} from '../../errors.ts'
import {readStateFile, writeStateFile} from '../state-file.ts'
import {parseAddressLine, writtenAddress} from './address-line.ts'

/** An override as it is kept; what it holds depends on its kind. */
export interface StoredOverride {
  readonly id: string
  readonly kind: RouterOverrideKind
  /** Name of the virtual router; null: all of them. */
  readonly instance: string | null
  readonly since: string
  readonly until: string | null
  readonly reason?: string
  readonly priority?: number
  /** "10.0.0.100/24 dev eth1" */
  readonly address?: string
  /** The line of `virtual_ipaddress` that adds it. */
  readonly line?: string
}

/** An override before it has a number. */
export type NewOverride = Omit<StoredOverride, 'id' | 'since'>

/** What became of the list, so that it can be undone without touching what others changed since. */
export interface OverrideChange {
  readonly added: readonly StoredOverride[]
  readonly removed: readonly StoredOverride[]
}

/** Virtual routers as they are to run now. */
export interface Effective {
  readonly routers: readonly RouterConfig[]
  /** Why virtual routers are not to be master, by name. */
  readonly held: ReadonlyMap<string, string>
}

const FILE = 'overrides.json'
/** More than an operator ever enters by hand. */
const MAX_OVERRIDES = 1_000

/** What operators changed at run time, kept over restarts of the agent and over reloads. */
export class Overrides {
  readonly #path: string
  #list: readonly StoredOverride[] = []
  #lastId = 0
  #writeFailure: string | null = null

  constructor(stateDirectory: string) {
    this.#path = join(stateDirectory, FILE)
  }

  /** Reads what earlier runs left; answers what was wrong with the file. */
  open(): string | undefined {
    const {entries, problem} = readStateFile(this.#path, isStored)
    this.#list = entries.slice(0, MAX_OVERRIDES)
    this.#lastId = Math.max(0, ...this.#list.map(({id}) => Number(id)))
    return problem
  }

  get list(): readonly StoredOverride[] {
    return this.#list
  }

  /** Why the file is not written at present; null when it is. */
  get writeFailure(): string | null {
    return this.#writeFailure
  }

  /** Takes some back and adds others, in one write; of those that contradict each other the older goes. */
  change(given: readonly NewOverride[], goes: (override: StoredOverride) => boolean = () => false): OverrideChange {
    const since = new Date().toISOString()
    const added = given.map(each => ({id: String(++this.#lastId), since, ...each}))
    const stays = (other: StoredOverride): boolean => !goes(other) && !added.some(each => replaces(each, other))
    const kept = this.#list.filter(stays)
    if (kept.length + added.length > MAX_OVERRIDES) {
      throw new HactlError(
        'REFUSED',
        `there are ${MAX_OVERRIDES} overrides already`,
        'hactl agent overrides lists them',
      )
    }
    const removed = this.#list.filter(other => !stays(other))
    if (added.length + removed.length > 0) this.#replace([...kept, ...added])
    return {added, removed}
  }

  /** Adds one; of those that contradict it the older goes. */
  add(given: NewOverride): StoredOverride {
    return this.change([given]).added[0] as StoredOverride
  }

  /** Takes some back; answers those that were there. */
  remove(which: (override: StoredOverride) => boolean): readonly StoredOverride[] {
    return this.change([], which).removed
  }

  /** Undoes one change: what has come since stays, and what it replaced does not come back. */
  undo({added, removed}: OverrideChange): void {
    const ids = new Set(added.map(({id}) => id))
    const kept = this.#list.filter(({id}) => !ids.has(id))
    const back = removed.filter(old => !kept.some(each => each.id === old.id || replaces(each, old)))
    this.#replace([...back, ...kept])
  }

  /** When the next one ends by itself, milliseconds since 1970; undefined: none does. */
  get nextEnd(): number | undefined {
    const ends = this.#list.flatMap(({until}) => (until === null ? [] : Date.parse(until)))
    return ends.length === 0 ? undefined : Math.min(...ends)
  }

  /** The virtual routers of a configuration as they are to run. */
  apply(configured: readonly RouterConfig[]): Effective {
    const held = new Map<string, string>()
    const routers = configured.map(router => {
      let changed = router
      for (const override of this.#list) {
        if (override.instance !== null && override.instance !== router.name) continue
        if (override.kind === 'release' || override.kind === 'maintenance') held.set(router.name, holdText(override))
        else changed = applyOne(changed, override)
      }
      return changed
    })
    return {routers, held}
  }

  /** One as the API shows it. */
  describe(override: StoredOverride, configured: readonly RouterConfig[]): Override {
    const {id, kind, instance, since, until} = override
    const applies = instance === null || configured.some(({name}) => name === instance)
    return {id, kind, instance, text: textOf(override), since, until, applies}
  }

  #replace(list: readonly StoredOverride[]): void {
    this.#list = list
    try {
      writeStateFile(this.#path, list)
      this.#writeFailure = null
    } catch (error) {
      this.#writeFailure = errorText(error)
    }
  }
}

/** An override in words. */
export function textOf(override: StoredOverride): string {
  switch (override.kind) {
    case 'release':
    case 'maintenance':
      return holdText(override)
    case 'priority':
      return `priority ${override.priority}`
    case 'takeover':
      return `priority ${override.priority}, to be master`
    case 'vip-added':
      return `one address more: ${override.line}`
    case 'vip-removed':
      return `one address less: ${override.address}`
    case 'activated':
      return 'run, not only observed'
  }
}

function holdText({kind, reason, until}: StoredOverride): string {
  const what = kind === 'release' ? 'released by an operator' : 'maintenance'
  return `${what}${reason === undefined ? '' : `: ${reason}`}${until === null ? '' : ` (until ${until})`}`
}

function applyOne(router: RouterConfig, override: StoredOverride): RouterConfig {
  switch (override.kind) {
    case 'priority':
    case 'takeover':
      return {...router, priority: priority(override.priority ?? router.priority) as Priority}
    case 'vip-added': {
      const added = parseAddressLine(override.line ?? '')
      if (!added.ok || [...router.vips, ...router.excludedVips].some(vip => sameAddress(vip, added.vip))) return router
      const advertised = ipFamily(added.vip.address) === router.family && router.vips.length < MAX_VIPS[router.family]
      return advertised
        ? {...router, vips: [...router.vips, added.vip]}
        : {...router, excludedVips: [...router.excludedVips, added.vip]}
    }
    case 'vip-removed': {
      const stays = (vip: VipConfig): boolean => writtenAddress(vip) !== override.address
      return {...router, vips: router.vips.filter(stays), excludedVips: router.excludedVips.filter(stays)}
    }
    default:
      return router
  }
}

const sameAddress = (a: VipConfig, b: VipConfig): boolean => writtenAddress(a) === writtenAddress(b)

/** A newer priority takes the place of an older one; an address that goes again was never added. */
function replaces(added: StoredOverride, other: StoredOverride): boolean {
  if (added.instance !== other.instance) return false
  const priorities: readonly RouterOverrideKind[] = ['priority', 'takeover']
  if (priorities.includes(added.kind)) return priorities.includes(other.kind)
  if (added.kind === 'vip-added' || added.kind === 'vip-removed') {
    return (other.kind === 'vip-added' || other.kind === 'vip-removed') && other.address === added.address
  }
  return added.kind === other.kind
}

const KINDS: ReadonlySet<unknown> = new Set<RouterOverrideKind>([
  'release',
  'maintenance',
  'priority',
  'takeover',
  'vip-added',
  'vip-removed',
  'activated',
])

const isTime = (text: unknown): boolean => typeof text === 'string' && !Number.isNaN(Date.parse(text))

function isStored(value: unknown): value is StoredOverride {
  if (typeof value !== 'object' || value === null) return false
  const {id, kind, instance, since, until, priority: given, address, line, reason} = value as Partial<StoredOverride>
  const isPriority = given === undefined || (Number.isInteger(given) && given >= 1 && given <= 254)
  const isText = (text: unknown): boolean => text === undefined || typeof text === 'string'
  return (
    typeof id === 'string' &&
    /^\d{1,9}$/.test(id) &&
    KINDS.has(kind) &&
    (instance === null || typeof instance === 'string') &&
    isTime(since) &&
    (until === null || isTime(until)) &&
    isPriority &&
    isText(address) &&
    isText(line) &&
    isText(reason)
  )
}
