import {describe, expect, it} from 'vitest'
import {parse} from '../support.ts'
import {firstChecker, firstServer, serverText, serviceText} from './lvs-support.ts'
import {describeLines, expectSameAgain, type TableCase, verdict} from './table-support.ts'

const nothing = undefined

const describeServer = (what: string, cases: readonly TableCase[]): void =>
  describeLines(what, cases, lines => serverText(lines), firstServer)

describeServer('a real server', [
  [
    '',
    {
      name: '10.2.0.1 80',
      address: '10.2.0.1',
      port: 80,
      weight: 1,
      method: {type: 'nat'},
      upperThreshold: 0,
      lowerThreshold: 0,
      inhibitOnFailure: false,
      alpha: false,
      delayLoopMs: 60_000,
      retry: nothing,
      delayBeforeRetryMs: nothing,
      warmupMs: nothing,
      connectTimeoutMs: 5_000,
      virtualHost: nothing,
      smtpAlert: true,
      notifyUp: nothing,
      notifyDown: nothing,
      checkers: [],
    },
  ],
  ['weight 2147483647', {weight: 2_147_483_647}],
  ['weight 65536', {weight: 65_536}],
  ['weight -1', {weight: 1}, 'HC1204 error 3:8'],
  ['weight 2147483648', {weight: 1}, 'HC1204 error 3:8'],
  ['weight 1.5', {weight: 1}, 'HC1204 error 3:8'],
  ['weight', {weight: 1}, 'HC1203 error 3:1'],
  ['lvs_method TUN type gue port 6080', {method: {type: 'tun', tunnel: 'gue', port: 6_080}}],
  ['lvs_method foo', {method: {type: 'nat'}}, 'HC1204 error 3:12'],
  ['lb_kind DR', {method: {type: 'nat'}}, 'HC1202 error 3:1'],
  ['uthreshold 4294967295;lthreshold 5', {upperThreshold: 4_294_967_295, lowerThreshold: 5}],
  ['uthreshold 4294967296', {upperThreshold: 0}, 'HC1204 error 3:12'],
  ['lthreshold -1', {lowerThreshold: 0}, 'HC1204 error 3:12'],
  ['lthreshold 10;uthreshold 5', {upperThreshold: 5, lowerThreshold: 10}, 'HC1626 warning 3:1'],
  ['inhibit_on_failure', {inhibitOnFailure: true}],
  ['inhibit_on_failure no', {inhibitOnFailure: false}],
  ['inhibit_on_failure OFF', {inhibitOnFailure: false}, 'HC1204 error 3:20'],
  ['alpha true', {alpha: true}],
  ['alpha 1', {alpha: false}, 'HC1204 error 3:7'],
  ['retry 1', {retry: 1}],
  ['retry 0', {retry: nothing}, 'HC1204 error 3:7'],
  ['delay_before_retry 0', {delayBeforeRetryMs: 0}],
  ['warmup 1.5', {warmupMs: 1_500}],
  ['delay_loop 0', {delayLoopMs: 60_000}, 'HC1204 error 3:12'],
  ['connect_timeout 0', {connectTimeoutMs: 5_000}, 'HC1204 error 3:17'],
  ['notify_up "/bin/a b" me', {notifyUp: {argv: ['/bin/a', 'b'], runAs: {user: 'me'}}}],
  ['notify_down /bin/a;notify_down /bin/b', {notifyDown: {argv: ['/bin/a']}}, 'HC1208 error 4:1'],
  ['notify_up', {notifyUp: nothing}, 'HC1203 error 3:1'],
  ['smtp_alert off', {smtpAlert: false}],
  ['smtp_alert x', {smtpAlert: true}, 'HC1204 error 3:12'],
  ['virtualhost a', {virtualHost: 'a'}],
  ['virtualhost', {virtualHost: nothing}, 'HC1203 error 3:1'],
  ['snmp_name a', {snmpName: 'a'}],
  ['snmp_name a b', {snmpName: nothing}, 'HC1204 error 3:13'],
  ['quorum 1', {}, 'HC1202 error 3:1'],
  ['fwmark 5', {}, 'HC1202 error 3:1'],
  ['FOO_CHECK {;}', {checkers: []}, 'HC1201 error 3:1'],
])

describe('the head of a real server', () => {
  it.each([
    ['10.2.0.1', {address: '10.2.0.1', port: 80, name: '10.2.0.1 80'}, ''],
    ['10.2.0.1 0', {address: '10.2.0.1', port: 80}, ''],
    ['10.2.0.1 81', {address: '10.2.0.1', port: 81}, ''],
    ['10.2.0.1/24 80', {address: '10.2.0.1'}, 'HC1602 warning 2:13'],
    ['10.2.0.1 65536', {none: true}, 'HC1603 error 1:1, HC1601 error 2:22'],
    ['bad 80', {none: true}, 'HC1603 error 1:1, HC1601 error 2:13'],
    ['', {none: true}, 'HC1603 error 1:1, HC1203 error 2:1'],
    ['2001:db8::1 80', {none: true}, 'HC1603 error 1:1, HC1608 error 2:1'],
  ])('%s', (head, server, found) => {
    const loaded = parse(serverText([], head))
    expect(verdict(loaded)).toBe(found)
    expect(firstServer(loaded)).toMatchObject(server)
    expectSameAgain(loaded)
  })
})

/** The method of the virtual server and of the real one, the port as written and as used, and what is said. */
const PORTS: readonly (readonly [method: string, own: string, written: string, used: number, found: string])[] = [
  ['NAT', '', '81', 81, ''],
  ['NAT', '', '', 80, ''],
  ['DR', '', '81', 80, 'HC1607 error 3:1'],
  ['DR', '', '80', 80, ''],
  ['DR', '', '', 80, ''],
  ['TUN', '', '81', 80, 'HC1607 error 3:1'],
  ['NAT', 'lvs_method DR', '81', 80, 'HC1607 error 3:1'],
  ['DR', 'lvs_method NAT', '81', 81, ''],
  ['TUN type gue port 6080', 'lvs_method NAT', '81', 81, ''],
]

describe('the port of a real server', () => {
  it.each(PORTS)('lvs_method %s, %j and port %j make it %s', (method, own, written, used, found) => {
    const loaded = parse(serviceText([`lvs_method ${method}`, `real_server 10.2.0.1 ${written} {`, own, '}']))
    expect(verdict(loaded)).toBe(found)
    expect(firstServer(loaded)).toMatchObject({port: used, name: `10.2.0.1 ${used}`})
    expectSameAgain(loaded)
  })

  it('is still that of the checks where packets do not go to it', () => {
    const loaded = parse(serviceText(['lvs_method DR', 'real_server 10.2.0.1 81 {', 'TCP_CHECK {', '}', '}']))
    expect(firstServer(loaded)).toMatchObject({port: 80, checkers: [{connectIp: '10.2.0.1', connectPort: 81}]})
    expectSameAgain(loaded)
  })

  it('is not told to a check when the service takes all ports', () => {
    const lines = ['persistence_timeout', 'real_server 10.2.0.1 {', 'TCP_CHECK {', '}', '}']
    const loaded = parse(serviceText(lines, '10.1.0.1'))
    expect(verdict(loaded)).toBe('HC1632 warning 4:1')
    expect(firstChecker(loaded)).toMatchObject({connectPort: nothing})
    expectSameAgain(loaded)
  })
})

describe('several real servers', () => {
  it.each([
    [['10.2.0.1 80', '10.2.0.2 80'], ['10.2.0.1 80', '10.2.0.2 80'], ''],
    [['10.2.0.1 80', '10.2.0.1 81'], ['10.2.0.1 80', '10.2.0.1 81'], ''],
    [['10.2.0.1 80', '10.2.0.1 80'], ['10.2.0.1 80'], 'HC1609 error 4:1'],
    [['10.2.0.1 80', '10.2.0.1'], ['10.2.0.1 80'], 'HC1610 warning 4:1'],
    [['10.2.0.1 80', '2001:db8::1 80'], ['10.2.0.1 80'], 'HC1608 error 4:1'],
  ])('%j', (heads, names, found) => {
    const loaded = parse(serviceText(heads.flatMap(head => [`real_server ${head} {`, '}'])))
    expect(verdict(loaded)).toBe(found)
    expect(loaded.config.virtualServers[0]?.realServers.map(({name}) => name)).toEqual(names)
    expectSameAgain(loaded)
  })

  it('may be of the other family behind a tunnel', () => {
    const loaded = parse(serviceText(['lvs_method TUN', 'real_server 2001:db8::1 80 {', '}']))
    expect(verdict(loaded)).toBe('')
    expect(firstServer(loaded)).toMatchObject({address: '2001:db8::1', port: 80})
  })
})

/** What the virtual server, the real server and the checker say, and what server and checker have then. */
const INHERITED: readonly (readonly [
  service: string,
  server: string,
  checker: string,
  serverHas: object,
  checkerHas: object,
])[] = [
  ['delay_loop 7', '', '', {delayLoopMs: 7_000}, {delayLoopMs: 7_000, warmupMs: 7_000}],
  ['delay_loop 7', 'delay_loop 8', '', {delayLoopMs: 8_000}, {delayLoopMs: 8_000, warmupMs: 8_000}],
  ['delay_loop 7', 'delay_loop 8', 'delay_loop 9', {delayLoopMs: 8_000}, {delayLoopMs: 9_000, warmupMs: 9_000}],
  ['', '', '', {retry: nothing}, {retry: 1, delayBeforeRetryMs: 1_000}],
  ['retry 4', '', '', {retry: 4}, {retry: 4}],
  ['retry 4', 'retry 5', '', {retry: 5}, {retry: 5}],
  ['retry 4', 'retry 5', 'retry 0', {retry: 5}, {retry: 0}],
  ['delay_before_retry 2', '', '', {delayBeforeRetryMs: 2_000}, {delayBeforeRetryMs: 2_000}],
  ['delay_before_retry 2', 'delay_before_retry 0', '', {delayBeforeRetryMs: 0}, {delayBeforeRetryMs: 0}],
  ['', 'delay_before_retry 2', 'delay_before_retry 3', {delayBeforeRetryMs: 2_000}, {delayBeforeRetryMs: 3_000}],
  ['warmup 2', '', '', {warmupMs: 2_000}, {warmupMs: 2_000}],
  ['warmup 2', 'warmup 0', '', {warmupMs: 0}, {warmupMs: 0}],
  ['warmup 2', '', 'warmup 3', {warmupMs: 2_000}, {warmupMs: 3_000}],
  ['connect_timeout 2', '', '', {connectTimeoutMs: 2_000}, {connectTimeoutMs: 2_000}],
  ['connect_timeout 2', 'connect_timeout 3', 'connect_timeout 4', {connectTimeoutMs: 3_000}, {connectTimeoutMs: 4_000}],
  ['alpha', '', '', {alpha: true}, {alpha: true}],
  ['alpha', 'alpha off', '', {alpha: false}, {alpha: false}],
  ['', 'alpha', 'alpha off', {alpha: true}, {alpha: false}],
  ['inhibit_on_failure', '', '', {inhibitOnFailure: true}, {}],
  ['inhibit_on_failure', 'inhibit_on_failure off', '', {inhibitOnFailure: false}, {}],
  ['weight 5', '', '', {weight: 5}, {}],
  ['weight 5', 'weight 6', '', {weight: 6}, {}],
  ['virtualhost a', '', '', {virtualHost: 'a'}, {}],
  ['virtualhost a', 'virtualhost b', '', {virtualHost: 'b'}, {}],
  ['lvs_method DR', '', '', {method: {type: 'dr'}}, {}],
  ['lvs_method DR', 'lvs_method NAT', '', {method: {type: 'nat'}}, {}],
]

describe('what is inherited', () => {
  it.each(INHERITED)('%j, %j, %j', (service, server, checker, serverHas, checkerHas) => {
    const lines = ['real_server 10.2.0.1 80 {', server, 'TCP_CHECK {', checker, '}', '}']
    const whole = serviceText([...lines, service])
    const loaded = parse(whole)
    expect(verdict(loaded)).toBe('')
    expect(firstServer(loaded)).toMatchObject(serverHas)
    expect(firstChecker(loaded)).toMatchObject(checkerHas)
    expectSameAgain(loaded)
  })

  it('logs every failure where global_defs say so, unless the checker does not', () => {
    const checkers = ['real_server 10.2.0.1 80 {', 'TCP_CHECK {', '}', 'TCP_CHECK {', 'log_all_failures off', '}', '}']
    const loaded = parse(`global_defs {\nchecker_log_all_failures\n}\n${serviceText(checkers)}`)
    expect(firstServer(loaded)).toMatchObject({checkers: [{logAllFailures: true}, {logAllFailures: false}]})
  })
})
