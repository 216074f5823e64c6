import {describe, expect, it} from 'vitest'
import {parse} from '../support.ts'
import {onlyService, serviceText} from './lvs-support.ts'
import {describeLines, expectSameAgain, type TableCase, verdict} from './table-support.ts'

const describeService = (what: string, cases: readonly TableCase[], head?: string, server?: string): void =>
  describeLines(what, cases, lines => serviceText(lines, head, server), onlyService)

const nothing = undefined

describeService('a virtual server', [
  [
    '',
    {
      service: {type: 'address', address: '10.1.0.1', port: 80},
      family: 4,
      protocol: 'tcp',
      scheduling: {scheduler: 'rr', flags: []},
      onePacket: false,
      method: {type: 'nat'},
      persistenceTimeoutSeconds: nothing,
      persistenceGranularity: nothing,
      persistenceEngine: nothing,
      haSuspend: false,
      alpha: false,
      omega: false,
      quorum: 1,
      hysteresis: 0,
      quorumUp: nothing,
      inhibitOnFailure: false,
      weight: 1,
      delayLoopMs: 60_000,
      retry: nothing,
      delayBeforeRetryMs: nothing,
      warmupMs: nothing,
      connectTimeoutMs: 5_000,
      virtualHost: nothing,
      snmpName: nothing,
      smtpAlert: false,
      sorryServer: nothing,
    },
  ],
  ['ha_suspend', {haSuspend: true}],
  ['alpha', {alpha: true}],
  ['omega', {omega: true}],
  ['alpha off', {alpha: true}, 'HC1206 warning 2:7'],
  ['inhibit_on_failure', {inhibitOnFailure: true}],
  ['weight 2147483647', {weight: 2_147_483_647}],
  ['weight 0', {weight: 1}, 'HC1204 error 2:8'],
  ['weight 2147483648', {weight: 1}, 'HC1204 error 2:8'],
  ['smtp_alert', {smtpAlert: true}],
  ['smtp_alert off', {smtpAlert: false}],
  ['smtp_alert maybe', {smtpAlert: false}, 'HC1204 error 2:12'],
  ['virtualhost a.example', {virtualHost: 'a.example'}],
  ['virtualhost', {virtualHost: nothing}, 'HC1203 error 2:1'],
  ['virtualhost a b', {virtualHost: 'a'}, 'HC1206 warning 2:15'],
  ['snmp_name "a b"', {snmpName: 'a b'}],
  ['snmp_name a b', {snmpName: nothing}, 'HC1204 error 2:13'],
  [
    'quorum_up "/bin/a b c" user group',
    {quorumUp: {argv: ['/bin/a', 'b', 'c'], runAs: {user: 'user', group: 'group'}}},
  ],
  ['quorum_down /bin/a', {quorumDown: {argv: ['/bin/a']}}],
  ['quorum_up /bin/a;quorum_up /bin/b', {quorumUp: {argv: ['/bin/a']}}, 'HC1208 error 3:1'],
  ['quorum_up', {quorumUp: nothing}, 'HC1203 error 2:1'],
  ['lb_kind NAT;lvs_method DR', {method: {type: 'dr'}}, 'HC1207 warning 3:1'],
  ['foo', {}, 'HC1201 error 2:1'],
  ['uthreshold 5', {}, 'HC1202 error 2:1'],
])

describeService('a protocol', [
  ['protocol tcp', {protocol: 'tcp'}],
  ['protocol Udp', {protocol: 'udp'}],
  ['protocol SCTP', {protocol: 'sctp'}],
  ['protocol foo', {protocol: 'udp'}, 'HC1204 error 2:10'],
  ['protocol TCP;protocol foo', {protocol: 'tcp'}, 'HC1207 warning 3:1, HC1204 error 3:10'],
  ['protocol', {protocol: 'udp'}, 'HC1203 error 2:1'],
  ['protocol UDP;ops', {onePacket: true}],
  ['protocol TCP;ops', {onePacket: false}, 'HC1615 error 3:1'],
  ['protocol SCTP;ops', {onePacket: false}, 'HC1615 error 3:1'],
])

describeService('a scheduler', [
  ...'rr wrr lc wlc lblc sh mh dh fo ovf lblcr sed nq twos'
    .split(' ')
    .map((scheduler): TableCase => [`lvs_sched ${scheduler}`, {scheduling: {scheduler, flags: []}}]),
  ['lb_algo wrr', {scheduling: {scheduler: 'wrr'}}],
  ['lb_algo RR', {scheduling: {scheduler: 'wlc'}}, 'HC1204 error 2:9'],
  ['lvs_sched', {scheduling: {scheduler: 'wlc'}}, 'HC1203 error 2:1'],
  ['lvs_sched lc;lvs_sched foo', {scheduling: {scheduler: 'lc'}}, 'HC1204 error 3:11'],
  ['lvs_sched lc;lb_algo sed', {scheduling: {scheduler: 'sed'}}, 'HC1207 warning 3:1'],
  ['flag-1;flag-3', {scheduling: {flags: ['flag-1', 'flag-3']}}],
  ['lvs_sched sh;sh-port', {scheduling: {scheduler: 'sh', flags: ['flag-2']}}],
  ['lvs_sched sh;sh-fallback', {scheduling: {scheduler: 'sh', flags: ['flag-1']}}],
  ['lvs_sched mh;mh-port;mh-fallback', {scheduling: {scheduler: 'mh', flags: ['flag-1', 'flag-2']}}],
  ['lvs_sched sh;mh-port', {scheduling: {flags: []}}, 'HC1614 warning 3:1'],
  ['sh-port;lvs_sched sh', {scheduling: {flags: []}}, 'HC1613 error 2:1'],
  ['lvs_sched rr;mh-fallback', {scheduling: {flags: []}}, 'HC1613 error 3:1'],
  ['lvs_sched sh;hashed', {scheduling: {flags: []}}, 'HC1613 error 3:1'],
])

const IPIP = {type: 'tun', tunnel: 'ipip', port: nothing, checksum: 'nocsum'}

describeService('a forwarding method', [
  ['lb_kind DR', {method: {type: 'dr'}}],
  ['lvs_method TUN', {method: IPIP}],
  ['lvs_method TUN type ipip nocsum', {method: IPIP}],
  ['lvs_method TUN type gre csum', {method: {type: 'tun', tunnel: 'gre', port: nothing, checksum: 'csum'}}],
  ['lvs_method TUN remcsum port 6080 type gue', {method: {tunnel: 'gue', port: 6_080, checksum: 'remcsum'}}],
  ['lvs_method TUN type gue', {method: IPIP}, 'HC1205 error 2:1'],
  ['lvs_method TUN port 5', {method: IPIP}, 'HC1205 error 2:1'],
  ['lvs_method TUN csum', {method: IPIP}, 'HC1205 error 2:1'],
  ['lvs_method TUN type gre remcsum', {method: IPIP}, 'HC1205 error 2:1'],
  ['lvs_method TUN type GUE port 6080', {method: IPIP}, 'HC1204 error 2:21'],
  ['lvs_method TUN type gue port 0', {method: IPIP}, 'HC1204 error 2:30'],
  ['lvs_method TUN type', {method: IPIP}, 'HC1203 error 2:1'],
  ['lvs_method TUN foo', {method: IPIP}, 'HC1204 error 2:16'],
  ['lvs_method DR foo', {method: {type: 'dr'}}, 'HC1204 error 2:15'],
  ['lvs_method DR csum', {method: {type: 'dr'}}, 'HC1205 error 2:1'],
  ['lvs_method DR type gre', {method: {type: 'dr'}}, 'HC1206 warning 2:15'],
  ['lvs_method nat', {method: {type: 'nat'}}, 'HC1204 error 2:12'],
  ['lvs_method DR;lvs_method foo', {method: {type: 'dr'}}, 'HC1207 warning 3:1, HC1204 error 3:12'],
])

describeService('persistence', [
  ['persistence_timeout', {persistenceTimeoutSeconds: 360}],
  ['persistence_timeout 1', {persistenceTimeoutSeconds: 1}],
  ['persistence_timeout 2678400', {persistenceTimeoutSeconds: 2_678_400}],
  ['persistence_timeout 0', {persistenceTimeoutSeconds: nothing}, 'HC1204 error 2:21'],
  ['persistence_timeout 2678401', {persistenceTimeoutSeconds: nothing}, 'HC1204 error 2:21'],
  ['persistence_timeout x', {persistenceTimeoutSeconds: nothing}, 'HC1204 error 2:21'],
  ['persistence_granularity 255.255.255.0', {persistenceTimeoutSeconds: 360, persistenceGranularity: '255.255.255.0'}],
  [
    'persistence_timeout 50;persistence_granularity 255.255.0.0',
    {persistenceTimeoutSeconds: 50, persistenceGranularity: '255.255.0.0'},
  ],
  ['persistence_granularity 24', {persistenceGranularity: '0.0.0.24'}, 'HC1624 warning 2:1'],
  ['persistence_granularity 255.255.255', {persistenceGranularity: '255.255.0.255'}, 'HC1624 warning 2:25'],
  ['persistence_granularity 255.0.255.0', {persistenceGranularity: '255.0.255.0'}, 'HC1624 warning 2:25'],
  ['persistence_granularity foo', {persistenceGranularity: nothing}, 'HC1204 error 2:25'],
  ['persistence_granularity', {persistenceGranularity: nothing}, 'HC1203 error 2:1'],
  ['persistence_engine sip', {persistenceEngine: 'sip'}],
  ['persistence_engine averyverylongname1', {persistenceEngine: 'averyverylongna'}, 'HC1205 error 2:20'],
])

describeService(
  'persistence over IPv6',
  [
    ['persistence_granularity 64', {family: 6, persistenceTimeoutSeconds: 360, persistenceGranularity: 64}],
    ['persistence_granularity 128', {persistenceGranularity: 128}],
    ['persistence_granularity 129', {persistenceGranularity: nothing}, 'HC1625 error 2:1'],
    ['persistence_granularity 255.255.255.0', {persistenceGranularity: nothing}, 'HC1625 error 2:1'],
  ],
  '2001:db8::10 80',
  '2001:db8::20 80',
)

describeService('when checks run', [
  ['delay_loop 0.000001', {delayLoopMs: 0.001}],
  ['delay_loop .5', {delayLoopMs: 500}],
  ['delay_loop 0', {delayLoopMs: 60_000}, 'HC1204 error 2:12'],
  ['delay_loop 5s', {delayLoopMs: 60_000}, 'HC1204 error 2:12'],
  ['delay_loop 1.1234567', {delayLoopMs: 1_123.457}, 'HC1205 error 2:12'],
  ['delay_loop', {delayLoopMs: 60_000}, 'HC1203 error 2:1'],
  ['delay_before_retry 0', {delayBeforeRetryMs: 0}],
  ['delay_before_retry -1', {delayBeforeRetryMs: nothing}, 'HC1204 error 2:20'],
  ['warmup 0', {warmupMs: 0}],
  ['warmup x', {warmupMs: nothing}, 'HC1204 error 2:8'],
  ['retry 4294967295', {retry: 4_294_967_295}],
  ['retry 0', {retry: nothing}, 'HC1204 error 2:7'],
  ['retry 1.5', {retry: nothing}, 'HC1204 error 2:7'],
  ['connect_timeout 4294.967295', {connectTimeoutMs: 4_294_967.295}],
  ['connect_timeout 4294.967296', {connectTimeoutMs: 5_000}, 'HC1204 error 2:17'],
])

const WEIGHT_3 = 'real_server 10.2.0.1 80 {;weight 3;}'

describeService('quorum', [
  [`quorum 3;hysteresis 2;${WEIGHT_3}`, {quorum: 3, hysteresis: 2}],
  [`quorum 4;${WEIGHT_3}`, {quorum: 3}, 'HC1611 error 2:1'],
  [`quorum 2;hysteresis 2;${WEIGHT_3}`, {quorum: 2, hysteresis: 1}, 'HC1611 error 3:1'],
  [`quorum 9;hysteresis 9;${WEIGHT_3}`, {quorum: 3, hysteresis: 2}, 'HC1611 error 2:1, HC1611 error 3:1'],
  ['weight 5;quorum 5', {quorum: 5}],
  ['quorum 0', {quorum: 1}, 'HC1204 error 2:8'],
  ['quorum x', {quorum: 1}, 'HC1204 error 2:8'],
  ['quorum', {quorum: 1}, 'HC1203 error 2:1'],
  ['hysteresis -1', {hysteresis: 0}, 'HC1204 error 2:12'],
  ['real_server 10.2.0.1 80 {;weight 0;}', {quorum: 1, hysteresis: 0}, 'HC1611 error 1:1'],
])

const SORRY = {address: '10.9.0.1', port: 80, method: {type: 'nat'}, inhibit: false}

describeService('a sorry server', [
  ['sorry_server 10.9.0.1 80', {sorryServer: SORRY}],
  ['sorry_server 10.9.0.1', {sorryServer: SORRY}],
  ['sorry_server 10.9.0.1 8080', {sorryServer: {...SORRY, port: 8_080}}],
  ['sorry_server 10.9.0.1 80;sorry_server_inhibit', {sorryServer: {...SORRY, inhibit: true}}],
  ['sorry_server 10.9.0.1 80;sorry_server_lvs_method DR', {sorryServer: {...SORRY, method: {type: 'dr'}}}],
  ['sorry_server 10.9.0.1 81;lvs_method DR', {sorryServer: {port: 80, method: {type: 'dr'}}}, 'HC1607 error 2:1'],
  ['sorry_server 2001:db8::1 80', {sorryServer: nothing}, 'HC1608 error 2:1'],
  ['sorry_server 2001:db8::1 80;sorry_server_lvs_method TUN', {sorryServer: {method: IPIP}}],
  ['sorry_server 10.9.0.1 http', {sorryServer: nothing}, 'HC1601 error 2:23'],
  ['sorry_server 10.9.0.1/24 80', {sorryServer: SORRY}, 'HC1602 warning 2:14'],
  ['sorry_server', {sorryServer: nothing}, 'HC1203 error 2:1'],
  ['sorry_server_inhibit;sorry_server 10.9.0.1 80', {sorryServer: SORRY}, 'HC1616 error 2:1'],
  ['sorry_server_lvs_method DR', {sorryServer: nothing}, 'HC1616 error 2:1'],
  ['sorry_server 10.9.0.1 80;sorry_server_lvs_method x', {sorryServer: SORRY}, 'HC1204 error 3:25'],
  [
    'sorry_server 10.9.0.1 80;sorry_server_inhibit;sorry_server 10.9.0.2 80',
    {sorryServer: {...SORRY, address: '10.9.0.2'}},
    'HC1207 warning 4:1',
  ],
  ['sorry_server 10.2.0.1 80;sorry_server_inhibit', {sorryServer: {inhibit: false}}, 'HC1639 error 3:1'],
  ['sorry_server 10.2.0.1 80;inhibit_on_failure', {sorryServer: {inhibit: true}}, 'HC1639 error 2:1'],
  ['sorry_server 10.2.0.1 80;sorry_server_inhibit;inhibit_on_failure', {sorryServer: {inhibit: true}}],
])

describeService(
  'a mark',
  [
    ['', {service: {type: 'fwmark', mark: 5}, name: 'fwmark 5', protocol: nothing, family: 4}],
    ['protocol TCP', {protocol: nothing}, 'HC1605 error 2:1'],
    ['ha_suspend', {haSuspend: false}, 'HC1605 error 2:1'],
    ['ops', {onePacket: true}],
    ['ip_family inet', {family: 4}],
    ['ip_family inet;ip_family inet6', {family: 4}, 'HC1627 error 3:1'],
    ['ip_family foo', {family: 4}, 'HC1204 error 2:11'],
    ['persistence_timeout', {persistenceTimeoutSeconds: 360}],
    ['real_server 2001:db8::1 {;}', {family: 6, realServers: [{port: 0}]}],
    ['ip_family inet6;real_server 10.2.0.1 80 {;}', {none: true}, 'HC1603 error 1:1, HC1608 error 3:1'],
    ['persistence_granularity 64;real_server 2001:db8::1 {;}', {family: 6, persistenceGranularity: 64}],
    ['lvs_method TUN;real_server 2001:db8::1 {;};real_server 2001:db8::2 {;}', {family: 6}],
    ['lvs_method TUN;real_server 10.2.0.1 {;};real_server 2001:db8::2 {;}', {family: 4}],
    ['lvs_method DR;real_server 10.2.0.1 80 {;}', {realServers: [{port: 0}]}, 'HC1605 error 3:1'],
    ['sorry_server 10.9.0.1 80;lvs_method DR;real_server 10.2.0.1 {;}', {sorryServer: {port: 0}}, 'HC1605 error 2:1'],
  ],
  'fwmark 5',
)

describeService(
  'a virtual server for all ports',
  [
    ['persistence_timeout 9', {service: {port: 0}, persistenceTimeoutSeconds: 9, realServers: [{port: 80}]}],
    ['persistence_granularity 255.255.0.0', {persistenceTimeoutSeconds: 360}],
    ['', {persistenceTimeoutSeconds: 360}, 'HC1606 error 1:1'],
    ['persistence_timeout;lvs_method DR', {realServers: [{port: 0}]}, 'HC1607 error 6:1'],
  ],
  '10.1.0.1',
)

describe('the head of a virtual server', () => {
  it.each([
    ['10.1.0.1 65535', {type: 'address', address: '10.1.0.1', port: 65_535}, ''],
    ['10.1.0.1/24 80', {type: 'address', address: '10.1.0.1', port: 80}, 'HC1602 warning 1:16'],
    ['2001:DB8::1 80', {type: 'address', address: '2001:db8::1', port: 80}, ''],
    ['10.1.0.1 80 90', {type: 'address', address: '10.1.0.1', port: 80}, 'HC1206 warning 1:28'],
    ['fwmark 4294967295', {type: 'fwmark', mark: 4_294_967_295}, ''],
    ['fwmark 5 6', {type: 'fwmark', mark: 5}, 'HC1206 warning 1:25'],
    ['10.1.0.1 65536', undefined, 'HC1601 error 1:25'],
    ['10.1.0.1 http', undefined, 'HC1601 error 1:25'],
    ['10.1.0 80', undefined, 'HC1601 error 1:16'],
    ['10.1.0.1:80', undefined, 'HC1601 error 1:16'],
    ['[2001:db8::1] 80', undefined, 'HC1601 error 1:16'],
    ['www.example.org 80', undefined, 'HC1601 error 1:16'],
    ['fwmark 4294967296', undefined, 'HC1601 error 1:23'],
    ['fwmark -1', undefined, 'HC1601 error 1:23'],
    ['fwmark', undefined, 'HC1203 error 1:1'],
    ['group', undefined, 'HC1203 error 1:1'],
    ['', undefined, 'HC1203 error 1:1'],
    ['group nope', undefined, 'HC1617 error 1:1'],
  ])('%s', (head, service, found) => {
    const real = head.includes(':') ? '2001:db8::9 80' : '10.2.0.1 80'
    const loaded = parse(serviceText([], head, real))
    expect(verdict(loaded)).toBe(found)
    expect(loaded.config.virtualServers[0]?.service).toEqual(service)
    expectSameAgain(loaded)
  })

  it('tells what to write in place of an address with its port', () => {
    const finding = parse(serviceText([], '10.1.0.1:80')).diagnostics.find(({code}) => code === 'HC1601')
    expect(finding?.hint).toBe('write the port as a word of its own: 10.1.0.1 80')
  })
})

describe('virtual servers', () => {
  it.each([
    ['virtual_server 10.1.0.1 80 {\nreal_server 10.2.0.1 80 {\n}\n}', 1, 'HC1604 error 1:1 x3'],
    ['virtual_server 10.1.0.1 80 {\nprotocol TCP\nlvs_sched rr\nlvs_method DR\n}', 0, 'HC1603 error 1:1'],
    [`${serviceText([])}\n${serviceText([])}`, 2, 'HC1623 warning 8:1'],
    [`${serviceText([])}\n${serviceText(['protocol UDP'])}`, 2, ''],
    [`${serviceText([], '10.1.0.1 80')}\n${serviceText([], '10.1.0.1 81')}`, 2, ''],
  ])('%j', (text, count, found) => {
    const loaded = parse(text)
    const [finding, times] = found.split(' x')
    expect(verdict(loaded)).toBe(Array.from({length: Number(times ?? 1)}, () => finding).join(', '))
    expect(loaded.config.virtualServers).toHaveLength(count)
    expectSameAgain(loaded)
  })

  it.each([
    ['', '', false, true],
    ['smtp_alert', '', true, true],
    ['smtp_alert off', '', false, false],
    ['smtp_alert off\nsmtp_alert_checker on', '', true, true],
    ['smtp_alert_checker off', '', false, false],
    ['smtp_alert off', 'smtp_alert on', true, false],
  ])('global_defs { %j } and %j: mail of the service %s, of its server %s', (global, own, service, server) => {
    const text = `global_defs {\n${global}\n}\n${serviceText(own === '' ? [] : [own])}`
    const [built] = parse(text).config.virtualServers
    expect([built?.smtpAlert, built?.realServers[0]?.smtpAlert]).toEqual([service, server])
  })
})
