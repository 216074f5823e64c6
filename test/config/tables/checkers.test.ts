import {describe, expect, it} from 'vitest'
import {parse} from '../support.ts'
import {checkerText, firstChecker, firstServer, serverText} from './lvs-support.ts'
import {describeLines, expectSameAgain, type TableCase, verdict} from './table-support.ts'

const nothing = undefined

const describeChecker = (kind: string, cases: readonly TableCase[]): void =>
  describeLines(kind, cases, lines => checkerText(kind, lines), firstChecker)

const TIMING: readonly TableCase[] = [
  ['retry 0', {retry: 0}],
  ['retry 4294967295', {retry: 4_294_967_295}],
  ['retry -1', {}, 'HC1204 error 4:7'],
  ['retry', {}, 'HC1203 error 4:1'],
  ['delay_before_retry 0', {delayBeforeRetryMs: 0}],
  ['delay_before_retry -1', {}, 'HC1204 error 4:20'],
  ['delay_loop 3', {delayLoopMs: 3_000, warmupMs: 3_000}],
  ['delay_loop 0', {delayLoopMs: 60_000}, 'HC1204 error 4:12'],
  ['warmup 0', {warmupMs: 0}],
  ['warmup', {warmupMs: 60_000}, 'HC1203 error 4:1'],
  ['alpha', {alpha: true}],
  ['alpha off', {alpha: false}],
  ['alpha x', {alpha: false}, 'HC1204 error 4:7'],
  ['log_all_failures', {logAllFailures: true}],
  ['log_all_failures x', {logAllFailures: false}, 'HC1204 error 4:18'],
  ['foo', {}, 'HC1201 error 4:1'],
]

const CONNECTION: readonly TableCase[] = [
  [
    '',
    {
      connectIp: '10.2.0.1',
      bindTo: nothing,
      bindPort: nothing,
      bindInterface: nothing,
      connectTimeoutMs: 5_000,
      fwmark: nothing,
    },
  ],
  ['connect_ip 10.9.9.9', {connectIp: '10.9.9.9'}],
  ['connect_ip 2001:db8::1', {connectIp: '2001:db8::1'}],
  ['connect_ip 10.9.9.9/24', {connectIp: '10.9.9.9'}, 'HC1602 warning 4:12'],
  ['connect_ip bad', {connectIp: '10.2.0.1'}, 'HC1204 error 4:12'],
  ['connect_ip fe80::1%eth0', {connectIp: '10.2.0.1'}, 'HC1204 error 4:12'],
  ['connect_ip fe80::1', {none: true}, 'HC1631 error 4:1'],
  ['connect_ip fe80::1;bind_if eth0', {connectIp: 'fe80::1', bindInterface: 'eth0'}],
  ['connect_port 65535', {connectPort: 65_535}],
  ['connect_port 0', {}, 'HC1204 error 4:14'],
  ['connect_port 65536', {}, 'HC1204 error 4:14'],
  ['connect_port http', {}, 'HC1204 error 4:14'],
  ['connect_port 80;connect_port 81', {connectPort: 81}, 'HC1207 warning 5:1'],
  ['bindto 10.1.0.10', {bindTo: '10.1.0.10'}],
  ['connect_ip 2001:db8::1;bindto 2001:db8::2', {bindTo: '2001:db8::2'}],
  ['bind_port 1', {bindPort: 1}],
  ['bind_port 65536', {bindPort: nothing}, 'HC1204 error 4:11'],
  ['bind_if eth0', {bindInterface: 'eth0'}],
  ['bind_if averyverylongifname0', {bindInterface: nothing}, 'HC1204 error 4:9'],
  ['bind_if eth0:1', {bindInterface: nothing}, 'HC1204 error 4:9'],
  ['connect_timeout 0.000001', {connectTimeoutMs: 0.001}],
  ['connect_timeout 0', {connectTimeoutMs: 5_000}, 'HC1204 error 4:17'],
  ['connect_timeout 4294.967296', {connectTimeoutMs: 5_000}, 'HC1204 error 4:17'],
  ['fwmark 4294967295', {fwmark: 4_294_967_295}],
  ['fwmark 0', {fwmark: 0}],
  ['fwmark -1', {fwmark: nothing}, 'HC1204 error 4:8'],
  ['fwmark 0x10', {fwmark: nothing}, 'HC1204 error 4:8'],
  ['virtualhost x', {}, 'HC1202 error 4:1'],
]

/** Not for SMTP_CHECK, which has no address of its own when these lines are read. */
const SOURCE: readonly TableCase[] = [
  ['bindto fe80::2', {bindTo: nothing}, 'HC1631 error 4:1'],
  ['bindto 2001:db8::2;connect_ip 2001:db8::1', {bindTo: nothing}, 'HC1631 error 4:1'],
]

const DEFAULTS = {connectPort: 80, retry: 1, delayBeforeRetryMs: 1_000, warmupMs: 60_000}

describeChecker('TCP_CHECK', [['', {type: 'tcp', ...DEFAULTS}], ...TIMING, ...CONNECTION, ...SOURCE])

describeChecker('PING_CHECK', [
  ['', {type: 'ping', ...DEFAULTS, connectPort: nothing}],
  ...TIMING,
  ...CONNECTION,
  ...SOURCE,
])

describeChecker('DNS_CHECK', [
  [
    '',
    {
      type: 'dns',
      recordType: 'SOA',
      queryName: '.',
      retry: 3,
      delayBeforeRetryMs: 60_000,
    },
  ],
  ['delay_loop 7', {delayBeforeRetryMs: 7_000}],
  ...TIMING,
  ...CONNECTION,
  ...SOURCE,
  ...'A NS CNAME SOA MX TXT AAAA RRSIG DNSKEY'
    .split(' ')
    .map((recordType): TableCase => [`type ${recordType.toLowerCase()}`, {recordType}]),
  ['type PTR', {recordType: 'SOA'}, 'HC1204 error 4:6'],
  ['type', {recordType: 'SOA'}, 'HC1203 error 4:1'],
  ['type A NS', {recordType: 'A'}, 'HC1206 warning 4:8'],
  ['type A;type NS', {recordType: 'NS'}, 'HC1207 warning 5:1'],
  ['name example.com', {queryName: 'example.com'}],
  ['name example.com.', {queryName: 'example.com.'}],
  ['name ab.c.', {queryName: 'ab.c.'}],
  ['name a', {queryName: 'a'}],
  ['name .', {queryName: '.'}],
  ['name ""', {queryName: '.'}],
  ['name .com', {queryName: '.'}, 'HC1204 error 4:6'],
  ['name a..b', {queryName: '.'}, 'HC1204 error 4:6'],
  ['name a.', {queryName: '.'}, 'HC1204 error 4:6'],
  ['name a.example.com', {queryName: '.'}, 'HC1204 error 4:6'],
  ['name', {queryName: '.'}, 'HC1203 error 4:1'],
  ['name aa;name bb', {queryName: 'aa'}, 'HC1208 error 5:1'],
])

describeChecker('UDP_CHECK', [
  [
    '',
    {
      type: 'udp',
      ...DEFAULTS,
      payload: nothing,
      requireReply: nothing,
      minReplyLengthBytes: 0,
      maxReplyLengthBytes: 255,
    },
  ],
  ...TIMING,
  ...CONNECTION,
  ...SOURCE,
  ['payload 01fF', {payload: '01ff'}],
  ['payload 01 02', {payload: '0102'}],
  ['payload "01 02"', {payload: '0102'}],
  ['payload 012', {payload: '0102'}],
  ['payload 0x01', {payload: nothing}, 'HC1204 error 4:9'],
  ['payload', {payload: nothing}, 'HC1203 error 4:1'],
  ['payload 01;payload 02', {payload: '02'}, 'HC1207 warning 5:1'],
  ['require_reply', {requireReply: ''}],
  ['require_reply xx0X', {requireReply: 'xx0x'}],
  ['require_reply 0?', {requireReply: nothing}, 'HC1204 error 4:15'],
  ['min_reply_length 5;max_reply_length 65535', {minReplyLengthBytes: 5, maxReplyLengthBytes: 65_535}],
  ['min_reply_length 65536', {minReplyLengthBytes: 0}, 'HC1204 error 4:18'],
  ['max_reply_length 65536', {maxReplyLengthBytes: 255}, 'HC1204 error 4:18'],
  ['min_reply_length 300', {minReplyLengthBytes: 300}, 'HC1635 error 4:1'],
  ['max_reply_length 5;min_reply_length 6', {}, 'HC1635 error 5:1'],
])

describeChecker('SMTP_CHECK', [
  ['', {type: 'smtp', ...DEFAULTS, heloName: 'smtpchecker.keepalived.org', hosts: []}],
  ...TIMING,
  ...CONNECTION,
  ['bindto 2001:db8::2;connect_ip 2001:db8::1', {bindTo: '2001:db8::2'}],
  ['bindto 2001:db8::2', {bindTo: '2001:db8::2'}, 'HC1638 warning 4:1'],
  ['helo_name x', {heloName: 'x'}],
  ['helo_name', {heloName: 'smtpchecker.keepalived.org'}, 'HC1203 error 4:1'],
  ['host {;connect_ip 10.9.9.9;}', {connectIp: '10.9.9.9', connectPort: 80}, 'HC1636 warning 4:1'],
  ['host {;connect_port 0;}', {connectPort: 80}, 'HC1636 warning 4:1, HC1204 error 5:14'],
  ['host {;helo_name x;}', {}, 'HC1636 warning 4:1, HC1202 error 5:1'],
  ['host {;connect_ip fe80::1;}', {none: true}, 'HC1636 warning 4:1, HC1631 error 5:1'],
])

describe('the hosts of SMTP_CHECK', () => {
  it.each([
    ['share helo_name and timing', ['helo_name x', 'retry 9'], {heloName: 'x', retry: 9}, 2],
    ['share what one of them says about timing', [], {retry: 4}, 2, 'retry 4'],
    ['stand beside a checker that says where to connect', ['connect_ip 10.9.9.7'], {connectIp: '10.9.9.7'}, 3],
    ['take no port from outside', ['connect_port 26'], {connectPort: 26}, 3],
  ])('%s', (_, own, first, count, inHost = '') => {
    const hosts = ['host {', 'connect_ip 10.9.9.8', inHost, '}', 'host {', 'connect_ip 10.9.9.9', '}']
    const loaded = parse(checkerText('SMTP_CHECK', [...own, ...hosts]))
    const {checkers} = firstServer(loaded) as {checkers: readonly object[]}
    expect(checkers).toHaveLength(count)
    expect(checkers[0]).toMatchObject(first)
    expect(checkers.at(-1)).toMatchObject({connectIp: '10.9.9.9', connectPort: 80})
    expectSameAgain(loaded)
  })
})

/** The program follows the lines, so that these begin at line 4. */
describeLines(
  'MISC_CHECK',
  [
    ['', {type: 'misc', command: {argv: ['/bin/a', 'b c']}, timeoutMs: 60_000, dynamic: false, retry: 0}],
    ...TIMING,
    ['delay_loop 7', {timeoutMs: 7_000}],
    ['misc_timeout 5', {timeoutMs: 5_000}],
    ['misc_timeout 0', {timeoutMs: 60_000}],
    ['misc_timeout 4294', {timeoutMs: 4_294_000}],
    ['misc_timeout 4295', {timeoutMs: 60_000}, 'HC1204 error 4:14'],
    ['misc_timeout 1.5', {timeoutMs: 60_000}, 'HC1204 error 4:14'],
    ['misc_timeout -1', {timeoutMs: 60_000}, 'HC1204 error 4:14'],
    ['misc_dynamic', {dynamic: true}],
    ['misc_dynamic off', {dynamic: true}, 'HC1206 warning 4:14'],
    ['user me', {command: {runAs: {user: 'me'}}}],
    ['user me us', {command: {runAs: {user: 'me', group: 'us'}}}],
    ['user', {command: {argv: ['/bin/a', 'b c']}}, 'HC1203 error 4:1'],
    ['misc_path /bin/b', {command: {argv: ['/bin/a', 'b c']}}, 'HC1207 warning 5:1'],
    ['misc_path', {command: {argv: ['/bin/a', 'b c']}}, 'HC1203 error 4:1'],
    ['connect_timeout 5', {}, 'HC1202 error 4:1'],
    ['connect_ip 10.9.9.9', {}, 'HC1202 error 4:1'],
    ['fwmark 5', {}, 'HC1202 error 4:1'],
  ],
  lines => checkerText('MISC_CHECK', [...lines, `misc_path "/bin/a 'b c'"`]),
  firstChecker,
)

const BFD = 'bfd_instance b {\nneighbor_ip 10.0.0.9\n}'
/** Checkers are not told of this one. */
const FOR_VRRP = 'bfd_instance c {\nneighbor_ip 10.0.0.8\nvrrp\n}'

describe('BFD_CHECK', () => {
  it.each([
    [['name b'], {type: 'bfd', bfd: 'b', alpha: false}, ''],
    [['name b', 'alpha'], {alpha: true}, ''],
    [['name b c'], {none: true}, 'HC1204 error 11:8'],
    [['name'], {none: true}, 'HC1203 error 11:1'],
    [['name ""'], {none: true}, 'HC1204 error 11:6'],
    [[], {none: true}, 'HC1628 error 10:1'],
    [['name nope'], {none: true}, 'HC1629 error 11:1'],
    [['name c'], {none: true}, 'HC1629 error 11:1'],
    [['name b', 'name b'], {bfd: 'b'}, 'HC1208 error 12:1'],
    [['name b', 'delay_loop 3'], {bfd: 'b'}, 'HC1202 error 12:1'],
    [['name b', '}', 'BFD_CHECK {', 'name b'], {bfd: 'b'}, 'HC1630 error 14:1'],
  ])('%j', (lines, value, found) => {
    const loaded = parse(`${BFD}\n${FOR_VRRP}\n${checkerText('BFD_CHECK', lines)}`)
    expect(verdict(loaded)).toBe(found)
    expect(firstChecker(loaded)).toMatchObject(value)
    expectSameAgain(loaded)
  })

  it('names a session that is defined before it', () => {
    expect(verdict(parse(`${checkerText('BFD_CHECK', ['name b'])}\n${BFD}`))).toBe('HC1629 error 4:1')
  })
})

const FILE = 'track_file f {\nfile /tmp/x\nweight 7\n}'

describe('FILE_CHECK', () => {
  it.each([
    [['track_file f'], {type: 'file', trackFile: 'f', weight: {weight: 7, reverse: false}}, ''],
    [['track_file f', 'weight 5'], {weight: {weight: 5, reverse: false}}, ''],
    [['track_file f', 'weight 5 reverse'], {weight: {weight: 5, reverse: true}}, ''],
    [['track_file f', 'weight 5 noreverse'], {weight: {weight: 5, reverse: false}}, ''],
    [['track_file f', 'weight -2147483647'], {weight: {weight: -2_147_483_647}}, ''],
    [['track_file f', 'weight -2147483648'], {weight: {weight: 7}}, 'HC1204 error 9:8'],
    [['track_file f', 'weight 2147483648'], {weight: {weight: 7}}, 'HC1204 error 9:8'],
    [['track_file f', 'weight 5 foo'], {weight: {weight: 5, reverse: false}}, 'HC1204 error 9:10'],
    [['track_file f', 'weight'], {weight: {weight: 7}}, 'HC1203 error 9:1'],
    [['track_file nope'], {none: true}, 'HC1629 error 8:1'],
    [['weight 5'], {none: true}, 'HC1628 error 7:1'],
    [['track_file f', 'alpha'], {trackFile: 'f'}, 'HC1202 error 9:1'],
  ])('%j', (lines, value, found) => {
    const loaded = parse(`${FILE}\n${checkerText('FILE_CHECK', lines)}`)
    expect(verdict(loaded)).toBe(found)
    expect(firstChecker(loaded)).toMatchObject(value)
    expectSameAgain(loaded)
  })

  it('names a file that is defined before it', () => {
    expect(verdict(parse(`${checkerText('FILE_CHECK', ['track_file f'])}\n${FILE}`))).toBe('HC1629 error 4:1')
  })
})

describe('checkers', () => {
  it('that lack what they need are left out', () => {
    const loaded = parse(serverText(['MISC_CHECK {', '}', 'HTTP_GET {', '}', 'SSL_GET {', '}', 'TCP_CHECK {', '}']))
    expect(verdict(loaded)).toBe('HC1628 error 3:1, HC1628 error 5:1, HC1628 error 7:1')
    expect(firstServer(loaded)).toMatchObject({checkers: [{type: 'tcp'}]})
  })

  it('are kept in their order, whatever their kind', () => {
    const kinds = ['TCP_CHECK', 'PING_CHECK', 'UDP_CHECK', 'TCP_CHECK', 'DNS_CHECK', 'SMTP_CHECK']
    const loaded = parse(serverText(kinds.flatMap(kind => [`${kind} {`, '}'])))
    const types = ['tcp', 'ping', 'udp', 'tcp', 'dns', 'smtp']
    expect(firstServer(loaded)).toMatchObject({checkers: types.map(type => ({type}))})
    expectSameAgain(loaded)
  })
})
