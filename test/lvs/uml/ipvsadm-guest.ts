import {execFileSync, spawn, spawnSync} from 'node:child_process'
import {once} from 'node:events'
import {mkdirSync, readFileSync, symlinkSync, writeFileSync} from 'node:fs'
import {connect, createServer} from 'node:net'
import {basename, join} from 'node:path'
import {createInterface} from 'node:readline'
import {PassThrough} from 'node:stream'
import {text} from 'node:stream/consumers'
import {plainDestination} from '../../../src/core/ipvs/rules.ts'
import {Ipvs} from '../../../src/kernel/ipvs.ts'
import {runIpvsadm} from '../../../src/lvs/ipvsadm/run.ts'
import {repoRoot} from '../../lab/repo-root.ts'
import {guest} from '../../lab/uml/guest.ts'
import type {IpvsadmCase} from './ipvsadm-cases.ts'

/** What one program did with a command line. */
export interface IpvsadmEnd {
  readonly stdout: string
  readonly stderr: string
  readonly status: number | null
  /** What the kernel has afterwards: services, real servers, times and sync daemons. */
  readonly state: string
}

/** What both did with it. */
export interface IpvsadmPair {
  readonly real: IpvsadmEnd
  readonly ours: IpvsadmEnd
}

/** The same command lines to the real program, to ours in one process, and where that is asked to bin/run.cjs. */
export interface IpvsadmInput {
  readonly cases: readonly IpvsadmCase[]
  readonly asProgram: readonly IpvsadmCase[]
  /** What is read while there are connections. */
  readonly lists: readonly IpvsadmCase[]
}

/** A pair for each of the input, in its order. */
export interface IpvsadmAnswer {
  readonly cases: readonly IpvsadmPair[]
  readonly asProgram: readonly IpvsadmPair[]
  readonly lists: readonly IpvsadmPair[]
}

/** Runs a command line. */
type Program = (one: IpvsadmCase) => Promise<Omit<IpvsadmEnd, 'state'>>

/** Names that the lists show, and the interface that sync daemons take unless told otherwise. */
const HOSTS = `127.0.0.1 localhost
10.0.0.1 short.example.com alias
10.0.0.2 a-rather-long-host-name.with-a-long-domain.example.com
10.0.0.5 twentythreecharacters00
2001:db8::1 six.example.com
2001:db8::2 six-with-a-rather-long-host-name.example.com
`
const SERVICES = `http 80/tcp www # WorldWideWeb
domain 53/tcp
domain 53/udp
ntp 123/udp
https 443/tcp
tftp 69/udp
ssh 22/tcp
barsctp 9000/sctp
`
const LINK = '/tmp/links/ipvsadm'
const ADDRESS = '10.9.9.1'
const VIP = '10.9.9.100'

function prepare(): void {
  process.env.PATH = `/usr/sbin:${process.env.PATH}`
  for (const [path, content] of [
    ['/etc/hosts', HOSTS],
    ['/etc/services', SERVICES],
  ] as const) {
    const copy = join('/tmp', basename(path))
    writeFileSync(copy, content)
    execFileSync('mount', ['--bind', copy, path])
  }
  for (const line of [
    'link add eth0 type dummy',
    `addr add ${ADDRESS}/24 dev eth0`,
    `addr add ${VIP}/32 dev eth0`,
    'addr add fd09::1/64 dev eth0 nodad',
    'link set eth0 up',
  ]) {
    execFileSync('ip', line.split(' '))
  }
  mkdirSync('/tmp/links')
  symlinkSync(join(repoRoot(), 'bin', 'run.cjs'), LINK)
}

/** What the kernel has before each command line of one group, and after the last one. */
interface Ground {
  readonly setup: string
  readonly before: string
  now: string
}

let ground: Ground | undefined

/** Most lines change nothing, so that the next one finds what it needs. */
async function runIn(table: Ipvs, one: IpvsadmCase, run: Program): Promise<IpvsadmEnd> {
  const setup = JSON.stringify(one.setup)
  if (ground?.setup !== setup || ground.now !== ground.before) {
    await reset(table, one)
    const before = await seenByUs(table)
    ground = {setup, before, now: before}
  }
  const end = await run(one)
  ground.now = await seenByUs(table)
  return {...end, state: ground.now === ground.before ? 'as before' : await stateOf(table)}
}

/** Both programs find the same; made in this process, since to start a program is slow here. */
async function reset(table: Ipvs, {setup}: IpvsadmCase): Promise<void> {
  await table.flush()
  await table.stopDaemon('master')
  await table.stopDaemon('backup')
  await table.setTimeouts({tcpSeconds: 900, tcpFinSeconds: 120, udpSeconds: 300})
  const stdin = setup.map(line => `${line.join(' ')}\n`).join('')
  const {status, stderr} = await inProcess({line: '', argv: ['-R'], stdin, setup: []})
  if (status !== 0 || stderr !== '') throw new Error(`${stdin}${stderr}`)
  // Linux 6.1 hangs for seconds when a sync daemon is stopped that never ran: starting a program lets it.
  if (stdin.includes('--start-daemon')) await real({line: '', argv: ['-v'], stdin: '', setup: []})
}

/** Rules as the real program saves them, and what it does not save. */
async function stateOf(table: Ipvs): Promise<string> {
  const thresholds = (await table.services()).flatMap(({destinations}) =>
    destinations.map(({upperThreshold, lowerThreshold}) => [upperThreshold, lowerThreshold]),
  )
  const {stdout} = await real({line: '', argv: ['-Sn'], stdin: '', setup: []})
  const rest = {thresholds, timeouts: await table.timeouts(), daemons: await table.daemons()}
  return `${stdout}${JSON.stringify(rest)}`
}

async function seenByUs(table: Ipvs): Promise<string> {
  const rules = (await table.services()).map(({service, destinations}) => [service, destinations.map(plainDestination)])
  return JSON.stringify([rules, await table.timeouts(), await table.daemons()])
}

const asCommand: Program = async one => spawned(process.execPath, [runFile(), 'ipvsadm', ...one.argv], one)
const asLink: Program = async one => spawned(process.execPath, [LINK, ...one.argv], one)

const runFile = (): string => join(repoRoot(), 'bin', 'run.cjs')

function spawned(program: string, argv: readonly string[], {stdin}: IpvsadmCase): Omit<IpvsadmEnd, 'state'> {
  const {stdout, stderr, status} = spawnSync(program, argv, {input: stdin, encoding: 'utf8'})
  return {stdout, stderr, status}
}

/** A shell starts programs several times as fast as this process, which is large. */
const shell = spawn('sh', {stdio: ['pipe', 'pipe', 'inherit']})
const shellSaid = createInterface({input: shell.stdout})[Symbol.asyncIterator]()

const real: Program = async ({argv, stdin}) => {
  writeFileSync('/tmp/in', stdin)
  const words = ['ipvsadm', ...argv].map(word => `'${word.replaceAll("'", "'\\''")}'`)
  shell.stdin.write(`${words.join(' ')} </tmp/in >/tmp/out 2>/tmp/err; echo $?\n`)
  const {value} = await shellSaid.next()
  return {stdout: readFileSync('/tmp/out', 'utf8'), stderr: readFileSync('/tmp/err', 'utf8'), status: Number(value)}
}

const inProcess: Program = async ({argv, stdin}) => {
  const [input, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()]
  input.end(stdin)
  const [out, err] = [text(stdout), text(stderr)]
  const status = await runIpvsadm(argv, {stdin: input, stdout, stderr})
  stdout.end()
  stderr.end()
  return {stdout: await out, stderr: await err, status}
}

/** Connections from this machine to itself: some that stay, some that ended. */
async function withConnections(table: Ipvs, lists: readonly IpvsadmCase[]): Promise<readonly IpvsadmPair[]> {
  const [first] = lists
  if (first === undefined) return []
  await reset(table, first)
  const server = createServer(socket => {
    socket.on('error', () => {})
    socket.pipe(socket)
  }).listen(8_080, ADDRESS)
  await once(server, 'listening')
  const clients = [talk(), talk(), talk()]
  for (const client of clients) {
    client.write('hello')
    await once(client, 'data')
  }
  clients.at(-1)?.destroy()
  const pairs: IpvsadmPair[] = []
  for (const one of lists) pairs.push(await read(table, one))
  for (const client of clients) client.destroy()
  server.close()
  return pairs
}

const talk = (): ReturnType<typeof connect> => connect({host: VIP, port: 80}).on('error', () => {})

/** Seconds and rates pass on between the two readings, so that both are made again until nothing did. */
async function read(table: Ipvs, one: IpvsadmCase): Promise<IpvsadmPair> {
  const state = await stateOf(table)
  for (let attempt = 1; ; attempt++) {
    const pair = {real: {...(await real(one)), state}, ours: {...(await inProcess(one)), state}}
    if (attempt === ATTEMPTS || pair.real.stdout === pair.ours.stdout) return pair
  }
}

const ATTEMPTS = 10

guest<IpvsadmInput, IpvsadmAnswer>(async ({cases, asProgram, lists}) => {
  prepare()
  const table = await Ipvs.open()
  const both = async (one: IpvsadmCase, ours: Program): Promise<IpvsadmPair> => ({
    real: await runIn(table, one, real),
    ours: await runIn(table, one, ours),
  })
  const pairs: IpvsadmPair[] = []
  for (const one of cases) pairs.push(await both(one, inProcess))
  const programs: IpvsadmPair[] = []
  for (const one of asProgram) {
    programs.push(await both(one, asCommand))
    programs.push(await both(one, asLink))
  }
  return {cases: pairs, asProgram: programs, lists: await withConnections(table, lists)}
})
