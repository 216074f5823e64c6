type Random = (below: number) => number

/** Something that makes words; none is fine too. */
type Maker = (random: Random) => string

const pick =
  (...choices: readonly string[]): Maker =>
  random =>
    choices[random(choices.length)] ?? ''
const number =
  (max: number): Maker =>
  random =>
    String([0, 1, max, random(max), random(max)][random(5)])
const words =
  (...parts: readonly (Maker | string)[]): Maker =>
  random =>
    parts.map(part => (typeof part === 'string' ? part : part(random))).join(' ')
/** A maker that is often left out. */
const maybe =
  (maker: Maker, often = 3): Maker =>
  random =>
    random(often) === 0 ? maker(random) : ''
const joined = (random: Random, makers: readonly Maker[]): string =>
  makers
    .map(maker => maker(random))
    .filter(text => text !== '')
    .join(' ')
const shuffled = <T>(random: Random, items: readonly T[]): readonly T[] =>
  items
    .map(item => ({item, rank: random(1_000_000)}))
    .toSorted((a, b) => a.rank - b.rank)
    .map(({item}) => item)

const address4: Maker = random => `10.${random(256)}.${random(256)}.${random(256)}`
const address6: Maker = random => `2001:db8:${random(65_536).toString(16)}::${random(65_536).toString(16)}`
const device = pick('eth0', 'eth1', 'bond0.7', 'br-lan')
const dsfield = pick('0', '4', '0x1c', 'AF11', 'EF', 'lunch')
const realms = pick('1', '1/2', 'cosmos/3', 'red', '0x10/blue')
const UINT32 = 0xffff_ffff

/** A line of an address. */
export function addressLine(random: Random): string {
  const four = random(2) === 0
  const address = four ? address4 : address6
  const peer = maybe(words('peer', address), 6)(random)
  const options = [
    maybe(words('dev', device)),
    ...(four
      ? [
          maybe(words('scope', pick('link', 'global', '7'))),
          maybe(words('brd', pick(...(peer === '' ? ['+', '-'] : []), '10.0.0.255'))),
        ]
      : [maybe(words('preferred_lft', pick('forever', '0', '4294967295')))]),
    ...(four ? [maybe(words('label', pick('eth0:1', 'foo')))] : [maybe(pick('home')), maybe(pick('-nodad'))]),
    maybe(pick('no_track')),
    maybe(pick('noprefixroute')),
    maybe(pick('use_vmac')),
  ]
  const start = peer === '' ? `${address(random)}/${random(four ? 31 : 129)}` : `${address(random)} ${peer}`
  return joined(random, [() => start, ...shuffled(random, options)])
}

const encapsulation = (random: Random): string =>
  [
    words('ip id', number(99_999), 'dst', address4, 'ttl', number(255)),
    words('ip6 dst', address6, 'tc', dsfield, 'hoplimit', number(255)),
    words('mpls', pick('100', '0x10/020', '1048575')),
    words('ila', pick('1:2:3:4', 'ffff:0:a:B')),
  ][random(4)]?.(random) ?? ''

const METRICS: readonly Maker[] = [
  ...['mtu', 'advmss', 'reordering', 'cwnd', 'ssthresh'].map(word =>
    maybe(words(word, maybe(pick('lock')), number(UINT32)), 6),
  ),
  ...['window', 'initcwnd', 'initrwnd'].map(word => maybe(words(word, number(UINT32)), 6)),
  ...['rtt', 'rttvar', 'rto_min'].map(word => maybe(words(word, pick('300ms', '2s', 'lock 1.5sec', '5000')), 6)),
  maybe(words('hoplimit', number(255)), 6),
  maybe(pick('features ecn'), 6),
  maybe(pick('quickack 1'), 6),
  maybe(words('congctl', pick('cubic', 'lock reno')), 6),
  maybe(words('fastopen_no_cookie', pick('0', '1')), 6),
]

/** A line of a route. */
export function routeLine(random: Random): string {
  const four = random(2) === 0
  const address = four ? address4 : address6
  const prefix: Maker = inner => `${address(inner)}/${inner(four ? 33 : 129)}`
  const destination = joined(random, [
    maybe(pick('to', 'unicast', 'blackhole', 'unreachable', 'local', '6')),
    random(4) === 0 ? pick(four ? 'default' : 'default6') : prefix,
  ])
  const options = [
    maybe(words('src', address)),
    maybe(words(pick('via', four ? 'via inet' : 'via inet6'), address)),
    maybe(words(pick('dev', 'oif'), device)),
    maybe(words(pick('tos', 'dsfield'), dsfield)),
    maybe(words('table', pick('main', 'local', '100', 'blue', '0x64'))),
    maybe(pick('vrf blue'), 6),
    maybe(words('protocol', pick('static', '99', 'hand'), 'no_track'), 6),
    maybe(words('scope', pick('link', '7', 'near'))),
    maybe(words(pick('metric', 'priority', 'preference'), number(UINT32))),
    maybe(pick('onlink')),
    maybe(inner => `encap ${encapsulation(inner)}`, 6),
    ...(four ? [maybe(words('realms', realms), 6)] : [maybe(words('pref', pick('low', 'high', '7')), 6)]),
    ...(four ? [] : [maybe(words('expires', number(UINT32)), 6), maybe(words('from', prefix), 6)]),
    maybe(words('ttl-propagate', pick('enabled', 'disabled')), 6),
    maybe(pick('add', 'append', 'prepend')),
    ...METRICS,
  ]
  const hop: Maker = inner =>
    joined(inner, [
      pick('nexthop'),
      words('via', address),
      maybe(words('dev', device)),
      maybe(words('weight', pick('1', '7', '256'))),
      maybe(pick('onlink')),
      maybe(deeper => `encap ${encapsulation(deeper)}`, 6),
    ])
  const hops = Array.from({length: random(3)}, () => hop)
  return joined(random, [() => destination, ...shuffled(random, options), ...hops])
}

/** A line of a rule; it has a preference. */
export function ruleLine(random: Random): string {
  const four = random(2) === 0
  const prefix: Maker = inner =>
    four ? `${address4(inner)}/${inner(33)}` : inner(4) === 0 ? 'default6' : `${address6(inner)}/${inner(129)}`
  const action = [
    words('table', pick('main', '100', 'blue'), maybe(words('sup_pl', number(128))), maybe(pick('sup_group vpn'))),
    pick('blackhole', 'type unreachable', 'prohibit', 'nop', 'l3mdev', '7'),
    words('goto', pick('4000000000', '4294967295')),
  ][random(3)]
  const options = [
    maybe(words('to', prefix)),
    maybe(pick('not')),
    maybe(words(pick('iif', 'dev'), device)),
    maybe(words('oif', device)),
    maybe(words('tos', dsfield)),
    maybe(words('fwmark', pick('1', '0x10/0xff', '4294967295/0'))),
    maybe(words('tunnel-id', pick('0', '18446744073709551615')), 6),
    maybe(words('uidrange', pick('0-4294967295', '1-2')), 6),
    maybe(words('ipproto', pick('tcp', 'UDP', '132')), 6),
    maybe(words('sport', pick('1-65535', '80-80')), 6),
    maybe(words('dport', pick('1-65535', '80-80')), 6),
    maybe(words('protocol', number(255), 'no_track'), 6),
    words(pick('preference', 'order', 'priority'), number(3_000_000)),
    action ?? pick('nop'),
  ]
  return joined(random, [words('from', prefix), ...shuffled(random, options)])
}
