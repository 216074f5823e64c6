import type {Host} from '../../lab/host.ts'
import {withLab} from '../../lab/lab.ts'
import {guest} from '../../lab/uml/guest.ts'
import {sleep, within} from '../../lab/wait.ts'
import {
  ask,
  buildNetwork,
  FIRST_PORT,
  FLAT_VIPS,
  flatAddress,
  type Greeting,
  NAT_VIP6,
  NAT_VIPS,
  type Network,
  namesOf,
  natAddress,
  natAddress6,
  SOURCES,
  shell,
  Talk,
} from './network.ts'
import {lvs, rules, startLvs} from './rules.ts'

/** What was seen in every play. */
export interface TrafficAnswer {
  readonly methods: Readonly<Record<string, MethodPlay>>
  readonly roundRobin: readonly string[]
  readonly weighted: readonly string[]
  readonly sourceHash: HashPlay
  readonly sourceHashByPort: PortPlay
  readonly maglev: HashPlay
  readonly maglevFallback: HashPlay
  readonly maglevByPort: PortPlay
  readonly persistence: PersistencePlay
  readonly weightZero: WeightZeroPlay
}

/** Two connections by one forwarding method, and how many packets came out of the server's tunnel for them. */
export interface MethodPlay {
  readonly greetings: readonly Greeting[]
  readonly fromTunnel: number
}

/** Who answered each of many sources: at first, again, with real server 2 gone, and when it is back. */
export interface HashPlay {
  readonly first: readonly string[]
  readonly again: readonly string[]
  readonly without: readonly string[]
  readonly back: readonly string[]
}

/** Who answered many ports of one source, for two services with the same real servers. */
export interface PortPlay {
  readonly one: readonly string[]
  readonly other: readonly string[]
}

export interface PersistencePlay {
  readonly oneClient: readonly string[]
  readonly anotherClient: readonly string[]
  /** Two sources in each of six networks of 16 addresses. */
  readonly networks: readonly (readonly string[])[]
}

/** What became of one connection, and of new ones, when its real server had weight 0, and when it was drained. */
export interface WeightZeroPlay {
  /** The real server of the connection. */
  readonly server: string
  readonly weightZero: ServerLeft
  readonly drained: ServerLeft
  /** Whether all that was sent over the connection came back, from the one real server. */
  readonly unbroken: boolean
  /** Whether `drain-real --wait` waited while the connection was there, and its exit code when it had ended. */
  readonly drainWaited: boolean
  readonly drainCode: number | null
}

export interface ServerLeft {
  /** Who answered new connections. */
  readonly others: readonly string[]
  /** Whether the old one went on. */
  readonly goesOn: boolean
  /** Who answered new connections when the real server had its weight again. */
  readonly afterwards: readonly string[]
}

async function methods(network: Network): Promise<Record<string, MethodPlay>> {
  const {client, servers} = network
  const [server] = servers
  if (server === undefined) throw new Error('there is no server')
  await shell(
    server,
    'ip link set tunl0 up',
    'ip link set gre0 up',
    'ip fou add port 6080 gue',
    'echo 0 >/proc/sys/net/ipv4/conf/tunl0/rp_filter',
    'echo 0 >/proc/sys/net/ipv4/conf/gre0/rp_filter',
  )
  const received = async (device: string): Promise<number> =>
    Number(await shell(server, `cat /sys/class/net/${device}/statistics/rx_packets`))
  const seen: Record<string, MethodPlay> = {}
  for (const {name, vip, tunnel} of METHODS) {
    const before = await received(tunnel)
    const host = vip.replaceAll(/[[\]]/g, '')
    const greetings = await ask(client, [{host}, {host}])
    seen[name] = {greetings, fromTunnel: (await received(tunnel)) - before}
  }
  return seen
}

const roundRobin = ({client}: Network): Promise<readonly string[]> => namesOf(client, NAT_VIPS.rr, 12)
const weighted = ({client}: Network): Promise<readonly string[]> => namesOf(client, NAT_VIPS.wrr, 21)

async function hashed({client, director}: Network, vip: string): Promise<HashPlay> {
  const first = await whoAnswers(client, vip, SOURCES)
  const again = await whoAnswers(client, vip, SOURCES)
  const second = [`${vip}:80/tcp`, `${flatAddress(2)}:80`]
  await lvs(director, ['delete-real', ...second, '-y'])
  const without = await whoAnswers(client, vip, SOURCES)
  await lvs(director, ['add-real', ...second, '--method', 'dr', '--weight', '1'])
  return {first, again, without, back: await whoAnswers(client, vip, SOURCES)}
}

/** Instead of being removed, real server 2 gets weight 0. */
async function fallback({client, director}: Network): Promise<HashPlay> {
  const vip = FLAT_VIPS.mhFallback
  const first = await whoAnswers(client, vip, SOURCES)
  const again = await whoAnswers(client, vip, SOURCES)
  const second = [`${vip}:80/tcp`, `${flatAddress(2)}:80`]
  await lvs(director, ['edit-real', ...second, '--weight', '0'])
  const without = await whoAnswers(client, vip, SOURCES)
  await lvs(director, ['edit-real', ...second, '--weight', '1'])
  return {first, again, without, back: await whoAnswers(client, vip, SOURCES)}
}

/** Two services with the same real servers, each asked from the same ports. */
async function hashedByPort({client}: Network, [vip, other]: readonly [string, string]): Promise<PortPlay> {
  const names = async (host: string): Promise<readonly string[]> => {
    const connections = SOURCES.map((_, index) => ({host, localAddress: '10.3.0.10', localPort: FIRST_PORT + index}))
    return (await ask(client, connections)).map(greeting => greeting?.name ?? '-')
  }
  return {one: await names(vip), other: await names(other)}
}

async function persistence({client}: Network): Promise<PersistencePlay> {
  const six = (address: string): readonly string[] => Array.from({length: 6}, () => address)
  const oneClient = await whoAnswers(client, FLAT_VIPS.persistent, six('10.3.9.1'))
  const anotherClient = await whoAnswers(client, FLAT_VIPS.persistent, six('10.3.9.2'))
  const networks: (readonly string[])[] = []
  for (const start of [16, 32, 48, 64, 80, 96]) {
    const ends = [`10.3.9.${start + 1}`, `10.3.9.${start + 14}`]
    networks.push(await whoAnswers(client, FLAT_VIPS.networks, ends))
  }
  return {oneClient, anotherClient, networks}
}

/** A real server gets no new connections while an established one goes on: by its weight, and by being drained. */
async function weightZero({client, director, servers}: Network): Promise<WeightZeroPlay> {
  const vip = NAT_VIPS.drain
  const talk = await Talk.start(client, vip)
  const n = servers.findIndex(({name}) => name === talk.server) + 1
  const real = [`${vip}:80/tcp`, `${natAddress(n)}:80`]
  await lvs(director, ['edit-real', ...real, '--weight', '0'])
  const others = await namesOf(client, vip, 6)
  const goesOn = await talk.goesOn()
  await lvs(director, ['edit-real', ...real, '--weight', '1'])
  const withWeight = await namesOf(client, vip, 6)

  const drain = await startLvs(director, ['drain-real', ...real, '--wait', '--timeout', '60s', '-y'])
  await untilWeight(director, natAddress(n), 0)
  const othersWhileDrained = await namesOf(client, vip, 6)
  const goesOnDrained = await talk.goesOn()
  const waited = drain.exit === undefined
  const {unbroken, server} = talk
  await talk.end()
  const ended = await within(drain.exited, 20_000)
  await lvs(director, ['undrain-real', ...real, '--weight', '1'])
  return {
    server,
    weightZero: {others, goesOn, afterwards: withWeight},
    drained: {others: othersWhileDrained, goesOn: goesOnDrained, afterwards: await namesOf(client, vip, 6)},
    unbroken,
    drainWaited: waited,
    drainCode: ended?.code ?? null,
  }
}

/** Services with one real server, one for each way to it. */
const METHODS = [
  {name: 'nat', vip: NAT_VIPS.nat, real: natAddress(1), options: '-m', tunnel: 'tunl0'},
  {name: 'nat6', vip: `[${NAT_VIP6}]`, real: `[${natAddress6(1)}]`, options: '-m', tunnel: 'tunl0'},
  {name: 'dr', vip: FLAT_VIPS.dr, real: flatAddress(1), options: '-g', tunnel: 'tunl0'},
  {name: 'ipip', vip: FLAT_VIPS.ipip, real: flatAddress(1), options: '-i', tunnel: 'tunl0'},
  {name: 'gre', vip: FLAT_VIPS.gre, real: flatAddress(1), options: '-i --tun-type gre', tunnel: 'gre0'},
  {
    name: 'gue',
    vip: FLAT_VIPS.gue,
    real: flatAddress(1),
    options: '-i --tun-type gue --tun-port 6080',
    tunnel: 'tunl0',
  },
]

/** Rules of a service by NAT whose real servers 1, 2 … have these weights. */
const natService = (vip: string, scheduler: string, weights: readonly number[]): readonly string[] => [
  `-A -t ${vip}:80 -s ${scheduler}`,
  ...weights.map((weight, index) => `-a -t ${vip}:80 -r ${natAddress(index + 1)}:80 -m -w ${weight}`),
]

/** Rules of a service by DR with three equal real servers. */
const flatService = (vip: string, scheduler: string): readonly string[] => [
  `-A -t ${vip}:80 -s ${scheduler}`,
  ...[1, 2, 3].map(n => `-a -t ${vip}:80 -r ${flatAddress(n)}:80 -g -w 1`),
]

/** Every service of every play: to start hactl once for each would cost a second each time. */
const RULES = [
  ...METHODS.flatMap(({vip, real, options}) => [`-A -t ${vip}:80 -s rr`, `-a -t ${vip}:80 -r ${real}:80 ${options}`]),
  ...natService(NAT_VIPS.rr, 'rr', [1, 1, 1]),
  ...natService(NAT_VIPS.wrr, 'wrr', [1, 2, 4]),
  ...natService(NAT_VIPS.drain, 'rr', [1, 1, 1]),
  ...flatService(FLAT_VIPS.sh, 'sh'),
  ...flatService(FLAT_VIPS.shPort, 'sh -b sh-port'),
  ...flatService(FLAT_VIPS.shPortToo, 'sh -b sh-port'),
  ...flatService(FLAT_VIPS.mh, 'mh'),
  ...flatService(FLAT_VIPS.mhFallback, 'mh -b mh-fallback'),
  ...flatService(FLAT_VIPS.mhPort, 'mh -b mh-port'),
  ...flatService(FLAT_VIPS.mhPortToo, 'mh -b mh-port'),
  ...flatService(FLAT_VIPS.persistent, 'rr -p 300'),
  ...flatService(FLAT_VIPS.networks, 'rr -p 300 -M 255.255.255.240'),
]

/** One connection from each of these addresses of the client. */
async function whoAnswers(client: Host, host: string, addresses: readonly string[]): Promise<readonly string[]> {
  const greetings = await ask(
    client,
    addresses.map(localAddress => ({host, localAddress})),
  )
  return greetings.map(greeting => greeting?.name ?? '-')
}

/** Waits until the kernel has this weight for a real server. */
async function untilWeight(director: Host, real: string, weight: number): Promise<void> {
  const giveUpAt = performance.now() + 20_000
  for (;;) {
    const {stdout} = await director.run(['ipvsadm', '-S', '-n'])
    if (stdout.includes(`-r ${real}:80 -m -w ${weight}\n`)) return
    if (performance.now() > giveUpAt) throw new Error(`${real} has never weight ${weight}:\n${stdout}`)
    await sleep(50)
  }
}

guest<null, TrafficAnswer>(() =>
  withLab(async lab => {
    const network = await buildNetwork(lab, 3)
    await rules(network.director, ...RULES)
    return {
      methods: await methods(network),
      roundRobin: await roundRobin(network),
      weighted: await weighted(network),
      sourceHash: await hashed(network, FLAT_VIPS.sh),
      sourceHashByPort: await hashedByPort(network, [FLAT_VIPS.shPort, FLAT_VIPS.shPortToo]),
      maglev: await hashed(network, FLAT_VIPS.mh),
      maglevFallback: await fallback(network),
      maglevByPort: await hashedByPort(network, [FLAT_VIPS.mhPort, FLAT_VIPS.mhPortToo]),
      persistence: await persistence(network),
      weightZero: await weightZero(network),
    }
  }),
)
