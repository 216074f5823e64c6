import {spawn, spawnSync} from 'node:child_process'
import {createSocket} from 'node:dgram'
import {once} from 'node:events'
import {writeFileSync} from 'node:fs'
import {createServer} from 'node:net'
import {parseIp} from '../../../src/core/ip.ts'
import type {IpvsChange, ServiceEntry, SyncDaemon} from '../../../src/core/ipvs/model.ts'
import {destinationName, serviceName} from '../../../src/core/ipvs/names.ts'
import type {IpvsResult} from '../../../src/core/ipvs/table.ts'
import {HactlError} from '../../../src/errors.ts'
import {Ipvs} from '../../../src/kernel/ipvs.ts'
import {idOf, realOf, serviceOf} from '../../core/ipvs/generate.ts'
import {guest} from '../../lab/uml/guest.ts'
import {sleep} from '../../lab/wait.ts'

/** What came of the calls; results are "ok" or the name of the kernel's error. */
export interface CallsAnswer {
  readonly results: readonly string[]
  readonly flushed: string
  readonly allFailing: {readonly [result: string]: number}
  readonly large: {readonly services: number; readonly destinations: number; readonly same: boolean}
  readonly whileChanging: {readonly reads: number; readonly complete: number}
  readonly one: {readonly there: string | undefined; readonly destinations: number; readonly absent: boolean}
  /** Name and five totals a line, sorted. */
  readonly counters: {
    readonly ours: readonly string[]
    readonly ipvsadm: readonly string[]
    readonly zeroed: {readonly first: string | undefined; readonly second: string | undefined}
  }
  readonly connections: {
    readonly ours: readonly string[]
    readonly ipvsadm: readonly string[]
    readonly skipped: number
    readonly engines: readonly string[]
  }
  readonly timeouts: object
  readonly daemons: object
  readonly module: object
  readonly permission: string
}

guest(async (changes: readonly IpvsChange[]): Promise<CallsAnswer> => {
  const table = await Ipvs.open()
  const answer = {
    // First, since connections keep modules in use.
    module: await module(table),
    results: (await table.change(changes)).map(word),
    flushed: word(await table.flush()),
    ...(await large(table)),
    ...(await traffic(table)),
    timeouts: await timeouts(table),
    daemons: await daemons(table),
  }
  table.close()
  process.seteuid?.(65_534)
  const permission = await failureOf(Ipvs.open())
  process.seteuid?.(0)
  return {...answer, permission}
})

const word = (result: IpvsResult | undefined): string => (result?.ok ? 'ok' : (result?.reason ?? 'nothing'))

async function large(table: Ipvs): Promise<Pick<CallsAnswer, 'allFailing' | 'large' | 'whileChanging' | 'one'>> {
  const changes: IpvsChange[] = []
  for (let n = 0; n < 1_000; n++) {
    const service = serviceOf(`10.0.${Math.floor(n / 250)}.${(n % 250) + 1}:80/tcp`)
    changes.push({type: 'add-service', service})
    for (let host = 1; host <= 10; host++) {
      changes.push({type: 'add-destination', id: service.id, destination: realOf(`10.1.0.${host}`, 80)})
    }
  }
  await table.change(changes)
  const allFailing: Record<string, number> = {}
  for (const result of await table.change(changes)) allFailing[word(result)] = (allFailing[word(result)] ?? 0) + 1
  const [first, second] = [await table.services(), await table.services()]
  const same = JSON.stringify(first, printable) === JSON.stringify(second, printable)
  const count = (entries: readonly ServiceEntry[]): number =>
    entries.reduce((sum, {destinations}) => sum + destinations.length, 0)

  // Destinations are edited, and services come and go at the end of the list, while the table is read.
  const more = Array.from({length: 500}, (_, n) => ({type: 'add-service', service: serviceOf(`fwm/${n + 1}`)}) as const)
  const edits = changes.flatMap(change =>
    change.type === 'add-destination' ? [{...change, type: 'edit-destination'} as const] : [],
  )
  let [isReading, complete] = [true, 0]
  const changing = (async () => {
    while (isReading) {
      await table.change([...more, ...edits.slice(0, 1_000)])
      await table.change(more.map(({service}) => ({type: 'delete-service', id: service.id})))
    }
  })()
  for (let read = 0; read < 10; read++) {
    const entries = (await table.services()).filter(({service}) => service.id.type === 'address')
    if (entries.length === 1_000 && count(entries) === 10_000) complete++
  }
  isReading = false
  await changing
  const one = await table.service(idOf('10.0.0.1:80/tcp'))
  const absent = (await table.service(idOf('10.0.0.1:81/tcp'))) === undefined
  await table.flush()
  return {
    allFailing,
    large: {services: first.length, destinations: count(first), same},
    whileChanging: {reads: 10, complete},
    one: {there: one && serviceName(one.service.id), destinations: one?.destinations.length ?? 0, absent},
  }
}

const printable = (_: string, value: unknown): unknown => (typeof value === 'bigint' ? String(value) : value)

/** A client in a namespace of its own talks to services whose real server is this process. */
async function traffic(table: Ipvs): Promise<Pick<CallsAnswer, 'counters' | 'connections'>> {
  shell(
    'ip netns add c; ip link add v0 type veth peer name v1 netns c; ip link set v0 up; ip -n c link set v1 up',
    'ip addr add 10.0.0.1/24 dev v0; ip addr add 192.0.2.1/32 dev lo; ip -n c addr add 10.0.0.2/24 dev v1',
    'ip addr add fd00::1/64 dev v0 nodad; ip addr add fd01::1/128 dev lo nodad',
    'ip -n c addr add fd00::2/64 dev v1 nodad',
    'ip -n c route add default via 10.0.0.1; ip -n c -6 route add default via fd00::1',
  )
  const server = createServer(socket => socket.on('error', () => {}).end('hello\n')).listen(8_080, '::')
  const datagrams = createSocket('udp4').bind(8_080)
  await Promise.all([once(server, 'listening'), once(datagrams, 'listening')])
  const sip = {timeoutSeconds: 300, prefixLength: 32, engine: 'sip'}
  const pairs = [
    [serviceOf('192.0.2.1:80/tcp', {persistence: {...sip, engine: undefined}}), realOf('10.0.0.1', 8_080)],
    [serviceOf('[fd01::1]:80/tcp'), realOf('fd00::1', 8_080)],
    [serviceOf('192.0.2.1:5060/udp', {persistence: sip}), realOf('10.0.0.1', 8_080)],
    [serviceOf('192.0.2.1:53/udp', {onePacket: true}), realOf('10.0.0.1', 8_080)],
  ] as const
  const results = await table.change(
    pairs.flatMap(([service, real]): IpvsChange[] => [
      {type: 'add-service', service},
      {type: 'add-destination', id: service.id, destination: {...real, method: 'nat'}},
    ]),
  )
  if (results.some(({ok}) => !ok)) throw new Error(`rules of the traffic: ${results.map(word).join(' ')}`)
  writeFileSync('/run/invite', 'INVITE sip:b@x SIP/2.0\r\nCall-ID: call-7@client\r\nFrom: x\r\n\r\n')
  writeFileSync(
    '/run/client',
    `for host in 192.0.2.1 fd01::1; do exec 3<>/dev/tcp/$host/80; cat <&3; exec 3>&-; done
    cat /run/invite >/dev/udp/192.0.2.1/5060; echo >/dev/udp/192.0.2.1/53`,
  )
  const client = spawn('ip', ['netns', 'exec', 'c', 'bash', '/run/client'], {stdio: ['ignore', 'inherit', 'inherit']})
  const [code] = await once(client, 'exit')
  if (code !== 0) throw new Error(`the client ended with ${code}`)
  // The kernel's counters are up to date when everything that came was counted, and they agree while nothing comes.
  const counters = await eventually('the counters agree', async () => {
    const [ours, theirs] = [(await table.services()).flatMap(countersOf).toSorted(), countersOfIpvsadm()]
    return (
      theirs.filter(line => !line.endsWith(' 0 0 0 0 0')).length >= 8 &&
      ours.join() === theirs.join() && {ours, ipvsadm: theirs}
    )
  })
  const connections = await sameConnections(table)
  await table.zero(pairs[0][0].id)
  const after = (await table.services()).flatMap(countersOf)
  const totals = (name: string): string | undefined =>
    after.find(line => line.startsWith(`${name} `))?.slice(name.length + 1)
  server.close()
  datagrams.close()
  return {
    counters: {
      ...counters,
      zeroed: {first: totals('192.0.2.1:80'), second: totals('[fd01::1]:80')},
    },
    connections,
  }
}

async function sameConnections(table: Ipvs): Promise<CallsAnswer['connections']> {
  return eventually('the connections agree', async () => {
    const engines: string[] = []
    const ours: string[] = []
    for await (const connection of table.connections()) {
      const {protocol, state, client, clientPort, virtual, virtualPort, real, realPort, engine} = connection
      if (engine !== undefined) engines.push(engine)
      const ends = [`${client} ${clientPort}`, `${virtual} ${virtualPort}`, `${real} ${realPort}`]
      ours.push([protocol, state, ...ends].join(' '))
    }
    const ipvsadm = run('ipvsadm', ['-Lnc'])
      .split('\n')
      .flatMap(line => {
        const found = /^(\S+) +\S+ +(\S+) +(\S+) +(\S+) +(\S+)/.exec(line)
        return found === null || found[1] === 'pro' || found[1] === 'IPVS' ? [] : [found.slice(1).map(spaced).join(' ')]
      })
    const [left, right] = [ours.toSorted(), ipvsadm.toSorted()]
    return left.join() === right.join() && {ours: left, ipvsadm: right, skipped: table.skippedLines, engines}
  })
}

/** An address with its port, "[::1]:80" or "1.2.3.4:80", as two words. */
const spaced = (name: string): string => name.replace(/^\[?([0-9a-f.:]+?)\]?:(\d+)$/, '$1 $2')

function countersOf({service, counters, destinations}: ServiceEntry): readonly string[] {
  return [
    {name: serviceName(service.id).replace(/\/.*/, ''), counters},
    ...destinations.map(real => ({name: destinationName(real), counters: real.counters})),
  ].map(({name, counters: {connections, packetsIn, packetsOut, bytesIn, bytesOut}}) =>
    [name, connections, packetsIn, packetsOut, bytesIn, bytesOut].join(' '),
  )
}

const countersOfIpvsadm = (): readonly string[] =>
  [...run('ipvsadm', ['-Ln', '--stats', '--exact']).matchAll(/^(?:TCP|UDP| {2}->) +(\S+:\d+)((?: +\d+){5})$/gm)]
    .map(([, name, numbers = '']) => [name, ...numbers.trim().split(/ +/)].join(' '))
    .toSorted()

async function timeouts(table: Ipvs): Promise<object> {
  const set = await table.setTimeouts({tcpSeconds: 901, tcpFinSeconds: 77, udpSeconds: 0})
  const tooLong = word(await table.setTimeouts({tcpSeconds: 30_000_000, tcpFinSeconds: 0, udpSeconds: 0}))
  return {set, ...(await table.timeouts()), ipvsadm: run('ipvsadm', ['-Ln', '--timeout']).trim(), tooLong}
}

async function daemons(table: Ipvs): Promise<object> {
  const group = (text: string): SyncDaemon['group'] => {
    const read = parseIp(text)
    return read.ok ? read.value : undefined
  }
  const master: SyncDaemon = {
    ...{role: 'master', interface: 'v0', syncId: 5, maxLengthBytes: 1_400},
    ...{group: group('239.1.2.3'), port: 9_999, ttl: 7},
  }
  const backup: SyncDaemon = {...master, role: 'backup', syncId: 0, group: group('ff02::81'), port: 8_848, ttl: 3}
  const started: string[] = []
  for (const daemon of [master, master, {...backup, interface: 'none'}, backup]) {
    started.push(word(await table.startDaemon(daemon)))
  }
  const ours = (await table.daemons()).map(daemon =>
    [daemon.role, daemon.interface, daemon.syncId, daemon.maxLengthBytes, daemon.group, daemon.port, daemon.ttl].join(
      ' ',
    ),
  )
  const ipvsadm = run('ipvsadm', ['-Ln', '--daemon']).trim().split('\n')
  const stopped: string[] = []
  for (const role of ['master', 'master', 'backup'] as const) stopped.push(word(await table.stopDaemon(role)))
  // Linux 6.1 waits without an end for a daemon that is stopped as soon as it was started.
  const atOnce: string[] = []
  for (let i = 0; i < 10; i++) {
    atOnce.push(word(await table.startDaemon(master)), word(await table.stopDaemon('master')))
  }
  return {started, ours, ipvsadm, stopped, atOnce: [...new Set(atOnce)], left: (await table.daemons()).length}
}

/** `table` was opened before the module was taken out and loaded anew. */
async function module(table: Ipvs): Promise<object> {
  await table.flush()
  const loader = run('cat', ['/proc/sys/kernel/modprobe']).trim()
  const unload = (): void => shell("modprobe -r $(lsmod | awk '/^ip_vs_/ {print $1}') ip_vs")
  const loadBy = (path: string): void => writeFileSync('/proc/sys/kernel/modprobe', path)
  unload()
  loadBy('/run/none')
  const without = await failureOf(Ipvs.open())
  writeFileSync('/run/refusing', '#!/bin/sh\necho something else >&2\necho no such thing >&2\nexit 1\n', {mode: 0o755})
  loadBy('/run/refusing')
  const refused = await failureOf(Ipvs.open())
  loadBy(loader)
  const newer = await Ipvs.open()
  const loaded = (await newer.info()).version
  newer.close()
  return {without, refused, loaded, older: (await table.services()).length}
}

/** What `look` gives, once it is not false. */
async function eventually<Value>(what: string, look: () => Promise<Value | false>): Promise<Value> {
  const giveUpAt = performance.now() + 20_000
  for (;;) {
    const seen = await look()
    if (seen !== false) return seen
    if (performance.now() > giveUpAt) throw new Error(`waited in vain: ${what}`)
    await sleep(100)
  }
}

async function failureOf(work: Promise<unknown>): Promise<string> {
  try {
    await work
    return 'done'
  } catch (error) {
    if (error instanceof HactlError) return `${error.code} ${error.message}`
    throw error
  }
}

const shell = (...lines: readonly string[]): void => void run('sh', ['-ec', lines.join('\n')])

function run(program: string, words: readonly string[]): string {
  const {status, stdout, stderr} = spawnSync(program, words, {encoding: 'utf8', maxBuffer: 16 * 1024 * 1024})
  if (status !== 0) throw new Error(`${program} ${words.join(' ')}: ${stderr}`)
  return stdout
}
