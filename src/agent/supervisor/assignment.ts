import {existsSync, readFileSync, statSync} from 'node:fs'
import {uptime} from 'node:os'
import type {Config} from '../../config/config.ts'
import {type GroupConfig, groupsOf, type RouterConfig, routersOf} from '../../config/router-config.ts'
import {after, type MonotonicMs} from '../../core/units.ts'
import type {HmacKey} from '../../core/vrrp/config.ts'
import {errorText} from '../../errors.ts'
import {monotonicNow} from '../../kernel/clock.ts'
import type {NodeSettings} from '../channel.ts'
import type {StaticLines} from '../owned-objects.ts'
import type {Overrides} from './overrides.ts'
import {type RoutingLines, type RtNames, readRtNames, resolveRtNames} from './rt-names.ts'

/** What the vrrp process is to run, made of a configuration and of what operators changed. */
export interface Running {
  readonly routers: readonly RouterConfig[]
  readonly groups: readonly GroupConfig[]
  readonly statics: StaticLines
  readonly held: readonly {readonly name: string; readonly reason: string}[]
  readonly observed: readonly string[]
  /** Whether another daemon still has a part of it: what belongs to the whole node is left to that one. */
  readonly observing: boolean
  /** What could not be used, in words. */
  readonly problems: readonly string[]
}

/** A key in a file is 32 to 64 bytes; keepalived.conf(5) of 2.4, auth_hmac. */
const MAX_KEY_FILE_BYTES = 256
const MIN_KEY_BYTES = 32
const MAX_KEY_BYTES = 64

/** Puts together what is to run. `observe`: everything that no operator has activated is only looked at. */
export function whatRuns(config: Config, overrides: Overrides, observe: boolean): Running {
  const {routers, held} = overrides.apply(routersOf(config))
  const holds = new Map(held)
  const problems: string[] = []
  const names = usesRtNames(config) ? readRtNames(rtDirectories(config.global)) : NO_RT_NAMES
  const numbered = <Lines extends RoutingLines>(lines: Lines): Lines => {
    const {routes, rules, problems: unknown} = resolveRtNames(names, lines)
    for (const {position, text} of unknown) problems.push(`${position.file}:${position.line}: ${text}`)
    return {...lines, routes, rules}
  }
  const {routes: staticRoutes, rules: staticRules} = numbered({routes: config.staticRoutes, rules: config.staticRules})
  const ready = routers.map(numbered).map(router => {
    const {keyed, problem} = withKeys(router)
    if (problem !== undefined) {
      problems.push(problem)
      // Unsigned it would be refused by its peers, and would refuse them.
      holds.set(router.name, problem)
    }
    return keyed
  })
  const activated = new Set(overrides.list.flatMap(({kind, instance}) => (kind === 'activated' ? instance : [])))
  const observed = observe ? routers.map(({name}) => name).filter(name => !activated.has(name)) : []
  return {
    routers: ready,
    groups: groupsOf(config),
    statics: {staticAddresses: config.staticAddresses, staticRoutes, staticRules},
    held: [...holds].map(([name, reason]) => ({name, reason})),
    observed,
    observing: observe && (observed.length > 0 || routers.length === 0),
    problems,
  }
}

/** Most configurations have none, and the tables of iproute2 need not be read. */
const usesRtNames = ({instances, staticRoutes, staticRules}: Config): boolean =>
  staticRoutes.length + staticRules.length > 0 || instances.some(({routes, rules}) => routes.length + rules.length > 0)

/** Where iproute2 has its tables here: `iproute_usr_dir`, `iproute_etc_dir`. */
const rtDirectories = ({
  iprouteUsrDirectory: usr,
  iprouteEtcDirectory: etc,
}: Config['global']): readonly string[] | undefined =>
  usr === undefined && etc === undefined ? undefined : [usr ?? '/usr/share/iproute2', etc ?? '/etc/iproute2']

const NO_RT_NAMES: RtNames = {
  table: new Map(),
  scope: new Map(),
  protocol: new Map(),
  dsfield: new Map(),
  realm: new Map(),
  group: new Map(),
}

/** What holds for all virtual routers of the node. `startedAt`: when the agent began. */
export function nodeSettings(config: Config, statics: StaticLines, startedAt: MonotonicMs): NodeSettings {
  const {global} = config
  return {
    startAt: startOf(global, startedAt),
    upDownDelays: config.upDownDelays,
    linkbeatInterfaces: [...config.linkbeatInterfaces, ...polledByInstances(config)],
    linkbeatPolling: config.linkbeatPolling,
    garpGroups: config.garpGroups,
    trackGroups: config.trackGroups,
    ...statics,
    logUnknownVrids: global.logUnknownVrids,
    receiveBuffers: {policy: global.receiveBufferPolicy, multiplier: global.receiveBufferMultiplier},
    netlinkBuffers: {
      monitorBytes: global.vrrpNetlinkMonitorBytes,
      commandBytes: global.vrrpNetlinkCommandBytes,
    },
  }
}

/** An instance may ask for its own interface to be polled. keepalived.conf(5), linkbeat_use_polling. */
const polledByInstances = ({instances}: Config): NodeSettings['linkbeatInterfaces'] =>
  instances.flatMap(({linkbeatPolling, interface: name, position}) =>
    linkbeatPolling && name !== undefined ? [{name, position, method: undefined}] : [],
  )

/** keepalived.conf(5), vrrp_startup_delay and vrrp_delay_after_boot: the later of the two moments. */
function startOf(
  {startupDelayMs, delayAfterBootMs}: Pick<Config['global'], 'startupDelayMs' | 'delayAfterBootMs'>,
  startedAt: MonotonicMs,
): MonotonicMs | undefined {
  const now = monotonicNow()
  const afterBoot = delayAfterBootMs === 0 ? 0 : delayAfterBootMs - uptime() * 1_000
  const startAt = Math.max(after(startedAt, startupDelayMs), after(now, afterBoot)) as MonotonicMs
  return startAt > now ? startAt : undefined
}

/** Reads the keys that are in files, here and not where advertisements are sent. */
function withKeys(router: RouterConfig): {readonly keyed: RouterConfig; readonly problem: string | undefined} {
  const {hmac} = router
  if (!hmac?.keys.some(({secret}) => secret.startsWith(FILE))) return {keyed: router, problem: undefined}
  let problem: string | undefined
  const keys = hmac.keys.flatMap((key): readonly HmacKey[] => {
    if (!key.secret.startsWith(FILE)) return [key]
    try {
      return [{id: key.id, secret: readKey(key.secret.slice(FILE.length))}]
    } catch (error) {
      problem ??= `key ${key.id} of auth_hmac: ${errorText(error)}`
      return []
    }
  })
  return {keyed: {...router, hmac: {...hmac, keys}}, problem}
}

const FILE = 'file:'
const READABLE_BY_OTHERS = 0o077

/** The bytes of a file, without the line feed that editors add, in hexadecimal digits. */
function readKey(path: string): string {
  if (!existsSync(path)) throw new Error(`${path} does not exist`)
  if ((statSync(path).mode & READABLE_BY_OTHERS) !== 0) throw new Error(`${path} can be read by others than its owner`)
  const bytes = readFileSync(path)
  if (bytes.length > MAX_KEY_FILE_BYTES) throw new Error(`${path} is longer than a key`)
  let end = bytes.length
  while (end > 0 && (bytes[end - 1] === 0x0a || bytes[end - 1] === 0x0d)) end--
  const key = bytes.subarray(0, end)
  if (key.length < MIN_KEY_BYTES || key.length > MAX_KEY_BYTES) {
    throw new Error(`${path} holds ${key.length} bytes; a key has ${MIN_KEY_BYTES} to ${MAX_KEY_BYTES}`)
  }
  return key.toString('hex')
}
