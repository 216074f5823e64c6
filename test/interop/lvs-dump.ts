import type {Config} from '../../src/config/config.ts'
import type {CheckerConfig, RealServerConfig, VirtualServerConfig} from '../../src/config/lvs-config.ts'
import type {ForwardingMethod} from '../../src/config/tables/forwarding-method.ts'

/**
 * A library to be loaded before libnl: whatever keepalived asks of the kernel's IPVS is answered with success, so that
 * it goes on to its dump where the kernel has none.
 */
export const IPVS_ANSWERS = `
#include <stddef.h>
typedef int (*callback)(void *, void *);
static callback callbacks[16];
static void *arguments[16];
int nl_socket_modify_cb(void *s, int type, int kind, callback f, void *argument) {
  if (type >= 0 && type < 16) { callbacks[type] = f; arguments[type] = argument; }
  return 0;
}
int nl_cb_set(void *c, int type, int kind, callback f, void *argument) {
  return nl_socket_modify_cb(c, type, kind, f, argument);
}
int nl_cb_err(void *c, int kind, callback f, void *argument) { return 0; }
int genl_connect(void *s) { return 0; }
int genl_ctrl_resolve(void *s, const char *name) { return 33; }
int nl_send_auto(void *s, void *m) { return 0; }
int nl_send_auto_complete(void *s, void *m) { return 0; }
int nl_recvmsgs_default(void *s) {
  for (int type = 1; type < 16; type++) if (callbacks[type]) callbacks[type](NULL, arguments[type]);
  return 0;
}
int nl_recvmsgs(void *s, void *c) { return nl_recvmsgs_default(s); }
`

/** What keepalived says of its virtual servers, their real servers and the checkers, in its own words. */
export function lvsOfDump(dump: string): readonly string[] {
  const lines = dump.split('\n').map(line => line.replace(/^.{24}: /, ''))
  const begin = lines.findIndex(line => line.includes('< LVS Topology >'))
  if (begin < 0) return []
  const said: string[] = []
  let inGroup = false
  for (const line of lines.slice(begin)) {
    if (line.includes('Virtual server group >')) inGroup = true
    else if (line.includes('Virtual server >') || line.includes('Health checkers >')) inGroup = false
    const words = line.trim().replace(/ EFF WEIGHT.*/, '')
    if (!inGroup && COMPARED.some(form => form.test(words)))
      said.push(words.replace(/^(sorry server = .*\]):\w+:/, '$1:'))
  }
  return said
}

/** The same of a configuration as hactl reads it. */
export function lvsOfConfig({virtualServers}: Config): readonly string[] {
  const checkers = virtualServers.flatMap(({realServers}) => realServers.flatMap(real => real.checkers.flatMap(saidOf)))
  return [
    ...virtualServers.flatMap(server => [...serverSaid(server), ...server.realServers.flatMap(realSaid)]),
    ...checkers,
  ]
}

/** What is in both. */
const COMPARED: readonly RegExp[] = [
  /^VS (VIP|FWMARK|GROUP) = /,
  /^Address family = /,
  /^connection timeout = /,
  /^connection limit range = /,
  /^(delay_loop|Delay loop) = /,
  /^lvs_sched = /,
  /^One packet scheduling = /,
  /^persistence (timeout|granularity) = /,
  /^protocol = /,
  /^(alpha|omega|Alpha|Inhibit on failure) is /,
  /^Alpha = /,
  /^quorum = /,
  /^Using smtp notification = /,
  /forwarding method = /,
  /^sorry server = /,
  /^RIP = /,
  /^Warmup = .* us/,
  /^(Retries|Log all failures|Dest|Timeout|Keepalive method|Checked url|digest|helo|Type) = /,
]

function serverSaid(server: VirtualServerConfig): readonly string[] {
  const {service, sorryServer: sorry, persistenceTimeoutSeconds: timeout, persistenceGranularity: granularity} = server
  return [
    service.type === 'address'
      ? `VS VIP = ${service.address}, VPORT = ${service.port}`
      : service.type === 'fwmark'
        ? `VS FWMARK = ${service.mark}`
        : `VS GROUP = [${service.group}]:0`,
    `Address family = ${server.family === undefined ? 'unspec' : server.family === 4 ? 'inet' : 'inet6'}`,
    `connection timeout = ${seconds(server.connectTimeoutMs)}`,
    `delay_loop = ${seconds(server.delayLoopMs)}`,
    `lvs_sched = ${server.scheduling.scheduler}`,
    `One packet scheduling = ${server.onePacket ? 'enabled' : 'disabled'}`,
    ...(timeout ? [`persistence timeout = ${timeout}`] : []),
    ...(granularity === undefined ? [] : [`persistence granularity = ${granularity}`]),
    `protocol = ${server.protocol?.toUpperCase() ?? 'none'}`,
    `alpha is ${onOff(server.alpha)}`,
    `omega is ${onOff(server.omega)}`,
    `Inhibit on failure is ${onOff(server.inhibitOnFailure)}`,
    `quorum = ${server.quorum}, hysteresis = ${server.hysteresis}`,
    `Using smtp notification = ${yesNo(server.smtpAlert)}`,
    `default forwarding method = ${forwarding(server.method)}`,
    ...(sorry
      ? [
          `sorry server = [${sorry.address}]:${sorry.port}`,
          `forwarding method = ${forwarding(sorry.method)}`,
          `Inhibit on failure is ${onOff(sorry.inhibit)}`,
        ]
      : []),
  ]
}

const realSaid = (real: RealServerConfig): readonly string[] => [
  `RIP = ${real.address}, RPORT = ${real.port}, WEIGHT = ${real.weight}`,
  `forwarding method = ${forwarding(real.method)}`,
  `Alpha is ${onOff(real.alpha)}`,
  `connection timeout = ${seconds(real.connectTimeoutMs)}`,
  `connection limit range = ${real.lowerThreshold} -> ${real.upperThreshold}`,
  `Delay loop = ${seconds(real.delayLoopMs)}`,
  `Inhibit on failure is ${onOff(real.inhibitOnFailure)}`,
  `Using smtp notification = ${yesNo(real.smtpAlert)}`,
]

function saidOf(checker: CheckerConfig): readonly string[] {
  if (checker.type === 'bfd' || checker.type === 'file' || checker.type === 'misc') return []
  const {connectIp, connectPort} = checker
  return [
    `Alpha = ${yesNo(checker.alpha)}`,
    `Delay loop = ${microseconds(checker.delayLoopMs)}`,
    `Warmup = ${microseconds(checker.warmupMs)}`,
    `Retries = ${checker.retry}`,
    `Log all failures = ${yesNo(checker.logAllFailures)}`,
    `Dest = [${connectIp}]${connectPort ? `:${connectPort}` : ''}`,
    `Timeout = ${seconds(checker.connectTimeoutMs)}`,
    ...kindSaid(checker),
  ]
}

function kindSaid(checker: Exclude<CheckerConfig, {readonly type: 'bfd' | 'file' | 'misc'}>): readonly string[] {
  switch (checker.type) {
    case 'http':
    case 'ssl': {
      const method = checker.type === 'http' ? 'HTTP_GET' : 'SSL_GET'
      const urls = checker.urls.flatMap(({path, digest}) => [
        `Checked url = ${path}`,
        ...(digest === undefined ? [] : [`digest = ${digest}`]),
      ])
      return [`Keepalive method = ${method}, http protocol ${checker.httpProtocol}`, ...urls]
    }
    case 'smtp':
      return ['Keepalive method = SMTP_CHECK', `helo = ${checker.heloName}`]
    case 'dns':
      return ['Keepalive method = DNS_CHECK', `Type = ${checker.recordType}`]
    default:
      return [`Keepalive method = ${checker.type.toUpperCase()}_CHECK`]
  }
}

function forwarding(method: ForwardingMethod): string {
  if (method.type === 'nat') return 'NAT'
  return method.type === 'dr' ? 'DR' : `TUN, type = ${method.tunnel.toUpperCase()}`
}

const seconds = (ms: number): string => (ms / 1_000).toFixed(6)
const microseconds = (ms: number): string => `${Math.round(ms * 1_000)} us`
const onOff = (value: boolean): string => (value ? 'ON' : 'OFF')
const yesNo = (value: boolean): string => (value ? 'yes' : 'no')
