import {describe, expect, it} from 'vitest'
import {ipvsServicesOf} from '../../src/config/ipvs-services.ts'
import {describeDestination, describeService} from '../../src/core/ipvs/describe.ts'
import {destinationKey} from '../../src/core/ipvs/names.ts'
import {parse} from './support.ts'

const services = (...lines: readonly string[]) => ipvsServicesOf(parse(lines.join('\n')).config)

/** The services and real servers in words, as they are to be made. */
function described(...lines: readonly string[]): readonly string[] {
  return services(...lines).services.flatMap(({service, destinations}) => [
    describeService(service),
    ...destinations.map(real => ` ${describeDestination(service.id, real).replace(/ of \S+/, '')}`),
  ])
}

const server = (head: string, ...lines: readonly string[]): readonly string[] => [
  `virtual_server ${head} {`,
  ' lvs_sched rr',
  ' lvs_method DR',
  ...(head.startsWith('fwmark') ? [] : [' protocol TCP']),
  ...lines,
  '}',
]
const group = (...members: readonly string[]): readonly string[] => ['virtual_server_group G {', ...members, '}']
const REAL = 'real_server 10.2.0.1 { }'

// What each of these is in the kernel was measured with keepalived 2.2.7: test/lvs/uml/configured.test.ts.
describe('the services of a configuration', () => {
  it('have the names that the configuration gives them', () => {
    const {services: all, problems} = services(
      ...group('10.1.0.5 80', '10.1.0.6 80'),
      ...server('10.1.0.1 80', REAL),
      ...server('fwmark 5', REAL),
      ...server('group G', REAL),
    )
    expect(all.map(({name}) => name)).toEqual(['10.1.0.1 80', 'fwmark 5', 'group G', 'group G'])
    expect(problems).toEqual([])
  })

  it('have all settings', () => {
    expect(
      described(
        ...server(
          '10.1.0.1 80',
          'lvs_sched sh',
          'sh-port',
          'flag-3',
          'persistence_timeout 50',
          'persistence_granularity 255.255.255.0',
          'persistence_engine sip',
          'weight 9',
          'real_server 10.2.0.1 8080 {',
          ' lvs_method NAT',
          ' weight 3',
          ' uthreshold 10',
          ' lthreshold 5',
          '}',
          'real_server 10.2.0.2 {',
          ' lvs_method TUN type gue port 6080 remcsum',
          '}',
        ),
      ),
    ).toEqual([
      '10.1.0.1:80/tcp scheduler sh flags sh-port,flag-3 persistent 50 netmask 24 engine sip',
      ' 10.2.0.1:8080 nat weight 3 upper-threshold 10 lower-threshold 5',
      ' 10.2.0.2:80 tun tunnel gue port 6080 remcsum weight 9',
    ])
  })

  it('schedule packet by packet where that is possible', () => {
    const text = ['virtual_server 10.1.0.1 53 {', 'lvs_sched rr', 'lvs_method DR', 'protocol UDP', 'ops', REAL, '}']
    expect(described(...text)[0]).toBe('10.1.0.1:53/udp scheduler rr one-packet on')
  })

  it('tell the kernel of an engine only together with a time', () => {
    expect(described(...server('10.1.0.1 80', 'persistence_engine sip', REAL))[0]).toBe('10.1.0.1:80/tcp scheduler rr')
  })

  it('keep the port of packets that NAT does not change', () => {
    const reals = [
      'real_server 10.2.0.1 81 { }',
      'real_server 10.2.0.2 82 {',
      'lvs_method NAT',
      '}',
      'real_server 10.2.0.3 {',
      'lvs_method NAT',
      '}',
    ]
    expect(described(...server('10.1.0.1', ...reals))).toEqual([
      '10.1.0.1:0/tcp scheduler rr persistent 360',
      ' 10.2.0.1:0 dr weight 1',
      ' 10.2.0.2:82 nat weight 1',
      ' 10.2.0.3:0 nat weight 1',
    ])
    expect(described(...server('fwmark 5', ...reals))).toEqual([
      'fwm/5 scheduler rr',
      ' 10.2.0.1:0 dr weight 1',
      ' 10.2.0.2:82 nat weight 1',
      ' 10.2.0.3:0 nat weight 1',
    ])
  })

  it('are all of a group, each with its own port', () => {
    const text = [
      ...group('10.1.0.1 80', '10.1.0.254-255 81', '10.1.1.0/31 82', 'fwmark 7', '10.1.0.1 80'),
      ...server('group G', 'real_server 10.2.0.1 { }', 'real_server 10.2.0.2 {', 'lvs_method NAT', '}'),
    ]
    const names = services(...text).services.map(({service, destinations}) => [
      describeService(service),
      ...destinations.map(destinationKey),
    ])
    expect(names).toEqual([
      ['10.1.0.1:80/tcp scheduler rr', '10.2.0.1:80', '10.2.0.2:0'],
      ['10.1.0.254:81/tcp scheduler rr', '10.2.0.1:81', '10.2.0.2:0'],
      ['10.1.0.255:81/tcp scheduler rr', '10.2.0.1:81', '10.2.0.2:0'],
      ['10.1.1.0:82/tcp scheduler rr', '10.2.0.1:82', '10.2.0.2:0'],
      ['10.1.1.1:82/tcp scheduler rr', '10.2.0.1:82', '10.2.0.2:0'],
      ['fwm/7 scheduler rr', '10.2.0.1:0', '10.2.0.2:0'],
    ])
  })

  it('are of both families behind tunnels', () => {
    const text = [
      ...group('10.1.0.1 80', '2001:db8::1-2 80', 'fwmark 7 inet', 'fwmark 8 inet6'),
      ...server('group G', 'lvs_method TUN', 'persistence_timeout 5', REAL, 'real_server 2001:db8::a { }'),
    ]
    const all = services(...text).services
    expect(all.map(({service}) => describeService(service))).toEqual([
      '10.1.0.1:80/tcp scheduler rr persistent 5',
      '[2001:db8::1]:80/tcp scheduler rr persistent 5',
      '[2001:db8::2]:80/tcp scheduler rr persistent 5',
      'fwm/7 scheduler rr persistent 5',
      'fwm6/8 scheduler rr persistent 5',
    ])
    expect(all.map(({destinations}) => destinations.length)).toEqual([2, 2, 2, 2, 2])
  })

  it('are as the earlier of two says, which share their real servers', () => {
    const {services: all, problems} = services(
      ...server('10.1.0.1 80', 'real_server 10.2.0.1 { }', 'real_server 10.2.0.2 { }'),
      ...server('10.1.0.1 80', 'lvs_sched wrr', 'weight 5', 'real_server 10.2.0.2 { }', 'real_server 10.2.0.3 { }'),
    )
    expect(all).toHaveLength(1)
    expect(all[0]?.service.scheduler).toBe('rr')
    expect(all[0]?.destinations.map(({address, weight}) => [address, weight])).toEqual([
      ['10.2.0.1', 1],
      ['10.2.0.2', 1],
      ['10.2.0.3', 5],
    ])
    expect(problems).toEqual([
      'virtual_server 10.1.0.1 80: 10.1.0.1:80/tcp is as virtual_server 10.1.0.1 80 has it, which is the earlier one',
      'virtual_server 10.1.0.1 80: real_server 10.2.0.2:80 of 10.1.0.1:80/tcp is as an earlier one has it',
    ])
  })

  it.each<[string, readonly string[], number, RegExp]>([
    [
      'a group with the other family',
      [...group('10.1.0.1 80', '2001:db8::1 80'), ...server('group G', REAL)],
      0,
      /^virtual_server group G: it is IPv4, and its group has IPv6; it is left out$/,
    ],
    ['mark 0', [...group('fwmark 0', 'fwmark 3'), ...server('group G', REAL)], 1, /fwmark 0 of its group is left out/],
    [
      'a range without an end in sight',
      [...group('2001:db8::/64 80', '2001:db8:1::1 80'), ...server('group G', 'real_server 2001:db8::a { }')],
      1,
      /^virtual_server group G: 2001:db8::-2001:db8::ffff:ffff:ffff:ffff of its group is left out: it has more than 65536/,
    ],
    [
      'many long ranges',
      [...group('10.1.0.0/16 80', '10.2.0.0/16 80'), ...server('group G', REAL), ...server('10.9.0.1 80', REAL)],
      1,
      /with its 131072 services there are more than 65536; it is left out/,
    ],
    [
      'a netmask with gaps',
      server('10.1.0.1 80', 'persistence_granularity 255.0.255.0', REAL),
      1,
      /persistence_granularity 255.0.255.0 has gaps; its first 8 bits are used/,
    ],
  ])('tell of %s', (_, lines, count, problem) => {
    const {services: all, problems} = services(...lines)
    expect(all).toHaveLength(count)
    expect(problems).toHaveLength(1)
    expect(problems[0]).toMatch(problem)
  })

  it('leave out what the kernel refuses, once for a whole group', () => {
    const {services: all, problems} = services(
      ...group('10.1.0.1-9 80'),
      ...server(
        'group G',
        REAL,
        'real_server 10.2.0.2 {',
        ' uthreshold 5',
        ' lthreshold 6',
        '}',
        'real_server 224.0.0.9 { }',
      ),
    )
    expect(all).toHaveLength(9)
    expect(all.every(({destinations}) => destinations.length === 1)).toBe(true)
    expect(problems).toEqual([
      'virtual_server group G: real_server 10.2.0.2:80 is left out: lowerThreshold 6 is not permitted: 0 to upperThreshold, which is 5',
      'virtual_server group G: real_server 224.0.0.9:80 is left out: real 224.0.0.9:80 is not permitted: an address of one host',
    ])
  })
})

describe('sorry servers', () => {
  const SORRY = 'sorry_server 10.2.0.9 8080'

  it('are real servers of their own method, with weight 1', () => {
    const lines = server('10.1.0.1 80', 'weight 7', SORRY, 'sorry_server_lvs_method NAT', REAL)
    expect(described(...lines).slice(1)).toEqual([' 10.2.0.1:80 dr weight 7', ' 10.2.0.9:8080 nat weight 1'])
    expect(services(...lines).services[0]?.sorryServers).toEqual(['10.2.0.9:8080'])
  })

  it('have the port of each service of a group where they cannot change it', () => {
    const lines = [...group('10.1.0.5 80', 'fwmark 3'), ...server('group G', SORRY, REAL)]
    expect(services(...lines).services.map(({sorryServers}) => sorryServers)).toEqual([['10.2.0.9:80'], ['10.2.0.9:0']])
  })

  it('that are real servers as well are one, in whatever order that becomes known', () => {
    const both = server('10.1.0.1 80', 'sorry_server 10.2.0.1', 'weight 5', REAL)
    const later = [
      ...server('10.1.0.1 80', 'sorry_server 10.2.0.1', 'real_server 10.2.0.2 { }'),
      ...server('10.1.0.1 80', 'weight 5', REAL),
    ]
    for (const lines of [both, later]) {
      const [web] = services(...lines).services
      expect(web?.destinations.find(destination => destinationKey(destination) === '10.2.0.1:80')?.weight).toBe(5)
      expect(web?.sorryServers).toEqual([])
      expect(services(...lines).problems).toEqual([])
    }
  })
})
