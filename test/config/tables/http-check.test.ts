import {describe, expect, it} from 'vitest'
import {parse} from '../support.ts'
import {checkerText, firstChecker, firstServer, serviceText} from './lvs-support.ts'
import {describeLines, expectSameAgain, type TableCase, verdict} from './table-support.ts'

const nothing = undefined
const URL_BLOCK = ['url {', 'path /', '}']

/** Lines of HTTP_GET or SSL_GET, from line 7 on. */
const describeGet = (kind: string, cases: readonly TableCase[]): void =>
  describeLines(kind, cases, lines => checkerText(kind, [...URL_BLOCK, ...lines]), firstChecker)

const GET: readonly TableCase[] = [
  [
    '',
    {
      connectIp: '10.2.0.1',
      connectPort: 80,
      virtualHost: nothing,
      httpProtocol: '1.0',
      enableSni: false,
      sniName: nothing,
      fastRecovery: false,
      retry: 1,
      delayBeforeRetryMs: 3_000,
      urls: [{path: '/', digest: nothing, statusCodes: [{from: 200, to: 299}], virtualHost: nothing, regex: nothing}],
    },
  ],
  ['virtualhost a', {virtualHost: 'a', urls: [{virtualHost: 'a'}]}],
  ['virtualhost', {virtualHost: nothing}, 'HC1203 error 7:1'],
  ['http_protocol 1.1', {httpProtocol: '1.1'}],
  ['http_protocol 1.0c', {httpProtocol: '1.0C'}],
  ['http_protocol 1.0C', {httpProtocol: '1.0C'}],
  ['http_protocol 2', {httpProtocol: '1.0'}, 'HC1204 error 7:15'],
  ['http_protocol', {httpProtocol: '1.0'}, 'HC1203 error 7:1'],
  ['enable_sni', {enableSni: true}],
  ['enable_sni off', {enableSni: false}],
  ['enable_sni x', {enableSni: false}, 'HC1204 error 7:12'],
  ['sni_name', {enableSni: true, sniName: ''}],
  ['sni_name a.b', {enableSni: true, sniName: 'a.b'}],
  ['fast_recovery', {fastRecovery: true}],
  ['fast_recovery x', {fastRecovery: false}, 'HC1204 error 7:15'],
  ['retry 0', {retry: 0}],
  ['nb_get_retry 3', {retry: 3}, 'HC1211 error 7:1'],
  ['nb_get_retry 3;retry 4', {retry: 4}, 'HC1211 error 7:1, HC1207 warning 8:1'],
  ['connect_port 65536', {connectPort: 80}, 'HC1204 error 7:14'],
  ['foo', {}, 'HC1201 error 7:1'],
]

describeGet('HTTP_GET', [['', {type: 'http'}], ...GET, ['tls_compliant', {}, 'HC1202 error 7:1']])

describeGet('SSL_GET', [
  ['', {type: 'ssl', tlsCompliant: false, urls: [{tlsCompliant: false}]}],
  ...GET,
  ['tls_compliant', {tlsCompliant: true, urls: [{tlsCompliant: true}]}],
  ['tls_compliant off', {tlsCompliant: false}],
  ['tls_compliant x', {tlsCompliant: false}, 'HC1204 error 7:15'],
])

/** Lines of a url with a path, from line 6 on. */
const describeUrl = (what: string, kind: string, cases: readonly TableCase[]): void =>
  describeLines(
    what,
    cases,
    lines => checkerText(kind, ['url {', 'path /', ...lines, '}']),
    loaded => {
      const checker = firstChecker(loaded)
      return 'urls' in checker ? checker.urls[0] : checker
    },
  )

const DIGEST = '9b3a0c85a887a256d6939da88aabd8cd'
const OK = [{from: 200, to: 299}]
const codes = (...ranges: readonly (readonly [number, number])[]): object => ({
  statusCodes: ranges.map(([from, to]) => ({from, to})),
})

describeUrl('a url', 'HTTP_GET', [
  ['path /b', {path: '/b'}, 'HC1612 error 6:1'],
  ['virtualhost a', {virtualHost: 'a'}],
  ['virtualhost', {virtualHost: nothing}, 'HC1203 error 6:1'],
  [`digest ${DIGEST}`, {digest: DIGEST}],
  [`digest ${DIGEST.toUpperCase()}`, {digest: DIGEST}],
  [`digest ${DIGEST};digest ${DIGEST}`, {digest: DIGEST}, 'HC1208 error 7:1'],
  ['digest 9b3a', {digest: nothing}, 'HC1204 error 6:8'],
  [`digest z${DIGEST.slice(1)}`, {digest: nothing}, 'HC1204 error 6:8'],
  ['digest', {digest: nothing}, 'HC1203 error 6:1'],
  ['tls_compliant', {}, 'HC1202 error 6:1'],
  ['foo', {}, 'HC1201 error 6:1'],
])

describeUrl('the tls_compliant of a url', 'SSL_GET', [
  ['', {tlsCompliant: false}],
  ['tls_compliant', {tlsCompliant: true}],
  ['tls_compliant x', {tlsCompliant: false}, 'HC1204 error 6:15'],
])

describeUrl('a status code', 'HTTP_GET', [
  ['status_code 100', codes([100, 100])],
  ['status_code 599', codes([599, 599])],
  ['status_code 0200', codes([200, 200])],
  ['status_code 200-299 404', codes([200, 299], [404, 404])],
  ['status_code 200;status_code 301', codes([200, 200], [301, 301])],
  ['status_code 99', {statusCodes: OK}, 'HC1204 error 6:13'],
  ['status_code 600', {statusCodes: OK}, 'HC1204 error 6:13'],
  ['status_code 299-200', {statusCodes: OK}, 'HC1204 error 6:13'],
  ['status_code 200-600', {statusCodes: OK}, 'HC1204 error 6:13'],
  ['status_code 200,301', {statusCodes: OK}, 'HC1204 error 6:13'],
  ['status_code 200 - 300', codes([200, 200], [300, 300]), 'HC1204 error 6:17'],
  ['status_code foo 200', codes([200, 200]), 'HC1204 error 6:13'],
  ['status_code', {statusCodes: OK}, 'HC1203 error 6:1'],
])

describeUrl('a regular expression', 'HTTP_GET', [
  ['regex "a b"', {regex: 'a b', regexNoMatch: false, regexOptions: []}],
  ["regex 'a b'", {regex: 'a b'}],
  ['regex a b', {regex: nothing}, 'HC1204 error 6:9'],
  ['regex', {regex: nothing}, 'HC1203 error 6:1'],
  ['regex "a\\tb"', {regex: 'a\tb'}],
  ['regex "a\\x41"', {regex: 'aA'}],
  ['regex "a\\\\d"', {regex: 'a\\d'}],
  ['regex "a"b', {regex: 'ab'}],
  ['regex "a(?R)"', {regex: 'a(?R)'}, 'HC1640 warning 6:1'],
  ['regex a;regex b', {regex: 'b'}, 'HC1207 warning 7:1'],
  ['regex a;regex_no_match', {regexNoMatch: true}],
  ['regex a;regex_options caseless dotall', {regexOptions: ['caseless', 'dotall']}],
  ['regex a;regex_options caseless foo', {regexOptions: ['caseless']}, 'HC1634 warning 7:24'],
  ['regex a;regex_options', {regexOptions: []}, 'HC1634 warning 7:1'],
  ['regex a;regex_min_offset 5;regex_max_offset 9', {regexMinOffsetBytes: 5, regexMaxOffsetBytes: 9}],
  [
    'regex a;regex_min_offset 5;regex_max_offset 4',
    {regexMinOffsetBytes: nothing, regexMaxOffsetBytes: nothing},
    'HC1634 warning 8:1',
  ],
  ['regex a;regex_min_offset x', {regexMinOffsetBytes: nothing}, 'HC1204 error 7:18'],
  ['regex a;regex_max_offset 5 6', {regexMaxOffsetBytes: nothing}, 'HC1204 error 7:20'],
  ['regex a;regex_stack 1 2', {regexStack: {startBytes: 1, maxBytes: 2}}],
  ['regex a;regex_stack 2 1', {regexStack: nothing}, 'HC1204 error 7:13'],
  ['regex a;regex_stack 1', {regexStack: nothing}, 'HC1203 error 7:1'],
  ['regex a;regex_stack 1 2 3', {regexStack: nothing}, 'HC1204 error 7:17'],
  ['regex_no_match', {}, 'HC1634 warning 6:1'],
  ['regex_options caseless', {}, 'HC1634 warning 6:1'],
])

describe('the pages of HTTP_GET', () => {
  it.each([
    ['without a path are left out', [], 'HC1633 error 4:1', {none: true}],
    [
      'are kept in their order',
      ['url {', 'path /b', '}', 'url {', 'path /a', '}'],
      '',
      {urls: [{path: '/b'}, {path: '/a'}]},
    ],
    ['with a path are kept beside one without', ['url {', 'path /b', '}'], 'HC1633 error 4:1', {urls: [{path: '/b'}]}],
    ['may have a path with spaces', ['url {', 'path "/a b"', '}'], 'HC1633 error 4:1', {urls: [{path: '/a b'}]}],
  ])('%s', (_, others, found, value) => {
    const first = found === '' ? [] : ['url {', '}']
    const loaded = parse(checkerText('HTTP_GET', [...first, ...others]))
    expect(verdict(loaded)).toBe(found)
    expect(firstChecker(loaded)).toMatchObject(value)
    expectSameAgain(loaded)
  })

  it.each([
    ['virtualhost a', '', '', '', 'a'],
    ['virtualhost a', 'virtualhost b', '', '', 'b'],
    ['virtualhost a', 'virtualhost b', 'virtualhost c', '', 'c'],
    ['virtualhost a', 'virtualhost b', 'virtualhost c', 'virtualhost d', 'd'],
    ['', 'virtualhost b', '', 'virtualhost d', 'd'],
  ])('ask for the host of service %j, server %j, checker %j or url %j', (service, server, checker, url, host) => {
    const get = ['HTTP_GET {', checker, 'url {', 'path /', url, '}', '}']
    const loaded = parse(serviceText([service, 'real_server 10.2.0.1 80 {', server, ...get, '}']))
    expect(verdict(loaded)).toBe('')
    expect(firstServer(loaded)).toMatchObject({checkers: [{urls: [{virtualHost: host}]}]})
    expectSameAgain(loaded)
  })

  it('announce the end of TLS as the checker says, unless they say otherwise', () => {
    const urls = ['url {', 'path /', '}', 'url {', 'path /b', 'tls_compliant off', '}']
    const loaded = parse(checkerText('SSL_GET', ['tls_compliant', ...urls]))
    expect(firstChecker(loaded)).toMatchObject({urls: [{tlsCompliant: true}, {tlsCompliant: false}]})
    expectSameAgain(loaded)
  })
})

/** Lines of SSL, from line 2 on; nothing in it may be shown. */
describeLines(
  'SSL',
  [
    ['password x;ca /a;certificate /b;key /c', {password: 'x', caFile: '/a', certificateFile: '/b', keyFile: '/c'}],
    ['password', {password: nothing}, 'HC1203 error 2:1'],
    ['password x y', {password: 'x'}, 'HC1206 warning 2:12'],
    ['password x;password y', {password: 'y'}, 'HC1612 error 3:1'],
    ['ca /a;ca /b', {caFile: '/b'}, 'HC1612 error 3:1'],
    ['certificate', {certificateFile: nothing}, 'HC1203 error 2:1'],
    ['foo', {}, 'HC1201 error 2:1'],
    ['ca /a;};SSL {;key /b', {caFile: nothing, keyFile: '/b'}, 'HC1612 error 4:1'],
  ],
  lines => ['SSL {', ...lines, '}'].join('\n'),
  ({config}) => config.ssl,
)
