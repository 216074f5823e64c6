import {ipFamily} from '../ip.ts'
import type {
  Destination,
  IpvsTimeouts,
  Persistence,
  SchedulerFlag,
  Service,
  ServiceId,
  SyncRole,
} from '../ipvs/model.ts'
import {PLAIN_TUNNEL} from '../ipvs/model.ts'
import {serviceFamily} from '../ipvs/names.ts'
import {schedulerFlagNames} from '../ipvs/scheduler-flags.ts'
import {shown} from '../ipvs/shown.ts'
import type {CommandFailure, IpvsadmCommand, ListView, ParsedCommand} from './command.ts'
import {
  type Draft,
  emptyDraft,
  prefixOfMask,
  readTimeout,
  takeIpv6,
  takeOption,
  takePersistent,
  type Unasked,
  type ValueFailure,
} from './draft.ts'
import {
  COMMAND_OPTIONS,
  type CommandName,
  OPTION_NAMES,
  TUNNEL_OPTION_NAMES,
  TUNNEL_OPTIONS,
  unsuitable,
} from './options.ts'
import {type PoptItem, readOptions} from './popt.ts'
import type {NameLookup} from './values.ts'

/**
 * Reads a command line of ipvsadm 1.31, the name of the program left out. Without words it lists; otherwise a command
 * comes first. `nested`: it is a line of `-R`, which cannot restore again.
 */
export function parseCommand(
  argv: readonly string[],
  names: NameLookup,
  {nested = false}: {readonly nested?: boolean} = {},
): ParsedCommand {
  if (argv.length === 0) return ordered({type: 'list', id: undefined, view: listView(new Set())})
  const rest: string[] = []
  const draft = emptyDraft()
  let command: CommandName | undefined
  const end = readOptions<ParsedCommand>(argv, rest, item => {
    if (command !== undefined) return takeItem(draft, item, names)
    if (item.type !== 'option' || item.meaning.type !== 'command') return TRY_HELP
    const named = item.meaning.command
    if (named === 'help' || named === 'version') return ordered({type: named})
    if (named === 'restore' && nested) return TRY_HELP
    command = named
    return named === 'start-daemon' || named === 'stop-daemon' ? takeRole(draft, named, item.value ?? '') : undefined
  })
  if (end !== undefined) return end
  return command === undefined ? TRY_HELP : finished(command, {draft, rest})
}

const ordered = (command: IpvsadmCommand): ParsedCommand => ({type: 'command', command})

const TRY_HELP: CommandFailure = {
  type: 'failed',
  status: 255,
  text: "Try `ipvsadm -h' or 'ipvsadm --help' for more information.\n",
  fatal: true,
  explanation: 'a command of ipvsadm(8) comes first, such as -A, -E, -D, -a, -e or -d',
}

/** Ends the process with 2. */
const failed = (message: string, explanation = message): CommandFailure => ({
  type: 'failed',
  status: 2,
  text: `${message}\n`,
  fatal: true,
  explanation,
})

function takeRole(draft: Draft, command: 'start-daemon' | 'stop-daemon', value: string): CommandFailure | undefined {
  if (value === 'master' || value === 'backup') {
    draft.role = value
    return undefined
  }
  const parameter = command === 'start-daemon' ? 'start-daemon parameter' : 'start_daemon'
  return failed(`illegal ${parameter} specified`, `${command} ${shown(value)} is not permitted: master or backup`)
}

function takeItem(
  draft: Draft,
  item: PoptItem,
  names: NameLookup,
): CommandFailure | Extract<ParsedCommand, {type: 'unasked'}> | undefined {
  if (item.type === 'bad') {
    const text = `${item.word}: ${item.problem}`
    return {
      type: 'failed',
      status: 255,
      text: `${text}\n`,
      fatal: false,
      explanation: `${shown(item.word)}: ${item.problem}`,
    }
  }
  const {meaning, value} = item
  switch (meaning.type) {
    case 'sort':
      return undefined
    case 'ipv6':
      return refused(takeIpv6(draft))
    case 'command':
      return failed(`invalid option \`${item.word}'`, `${shown(item.word)} is not permitted here: one command a line`)
    case 'option': {
      const {option, detail} = meaning
      if (draft.given.has(option)) return failed(`multiple '${option}' options specified`)
      draft.given.add(option)
      if (option === 'persistent') return refused(takePersistent(draft, value))
      return refused(takeOption(draft, {option, value: value ?? '', ...(detail === undefined ? {} : {detail})}, names))
    }
  }
}

function refused(problem: ValueFailure | Unasked | undefined): ReturnType<typeof takeItem> {
  if (problem === undefined) return undefined
  if ('unasked' in problem) return {type: 'unasked', host: problem.unasked}
  return failed(problem.message, problem.explanation)
}

/** What is judged once the whole line is known, in the order in which ipvsadm(8) does it. */
function finished(
  command: CommandName,
  {draft, rest}: {readonly draft: Draft; readonly rest: string[]},
): ParsedCommand {
  let timeouts: IpvsTimeouts | undefined
  if (command === 'set') {
    const read = readTimeouts(rest.splice(0, 3))
    if ('type' in read) return read
    timeouts = read
  }
  const [unexpected] = rest
  if (unexpected !== undefined) {
    return failed(`unexpected argument ${unexpected}`, `${shown(unexpected)} is not permitted: it is no option`)
  }
  const flags = schedulerFlags(draft)
  if ('type' in flags) return flags
  const illegal = unsuitable({
    given: draft.given,
    judged: OPTION_NAMES,
    suitable: COMMAND_OPTIONS[command],
    where: `'${command}' command`,
  })
  if (illegal !== undefined) return failed(illegal)
  return commandOf(command, {draft, flags, timeouts})
}

function commandOf(
  command: CommandName,
  {
    draft,
    flags,
    timeouts,
  }: {readonly draft: Draft; readonly flags: readonly SchedulerFlag[]; readonly timeouts: IpvsTimeouts | undefined},
): ParsedCommand {
  const {id, role} = draft
  switch (command) {
    case 'add-service':
    case 'edit-service': {
      const service = id && serviceOf(draft, {id, flags})
      if (service === undefined) return TRY_HELP
      return 'type' in service ? service : ordered({type: 'change', change: {type: command, service}})
    }
    case 'delete-service':
      return id === undefined ? TRY_HELP : ordered({type: 'change', change: {type: 'delete-service', id}})
    case 'add-server':
    case 'edit-server':
    case 'delete-server':
      return id === undefined ? TRY_HELP : serverCommand(command, {draft, id})
    case 'flush':
    case 'restore':
      return ordered({type: command})
    case 'list':
      return listCommand(draft)
    case 'save':
      return ordered({type: 'save', numeric: draft.given.has('numeric')})
    case 'zero':
      return ordered({type: 'zero', id})
    case 'set':
      return timeouts === undefined ? TRY_HELP : ordered({type: 'set-timeouts', timeouts})
    case 'start-daemon':
      return role === undefined ? TRY_HELP : ordered({type: 'start-daemon', daemon: daemonOf(draft, role)})
    case 'stop-daemon':
      return role === undefined ? TRY_HELP : ordered({type: 'stop-daemon', role})
  }
}

function readTimeouts(words: readonly string[]): IpvsTimeouts | CommandFailure {
  const [tcp, tcpFin, udp] = words
  if (tcp === undefined || tcpFin === undefined || udp === undefined) {
    return failed('--set option requires 3 timeout values')
  }
  const seconds: number[] = []
  for (const word of [tcp, tcpFin, udp]) {
    const read = readTimeout(word, 0)
    if (typeof read !== 'number') return failed(read.message, read.explanation)
    seconds.push(read)
  }
  const [tcpSeconds = 0, tcpFinSeconds = 0, udpSeconds = 0] = seconds
  return {tcpSeconds, tcpFinSeconds, udpSeconds}
}

/** Names of flags that any scheduler of those that have names knows. */
const NAMED_FLAGS: ReadonlySet<string> = new Set(['sh', 'mh'].flatMap(name => [...schedulerFlagNames(name).keys()]))

function schedulerFlags({flagNames, scheduler}: Draft): readonly SchedulerFlag[] | CommandFailure {
  if (flagNames === '') return []
  const known = schedulerFlagNames(schedulerOf(scheduler))
  const flags = new Set<SchedulerFlag>()
  for (const name of flagNames.split(',')) {
    if (name === '') continue
    const flag = known.get(name)
    if (flag === undefined) {
      const message = NAMED_FLAGS.has(name) ? 'incompatible' : 'invalid'
      const permitted = `${[...known.keys()].join(', ')} with scheduler ${shown(schedulerOf(scheduler))}`
      return failed(
        `${message} scheduler flag \`${name}'`,
        `scheduler flag ${shown(name)} is not permitted: ${permitted}`,
      )
    }
    flags.add(flag)
  }
  return [...flags].sort((a, b) => a - b)
}

const schedulerOf = (given: string): string => (given === '' ? 'wlc' : given)

function serviceOf(
  draft: Draft,
  {id, flags}: {readonly id: ServiceId; readonly flags: readonly SchedulerFlag[]},
): Service | CommandFailure {
  const {given, persistentSeconds, netmask, engine} = draft
  if (id.type === 'address') {
    if (id.port === 0 && persistentSeconds === undefined) {
      return failed(
        'Zero port specified for non-persistent service',
        'port 0, which is every port, is not permitted without -p',
      )
    }
    if (given.has('ops') && id.protocol !== 'udp') {
      return failed('One-Packet Scheduling is only for UDP virtual services')
    }
  }
  let persistence: Persistence | undefined
  if (persistentSeconds !== undefined) {
    const longest = serviceFamily(id) === 4 ? 32 : 128
    const prefix = typeof netmask === 'string' ? prefixOfMask(netmask) : undefined
    if (prefix?.ok === false) {
      return failed(
        'illegal virtual server persistent mask specified',
        `netmask ${netmask} is not permitted: a mask has no gaps`,
      )
    }
    persistence = {
      timeoutSeconds: persistentSeconds,
      prefixLength: prefix?.value ?? (typeof netmask === 'number' ? netmask : longest),
      engine: engine === '' ? undefined : engine,
    }
  }
  return {id, scheduler: schedulerOf(draft.scheduler), schedulerFlags: flags, onePacket: given.has('ops'), persistence}
}

function serverCommand(
  command: 'add-server' | 'edit-server' | 'delete-server',
  {draft, id}: {readonly draft: Draft; readonly id: ServiceId},
): ParsedCommand {
  const {given, method, real} = draft
  if (real === undefined) return TRY_HELP
  const {address} = real
  const port = real.port ?? (id.type === 'address' ? id.port : 0)
  if (command === 'delete-server') {
    return ordered({type: 'change', change: {type: 'delete-destination', id, destination: {address, port}}})
  }
  if (method !== 'tun' && ipFamily(address) !== serviceFamily(id)) {
    return failed('Different address family is allowed only for tunneling servers')
  }
  const problem = tunnelProblem(draft)
  if (problem !== undefined) return problem
  const destination: Destination = {
    address,
    // Only NAT changes the port of packets.
    port: id.type === 'address' && method !== 'nat' ? id.port : port,
    method,
    weight: draft.weight,
    upperThreshold: draft.upperThreshold,
    lowerThreshold: draft.lowerThreshold,
    tunnel: given.has('forwarding-method') && method === 'tun' ? draft.tunnel : PLAIN_TUNNEL,
  }
  const type = command === 'add-server' ? 'add-destination' : 'edit-destination'
  return ordered({type: 'change', change: {type, id, destination}})
}

function tunnelProblem({given, method, tunnel: {type}}: Draft): CommandFailure | undefined {
  if (method !== 'tun') {
    return TUNNEL_OPTION_NAMES.some(option => given.has(option))
      ? failed('Tunnel options conflict with forward method', 'tunnel options are not permitted without -i')
      : undefined
  }
  const suitable = TUNNEL_OPTIONS[type]
  const where = `'${type}' tunnel type`
  const illegal = unsuitable({given, judged: TUNNEL_OPTION_NAMES, suitable, where})
  return illegal === undefined ? undefined : failed(illegal)
}

function listCommand({given, id}: Draft): ParsedCommand {
  const isOther = given.has('connection') || given.has('timeout') || given.has('daemon')
  const hasColumns = given.has('stats') || given.has('rate') || given.has('thresholds')
  if (isOther && (hasColumns || (given.has('persistent-conn') && !given.has('connection')))) {
    return failed('options conflicts in the list command')
  }
  if (given.has('connection')) {
    return ordered({type: 'list-connections', numeric: given.has('numeric'), engines: given.has('persistent-conn')})
  }
  if (given.has('timeout')) return ordered({type: 'list-timeouts'})
  if (given.has('daemon')) return ordered({type: 'list-daemons'})
  return ordered({type: 'list', id, view: listView(given)})
}

const listView = (given: Draft['given']): ListView => ({
  columns: columnsOf(given),
  numeric: given.has('numeric'),
  exact: given.has('exact'),
  sorted: !given.has('nosort'),
})

function columnsOf(given: Draft['given']): ListView['columns'] {
  if (given.has('stats')) return 'stats'
  if (given.has('rate')) return 'rate'
  if (given.has('thresholds')) return 'thresholds'
  if (given.has('persistent-conn')) return 'persistent'
  return given.has('tun-info') ? 'tunnel' : 'plain'
}

function daemonOf(draft: Draft, role: SyncRole): Extract<IpvsadmCommand, {type: 'start-daemon'}>['daemon'] {
  const {syncId, maxLengthBytes, group, port, ttl} = draft
  return {role, interface: draft.interface === '' ? 'eth0' : draft.interface, syncId, maxLengthBytes, group, port, ttl}
}
