import type {GroupConfig, RouterConfig} from '../../config/router-config.ts'
import {goesOnAs, routersByIdentity} from '../../config/router-identity.ts'
import type {Router} from './router.ts'
import type {Unit} from './unit.ts'

/** What a new configuration means for the virtual routers that run. */
export interface RouterPlan {
  /** Identities that end. */
  readonly retired: readonly string[]
  /** Identities that go on, each with what it is to be. */
  readonly kept: readonly (readonly [identity: string, config: RouterConfig])[]
  /** Identities that begin. */
  readonly added: readonly (readonly [identity: string, config: RouterConfig])[]
}

/** Holds what runs against what is wanted. `observed`: those that are only looked at. */
export function planRouters(
  running: ReadonlyMap<string, Router>,
  configs: readonly RouterConfig[],
  observed: (name: string) => boolean,
): RouterPlan {
  const wanted = routersByIdentity(configs)
  const goesOn = (identity: string, config: RouterConfig): boolean => {
    const router = running.get(identity)
    return router !== undefined && goesOnAs(router.config, config) && router.observed === observed(config.name)
  }
  const entries = [...wanted]
  const kept = entries.filter(([identity, config]) => goesOn(identity, config))
  const keptIdentities = new Set(kept.map(([identity]) => identity))
  return {
    retired: [...running.keys()].filter(identity => !keptIdentities.has(identity)),
    kept,
    added: entries.filter(([identity]) => !keptIdentities.has(identity)),
  }
}

/** Which virtual routers move together: those of each group in its order, and each of the others alone. */
export function planUnits(
  routers: ReadonlyMap<string, Router>,
  groups: readonly GroupConfig[],
): readonly {readonly group: string | undefined; readonly routers: readonly Router[]}[] {
  const byName = new Map([...routers.values()].map(router => [router.config.name, router]))
  const grouped = groups.map(({name, members}) => ({
    group: name,
    routers: members.flatMap(member => byName.get(member) ?? []),
  }))
  const taken = new Set(grouped.flatMap(unit => unit.routers))
  const alone = [...routers.values()]
    .filter(router => !taken.has(router))
    .map(router => ({group: undefined, routers: [router]}))
  return [...grouped.filter(unit => unit.routers.length > 0), ...alone]
}

/** So many begin together, so that not each of them wakes the process. */
const UNITS_A_PHASE = 16
/** More than these take to become master, milliseconds. */
const PHASE_STEP_MS = 7
/** The phases of all of them stay within this part of their interval. */
const PHASE_PART = 1 / 8

/**
 * How much later than the first the unit at a position begins, milliseconds. Hundreds that begin at one moment would
 * advertise at one moment for ever after, and after a crash of their master all would have to take over in it.
 */
export function phaseMs(position: number, routers: readonly Router[]): number {
  const shortest = Math.min(...routers.map(({config}) => config.advertIntervalMs))
  return (Math.floor(position / UNITS_A_PHASE) * PHASE_STEP_MS) % (shortest * PHASE_PART)
}

/** Whether a unit is what another one was: the group of that name, or the same router alone. */
export const isSameUnit = (earlier: Unit, {group, routers}: Pick<Unit, 'group' | 'routers'>): boolean =>
  group === undefined ? earlier.group === undefined && earlier.routers[0] === routers[0] : earlier.group === group
