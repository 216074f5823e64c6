import type {
  CheckedRealServer,
  CheckedSorryServer,
  CheckedVirtualServer,
  CheckerPlan,
  CheckerTimes,
  CheckPlan,
  ProbeConnection,
  ProbePlan,
} from '../core/check/plan.ts'
import type {ServiceId} from '../core/ipvs/model.ts'
import {destinationName} from '../core/ipvs/names.ts'
import {httpProbe} from './check-plan-http.ts'
import type {Config} from './config.ts'
import {idsOfVirtualServers, ownPort} from './ipvs-services.ts'
import type {
  CheckerConfig,
  CheckerConfigOf,
  FilledConnection,
  FilledTiming,
  RealServerConfig,
  VirtualServerConfig,
} from './lvs-config.ts'

/** What a configuration has to be checked: every virtual server that gets packets, in its order. */
export function checkPlanOf(config: Config): CheckPlan {
  const names = new Map<string, number>()
  const virtualServers: CheckedVirtualServer[] = []
  // What cannot be as it is written is told where IPVS is made.
  for (const [server, services] of idsOfVirtualServers(config, () => {})) {
    if (services.length === 0) continue
    const count = (names.get(server.name) ?? 0) + 1
    names.set(server.name, count)
    const name = count === 1 ? server.name : `${server.name} #${count}`
    virtualServers.push(virtualServerOf(server, {name, services}, config))
  }
  return {virtualServers, tellsOfStart: config.global.rsInitNotifies}
}

function virtualServerOf(
  server: VirtualServerConfig,
  {name, services}: {readonly name: string; readonly services: readonly ServiceId[]},
  config: Config,
): CheckedVirtualServer {
  const {quorum, hysteresis, haSuspend, sorryServer} = server
  return {
    name,
    services,
    quorum,
    hysteresis,
    haSuspend,
    sorryServer: sorryServer && sorryServerOf(sorryServer),
    realServers: eachOnce(server.realServers).map(real => realServerOf(real, config)),
  }
}

const sorryServerOf = (server: NonNullable<VirtualServerConfig['sorryServer']>): CheckedSorryServer => ({
  address: server.address,
  port: server.port,
  destinationPort: ownPort(server),
  inhibit: server.inhibit,
})

/** Where the port does not count, those of one address are one in IPVS, and the earlier decides as it does there. */
function eachOnce(servers: readonly RealServerConfig[]): readonly RealServerConfig[] {
  const taken = new Set<string>()
  return servers.filter(real => {
    const key = `${real.address} ${ownPort(real) ?? ''}`
    if (taken.has(key)) return false
    taken.add(key)
    return true
  })
}

function realServerOf(real: RealServerConfig, config: Config): CheckedRealServer {
  const {address, port, weight, inhibitOnFailure} = real
  return {
    name: destinationName({address, port}),
    address,
    port,
    weight,
    destinationPort: ownPort(real),
    inhibitOnFailure,
    checkers: real.checkers.map(checker => checkerOf(checker, real, config)),
  }
}

function checkerOf(checker: CheckerConfig, real: RealServerConfig, config: Config): CheckerPlan {
  const timing = timesOf(checker, real)
  const probe = probeOf(checker, config)
  return {key: JSON.stringify(valuesOf(probe)), timing, probe}
}

/** Every kind of probe has its own fields in one order, so the values say everything. */
function valuesOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(valuesOf)
  return typeof value === 'object' && value !== null ? Object.values(value).map(valuesOf) : value
}

function timesOf(checker: CheckerConfig, real: RealServerConfig): CheckerTimes {
  switch (checker.type) {
    case 'bfd':
      return {...eventTimes(real), alpha: checker.alpha}
    case 'file':
      return eventTimes(real)
    default:
      return timingOf(checker)
  }
}

/** Of what is told when it changes: nothing is waited for, and nothing is tried again. */
const eventTimes = ({delayLoopMs, alpha}: RealServerConfig): CheckerTimes => ({
  delayLoopMs,
  retry: 0,
  delayBeforeRetryMs: 0,
  warmupMs: 0,
  alpha,
  logAllFailures: false,
})

const timingOf = (given: FilledTiming): CheckerTimes => ({
  delayLoopMs: given.delayLoopMs,
  retry: given.retry,
  delayBeforeRetryMs: given.delayBeforeRetryMs,
  warmupMs: given.warmupMs,
  alpha: given.alpha,
  logAllFailures: given.logAllFailures,
})

function probeOf(checker: CheckerConfig, config: Config): ProbePlan {
  switch (checker.type) {
    case 'tcp':
    case 'ping':
      return {type: checker.type, connection: connectionOf(checker)}
    case 'http':
    case 'ssl':
      return httpProbe(checker, connectionOf(checker))
    case 'smtp':
      return {type: 'smtp', connection: connectionOf(checker), heloName: checker.heloName}
    case 'dns': {
      const {recordType, queryName} = checker
      return {type: 'dns', connection: connectionOf(checker), recordType, queryName}
    }
    case 'udp': {
      const {payload, requireReply, minReplyLengthBytes, maxReplyLengthBytes} = checker
      const connection = connectionOf(checker)
      return {type: 'udp', connection, payload, requireReply, minReplyLengthBytes, maxReplyLengthBytes}
    }
    case 'misc':
      return miscProbe(checker, config)
    case 'bfd':
      return {type: 'bfd', session: checker.bfd}
    case 'file': {
      const {trackFile, weight} = checker
      return {type: 'file', trackFile, weight: weight.weight, reverse: weight.reverse}
    }
  }
}

/** Port 0 for ICMP; for the others it is what a checker has that was given none, which can connect to nothing. */
const connectionOf = (checker: FilledConnection): ProbeConnection => ({
  address: checker.connectIp,
  port: checker.connectPort ?? 0,
  bindAddress: checker.bindTo,
  bindPort: checker.bindPort,
  bindInterface: checker.bindInterface,
  fwmark: checker.fwmark ?? 0,
  timeoutMs: checker.connectTimeoutMs,
})

/** The user is that of `script_user` where the checker names none, as with every other program. */
function miscProbe({command, timeoutMs, dynamic}: CheckerConfigOf<'misc'>, {global}: Config): ProbePlan {
  const runAs = command.runAs ?? global.scriptUser
  return {
    type: 'misc',
    words: command.argv,
    timeoutMs,
    dynamic,
    user: runAs && {name: runAs.user, group: runAs.group},
  }
}
