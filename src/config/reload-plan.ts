import type {Config} from './config.ts'
import {compareObjects, type ObjectChange} from './diff.ts'
import {ipvsServicesOf} from './ipvs-services.ts'
import {NOT_ACTED_ON} from './not-acted-on.ts'
import {whyRestartNeeded} from './restart-needed.ts'
import {type RouterConfig, routersOf, scriptsOf} from './router-config.ts'
import {goesOnAs, routersByIdentity, sameMeaning} from './router-identity.ts'

/**
 * What a reload does to an object. `keep`: nothing; `in-place`: it goes on with the new settings; `restart`: it ends
 * and begins anew; `not-acted-on`: the agent does nothing about what changed.
 */
export type ReloadEffect = 'keep' | 'in-place' | 'start' | 'restart' | 'stop' | 'not-acted-on'

/** How an object differs, and what a reload does about it. */
export interface PlannedChange extends ObjectChange {
  readonly effect: ReloadEffect
  /** One line; undefined where the effect says it all. */
  readonly reason?: string
}

/** What a reload from one configuration to another does to each object. */
export function planReload(before: Config, after: Config): readonly PlannedChange[] {
  const [was, is] = [routersOf(before), routersOf(after)]
  const plan: Plan = {
    before,
    after,
    was: byName(was),
    is: byName(is),
    predecessors: predecessorsOf(was, is),
    servers: {was: servicesByName(before), is: servicesByName(after)},
  }
  return compareObjects(before, after).map(change => ({...change, ...effectOf(change, plan)}))
}

/** A plan as it is told: everything that differs, and how many objects do not. */
export interface ReloadSummary {
  readonly changes: readonly {
    readonly object: string
    readonly change: ObjectChange['change']
    readonly effect: ReloadEffect
    readonly reason: string | null
    /** One line a setting; no secrets. */
    readonly lines: readonly string[]
  }[]
  readonly kept: number
}

/** What a reload from one configuration to another does, without what stays as it is. */
export function summarizeReload(before: Config, after: Config): ReloadSummary {
  const plan = planReload(before, after)
  const moving = plan.filter(({change, effect}) => change !== 'same' || effect !== 'keep')
  return {
    changes: moving.map(({object, change, effect, reason, settings}) => ({
      object,
      change,
      effect,
      reason: reason ?? null,
      lines: settings.map(({text}) => text),
    })),
    kept: plan.length - moving.length,
  }
}

type Routers = ReadonlyMap<string, RouterConfig>

interface Plan {
  readonly before: Config
  readonly after: Config
  readonly was: Routers
  readonly is: Routers
  readonly predecessors: Routers
  readonly servers: {readonly was: ReadonlyMap<string, string>; readonly is: ReadonlyMap<string, string>}
}

interface Effect {
  readonly effect: ReloadEffect
  readonly reason?: string
}

const byName = (routers: readonly RouterConfig[]): Routers => new Map(routers.map(router => [router.name, router]))

function effectOf(change: ObjectChange, plan: Plan): Effect {
  const [keyword = '', ...words] = change.object.split(' ')
  const name = words.join(' ').replace(/^"(.*)"$/, '$1')
  if (RESTARTS.has(keyword) && whyRestartNeeded(plan.before, plan.after) !== undefined) {
    return {effect: 'not-acted-on', reason: 'the agent has to be restarted for it, and the reload is refused'}
  }
  if (NOT_ACTED_ON.get('')?.has(keyword)) return change.change === 'same' ? KEEP : {effect: 'not-acted-on'}
  if (keyword === 'vrrp_instance') return routerEffect(change, name, plan)
  if (change.change === 'same') return KEEP
  if (keyword === 'virtual_server') return serverEffect(change, words.join(' '), plan)
  if (keyword === 'vrrp_script') return scriptEffect(change, name, plan)
  return settingsEffect(keyword, change)
}

/** Root keywords that a reload cannot change. */
const RESTARTS: ReadonlySet<string> = new Set(['net_namespace', 'instance'])

const KEEP: Effect = {effect: 'keep'}

function routerEffect(change: ObjectChange, name: string, {was, is, predecessors}: Plan): Effect {
  const [old, now] = [was.get(name), is.get(name)]
  if (!old && !now) return change.change === 'same' ? KEEP : {effect: 'not-acted-on', reason: 'it is left out'}
  if (!now) {
    const heir = old && [...is.values()].find(router => goesOnAs(old, router))
    if (heir) return {effect: 'in-place', reason: `it goes on as ${heir.name}`}
    return {effect: 'stop', ...(change.change === 'removed' ? {} : {reason: 'it is left out now'})}
  }
  const earlier = predecessors.get(name)
  if (!earlier) return old ? {effect: 'restart', reason: whyAnew(old, now)} : {effect: 'start'}
  if (!goesOnAs(earlier, now)) return {effect: 'restart', reason: whyAnew(earlier, now)}
  if (earlier.name !== name) return {effect: 'in-place', reason: `it goes on from ${earlier.name}`}
  if (change.change === 'same') return KEEP
  return sameMeaning(earlier, now) ? {effect: 'not-acted-on'} : {effect: 'in-place'}
}

/** The virtual router that was where another one is now, by the name of the latter. */
function predecessorsOf(was: readonly RouterConfig[], is: readonly RouterConfig[]): Routers {
  const before = routersByIdentity(was)
  const pairs = [...routersByIdentity(is)].map(([identity, {name}]) => [name, before.get(identity)] as const)
  return new Map(pairs.flatMap(([name, earlier]) => (earlier ? [[name, earlier] as const] : [])))
}

function whyAnew(old: RouterConfig, now: RouterConfig): string {
  if (old.interface !== now.interface) return 'it runs on another interface'
  if (old.vrid !== now.vrid) return 'it is another virtual router to its peers'
  if (old.version !== now.version) return 'it speaks another version of VRRP'
  if (old.family !== now.family) return 'it is another virtual router to its peers'
  if (old.transport.type !== now.transport.type) return `it advertises by ${now.transport.type} now`
  return 'the interface that is made for it changes'
}

/** Only scripts that a router tracks run; one whose command changes has to prove itself again. */
function scriptEffect({change, settings}: ObjectChange, name: string, {was, is}: Plan): Effect {
  const tracked = (routers: Routers): boolean => [...routers.values()].some(router => scriptsOf(router).includes(name))
  const [ran, runs] = [tracked(was), tracked(is)]
  if (!ran && !runs) return {effect: 'not-acted-on', reason: 'no virtual router that runs tracks it'}
  if (!runs) return {effect: 'stop'}
  if (!ran || change === 'added') return {effect: 'start'}
  return settings.some(({keyword}) => keyword === 'script')
    ? {effect: 'restart', reason: 'its command changes'}
    : {effect: 'in-place'}
}

/** Checks are not made yet: only what makes a difference to IPVS is acted on. */
function serverEffect({change}: ObjectChange, name: string, {servers}: Plan): Effect {
  if (change !== 'changed') return {effect: change === 'added' ? 'start' : 'stop'}
  return {effect: servers.was.get(name) === servers.is.get(name) ? 'not-acted-on' : 'in-place'}
}

/** What IPVS is to have by each `virtual_server`, as text to compare, by their names. */
function servicesByName(config: Config): ReadonlyMap<string, string> {
  const texts = new Map<string, string>()
  for (const {name, service, destinations} of ipvsServicesOf(config).services) {
    texts.set(name, `${texts.get(name) ?? ''}${JSON.stringify([service, destinations])}\n`)
  }
  return texts
}

/** A block of settings is acted on where one of those that change is. */
function settingsEffect(kind: string, {settings}: ObjectChange): Effect {
  const notYet = NOT_ACTED_ON.get(kind)
  const acted = settings.length === 0 || settings.some(({keyword}) => !notYet?.has(keyword))
  return {effect: acted ? 'in-place' : 'not-acted-on'}
}
