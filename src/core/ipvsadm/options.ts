/** What messages call an option, in the order in which ipvsadm(8) judges them. Its names were learnt by running it. */
export const OPTION_NAMES = [
  'numeric',
  'connection',
  'service-address',
  'scheduler',
  'persistent',
  'netmask',
  'real-server',
  'forwarding-method',
  'weight',
  'u-threshold',
  'l-threshold',
  'mcast-interface',
  'timeout',
  'daemon',
  'stats',
  'rate',
  'thresholds',
  'persistent-conn',
  'nosort',
  'syncid',
  'exact',
  'ops',
  'pe',
  'sched-flags',
  'mcast-group',
  'mcast-port',
  'mcast-ttl',
  'sync-maxlen',
  'tun-info',
  'tun-type',
  'tun-port',
  'tun-nocsum',
  'tun-csum',
  'tun-remcsum',
] as const

export type OptionName = (typeof OPTION_NAMES)[number]

/** What messages call a command. */
export type CommandName =
  | 'add-service'
  | 'edit-service'
  | 'delete-service'
  | 'flush'
  | 'list'
  | 'add-server'
  | 'edit-server'
  | 'delete-server'
  | 'set'
  | 'start-daemon'
  | 'stop-daemon'
  | 'restore'
  | 'save'
  | 'zero'

/** What an option of the command line stands for. */
export type Meaning =
  | {readonly type: 'command'; readonly command: CommandName | 'help' | 'version'}
  | {readonly type: 'option'; readonly option: OptionName; readonly detail?: OptionDetail}
  /** `-6` and `--sort` are in no table of ipvsadm's own: they can be repeated, and suit every command. */
  | {readonly type: 'ipv6'}
  | {readonly type: 'sort'}

/** Which of several options that go by one name was given. */
export type OptionDetail = 'tcp' | 'udp' | 'sctp' | 'fwmark' | 'dr' | 'tun' | 'nat'

/** One option as popt(3) knows it. */
export interface OptionSpec {
  readonly long: string
  readonly short?: string
  /** `optional`: the next word, unless it begins with a dash. */
  readonly argument: 'none' | 'required' | 'optional'
  readonly meaning: Meaning
}

/** Every option of ipvsadm 1.31. ipvsadm(8) */
export const OPTIONS: readonly OptionSpec[] = [
  command('add-service', 'A'),
  command('edit-service', 'E'),
  command('delete-service', 'D'),
  command('clear', 'C', 'flush'),
  command('list', 'L'),
  command('list', 'l'),
  command('add-server', 'a'),
  command('edit-server', 'e'),
  command('delete-server', 'd'),
  command('set'),
  {...command('start-daemon'), argument: 'required'},
  {...command('stop-daemon'), argument: 'required'},
  command('restore', 'R'),
  command('save', 'S'),
  command('zero', 'Z'),
  command('help', 'h'),
  command('version', 'v'),
  valued('tcp-service', 't', 'service-address', 'tcp'),
  valued('udp-service', 'u', 'service-address', 'udp'),
  valued('sctp-service', undefined, 'service-address', 'sctp'),
  valued('fwmark-service', 'f', 'service-address', 'fwmark'),
  valued('scheduler', 's', 'scheduler'),
  {...valued('persistent', 'p', 'persistent'), argument: 'optional'},
  valued('netmask', 'M', 'netmask'),
  valued('real-server', 'r', 'real-server'),
  flag('masquerading', 'm', 'forwarding-method', 'nat'),
  flag('ipip', 'i', 'forwarding-method', 'tun'),
  flag('gatewaying', 'g', 'forwarding-method', 'dr'),
  valued('weight', 'w', 'weight'),
  valued('u-threshold', 'x', 'u-threshold'),
  valued('l-threshold', 'y', 'l-threshold'),
  flag('numeric', 'n', 'numeric'),
  flag('connection', 'c', 'connection'),
  valued('mcast-interface', undefined, 'mcast-interface'),
  flag('timeout', undefined, 'timeout'),
  flag('daemon', undefined, 'daemon'),
  flag('stats', undefined, 'stats'),
  flag('rate', undefined, 'rate'),
  flag('thresholds', undefined, 'thresholds'),
  flag('persistent-conn', undefined, 'persistent-conn'),
  flag('nosort', undefined, 'nosort'),
  {long: 'sort', argument: 'none', meaning: {type: 'sort'}},
  valued('syncid', undefined, 'syncid'),
  flag('exact', undefined, 'exact'),
  {long: 'ipv6', short: '6', argument: 'none', meaning: {type: 'ipv6'}},
  flag('ops', 'o', 'ops'),
  valued('pe', undefined, 'pe'),
  valued('sched-flags', 'b', 'sched-flags'),
  valued('mcast-group', undefined, 'mcast-group'),
  valued('mcast-port', undefined, 'mcast-port'),
  valued('mcast-ttl', undefined, 'mcast-ttl'),
  valued('sync-maxlen', undefined, 'sync-maxlen'),
  flag('tun-info', undefined, 'tun-info'),
  valued('tun-type', undefined, 'tun-type'),
  valued('tun-port', undefined, 'tun-port'),
  flag('tun-nocsum', undefined, 'tun-nocsum'),
  flag('tun-csum', undefined, 'tun-csum'),
  flag('tun-remcsum', undefined, 'tun-remcsum'),
]

/** Which options suit something: `required` ones have to be there, of `exclusive` ones at most one may. */
export interface Suitable {
  readonly required?: readonly OptionName[]
  readonly allowed?: readonly OptionName[]
  readonly exclusive?: readonly OptionName[]
}

/** Options that concern the tunnel. ipvsadm(8) --tun-type */
export const TUNNEL_OPTION_NAMES = ['tun-type', 'tun-port', 'tun-nocsum', 'tun-csum', 'tun-remcsum'] as const

/** Options of each command; what is not named here is illegal with it. ipvsadm(8), COMMANDS */
export const COMMAND_OPTIONS: {readonly [command in CommandName]: Suitable} = {
  'add-service': serviceOptions(),
  'edit-service': serviceOptions(),
  'delete-service': {required: ['service-address']},
  flush: {},
  list: {
    allowed: ['numeric', 'stats', 'rate', 'thresholds', 'persistent-conn', 'nosort', 'syncid', 'exact', 'tun-info'],
    exclusive: ['connection', 'service-address', 'timeout', 'daemon'],
  },
  'add-server': serverOptions(),
  'edit-server': serverOptions(),
  'delete-server': {required: ['service-address', 'real-server']},
  set: {},
  'start-daemon': {allowed: ['mcast-interface', 'syncid', 'mcast-group', 'mcast-port', 'mcast-ttl', 'sync-maxlen']},
  'stop-daemon': {allowed: ['syncid']},
  restore: {},
  save: {allowed: ['numeric']},
  zero: {allowed: ['service-address']},
}

/** Which of the tunnel's options suit each type of tunnel. ipvsadm(8) --tun-type */
export const TUNNEL_OPTIONS: {readonly [type in 'ipip' | 'gue' | 'gre']: Suitable} = {
  ipip: {allowed: ['tun-type']},
  gue: {allowed: ['tun-type'], required: ['tun-port'], exclusive: ['tun-nocsum', 'tun-csum', 'tun-remcsum']},
  gre: {allowed: ['tun-type'], exclusive: ['tun-nocsum', 'tun-csum']},
}

/** Judges options by their order: what is missing, illegal or at odds with an earlier one; undefined: nothing. */
export function unsuitable({
  given,
  judged,
  suitable: {required = [], allowed = [], exclusive = []},
  where,
}: {
  readonly given: ReadonlySet<OptionName>
  readonly judged: readonly OptionName[]
  readonly suitable: Suitable
  /** "'list' command" */
  readonly where: string
}): string | undefined {
  if (isPlainlySuitable(given, {required, allowed})) return undefined
  let earlier: OptionName | undefined
  for (const option of judged) {
    if (!given.has(option)) {
      if (required.includes(option)) return `You need to supply the '${option}' option for the ${where}`
    } else if (exclusive.includes(option)) {
      if (earlier !== undefined) {
        return `The option '${option}' conflicts with the '${earlier}' option in the ${where}`
      }
      earlier = option
    } else if (!required.includes(option) && !allowed.includes(option)) {
      return `Illegal '${option}' option with the ${where}`
    }
  }
  return undefined
}

/** Most lines have what they need and nothing that is exclusive. */
function isPlainlySuitable(
  given: ReadonlySet<OptionName>,
  {required, allowed}: {readonly required: readonly OptionName[]; readonly allowed: readonly OptionName[]},
): boolean {
  let met = 0
  for (const option of given) {
    if (required.includes(option)) met++
    else if (!allowed.includes(option)) return false
  }
  return met === required.length
}

function serviceOptions(): Suitable {
  return {
    required: ['service-address'],
    allowed: ['scheduler', 'persistent', 'netmask', 'ops', 'pe', 'sched-flags'],
  }
}

function serverOptions(): Suitable {
  return {
    required: ['service-address', 'real-server'],
    allowed: ['forwarding-method', 'weight', 'u-threshold', 'l-threshold', ...TUNNEL_OPTION_NAMES],
  }
}

function command(long: string, short?: string, name?: CommandName): OptionSpec {
  const meaning = {type: 'command', command: name ?? (long as CommandName)} as const
  return {long, argument: 'none', meaning, ...(short === undefined ? {} : {short})}
}

function valued(long: string, short: string | undefined, option: OptionName, detail?: OptionDetail): OptionSpec {
  return {...flag(long, short, option, detail), argument: 'required'}
}

function flag(long: string, short: string | undefined, option: OptionName, detail?: OptionDetail): OptionSpec {
  const meaning = {type: 'option', option, ...(detail === undefined ? {} : {detail})} as const
  return {long, argument: 'none', meaning, ...(short === undefined ? {} : {short})}
}
