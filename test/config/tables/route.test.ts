import {describe, expect, it} from 'vitest'
import {readLines, withoutPosition, writtenLines} from './line-support.ts'

const PLAIN = {
  family: 4,
  type: 'unicast',
  destination: {address: '10.9.0.0', prefixLength: 16},
  onlink: false,
  table: 254,
  protocol: 18,
  metrics: {},
  mode: 'prepend',
  noTrack: false,
  nextHops: [],
}
const read = (line: string) => {
  const {values, found} = readLines('virtual_routes', line)
  return {route: values[0], found, written: writtenLines('virtual_routes', values)}
}

describe('a route', () => {
  it('has defaults', () => {
    const {values, found} = readLines('virtual_routes', '10.9.0.0/16 dev eth1')
    expect(withoutPosition(values)).toEqual([{...PLAIN, device: 'eth1', position: undefined}])
    expect(found).toEqual([])
  })

  it.each([
    ['to 10.9.0.0/16 via 10.1.0.1', {via: '10.1.0.1'}],
    ['src 10.1.1.1 to 10.9.0.0/16 via inet 10.1.0.1', {source: '10.1.1.1', via: '10.1.0.1'}],
    ['10.9.0.1 dev eth0', {destination: {address: '10.9.0.1', prefixLength: 32}}],
    ['default via 10.1.0.1', {family: 4, destination: {address: '0.0.0.0', prefixLength: 0}}],
    ['default via inet6 fe80::1 dev eth0', {family: 6, destination: {address: '::', prefixLength: 0}}],
    ['any via fe80::1 dev eth0', {family: 6, destination: {address: '::', prefixLength: 0}}],
    ['default6 dev eth0', {family: 6, destination: {address: '::', prefixLength: 0}}],
    ['blackhole default inet6', {family: 6, type: 'blackhole'}],
    ['6 10.9.0.0/16', {type: 'blackhole'}],
    ['throw 10.9.0.0/16', {type: 'throw'}],
    ['local 10.9.0.1 dev eth0', {type: 'local'}],
    ['2001:db8::/32 from 2001:db8:1::/48 dev eth0', {from: {address: '2001:db8:1::', prefixLength: 48}}],
    ['10.9.0.0/16 dev eth0 tos AF11', {tos: 40}],
    ['10.9.0.0/16 dev eth0 dsfield 0x14', {tos: 20}],
    ['10.9.0.0/16 dev eth0 tos 024', {tos: 20}],
    ['10.9.0.0/16 dev eth0 tos lunch', {tos: 'lunch'}],
    ['10.9.0.0/16 dev eth0 table local', {table: 255}],
    ['10.9.0.0/16 dev eth0 table 0x64', {table: 100}],
    ['10.9.0.0/16 dev eth0 table blue', {table: 'blue'}],
    ['10.9.0.0/16 dev eth0 vrf blue', {vrf: 'blue', table: 254}],
    ['10.9.0.0/16 dev eth0 protocol keepalived', {protocol: 18}],
    ['10.9.0.0/16 dev eth0 protocol static no_track', {protocol: 4, noTrack: true}],
    ['10.9.0.0/16 dev eth0 no_track', {protocol: 18, noTrack: true}],
    ['10.9.0.0/16 dev eth0 scope link', {scope: 253}],
    ['10.9.0.0/16 dev eth0 metric 010', {metric: 10}],
    ['10.9.0.0/16 oif eth0 priority 4294967295', {device: 'eth0', metric: 4_294_967_295}],
    ['10.9.0.0/16 dev eth0 preference 7', {metric: 7}],
    ['10.9.0.0/16 via 10.1.0.1 dev eth0 onlink', {onlink: true}],
    ['2001:db8::/32 dev eth0 expires 60', {expires: 60}],
    ['2001:db8::/32 dev eth0 pref high', {preference: 1}],
    ['10.9.0.0/16 dev eth0 realms 2', {realms: {from: 0, to: 2}}],
    ['10.9.0.0/16 dev eth0 realms cosmos/red', {realms: {from: 0, to: 'red'}}],
    ['10.9.0.0/16 dev eth0 realms 0x10/020', {realms: {from: 16, to: 16}}],
    ['10.9.0.0/16 dev eth0 ttl-propagate enabled', {ttlPropagate: true}],
    ['10.9.0.0/16 dev eth0 append', {mode: 'append'}],
    ['10.9.0.0/16 dev eth0 add', {mode: 'add'}],
  ])('may be %s', (line, expected) => {
    const {route, found} = read(line)
    expect(found).toEqual([])
    expect(route).toMatchObject(expected)
  })

  it.each([
    ['mtu lock 1400', {mtu: {value: 1_400, locked: true}}],
    ['mtu 1400 advmss 1300', {mtu: {value: 1_400, locked: false}, advmss: {value: 1_300, locked: false}}],
    ['hoplimit 0', {hoplimit: {value: 0, locked: false}}],
    ['rtt 300ms', {rtt: {value: 2_400, locked: false}}],
    ['rtt 1.5S', {rtt: {value: 12_000, locked: false}}],
    ['rtt 2000', {rtt: {value: 2_000, locked: false}}],
    ['rttvar lock 300msecs', {rttvar: {value: 1_200, locked: true}}],
    ['rto_min 2sec', {rtoMin: {value: 2_000, locked: false}}],
    ['reordering lock 5 window 6 cwnd lock 7', {reordering: {value: 5, locked: true}, cwnd: {value: 7, locked: true}}],
    ['ssthresh 8 initcwnd 9 initrwnd 10', {ssthresh: {value: 8, locked: false}, initrwnd: {value: 10, locked: false}}],
    ['features ecn quickack 1', {ecn: true, quickack: {value: 1, locked: false}}],
    ['congctl lock cubic', {congestionControl: {name: 'cubic', locked: true}}],
    ['fastopen_no_cookie 0', {fastopenNoCookie: {value: 0, locked: false}}],
  ])('has the metrics %s', (words, metrics) => {
    const {route, found} = read(`10.9.0.0/16 dev eth0 ${words}`)
    expect(found).toEqual([])
    expect(route?.metrics).toMatchObject(metrics)
  })

  it.each([
    ['ip id 5', {type: 'ip', id: '5'}],
    [
      'ip dst 10.1.0.9 src 10.1.0.5 tos 4 ttl 5 flags 6',
      {type: 'ip', destination: '10.1.0.9', source: '10.1.0.5', tos: 4, ttl: 5, flags: 6},
    ],
    ['ip id 18446744073709551615', {type: 'ip', id: '18446744073709551615'}],
    [
      'ip6 dst fe80::1 src fe80::2 tc CS1 hoplimit 6 flags 1',
      {type: 'ip6', destination: 'fe80::1', source: 'fe80::2', trafficClass: 32, hopLimit: 6, flags: 1},
    ],
    ['mpls 100', {type: 'mpls', labels: [100]}],
    ['mpls 0x10/020', {type: 'mpls', labels: [16, 16]}],
    ['ila 1:02:3:F', {type: 'ila', locator: '1:2:3:f'}],
    ['ila "  12ff:23:34:45"', {type: 'ila', locator: '12ff:23:34:45'}],
  ])('is put into %s', (words, encapsulation) => {
    const {route, found} = read(`10.9.0.0/16 encap ${words} dev eth0`)
    expect(found).toEqual([])
    expect(route).toMatchObject({encapsulation, device: 'eth0'})
  })
})

describe('next hops', () => {
  const nextHops = (words: string) => {
    const {route, found} = read(`10.9.0.0/16 ${words}`)
    return {hops: route?.nextHops, found}
  }

  it('have a share each', () => {
    const {hops, found} = nextHops(
      'nexthop via 10.1.0.1 dev eth0 onlink weight 256 realms 1/2 nexthop via inet 10.1.0.2',
    )
    expect(found).toEqual([])
    expect(hops).toEqual([
      {via: '10.1.0.1', device: 'eth0', onlink: true, weight: 256, realms: {from: 1, to: 2}},
      {via: '10.1.0.2', onlink: false, weight: 1},
    ])
  })

  it('tell the family of a default route', () => {
    const {route} = read('default nexthop via fe80::1 dev eth0')
    expect(route).toMatchObject({family: 6, destination: {address: '::', prefixLength: 0}})
  })

  it('may each be put into something', () => {
    const {hops, found} = nextHops('nexthop via 10.1.0.1 encap ip id 5 nexthop dev eth0 encap mpls 7')
    expect(found).toEqual([])
    expect(hops).toMatchObject([{encapsulation: {type: 'ip', id: '5'}}, {encapsulation: {type: 'mpls', labels: [7]}}])
  })

  it.each([
    ['weight 257', 'nexthop via 10.1.0.1 nexthop via 10.1.0.2 weight 257', ['HC1511 error 62']],
    ['weight 0', 'nexthop via 10.1.0.1 nexthop via 10.1.0.2 weight 0', ['HC1511 error 62']],
    ['another family', 'nexthop via 10.1.0.1 nexthop via fe80::1', ['HC1511 error 46']],
    ['no address', 'nexthop via 10.1.0.1 nexthop via router', ['HC1511 error 46']],
    ['what follows', 'nexthop via 10.1.0.1 metric 5 nexthop via 10.1.0.2', ['HC1511 error 34']],
    ['a translation', 'nexthop via 10.1.0.1 as to 10.0.0.1', ['HC1511 error 34']],
  ])('after a mistake are left out: %s', (_what, words, expected) => {
    const {hops, found} = nextHops(words)
    expect(found).toEqual(expected)
    expect(hops).toEqual([{via: '10.1.0.1', onlink: false, weight: 1}])
  })

  it('may come from or, with a complaint each time', () => {
    const {hops, found} = nextHops('via 10.1.0.1 or 10.1.0.2 or 10.1.0.3')
    expect(found).toEqual(['HC1511 error 26', 'HC1511 error 38'])
    expect(hops).toMatchObject([{via: '10.1.0.1'}, {via: '10.1.0.2'}])
  })
})

describe('a route is left out', () => {
  it.each([
    ['without a destination', 'dev eth0', 'HC1510 error 1'],
    ['with a word that is no option', '10.9.0.0/16 via 10.1.0.1 foo', 'HC1510 error 26'],
    ['with a short name', '10.9.0.0/16 dev eth0 proto static', 'HC1510 error 22'],
    ['with track_group, if it is virtual', '10.9.0.0/16 dev eth0 track_group G', 'HC1510 error 22'],
    ['without the value of an option', '10.9.0.0/16 via', 'HC1510 error 13'],
    ['without what follows its type', '10.9.0.0/16 blackhole', 'HC1510 error 13'],
    ['with to after its type', 'blackhole to 10.9.0.0/16', 'HC1510 error 11'],
    ['with a mixture of families', '10.9.0.0/16 via inet6 fe80::1', 'HC1510 error 17'],
    ['with a source of the other family', 'src fe80::1 10.9.0.0/16 dev eth0', 'HC1510 error 13'],
    ['with from over IPv4', '10.9.0.0/16 from 10.0.0.0/8 dev eth0', 'HC1510 error 18'],
    ['with expires over IPv4', '10.9.0.0/16 dev eth0 expires 60', 'HC1510 error 22'],
    ['with pref over IPv4', '10.9.0.0/16 dev eth0 pref low', 'HC1510 error 22'],
    ['with realms over IPv6', '2001:db8::/32 dev eth0 realms 1', 'HC1510 error 24'],
    ['with a network as router', '10.9.0.0/16 via 10.1.0.1/16', 'HC1510 error 17'],
    ['with a table beyond', '10.9.0.0/16 dev eth0 table 4294967296', 'HC1510 error 28'],
    ['with a realm beyond', '10.9.0.0/16 dev eth0 realms 256', 'HC1510 error 29'],
    ['with half a pair of realms', '10.9.0.0/16 dev eth0 realms 1/', 'HC1510 error 29'],
    ['with a metric that is hexadecimal', '10.9.0.0/16 dev eth0 metric 0x10', 'HC1510 error 29'],
    ['with a negative metric', '10.9.0.0/16 dev eth0 metric -1', 'HC1510 error 29'],
    ['with a hop limit beyond', '10.9.0.0/16 dev eth0 hoplimit 256', 'HC1510 error 31'],
    ['with lock where it is not permitted', '10.9.0.0/16 dev eth0 window lock 5', 'HC1510 error 29'],
    ['with an exponent in a time', '10.9.0.0/16 dev eth0 rtt 1e3', 'HC1510 error 26'],
    ['with minutes', '10.9.0.0/16 dev eth0 rtt 5min', 'HC1510 error 26'],
    ['with a time that is too long', '10.9.0.0/16 dev eth0 rto_min 130s', 'HC1510 error 30'],
    ['with an encapsulation that nobody knows', '10.9.0.0/16 dev eth0 encap seg6 x', 'HC1510 error 28'],
    ['with a tunnel to nowhere', '10.9.0.0/16 dev eth0 encap ip src 10.1.0.1', 'HC1510 error 28'],
    ['with a tunnel of the other family', '10.9.0.0/16 dev eth0 encap ip dst fe80::1', 'HC1510 error 35'],
    ['with three labels', '10.9.0.0/16 dev eth0 encap mpls 1/2/3', 'HC1510 error 33'],
    ['with a label beyond', '10.9.0.0/16 dev eth0 encap mpls 1048576', 'HC1510 error 33'],
    ['with half a locator', '10.9.0.0/16 dev eth0 encap ila 1:2:3', 'HC1510 error 32'],
    ['with inet before other words', 'inet 10.9.0.0/16 dev eth0', 'HC1510 error 1'],
    ['with nexthop after or', '10.9.0.0/16 via 10.1.0.1 or 10.1.0.2 nexthop via 10.1.0.3', 'HC1510 error 38'],
    ['with an interface that cannot be', '10.9.0.0/16 dev eth0:1', 'HC1204 error 17'],
  ])('%s', (_what, line, finding) => {
    const {values, found} = readLines('virtual_routes', line)
    expect(values).toEqual([])
    expect(found.at(-1)).toBe(finding)
    expect(found.filter(text => !text.startsWith('HC1511'))).toHaveLength(1)
  })
})

describe('a route is corrected', () => {
  it.each([
    ['a prefix that is too long', '10.9.0.0/33 dev eth0', ['HC1511 error 1'], {destination: {prefixLength: 32}}],
    ['a netmask', '10.9.0.0/255.255.0.0 dev eth0', ['HC1511 error 1'], {destination: {prefixLength: 32}}],
    ['gw', '10.9.0.0/16 gw 10.1.0.1', ['HC1511 error 13'], {via: '10.1.0.1'}],
    ['the protocol of what is tracked', '10.9.0.0/16 dev eth0 protocol static', ['HC1511 error 22'], {protocol: 18}],
    ['a feature', '10.9.0.0/16 dev eth0 features blue', ['HC1511 error 31'], {metrics: {}}],
    ['ttl-propagate', '10.9.0.0/16 dev eth0 ttl-propagate on', ['HC1511 error 36'], {ttlPropagate: false}],
    ['as', '10.9.0.0/16 dev eth0 as to 10.0.0.1 metric 5', ['HC1511 error 22'], {metric: 5}],
    ['a short time', '10.9.0.0/16 dev eth0 rtt 10ms', ['HC1511 error 26'], {metrics: {rtt: {value: 1_600}}}],
    ['a long time', '10.9.0.0/16 dev eth0 rtt 130s', ['HC1511 error 26'], {metrics: {rtt: {value: 960_000}}}],
    ['a fraction', '10.9.0.0/16 dev eth0 rtt 2000.6', ['HC1511 error 26'], {metrics: {rtt: {value: 2_001}}}],
  ])('%s', (_what, line, expected, value) => {
    const {route, found} = read(line)
    expect(found).toEqual(expected)
    expect(route).toMatchObject(value)
  })
})

// Each of these was refused by a kernel, or taken for something else.
describe('a route surprises', () => {
  it.each([
    ['with bits beyond its network', '10.9.0.1/16 dev eth0'],
    ['that leads nowhere', '10.9.0.0/16'],
    ['of a type that leads nowhere, with a device', 'blackhole 10.9.0.0/16 dev eth0'],
    ['with onlink but no device', '10.9.0.0/16 via 10.1.0.1 onlink'],
    ['with the bits of congestion in its tos', '10.9.0.0/16 dev eth0 tos 99'],
    ['with tos over IPv6', '2001:db8::/32 dev eth0 tos 4'],
    ['with scope over IPv6', '2001:db8::/32 dev eth0 scope link'],
    ['with via beside nexthop', '10.9.0.0/16 via 10.1.0.1 nexthop via 10.1.0.1'],
    ['with dev beside nexthop', '10.9.0.0/16 dev eth0 nexthop via 10.1.0.1'],
    ['with an odd preference', '2001:db8::/32 dev eth0 pref 5'],
    ['with an empty next hop', '10.9.0.0/16 nexthop via 10.1.0.1 nexthop'],
    ['of a type that is gone', 'nat 10.9.0.0/16 dev eth0'],
    ['with an option twice', '10.9.0.0/16 dev eth0 mtu 1400 mtu 1500'],
    ['with two destinations', '10.9.0.0/16 10.8.0.0/16 dev eth0'],
  ])('%s', (_what, line) => {
    const {route, found} = read(line)
    expect(route).toBeDefined()
    expect(found.map(text => text.slice(0, 14))).toEqual(['HC1512 warning'])
  })

  it.each([
    'unreachable 2001:db8::/32 dev eth0',
    '2001:db8::1/32 dev eth0',
    '10.9.0.0/16 dev eth0 nexthop via 10.1.0.1 dev eth0',
    '10.9.0.0/16 dev eth0 tos 252',
  ])('nobody as %s', line => {
    expect(read(line).found).toEqual([])
  })
})

describe('a route is written', () => {
  it.each([
    ['to default via 10.1.0.1 table main protocol 18 scope global prepend', 'default via 10.1.0.1 scope global'],
    ['any via fe80::1', 'default6 via fe80::1'],
    ['7 10.9.0.0/16', 'unreachable 10.9.0.0/16'],
    ['10.9.0.0/16 via 10.1.0.1 or 10.1.0.2', '10.9.0.0/16 nexthop via 10.1.0.1 nexthop via 10.1.0.2'],
    ['rtt 1s realms cosmos/4 10.9.0.0/16 dev eth0', '10.9.0.0/16 dev eth0 rtt 8000 realms 4'],
    ['10.9.0.0/16 dev eth0 protocol bgp no_track append', '10.9.0.0/16 protocol 186 dev eth0 append no_track'],
  ])('%s as %s', (line, expected) => {
    expect(read(line).written).toEqual([expected])
  })
})
