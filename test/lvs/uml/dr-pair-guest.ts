import {crash, type Daemon, startAgent} from '../../lab/daemon.ts'
import type {Host} from '../../lab/host.ts'
import {type Lab, withLab} from '../../lab/lab.ts'
import type {LabProcess} from '../../lab/lab-process.ts'
import type {Link} from '../../lab/link.ts'
import {startNginx} from '../../lab/nginx.ts'
import {guest} from '../../lab/uml/guest.ts'
import {sleep, until} from '../../lab/wait.ts'
import {answersWithin, startWebClient, type WebClient} from '../../lab/web-client.ts'
import {established} from './connections.ts'
import {script, shell} from './network.ts'

/** The configurations of both directors. */
export interface DrPairInput {
  readonly director1: string
  readonly director2: string
}

/** What a client and both directors saw. */
export interface DrPairAnswer {
  /** IPVS tables of both directors once the pair stood, as ipvsadm -S -n writes them. */
  readonly tables: readonly string[]
  /** Sync daemons of both, as ipvsadm shows them: at first, and when director 2 had taken over. */
  readonly daemons: readonly string[]
  readonly daemonsAfterwards: readonly string[]
  /** How many of 30 requests each web server answered. */
  readonly spread: Readonly<Record<string, number>>
  readonly cable: Move
  readonly cableBack: Move
  readonly killed: Move
  readonly killedBack: Move
  /** Whether every answer over the connection that was open all the time came from the same web server. */
  readonly unbroken: boolean
}

/** One change of the director that serves. */
export interface Move {
  /** From the event to the VIP on the other director. */
  readonly tookMs: number
  /** Longest time without an answer to new requests, ended by the first answer afterwards. */
  readonly longestGapMs: number
  /** Whether the connection that was open before went on. */
  readonly goesOn: boolean
}

const VIP = '172.16.1.100'
const CLIENT = '172.16.1.10'
/** Longer than any takeover takes. */
const MOVE_TIMEOUT_MS = 30_000

interface Pair {
  readonly client: Host
  readonly directors: readonly [Host, Host]
  readonly cables: readonly [Link, Link]
  readonly configs: readonly [string, string]
  /** The agents; changes when one is started again. */
  readonly agents: [Daemon, Daemon]
}

async function play(lab: Lab, input: DrPairInput): Promise<DrPairAnswer> {
  const pair = await build(lab, input)
  const [first, second] = pair.directors
  await until('director 1 to be master', () => first.holds(VIP), {timeoutMs: MOVE_TIMEOUT_MS})
  const tables = await settled(pair, ['ipvsadm', '-S', '-n'], text => text.split('\n').length > 3)
  const daemons = await settled(pair, ['ipvsadm', '-L', '--daemon', '-n'], text => text !== '')
  const web = await startWebClient(pair.client, {address: VIP, everyMs: 100})
  const spread = await spreadOf(web, 30)

  const talk = await pair.client.start([process.execPath, script('web-talker.mjs'), VIP, '50'])
  await goesOn(talk)
  await untilAsync('the connection at director 2', () => established(second, {client: CLIENT, virtual: VIP}))
  const move = (to: Host, event: () => Promise<void>): Promise<Move> => watchMove({web, talk, to}, event)

  const cable = await move(second, () => pair.cables[0].cut())
  const daemonsAfterwards = await settled(pair, ['ipvsadm', '-L', '--daemon', '-n'], (text, index) =>
    text.startsWith(index === 0 ? 'backup' : 'master'),
  )
  const cableBack = await move(first, () => pair.cables[0].restore())
  await untilAsync('the connection at director 2', () => established(second, {client: CLIENT, virtual: VIP}))
  const killed = await move(second, () => crash(pair.agents[0]))
  // What the dead agent left would be taken for the new one's.
  await shell(first, `ip addr flush to ${VIP}`)
  const killedBack = await move(first, async () => {
    pair.agents[0] = await startAgent(first, {config: pair.configs[0]})
  })
  return {
    tables,
    daemons,
    daemonsAfterwards,
    spread,
    cable,
    cableBack,
    killed,
    killedBack,
    unbroken: unbroken(talk),
  }
}

/** Hosts as the example's README has them; both agents run at the end. */
async function build(lab: Lab, {director1, director2}: DrPairInput): Promise<Pair> {
  const segment = await lab.segment()
  const attached = async (name: string, address: string): Promise<{host: Host; link: Link}> => {
    const host = await lab.host(name)
    return {host, link: await host.attach(segment, {interface: 'eth0', address: `${address}/24`})}
  }
  const [one, two] = [await attached('director1', '172.16.1.101'), await attached('director2', '172.16.1.105')]
  const nodes = [await attached('node1', '172.16.1.103'), await attached('node2', '172.16.1.104')]
  const {host: client} = await attached('client', CLIENT)
  for (const {host} of nodes) {
    await shell(
      host,
      'echo 1 >/proc/sys/net/ipv4/conf/all/arp_ignore',
      'echo 2 >/proc/sys/net/ipv4/conf/all/arp_announce',
      `ip addr add ${VIP}/32 dev lo`,
    )
    await startNginx(host)
  }
  const agents: [Daemon, Daemon] = [
    await startAgent(one.host, {config: director1}),
    await startAgent(two.host, {config: director2}),
  ]
  return {
    client,
    directors: [one.host, two.host],
    cables: [one.link, two.link],
    configs: [director1, director2],
    agents,
  }
}

/** What a command prints on each director once it is as it should be on both; after a while, whatever it is. */
async function settled(
  {directors}: Pair,
  command: readonly string[],
  good: (text: string, index: number) => boolean,
): Promise<readonly string[]> {
  const giveUpAt = performance.now() + MOVE_TIMEOUT_MS
  for (;;) {
    const texts = await Promise.all(directors.map(async director => (await director.run(command)).stdout))
    if (texts.every(good) || performance.now() > giveUpAt) return texts
    await sleep(50)
  }
}

/** Who answered the first so many requests. */
async function spreadOf({answers}: WebClient, count: number): Promise<Readonly<Record<string, number>>> {
  await until(`${count} answers`, () => answers.length >= count, {timeoutMs: MOVE_TIMEOUT_MS})
  const by: Record<string, number> = {}
  for (const {from = 'nobody'} of answers.slice(0, count)) by[from] = (by[from] ?? 0) + 1
  return by
}

interface Watched {
  readonly web: WebClient
  readonly talk: LabProcess
  /** Where the VIP is expected. */
  readonly to: Host
}

async function watchMove({web, talk, to}: Watched, event: () => Promise<void>): Promise<Move> {
  await until(
    () => `${VIP} to leave ${to.name}`,
    () => !to.holds(VIP),
    {timeoutMs: MOVE_TIMEOUT_MS},
  )
  const fromMs = Date.now()
  await event()
  await until(
    () => `${VIP} on ${to.name}`,
    () => to.holds(VIP),
    {timeoutMs: MOVE_TIMEOUT_MS},
  )
  const tookMs = Date.now() - fromMs
  const on = await goesOn(talk)
  const answered = (): boolean => web.answers.some(({atMs, from}) => atMs > fromMs + tookMs && from !== undefined)
  await until('an answer after the move', answered, {timeoutMs: MOVE_TIMEOUT_MS})
  return {tookMs, longestGapMs: answersWithin(web, {fromMs, toMs: Date.now()}).longestGapMs, goesOn: on}
}

/** Waits for several more answers over the open connection; false when there are none for long, or it is closed. */
async function goesOn(talk: LabProcess): Promise<boolean> {
  const count = (): number => talk.stdout.split('\n').length
  const before = count()
  const giveUpAt = performance.now() + MOVE_TIMEOUT_MS
  while (talk.exit === undefined && count() < before + 4 && performance.now() < giveUpAt) await sleep(20)
  return talk.exit === undefined && count() >= before + 4
}

function unbroken({stdout}: LabProcess): boolean {
  const lines = stdout.trimEnd().split('\n')
  const name = lines[0]?.split(' ')[1]
  return name !== undefined && lines.every((line, index) => line === `${index + 1} ${name}`)
}

async function untilAsync<T>(what: string, look: () => Promise<T | undefined>): Promise<T> {
  const giveUpAt = performance.now() + MOVE_TIMEOUT_MS
  for (;;) {
    const seen = await look()
    if (seen !== undefined) return seen
    if (performance.now() > giveUpAt) throw new Error(`waited in vain for ${what}`)
    await sleep(50)
  }
}

guest<DrPairInput, DrPairAnswer>(input => withLab(lab => play(lab, input)))
