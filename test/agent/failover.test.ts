import {type ChildProcess, spawn} from 'node:child_process'
import {symlinkSync} from 'node:fs'
import {join} from 'node:path'
import {expect, it} from 'vitest'
import type {FailoverReport, MoveReport} from '../../src/failover/model.ts'
import type {Capture} from '../lab/capture.ts'
import {AGENT_SOCKET} from '../lab/daemon.ts'
import {enter} from '../lab/entrance.ts'
import type {Host} from '../lab/host.ts'
import {labSuite} from '../lab/lab-suite.ts'
import type {IcmpPacket} from '../lab/packets.ts'
import {repoRoot} from '../lab/repo-root.ts'
import {until} from '../lab/wait.ts'
import {done, figures, onlyHolder, overrides, reload, withKnownPair} from './operator.ts'
import {config, holders, type Pair, routerStatus, VIP} from './pair.ts'

const VIP6 = 'fd09::100'
/** How far the figure and the capture may be apart, milliseconds. */
const AGREED_MS = 10
/** Of the probes, milliseconds. */
const ICMP_EVERY_MS = 2

interface Ran {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** A host that has neither agent nor virtual address, with the sockets of both directors. */
interface Client {
  readonly start: (...args: readonly string[]) => {readonly child: ChildProcess; readonly ended: Promise<Ran>}
}

/** Two directors that know of each other, and a client on their segment. */
const withClient = (work: (pair: Pair, client: Client) => Promise<void>): Promise<void> =>
  withKnownPair(async pair => {
    const host = await pair.lab.host('client')
    await host.attach(pair.segment, {interface: 'eth0', address: '10.9.0.50/24'})
    await host.run(['ip', 'addr', 'add', 'fd09::50/64', 'dev', 'eth0', 'nodad'])
    const nodes = [pair.one, pair.two].map(({name, host: {entrance}}) => {
      // Its name is that of its column.
      const path = join(pair.lab.directory, `${name}.sock`)
      symlinkSync(`/proc/${entrance.pid}/root${AGENT_SOCKET}`, path)
      return `unix:${path}`
    })
    await work(pair, {start: (...args) => startFailover(host, nodes, args)})
  })

/** `hactl cluster failover` in the network of the client; its files and processes are those of the test. */
function startFailover(
  {entrance}: Host,
  nodes: readonly string[],
  args: readonly string[],
): {readonly child: ChildProcess; readonly ended: Promise<Ran>} {
  const command = [process.execPath, join(repoRoot(), 'bin', 'run.cjs'), 'cluster', 'failover', ...args]
  const [file = '', ...rest] = [...enter(entrance, ['net']), ...command, ...nodes.flatMap(node => ['--node', node])]
  const env = {PATH: process.env.PATH ?? '', XDG_CONFIG_HOME: '/nonexistent'}
  const child = spawn(file, rest, {stdio: ['ignore', 'pipe', 'pipe'], env})
  let stdout = ''
  let stderr = ''
  child.stdout.on('data', (bytes: Buffer) => {
    stdout += bytes
  })
  child.stderr.on('data', (bytes: Buffer) => {
    stderr += bytes
  })
  return {child, ended: new Promise(resolve => child.once('close', code => resolve({code, stdout, stderr})))}
}

const run = (client: Client, ...args: readonly string[]): Promise<Ran> => client.start(...args).ended

/** What a failover that has to succeed reports. */
async function reported(client: Client, ...args: readonly string[]): Promise<FailoverReport> {
  const {code, stdout, stderr} = await run(client, ...args, '-y', '--json')
  expect(code, stderr + stdout).toBe(0)
  return (JSON.parse(stdout) as {item: FailoverReport}).item
}

/** The longest time from an echo request that was answered to the next one that was, less one interval, on the wire. */
function outageOnWire({packets}: Capture, vip: string, {orderedAt}: MoveReport, untilMs: number): number {
  const icmp = packets.filter((packet): packet is IcmpPacket => packet.kind === 'icmp')
  const fromMs = Date.parse(orderedAt)
  const span = icmp.filter(({atMs}) => atMs > fromMs - 50 && atMs < untilMs)
  const replies = new Set(
    span.filter(({source, type}) => source === vip && isReply(type)).map(({sequence}) => sequence),
  )
  const answered = span.filter(
    ({destination, type, sequence}) => destination === vip && isRequest(type) && replies.has(sequence),
  )
  expect(answered.length, 'probes answered on the wire').toBeGreaterThan(50)
  const sequences = answered.map(({sequence}) => sequence)
  let worst = 0
  for (const [i, {atMs}] of answered.entries()) {
    const next = answered[i + 1]
    if (next === undefined || next.sequence === (sequences[i] as number) + 1) continue
    worst = Math.max(worst, next.atMs - atMs - ICMP_EVERY_MS)
  }
  return worst
}

const isRequest = (type: number): boolean => type === 8 || type === 128
const isReply = (type: number): boolean => type === 0 || type === 129

/** Every figure of a report is what the wire says. */
async function confirmed({capture}: Pair, {move, back}: FailoverReport, vip = VIP): Promise<readonly number[]> {
  await capture.settle()
  const moves = [move, back].filter(each => each !== null)
  return moves.map((each, i) => {
    const untilMs = Date.parse(moves[i + 1]?.orderedAt ?? '') || Date.now()
    expect(each.measurement, JSON.stringify(each)).toMatchObject({measured: true, address: vip})
    const seen = outageOnWire(capture, vip, each, untilMs - 100)
    expect(Math.abs(seen - (each.outageMs as number)), `${seen} ms seen: ${JSON.stringify(each)}`).toBeLessThan(
      AGREED_MS,
    )
    return each.outageMs as number
  })
}

labSuite('hactl cluster failover', ['ip'], () => {
  it('drills there and back, and reports outages that the wire confirms', () =>
    withClient(async (pair, client) => {
      const report = await reported(client, 'VI_1', '--drill', '--for', '1s')
      expect(report).toMatchObject({
        ...{router: 'VI_1', from: 'one', to: 'two', forced: false, interrupted: false, changes: []},
        move: {from: 'one', to: 'two', way: 'takeover'},
        back: {from: 'two', to: 'one', way: 'takeover'},
      })
      await confirmed(pair, report)
      expect(holders(pair)).toEqual(['one'])
      expect([...(await overrides(pair.one)), ...(await overrides(pair.two))]).toEqual([])
    }))

  it('lets the holder release where nothing beats its priority, and measures the skew', () =>
    withClient(async (pair, client) => {
      await done(pair.one, 'vrrp', 'priority', 'VI_1', '254')
      await figures(pair.two, ({heard}) => heard?.priority === 254)
      const report = await reported(client, VIP, '--drill', '--for', '1s', '--to', 'two')
      expect(report).toMatchObject({move: {way: 'release', to: 'two'}, back: {way: 'takeover', to: 'one'}, changes: []})
      const [out = 0] = await confirmed(pair, report)
      // RFC 9568 section 6.1: the skew of priority 100 at 10 cs is 60.9 ms.
      expect(out).toBeGreaterThan(50)
      expect(holders(pair)).toEqual(['one'])
      expect((await overrides(pair.one)).map(({text}) => text)).toEqual(['priority 254'])
      expect(await overrides(pair.two)).toEqual([])
    }))

  it('measures an address of IPv6', () =>
    withClient(async (pair, client) => {
      for (const [director, priority] of [[pair.one, 150] as const, [pair.two, 100] as const]) {
        await reload(director, config(priority, '', [`${VIP6}/64`]))
      }
      await onlyHolder(pair, 'one', VIP6)
      await figures(pair.two, ({state, heard, family}) => family === 6 && state === 'backup' && heard !== null)
      const report = await reported(client, VIP6, '--drill', '--for', '1s')
      await confirmed(pair, report, VIP6)
      expect(holders(pair, VIP6)).toEqual(['one'])
    }))

  it('measures by TCP connections', () =>
    withClient(async (pair, client) => {
      const server = "require('node:net').createServer(s => s.on('error', () => {})).listen(8080, '0.0.0.0')"
      for (const {host} of [pair.one, pair.two]) {
        await host.start([process.execPath, '-e', server])
        await host.listening(8080)
      }
      const report = await reported(client, 'VI_1', '--probe', 'tcp:8080')
      expect(report.move?.measurement).toMatchObject({measured: true, probe: 'tcp port 8080', intervalMs: 5})
      expect(report).toMatchObject({back: null, notes: [expect.stringContaining('hactl vrrp resume VI_1 --socket')]})
      expect(holders(pair)).toEqual(['two'])
    }))

  it('moves without a figure where the address does not answer, and ends the takeover of the earlier holder', () =>
    withClient(async (pair, client) => {
      const there = await reported(client, '51', '--probe', 'tcp:9')
      expect(there.move).toMatchObject({outageMs: null, measurement: {measured: false}})
      await figures(pair.one, ({state, heard}) => state === 'backup' && heard !== null)
      const home = await reported(client, '51', '--probe', 'tcp:9')
      expect(home.move).toMatchObject({from: 'two', to: 'one'})
      expect(home.notes[0]).toBe('the earlier takeover on two is over')
      expect(await overrides(pair.two)).toEqual([])
      expect((await overrides(pair.one)).map(({kind}) => kind)).toEqual(['takeover'])
      await figures(pair.two, ({state, heard}) => state === 'backup' && heard !== null)
      const drill = await reported(client, '51', '--probe', 'tcp:9', '--drill', '--for', '1s')
      // The takeover that stood before is the same after it, and no other one does.
      expect(drill).toMatchObject({back: {to: 'one'}, changes: []})
      expect(holders(pair)).toEqual(['one'])
    }))

  it('looks only, with --dry-run, and asks before it moves', () =>
    withClient(async (pair, client) => {
      const {code, stdout} = await run(client, 'VI_1', '--dry-run')
      expect({code, stdout}).toEqual({code: 0, stdout: expect.stringMatching(/hears the holder\s+yes\s+two heard one/)})
      expect((await run(client, 'VI_1')).code).toBe(2)
      expect(holders(pair)).toEqual(['one'])
      expect(await overrides(pair.two)).toEqual([])
    }))

  it('refuses a target that hears nobody', () =>
    withClient(async (pair, client) => {
      await pair.two.link.cutInbound()
      await onlyBoth(pair)
      const {code, stderr} = await run(client, 'VI_1', '-y')
      expect({code, stderr}).toEqual({code: 7, stderr: expect.stringContaining('split brain: one and two hold VI_1')})
      expect(await overrides(pair.two)).toEqual([])
    }))

  it('takes back a takeover that the holder does not hear', () =>
    withClient(async (pair, client) => {
      await pair.one.link.cutInbound()
      const {code, stderr} = await run(client, 'VI_1', '-y')
      expect({code, stderr}).toEqual({
        code: 8,
        stderr: expect.stringMatching(/two nodes were master for more than 1 s; one holds it/),
      })
      await onlyHolder(pair, 'one')
      expect(await overrides(pair.two)).toEqual([])
      expect((await routerStatus(pair.two)).state).toBe('backup')
    }))

  it('goes back at once when a drill is interrupted', () =>
    withClient(async (pair, client) => {
      const {child, ended} = client.start('VI_1', '--drill', '--for', '1h', '-y', '--json')
      let said = ''
      child.stderr?.on('data', (bytes: Buffer) => {
        said += bytes
      })
      await until(
        () => `the drill to stay there: ${said}`,
        () => /it stays there/.test(said),
        {timeoutMs: 20_000},
      )
      expect(holders(pair)).toEqual(['two'])
      child.kill('SIGINT')
      const {code, stdout, stderr} = await ended
      expect(code, stderr).toBe(130)
      expect((JSON.parse(stdout) as {item: FailoverReport}).item).toMatchObject({interrupted: true, back: {to: 'one'}})
      expect(holders(pair)).toEqual(['one'])
      expect(await overrides(pair.two)).toEqual([])
    }))
})

const onlyBoth = (pair: Pair): Promise<unknown> =>
  until('both to hold the address', () => holders(pair).length === 2, {timeoutMs: 5_000})
