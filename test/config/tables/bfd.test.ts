import {describe, expect, it} from 'vitest'
import {parse} from '../support.ts'
import {describeLines, expectSameAgain, verdict} from './table-support.ts'

describeLines(
  'bfd_instance',
  [
    [
      '',
      {
        neighbour: '10.0.0.9',
        minReceiveMs: 10,
        minTransmitMs: 10,
        idleTransmitMs: 1_000,
        multiplier: 5,
        ttl: 255,
        maxHops: 0,
        vrrp: true,
        checker: true,
      },
    ],
    ['neighbour_ip 2001:db8::9', {neighbour: '2001:db8::9', ttl: 64}, 'HC1207 warning 3:1'],
    ['neighbor_ip bad', {neighbour: '10.0.0.9'}, 'HC1207 warning 3:1, HC1204 error 3:13'],
    ['source_ip 10.0.0.1', {source: '10.0.0.1'}],
    ['min_rx 10.5', {minReceiveMs: 10.5}],
    ['min_rx 10.0005', {minReceiveMs: 10.001}, 'HC1205 error 3:8'],
    ['min_tx 0.5', {minTransmitMs: 10}, 'HC1204 error 3:8'],
    ['min_tx 4294967', {minTransmitMs: 4_294_967}, 'HC1328 warning 3:8'],
    ['min_tx 4294968', {minTransmitMs: 10}, 'HC1204 error 3:8'],
    ['idle_tx 999', {idleTransmitMs: 1_000}, 'HC1204 error 3:9'],
    ['multiplier 255', {multiplier: 255}],
    ['multiplier 0', {multiplier: 5}, 'HC1204 error 3:12'],
    ['passive', {passive: true}],
    ['hoplimit 3', {ttl: 3}],
    ['ttl 256', {ttl: 255}, 'HC1204 error 3:5'],
    ['max_hops -1', {maxHops: -1}],
    ['ttl 3;max_hops 9', {ttl: 3, maxHops: 3}, 'HC1327 error 4:1'],
    ['multihop off', {multihop: false}],
    ['weight 5 reverse', {weight: {weight: 5, reverse: true}}],
    ['weight 254', {weight: {weight: 0}}, 'HC1204 error 3:8'],
    ['weight 5 foo', {weight: {weight: 5}}, 'HC1204 error 3:10'],
    ['vrrp', {vrrp: true, checker: false}],
    ['checker', {vrrp: false, checker: true}],
    ['vrrp;checker', {vrrp: true, checker: true}],
  ],
  lines => ['bfd_instance x {', 'neighbor_ip 10.0.0.9', ...lines, '}'].join('\n'),
  ({config}) => config.bfdInstances[0],
)

describe('a BFD session', () => {
  const session = (name: string, ...lines: readonly string[]): string =>
    `bfd_instance ${name} {\n${lines.join('\n')}\n}\n`
  const A = session('a', 'neighbor_ip 10.0.0.9')

  it.each([
    ['without a name is left out', session('', 'neighbor_ip 10.0.0.9'), [], 'HC1209 error 1:1'],
    ['without a neighbour is left out', session('a'), [], 'HC1324 error 1:1'],
    ['with a name of 31 bytes is taken', session('n'.repeat(31), 'neighbor_ip 10.0.0.9'), ['n'.repeat(31)], ''],
    ['with a longer name is left out', session('n'.repeat(32), 'neighbor_ip 10.0.0.9'), [], 'HC1204 error 1:14'],
    ['of a name that is taken is left out', A + session('a', 'neighbor_ip 10.0.0.8'), ['a'], 'HC1210 error 4:1'],
    ['of a neighbour that is taken is left out', A + session('b', 'neighbor_ip 10.0.0.9'), ['a'], 'HC1326 error 5:1'],
    [
      'of a neighbour that is taken for every source is left out',
      A + session('b', 'neighbor_ip 10.0.0.9', 'source_ip 10.0.0.1'),
      ['a'],
      'HC1326 error 5:1',
    ],
    [
      'with another source is another one',
      session('a', 'neighbor_ip 10.0.0.9', 'source_ip 10.0.0.1') +
        session('b', 'neighbor_ip 10.0.0.9', 'source_ip 10.0.0.2'),
      ['a', 'b'],
      '',
    ],
    ['over several hops is another one', A + session('b', 'neighbor_ip 10.0.0.9', 'multihop'), ['a', 'b'], ''],
    [
      'between two families is left out',
      session('a', 'neighbor_ip 10.0.0.9', 'source_ip fe80::1'),
      [],
      'HC1325 error 3:1',
    ],
  ])('%s', (_what, text, names, found) => {
    const loaded = parse(text)
    expect(loaded.config.bfdInstances.map(({name}) => name)).toEqual(names)
    expect(verdict(loaded)).toBe(found)
    expectSameAgain(loaded)
  })
})
