import {readdirSync, readFileSync} from 'node:fs'
import {createServer, type Socket} from 'node:net'
import {enterNetworkOf} from '../check/uml/talking-server.ts'
import {startAgent} from '../lab/daemon.ts'
import {withLab} from '../lab/lab.ts'
import {missingForLab} from '../lab/peers.ts'
import {sleep} from '../lab/wait.ts'

const DEFAULT_SECONDS = 600
/** Until everything is loaded and each checker has run, milliseconds. */
const SETTLE_MS = 20_000
const SAMPLE_EVERY_MS = 2_000
/** What is compared at both ends; a fifth of a shorter run. */
const SPAN_MS = 60_000
/** How much more memory there may be at the end, and how many more descriptors. */
const MAX_GROWTH = 0.1
const MAX_MORE_DESCRIPTORS = 40
const SERVICES = 20
const FIRST_PORT = 8_000
const MEGABYTE = 1_048_576

/** What each backend does with a request; its port is its place. */
const BEHAVIOURS: readonly ((socket: Socket) => void)[] = [
  // Says nothing.
  () => {},
  socket => drip(socket, {everyMs: 1_000, text: 'x', head: 'HTTP/1.1 200 OK\r\n\r\n'}),
  socket => drip(socket, {everyMs: 20, text: `X-A: ${'b'.repeat(3_000)}\r\n`, head: 'HTTP/1.1 200 OK\r\n'}),
  flood,
  socket => socket.resetAndDestroy(),
  socket => socket.end('\0\xff no HTTP \r\n\r\n', 'latin1'),
  socket => socket.end('HTTP/1.1 503 No\r\n\r\n'),
  socket => socket.end('HTTP/1.1 200 OK\r\n\r\naaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!'),
]

/**
 * Runs an agent whose real servers are hostile: they say nothing, drip, send without an end, reset, answer nonsense, and
 * have a regular expression try for ever. Memory and descriptors at the end are those at the beginning. Exit code 1 where
 * they are not.
 */
export async function benchHostileBackends([given = String(DEFAULT_SECONDS)]: readonly string[]): Promise<number> {
  const reason = missingForLab(['ip'])
  if (reason !== undefined) throw new Error(`cannot run: ${reason}`)
  const seconds = Number(given)
  const samples = await withLab(async lab => {
    const host = await lab.host('director')
    enterNetworkOf(host)
    const servers = BEHAVIOURS.map((behaviour, place) => listen(FIRST_PORT + place, behaviour))
    await Promise.all(servers)
    const agent = await startAgent(host, {config: config()})
    await sleep(SETTLE_MS)
    const taken: Sample[] = []
    for (const end = performance.now() + seconds * 1_000; performance.now() < end; await sleep(SAMPLE_EVERY_MS)) {
      const pids = agent.process.tree()
      const [vrrp, others] = [pids.filter(isVrrp), pids.filter(pid => !isVrrp(pid))]
      taken.push({
        othersBytes: total(others, anonymousBytes),
        vrrpBytes: total(vrrp, anonymousBytes),
        descriptors: total(pids, descriptorsOf),
      })
    }
    await agent.process.stop({timeoutMs: SETTLE_MS})
    return taken
  })
  return report(samples, seconds)
}

interface Sample {
  /** Of supervisor and check process. */
  readonly othersBytes: number
  readonly vrrpBytes: number
  /** Of all processes. */
  readonly descriptors: number
}

function report(samples: readonly Sample[], seconds: number): number {
  const count = Math.max(1, Math.floor(Math.min(SPAN_MS, (seconds * 1_000) / 5) / SAMPLE_EVERY_MS))
  const [first, last] = [samples.slice(0, count), samples.slice(-count)]
  const both = (of: (sample: Sample) => number): readonly [number, number] => [mean(first.map(of)), mean(last.map(of))]
  const memory = both(({othersBytes, vrrpBytes}) => (othersBytes + vrrpBytes) / MEGABYTE)
  const vrrp = both(({vrrpBytes}) => vrrpBytes / MEGABYTE)
  const open = both(({descriptors}) => descriptors)
  const good = memory[1] <= memory[0] * (1 + MAX_GROWTH) && open[1] <= open[0] + MAX_MORE_DESCRIPTORS
  const text = (pair: readonly number[]): string => pair.map(value => value.toFixed(1).padStart(8)).join('')
  console.log(
    `${SERVICES * BEHAVIOURS.length} hostile real servers each second for ${seconds} s: first and last ${count} samples`,
  )
  console.log(`anonymous memory, MB      ${text(memory)}`)
  console.log(`  of the vrrp process     ${text(vrrp)}`)
  console.log(`open descriptors          ${text(open)}`)
  console.log(good ? 'PASS' : 'MISSED')
  return good ? 0 : 1
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length

const total = (pids: readonly number[], of: (pid: number) => number): number =>
  pids.reduce((sum, pid) => sum + of(pid), 0)

const isVrrp = (pid: number): boolean => readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('vrrp.cjs')

/** What is a process' own, whoever else runs Node meanwhile. proc(5), smaps_rollup */
function anonymousBytes(pid: number): number {
  const kilobytes = /^Anonymous:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1]
  return Number(kilobytes) * 1_024
}

const descriptorsOf = (pid: number): number => readdirSync(`/proc/${pid}/fd`).length

async function listen(port: number, behaviour: (socket: Socket) => void): Promise<void> {
  const server = createServer(socket => {
    socket.on('error', () => {})
    socket.once('data', () => behaviour(socket))
    socket.resume()
  })
  await new Promise<void>(resolve => server.listen(port, '127.0.0.1', resolve))
}

function drip(
  socket: Socket,
  {everyMs, text, head}: {readonly everyMs: number; readonly text: string; readonly head: string},
): void {
  socket.write(head)
  const timer = setInterval(() => socket.write(text), everyMs)
  socket.once('close', () => clearInterval(timer))
}

/** Ten gigabytes, as far as anybody takes them. */
function flood(socket: Socket): void {
  const piece = Buffer.alloc(65_536, 'x')
  const more = (): void => {
    while (!socket.destroyed && socket.write(piece));
  }
  socket.write('HTTP/1.1 200 OK\r\nContent-Length: 10000000000\r\n\r\n')
  socket.on('drain', more)
  more()
}

function config(): string {
  const reals = BEHAVIOURS.map((_, place) =>
    [
      `real_server 127.0.0.1 ${FIRST_PORT + place} {`,
      'HTTP_GET {',
      'connect_timeout 2',
      'url {',
      'path /',
      'regex "^(a+)+$"',
      '}',
      '}',
      '}',
    ].join('\n'),
  )
  const services = Array.from({length: SERVICES}, (_, place) =>
    [
      `virtual_server 10.99.0.${place + 1} 80 {`,
      'delay_loop 1',
      'lvs_sched rr',
      'lvs_method NAT',
      'protocol TCP',
      ...reals,
      '}',
    ].join('\n'),
  )
  return `${services.join('\n')}\n`
}
