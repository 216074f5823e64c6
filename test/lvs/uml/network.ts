import {readFileSync} from 'node:fs'
import {connect} from 'node:net'
import {join} from 'node:path'
import {text} from 'node:stream/consumers'
import type {Host} from '../../lab/host.ts'
import type {Lab} from '../../lab/lab.ts'
import type {LabProcess} from '../../lab/lab-process.ts'
import {repoRoot} from '../../lab/repo-root.ts'
import {until} from '../../lab/wait.ts'

/**
 * Where the plays with traffic take place:
 *
 *     client 10.1.0.10, fd01::10 ─ eth0 ─ director 10.1.0.1, fd01::1, VIPs …100 ─ eth1 ─ servers 10.2.0.11 …, fd02::11 …
 *     client 10.3.0.10 ─ eth1 ─ directors 10.3.0.1 and 10.3.0.2, eth2 ─ servers 10.3.0.11 …, eth1, all on one segment
 *
 * The servers' way to the client of the first line is the director: for NAT. On the segment of the second the servers
 * answer the client past the director: for DR and TUN. The client also has all of 10.3.9.0/24 there.
 */
export interface Network {
  readonly client: Host
  readonly director: Host
  /** Knows the segment of the second line only. */
  readonly otherDirector: Host
  readonly servers: readonly Host[]
}

/** Virtual addresses on the first line, one for each play; the director has them. */
export const NAT_VIPS = {nat: '10.1.0.100', rr: '10.1.0.101', wrr: '10.1.0.102', drain: '10.1.0.103'} as const
export const NAT_VIP6 = 'fd01::100'

/** Virtual addresses on the second; the director has them, and the servers on `lo`. */
export const FLAT_VIPS = {
  ...{dr: '10.3.0.100', ipip: '10.3.0.101', gre: '10.3.0.102', gue: '10.3.0.103'},
  ...{sh: '10.3.0.104', shPort: '10.3.0.105', shPortToo: '10.3.0.106'},
  ...{mh: '10.3.0.107', mhFallback: '10.3.0.108', mhPort: '10.3.0.109', mhPortToo: '10.3.0.110'},
  ...{persistent: '10.3.0.111', networks: '10.3.0.112'},
} as const

/** Addresses of the client on the second line's segment, to tell sources apart by. */
export const SOURCES = Array.from({length: 36}, (_, index) => `10.3.9.${index + 1}`)

/** The first of as many ports of the client. */
export const FIRST_PORT = 20_000

/** Addresses of real server `n`, counted from 1. */
export const natAddress = (n: number): string => `10.2.0.1${n}`
export const natAddress6 = (n: number): string => `fd02::1${n}`
export const flatAddress = (n: number): string => `10.3.0.1${n}`

/** A loaded machine may take long to start Node in User-Mode Linux. */
const START_TIMEOUT_MS = 30_000

/** Builds it, and starts real servers s1, s2 … and what makes the client's connections. */
export async function buildNetwork(lab: Lab, serverCount: number): Promise<Network> {
  const [outside, inside, flat] = [await lab.segment(), await lab.segment(), await lab.segment()]
  const [client, director, otherDirector] = [
    await lab.host('client'),
    await lab.host('director1'),
    await lab.host('director2'),
  ]
  await client.attach(outside, {interface: 'eth0', address: '10.1.0.10/24'})
  await client.attach(flat, {interface: 'eth1', address: '10.3.0.10/24'})
  await shell(client, 'ip addr add fd01::10/64 dev eth0 nodad', 'ip route add local 10.3.9.0/24 dev lo')
  await director.attach(outside, {interface: 'eth0', address: '10.1.0.1/24'})
  await director.attach(inside, {interface: 'eth1', address: '10.2.0.1/24'})
  await director.attach(flat, {interface: 'eth2', address: '10.3.0.1/24'})
  await otherDirector.attach(flat, {interface: 'eth2', address: '10.3.0.2/24'})
  await shell(
    director,
    ...Object.values(NAT_VIPS).map(vip => `ip addr add ${vip}/32 dev eth0`),
    'ip addr add fd01::1/64 dev eth0 nodad',
    `ip addr add ${NAT_VIP6}/128 dev eth0 nodad`,
    'ip addr add fd02::1/64 dev eth1 nodad',
    ...Object.values(FLAT_VIPS).map(vip => `ip addr add ${vip}/32 dev eth2`),
    'echo 1 >/proc/sys/net/ipv4/ip_forward',
    'echo 1 >/proc/sys/net/ipv6/conf/all/forwarding',
  )
  const servers: Host[] = []
  for (let n = 1; n <= serverCount; n++) {
    const server = await lab.host(`s${n}`)
    await server.attach(inside, {interface: 'eth0', address: `${natAddress(n)}/24`})
    await server.attach(flat, {interface: 'eth1', address: `${flatAddress(n)}/24`})
    await shell(
      server,
      'ip route add default via 10.2.0.1',
      'ip route add 10.3.9.0/24 via 10.3.0.10',
      `ip addr add ${natAddress6(n)}/64 dev eth0 nodad`,
      'ip route add default via fd02::1',
      'echo 1 >/proc/sys/net/ipv4/conf/all/arp_ignore',
      'echo 2 >/proc/sys/net/ipv4/conf/all/arp_announce',
      ...Object.values(FLAT_VIPS).map(vip => `ip addr add ${vip}/32 dev lo`),
    )
    servers.push(server)
  }
  const started = client.start([process.execPath, script('client.mjs')])
  await Promise.all([
    ...servers.map(startServer),
    started.then(program => program.waitForOutput(/ready/, {timeoutMs: START_TIMEOUT_MS})),
  ])
  return {client, director, otherDirector, servers}
}

/** Starts a real server on port 80 of a host, with the host's name. */
export async function startServer(host: Host): Promise<void> {
  const program = await host.start([process.execPath, script('real-server.mjs'), host.name])
  await until(
    () => `the server on ${host.name}: ${program.describe()}`,
    () =>
      /:0050 \S+ 0A /.test(readFileSync(`/proc/${host.entrance.pid}/net/tcp6`, 'utf8')) || program.exit !== undefined,
    {timeoutMs: START_TIMEOUT_MS, everyMs: 20},
  )
  if (program.exit !== undefined) throw new Error(`the server on ${host.name} ended: ${program.describe()}`)
}

/** Runs commands of a shell on a host; throws at the first that fails. */
export async function shell(host: Host, ...commands: readonly string[]): Promise<string> {
  return (await host.run(['sh', '-ec', commands.join('\n')])).stdout
}

/** A connection that a client makes. */
export interface Connection {
  readonly host: string
  readonly localAddress?: string
  readonly localPort?: number
}

/** What a real server told a client: its name, and the addresses that it saw. Undefined: nobody answered. */
export type Greeting = {readonly name: string; readonly local: string; readonly remote: string} | undefined

/** Makes TCP connections to port 80 one after the other. */
export async function ask(client: Host, connections: readonly Connection[]): Promise<readonly Greeting[]> {
  const socket = connect(client.outside('/run/client.sock'))
  socket.write(`${JSON.stringify(connections.map(connection => ({port: 80, ...connection})))}\n`)
  const lines = JSON.parse(await text(socket)) as readonly string[]
  return lines.map(line => {
    const [name = '-', local = '', remote = ''] = line.replaceAll('::ffff:', '').split(' ')
    return name === '-' ? undefined : {name, local, remote}
  })
}

/** Who answered so many connections in turn. */
export async function namesOf(client: Host, host: string, count: number): Promise<readonly string[]> {
  const greetings = await ask(
    client,
    Array.from({length: count}, () => ({host})),
  )
  return greetings.map(greeting => greeting?.name ?? '-')
}

/** A long-lived connection; data goes there and back every 20 ms. */
export class Talk {
  readonly #program: LabProcess

  private constructor(program: LabProcess) {
    this.#program = program
  }

  static async start(client: Host, address: string): Promise<Talk> {
    const talk = new Talk(await client.start([process.execPath, script('talker.mjs'), address, '20']))
    await talk.goesOn()
    return talk
  }

  /** Who is at the other end. */
  get server(): string {
    return this.#lines()[0]?.split(' ')[0] ?? '-'
  }

  /** Waits until several more lines have come back; false when the connection has ended, or none came for seconds. */
  async goesOn(): Promise<boolean> {
    const before = this.#lines().length
    try {
      await until(
        () => `a line from ${this.#program.describe()}`,
        () => this.#closed || this.#lines().length > before + 5,
        {timeoutMs: 20_000},
      )
    } catch {
      return false
    }
    return !this.#closed
  }

  /** Whether every line came back, in order, from the same server. */
  get unbroken(): boolean {
    return this.#lines()
      .slice(1)
      .every((line, index) => line === `${this.server} ${index + 1}`)
  }

  async end(): Promise<void> {
    await this.#program.stop()
  }

  get #closed(): boolean {
    return this.#program.exit !== undefined
  }

  /** All but the last, which may still be incomplete. */
  #lines(): readonly string[] {
    return this.#program.stdout.split('\n').slice(0, -1)
  }
}

/** Path of a program of this folder. */
export const script = (name: string): string => join(repoRoot(), 'test', 'lvs', 'uml', name)
