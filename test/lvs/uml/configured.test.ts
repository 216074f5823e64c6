import {join} from 'node:path'
import {beforeAll, expect, it} from 'vitest'
import {labSuite} from '../../lab/lab-suite.ts'
import {runInUml} from '../../lab/uml/uml.ts'
import type {ConfiguredAnswer} from './configured-guest.ts'

const server = (head: string, ...lines: readonly string[]): string =>
  [`virtual_server ${head} {`, ' lvs_sched rr', ...lines.map(line => ` ${line}`), '}', ''].join('\n')
const group = (...members: readonly string[]): string => ['virtual_server_group G {', ...members, '}', ''].join('\n')

const TCP = 'protocol TCP'
const UDP = 'protocol UDP'
const DR = 'lvs_method DR'
const NAT = 'lvs_method NAT'
const TUN = 'lvs_method TUN'
const real = (head: string, ...lines: readonly string[]): string => `real_server ${head} {\n ${lines.join('\n ')}\n}`

/** Configurations, and how many services and real servers they come to. */
const CONFIGURATIONS: readonly (readonly [name: string, text: string, lines: number])[] = [
  [
    'NAT with ports, weights, thresholds and persistence',
    server(
      '10.1.0.1 80',
      'lvs_sched wrr',
      NAT,
      TCP,
      'persistence_timeout 50',
      'persistence_granularity 255.255.255.0',
      'weight 9',
      real('10.2.0.1 8080', 'weight 3'),
      real('10.2.0.2', 'weight 0'),
      real('10.2.0.3 80', 'uthreshold 10', 'lthreshold 5'),
    ),
    4,
  ],
  [
    'DR beside tunnels, also to the other family',
    server(
      '10.1.0.1 80',
      'lvs_sched sh',
      'sh-port',
      DR,
      TCP,
      real('10.2.0.1 8080'),
      real('10.2.0.2'),
      real('10.2.0.3 90', 'lvs_method TUN type gue port 6080 remcsum'),
      real('10.2.0.4', 'lvs_method TUN type gre csum'),
      real('2001:db8::5 80', TUN),
    ),
    6,
  ],
  [
    'marks',
    server(
      'fwmark 5',
      'lvs_sched mh',
      'mh-port',
      'mh-fallback',
      NAT,
      real('10.2.0.1 8080'),
      real('10.2.0.2', DR),
      real('10.2.0.3 90', DR),
    ) + server('fwmark 9', 'ip_family inet6', TUN, real('10.2.0.1'), real('2001:db8::5')),
    7,
  ],
  [
    'a group of addresses, ranges and a mark, one of them without a port',
    group('10.1.0.1 80', '10.1.0.10-12 81', '10.1.0.20', 'fwmark 7', '10.1.0.32/31 82') +
      server(
        'group G',
        DR,
        TCP,
        real('10.2.0.1'),
        real('10.2.0.2 80'),
        real('10.2.0.3 8080', NAT),
        real('10.2.0.4', NAT),
      ),
    40,
  ],
  [
    'a group of both families behind tunnels',
    group('10.1.0.1 80', '2001:db8::1 80', 'fwmark 7 inet', 'fwmark 8 inet6') +
      server('group G', TUN, TCP, 'persistence_timeout 60', real('10.2.0.1'), real('2001:db8::5')),
    12,
  ],
  [
    'a group of both families that is not behind tunnels',
    group('10.1.0.1 80', '2001:db8::1 80') + server('group G', NAT, TCP, real('10.2.0.1')),
    0,
  ],
  ['a group of the other family', group('2001:db8::1 80') + server('group G', NAT, TCP, real('10.2.0.1')), 0],
  [
    'two of one service',
    server('10.1.0.1 80', DR, TCP, real('10.2.0.1'), real('10.2.0.2')) +
      server(
        '10.1.0.1 80',
        'lvs_sched wrr',
        DR,
        TCP,
        'persistence_timeout 99',
        'weight 5',
        real('10.2.0.2'),
        real('10.2.0.3'),
      ),
    4,
  ],
  [
    'a group that has a service twice, and another one',
    group('10.1.0.1 80', '10.1.0.1 80', '10.1.0.1-3 80') +
      server('group G', DR, TCP, real('10.2.0.1')) +
      server('10.1.0.2 80', 'lvs_sched wlc', NAT, TCP, real('10.2.0.2 80')),
    7,
  ],
  [
    'a persistence engine, and packets by themselves',
    server('10.1.0.1 5060', DR, UDP, 'persistence_engine sip', real('10.2.0.1')) +
      server('10.1.0.2 5060', DR, UDP, 'persistence_timeout 40', 'persistence_engine sip', 'ops', real('10.2.0.1')),
    4,
  ],
  [
    'IPv6, SCTP, flags, and persistence that nobody asked for',
    server(
      '2001:db8::1 80',
      'lvs_sched wlc',
      'flag-1',
      'flag-3',
      DR,
      'protocol SCTP',
      'persistence_granularity 64',
      real('2001:db8::5 80'),
    ) + server('2001:db8::2', 'lvs_sched sh', 'sh-fallback', DR, TCP, real('2001:db8::5')),
    4,
  ],
  [
    'netmasks of all clients and of one',
    server('10.1.0.2 80', DR, TCP, 'persistence_granularity 0.0.0.0', real('10.2.0.1')) +
      server('10.1.0.3 80', DR, TCP, 'persistence_granularity 255.255.255.255', real('10.2.0.1')),
    4,
  ],
  [
    'what the kernel refuses',
    server(
      '10.1.0.1 80',
      DR,
      TCP,
      real('10.2.0.1', 'uthreshold 5', 'lthreshold 6'),
      real('10.2.0.2', 'lthreshold 6'),
      real('10.2.0.3', 'uthreshold 4294967295'),
      real('224.0.0.9'),
    ),
    2,
  ],
  [
    'weights below the quorum, and a sorry server',
    server('10.1.0.1 80', DR, TCP, real('10.2.0.1', 'weight 0')) +
      server('10.1.0.2 80', DR, TCP, 'quorum 5', 'alpha', 'sorry_server 10.2.0.9 80', real('10.2.0.1')),
    4,
  ],
]

labSuite('services of a configuration', ['uml', 'ipvsadm', 'keepalived'], () => {
  let answers: readonly ConfiguredAnswer[]
  beforeAll(async () => {
    const input = CONFIGURATIONS.map(([, text]) => text)
    answers = await runInUml({guest: join(import.meta.dirname, 'configured-guest.ts'), input, timeoutMs: 240_000})
  }, 250_000)

  // keepalived.conf(5); real servers without a checker are up.
  it.each(CONFIGURATIONS.map(([name, , lines], index) => ({name, lines, index})))(
    'are those of keepalived: $name',
    ({lines, index}) => {
      const answer = answers[index]
      expect(answer?.refused).toEqual([])
      expect(answer?.ours).toEqual(answer?.keepalived)
      expect(answer?.ours).toHaveLength(lines)
    },
  )
})
