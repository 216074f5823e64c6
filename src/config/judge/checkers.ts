import type {Config, Position} from '../config.ts'
import type {CheckerConfig, CheckerConfigOf, RealServerConfig, VirtualServerConfig} from '../lvs-config.ts'
import type {Lint} from './lint.ts'

/** Lints of what is checked of real servers, and how. */
export const CHECKER_LINTS: readonly Lint[] = [
  {
    name: 'real-servers-unchecked',
    check: ({virtualServers}, remark) => {
      for (const {name, position, realServers} of virtualServers) {
        const used = realServers.filter(({weight}) => weight > 0)
        const [first, ...others] = used.filter(({checkers}) => checkers.length === 0)
        if (!first || used.length < 2) continue
        const all = others.length + 1 === used.length
        const which = all
          ? 'none of its real servers'
          : `real_server ${first.name}${others.length > 0 ? ' and others' : ''}`
        const what = `${which} ${all ? 'has' : 'without'} a check`
        const message = `virtual_server ${name}: ${what}: a dead server keeps its share`
        remark(all ? position : first.position, message, 'TCP_CHECK { }, or a check of what it serves')
      }
    },
  },
  {
    name: 'check-of-other-service',
    check: (config, remark) => {
      const served = servedPorts(config)
      for (const server of config.virtualServers) {
        const wrong = misdirected(server)
        if (wrong.length === 0) continue
        const found = wrong.filter(({real, to}) => served().get(real.address)?.has(to) ?? false)
        const [first, ...others] = found.length > 0 ? found : unlikeTheRest(server, wrong)
        if (!first) continue
        const {real, to, position} = first
        const which = found.length > 0 ? 'which is that of another service' : 'unlike of its other real servers'
        const checked = `port ${to} of ${real.address} is checked${andMore(others.length)}, ${which}`
        const message = `virtual_server ${server.name}: ${checked}; this one is port ${real.port}`
        remark(position, message, `connect_port ${real.port}, unless the two fail together`)
      }
    },
  },
  {
    name: 'check-on-other-port',
    check: (config, remark) => {
      const served = servedPorts(config)
      const byPort = new Map<number, Misdirected & {times: number}>()
      for (const server of config.virtualServers) {
        const misplaced = misdirected(server)
        if (misplaced.length === 0 || unlikeTheRest(server, misplaced).length > 0) continue
        for (const wrong of misplaced) {
          if (served().get(wrong.real.address)?.has(wrong.to)) continue
          const earlier = byPort.get(wrong.to)
          if (earlier) earlier.times++
          else byPort.set(wrong.to, {...wrong, times: 1})
        }
      }
      for (const {real, to, position, times} of byPort.values()) {
        const checked = `port ${to} is checked${andMore(times - 1)}`
        const message = `real_server ${real.name}: ${checked}, and not port ${real.port} that is used`
        remark(position, message, 'right if that port tells how the service is')
      }
    },
  },
  {
    name: 'check-in-other-protocol',
    check: ({virtualServers}, remark) => {
      for (const {name, realServers} of virtualServers) {
        for (const {checkers, position} of realServers) {
          const wrong = checkers.find(speaksOther)
          if (!wrong) continue
          const http = wrong.type === 'http'
          const message = http
            ? `virtual_server ${name}: HTTP_GET without TLS to port 443, where servers speak TLS`
            : `virtual_server ${name}: SSL_GET with TLS to port 80, where servers speak plain HTTP`
          remark(wrong.position ?? position, message, http ? 'SSL_GET' : 'HTTP_GET')
          break
        }
      }
    },
  },
  {
    name: 'misc-timeout-long',
    check: ({virtualServers}, remark) => {
      for (const {name, realServers} of virtualServers) {
        const [first, ...others] = realServers.flatMap(({checkers}) => checkers.flatMap(slowMisc))
        if (!first) continue
        const {timeoutMs, delayLoopMs, at, position} = first
        const message =
          `virtual_server ${name}: misc_timeout ${timeoutMs / 1_000} is longer than delay_loop ` +
          `${delayLoopMs / 1_000}${andMore(others.length)}: while a run hangs, the next ones are left out`
        remark(at.timeoutMs ?? position, message, 'a misc_timeout of at most delay_loop')
      }
    },
  },
]

/** Every port that real servers serve, by address; put together when it is asked for, which is rare. */
function servedPorts({virtualServers}: Config): () => ReadonlyMap<string, ReadonlySet<number>> {
  let served: Map<string, Set<number>> | undefined
  return () => {
    if (served) return served
    served = new Map<string, Set<number>>()
    for (const {realServers} of virtualServers) {
      for (const {address, port} of realServers) {
        const ports = served.get(address) ?? new Set()
        served.set(address, ports.add(port))
      }
    }
    return served
  }
}

interface Misdirected {
  readonly real: RealServerConfig
  /** The port that is checked. */
  readonly to: number
  readonly position: Position
}

/** The real servers with checks on another port of theirs and none on the one that is used. */
function misdirected({realServers}: VirtualServerConfig): readonly Misdirected[] {
  const found: Misdirected[] = []
  for (const real of realServers) {
    const other = otherPort(real)
    if (other) found.push(other)
  }
  return found
}

/** The same where other real servers of the service are checked on the port that is used. */
function unlikeTheRest({realServers}: VirtualServerConfig, wrong: readonly Misdirected[]): readonly Misdirected[] {
  const checked = realServers.filter(({checkers}) => checkers.some(connection))
  return wrong.length < checked.length ? wrong : []
}

function otherPort(real: RealServerConfig): Misdirected | undefined {
  const {address, port, checkers} = real
  let found: Misdirected | undefined
  for (const checker of checkers) {
    const to = connection(checker)
    // Another kind of check, or one of another host, may tell all there is to tell.
    if (!to || to.ip !== address || to.port === port || to.port === undefined || port === 0) return undefined
    found ??= {real, to: to.port, position: to.position}
  }
  return found
}

const andMore = (count: number): string => (count > 0 ? ` (and ${count} more)` : '')

function connection(checker: CheckerConfig) {
  if (checker.type === 'misc' || checker.type === 'bfd' || checker.type === 'file' || checker.type === 'ping') {
    return undefined
  }
  const {connectIp, connectPort, at, position} = checker
  return {ip: connectIp, port: connectPort, position: at.connectPort ?? position}
}

const slowMisc = (checker: CheckerConfig): readonly CheckerConfigOf<'misc'>[] =>
  checker.type === 'misc' && checker.at.timeoutMs && checker.timeoutMs > checker.delayLoopMs ? [checker] : []

/** Plain HTTP where TLS is spoken, or the reverse; a status code that such an answer has is meant. */
function speaksOther(checker: CheckerConfig): boolean {
  if (checker.type === 'ssl') return checker.connectPort === 80
  if (checker.type !== 'http' || checker.connectPort !== 443) return false
  return !checker.urls.some(({statusCodes}) => statusCodes.some(({from, to}) => from <= 400 && to >= 400))
}
