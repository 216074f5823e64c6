import {describe, expect, it} from 'vitest'
import {checkPlanOf} from '../../src/config/check-plan.ts'
import type {CheckedVirtualServer, CheckerPlan, HttpProbePlan, ProbePlan} from '../../src/core/check/plan.ts'
import {serviceName} from '../../src/core/ipvs/names.ts'
import {parse} from './support.ts'

const plan = (...lines: readonly string[]) => checkPlanOf(parse(lines.join('\n')).config)

const server = (head: string, ...lines: readonly string[]): readonly string[] => [
  `virtual_server ${head} {`,
  ' lvs_sched rr',
  ' lvs_method NAT',
  ...(head.startsWith('fwmark') ? [] : [' protocol TCP']),
  ...lines,
  '}',
]
const real = (...lines: readonly string[]): readonly string[] => ['real_server 10.2.0.1 8080 {', ...lines, '}']

function only(...lines: readonly string[]): CheckedVirtualServer {
  const [first, ...others] = plan(...lines).virtualServers
  expect(others).toEqual([])
  if (!first) throw new Error('there is no virtual server')
  return first
}

/** The checkers of the real server with these lines. */
const checkers = (...lines: readonly string[]): readonly CheckerPlan[] =>
  only(...server('10.1.0.1 80', ...real(...lines))).realServers.flatMap(one => one.checkers)
const probe = (...lines: readonly string[]): ProbePlan | undefined => checkers(...lines)[0]?.probe

const CONNECTION = {
  address: '10.2.0.1',
  port: 8080,
  bindAddress: undefined,
  bindPort: undefined,
  bindInterface: undefined,
  fwmark: 0,
  timeoutMs: 5_000,
}

describe('a virtual server', () => {
  it('has all settings', () => {
    expect(
      only(
        ...server(
          '10.1.0.1 80',
          'quorum 4',
          'hysteresis 2',
          'ha_suspend',
          'inhibit_on_failure',
          'sorry_server 10.2.0.9 81',
          'sorry_server_inhibit',
          'real_server 10.2.0.1 8080 { \nweight 5\n }',
          'real_server 10.2.0.2 { \nlvs_method DR\ninhibit_on_failure off\n }',
        ),
      ),
    ).toEqual({
      name: '10.1.0.1 80',
      services: [{type: 'address', protocol: 'tcp', address: '10.1.0.1', port: 80}],
      quorum: 4,
      hysteresis: 2,
      haSuspend: true,
      sorryServer: {address: '10.2.0.9', port: 81, destinationPort: 81, inhibit: true},
      realServers: [
        {
          name: '10.2.0.1:8080',
          address: '10.2.0.1',
          port: 8080,
          weight: 5,
          destinationPort: 8080,
          inhibitOnFailure: true,
          checkers: [],
        },
        {
          name: '10.2.0.2:80',
          address: '10.2.0.2',
          port: 80,
          weight: 1,
          destinationPort: undefined,
          inhibitOnFailure: false,
          checkers: [],
        },
      ],
    })
  })

  it('by a group has the services of all members', () => {
    const members = ['10.1.0.5-6 80', 'fwmark 7']
    const {name, services} = only('virtual_server_group web {', ...members, '}', ...server('group web', ...real()))
    expect(name).toBe('group web')
    expect(services.map(serviceName)).toEqual(['10.1.0.5:80/tcp', '10.1.0.6:80/tcp', 'fwm/7'])
  })

  it('of a name that others have too has a name of its own', () => {
    const all = [
      ...server('10.1.0.1 80', ...real()),
      ...server('10.1.0.1 80', ...real()),
      ...server('fwmark 3', ...real()),
    ]
    expect(plan(...all).virtualServers.map(({name}) => name)).toEqual(['10.1.0.1 80', '10.1.0.1 80 #2', 'fwmark 3'])
  })

  it('has each real server once, as IPVS has', () => {
    const reals = [
      'real_server 10.2.0.1 80 {\nlvs_method DR\n}',
      'real_server 10.2.0.1 81 {\nlvs_method DR\n}',
      ...real(),
    ]
    const {realServers} = only('virtual_server_group web {', '10.1.0.5 80', '}', ...server('group web', ...reals))
    expect(realServers.map(({name, destinationPort}) => [name, destinationPort])).toEqual([
      ['10.2.0.1:80', undefined],
      ['10.2.0.1:8080', 8080],
    ])
  })

  it('tells of what is up from the start where that is wanted', () => {
    expect(plan().tellsOfStart).toBe(false)
    expect(plan('global_defs {', 'rs_init_notifies', '}').tellsOfStart).toBe(true)
  })
})

describe('a checker', () => {
  it('has its times from whoever says them', () => {
    const [checker] = only(
      ...server(
        '10.1.0.1 80',
        'delay_loop 3',
        'warmup 2',
        'alpha',
        ...real('retry 7', 'TCP_CHECK {', 'delay_before_retry 4', '}'),
      ),
    ).realServers.flatMap(one => one.checkers)
    expect(checker?.timing).toEqual({
      delayLoopMs: 3_000,
      retry: 7,
      delayBeforeRetryMs: 4_000,
      warmupMs: 2_000,
      alpha: true,
      logAllFailures: false,
    })
  })

  it('connects to where it says, and from there', () => {
    const lines = ['connect_ip 10.3.0.1', 'connect_port 99', 'bindto 10.3.0.2', 'bind_port 98', 'bind_if eth0']
    expect(probe('TCP_CHECK {', ...lines, 'connect_timeout 1.5', 'fwmark 6', '}')).toEqual({
      type: 'tcp',
      connection: {
        address: '10.3.0.1',
        port: 99,
        bindAddress: '10.3.0.2',
        bindPort: 98,
        bindInterface: 'eth0',
        fwmark: 6,
        timeoutMs: 1_500,
      },
    })
  })

  it.each<[string, readonly string[], ProbePlan]>([
    ['TCP_CHECK', [], {type: 'tcp', connection: CONNECTION} as ProbePlan],
    ['PING_CHECK', [], {type: 'ping', connection: {...CONNECTION, port: 0}} as ProbePlan],
    ['SMTP_CHECK', ['helo_name me'], {type: 'smtp', connection: CONNECTION, heloName: 'me'} as ProbePlan],
    [
      'DNS_CHECK',
      ['type a', 'name example.org'],
      {type: 'dns', connection: CONNECTION, recordType: 'A', queryName: 'example.org'} as ProbePlan,
    ],
    [
      'UDP_CHECK',
      ['payload 01 02', 'require_reply ax', 'min_reply_length 1', 'max_reply_length 9'],
      {
        type: 'udp',
        connection: CONNECTION,
        payload: '0102',
        requireReply: 'ax',
        minReplyLengthBytes: 1,
        maxReplyLengthBytes: 9,
      } as ProbePlan,
    ],
    [
      'MISC_CHECK',
      ['misc_path "/bin/check a \'b c\'"', 'misc_timeout 9', 'misc_dynamic', 'user nobody games'],
      {
        type: 'misc',
        words: ['/bin/check', 'a', 'b c'],
        timeoutMs: 9_000,
        dynamic: true,
        user: {name: 'nobody', group: 'games'},
      },
    ],
  ])('of kind %s has what it needs', (kind, lines, expected) => {
    expect(probe(`${kind} {`, ...lines, '}')).toEqual(expected)
  })

  it('that runs a program runs it as script_user where it names nobody', () => {
    const check = server('10.1.0.1 80', ...real('MISC_CHECK {', 'misc_path /bin/true', '}'))
    const userOf = (...lines: readonly string[]) => {
      const probed = only(...lines, ...check).realServers[0]?.checkers[0]?.probe
      return probed?.type === 'misc' ? probed.user : 'none'
    }
    expect(userOf()).toBeUndefined()
    expect(userOf('global_defs {', 'script_user daemon', '}')).toEqual({name: 'daemon', group: undefined})
  })

  it('that follows a file or a session is told when it changes', () => {
    const [file, other, bfd] = only(
      'track_file load {\nfile /tmp/load\nweight 3 reverse\n}',
      'bfd_instance peer {\nneighbor_ip 10.9.0.1\n}',
      ...server(
        '10.1.0.1 80',
        'alpha',
        ...real(
          'FILE_CHECK {\ntrack_file load\n}',
          'FILE_CHECK {\ntrack_file load\nweight -2\n}',
          'BFD_CHECK {\nname peer\nalpha off\n}',
        ),
      ),
    ).realServers.flatMap(one => one.checkers)
    expect(file?.probe).toEqual({type: 'file', trackFile: 'load', weight: 3, reverse: true})
    expect(other?.probe).toEqual({type: 'file', trackFile: 'load', weight: -2, reverse: false})
    expect(bfd?.probe).toEqual({type: 'bfd', session: 'peer'})
    expect([file, bfd].map(one => one?.timing)).toMatchObject([
      {retry: 0, alpha: true},
      {retry: 0, alpha: false},
    ])
  })

  it('has a key that is the same only where what it probes is, whenever it does', () => {
    const keys = [
      ['TCP_CHECK {', '}'],
      ['TCP_CHECK {', 'connect_port 81', '}'],
      ['TCP_CHECK {', 'bind_port 81', '}'],
      ['PING_CHECK {', '}'],
      ['PING_CHECK {', 'fwmark 1', '}'],
      ['HTTP_GET {', 'url { \npath / \n}', '}'],
      ['HTTP_GET {', 'url { \npath / \n}', 'url { \npath / \n}', '}'],
      ['HTTP_GET {', 'url { \npath / \nregex "a" \n}', '}'],
      ['SSL_GET {', 'url { \npath / \n}', '}'],
    ].map(lines => checkers(...lines)[0]?.key)
    expect(keys).not.toContain(undefined)
    expect(new Set(keys).size).toBe(keys.length)
    expect(checkers('TCP_CHECK {', 'retry 2', 'delay_loop 7', 'alpha', '}')[0]?.key).toBe(keys[0])
  })
})

// keepalived-behaviour.md 119 and 121.
describe('HTTP_GET and SSL_GET', () => {
  function http(kind: string, lines: readonly string[], around: readonly string[] = []): HttpProbePlan {
    const probed = only(...server('10.1.0.1 80', ...around, ...real(`${kind} {`, ...lines, '}'))).realServers[0]
      ?.checkers[0]?.probe
    if (probed?.type !== 'http') throw new Error('it asks for no page')
    return probed
  }
  const page = (...lines: readonly string[]): string => ['url {', 'path /', ...lines, '}'].join('\n')

  it('have all settings of a page', () => {
    const lines = ['path /a', `digest ${'AB'.repeat(16)}`, 'status_code 200 300-302', 'regex "x+"', 'regex_no_match']
    const more = ['regex_options caseless', 'regex_min_offset 1', 'regex_max_offset 9']
    expect(
      http('HTTP_GET', ['http_protocol 1.1', 'fast_recovery', ['url {', ...lines, ...more, '}'].join('\n')]),
    ).toEqual({
      type: 'http',
      connection: CONNECTION,
      tls: undefined,
      protocol: '1.1',
      fastRecovery: true,
      pages: [
        {
          path: '/a',
          host: '10.2.0.1:8080',
          digest: 'ab'.repeat(16),
          status: [
            {from: 200, to: 200},
            {from: 300, to: 302},
          ],
          regex: {pattern: 'x+', options: ['caseless'], noMatch: true, minOffsetBytes: 1, maxOffsetBytes: 9},
          tlsCompliant: undefined,
        },
      ],
    })
  })

  it.each([
    ['the page', ['virtualhost url.example'], ['virtualhost get.example'], ['virtualhost vs.example'], 'url.example'],
    ['the checker', [], ['virtualhost get.example'], ['virtualhost vs.example'], 'get.example'],
    ['the virtual server', [], [], ['virtualhost vs.example'], 'vs.example'],
    ['the address and port that it connects to', [], ['connect_ip 10.3.0.1', 'connect_port 80'], [], '10.3.0.1:80'],
    ['the same for IPv6', [], ['connect_ip 2001:db8::1'], [], '[2001:db8::1]:8080'],
  ])('ask for the host of %s', (_what, url, get, around, host) => {
    expect(http('HTTP_GET', [...get, page(...url)], around).pages.map(one => one.host)).toEqual([host])
  })

  it.each([
    ['nothing without enable_sni', ['virtualhost get.example', page()], undefined, undefined],
    ['the virtual host', ['enable_sni', 'virtualhost get.example', page()], 'get.example', undefined],
    ['sni_name', ['sni_name sni.example', page('virtualhost url.example')], 'sni.example', undefined],
    ['nothing without a name', ['enable_sni', page()], undefined, undefined],
    [
      'the virtual host of a page',
      ['enable_sni', 'virtualhost get.example', page('virtualhost url.example')],
      'get.example',
      'url.example',
    ],
  ])('name in TLS %s', (_what, lines, serverName, ofPage) => {
    const {tls, pages} = http('SSL_GET', lines)
    expect([tls?.serverName, pages[0]?.serverName]).toEqual([serverName, ofPage])
  })

  it('end TLS as the checker or the page says', () => {
    const {tls, pages} = http('SSL_GET', ['tls_compliant', page(), page('tls_compliant off')])
    expect([tls?.compliant, ...pages.map(one => one.tlsCompliant)]).toEqual([true, true, false])
  })
})
