import {spawn} from 'node:child_process'
import {once} from 'node:events'
import {writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {expect, it} from 'vitest'
import {agentClient} from '../../src/control/client.ts'
import {hasTerminals, runInTerminal, type Typed} from '../commands/run-in-terminal.ts'
import {longestGapMs} from '../lab/capture.ts'
import {AGENT_SOCKET, CONFIG_FILE, crash, startAgent} from '../lab/daemon.ts'
import {labSuite} from '../lab/lab-suite.ts'
import type {AdvertPacket} from '../lab/packets.ts'
import {repoRoot} from '../lab/repo-root.ts'
import {until} from '../lab/wait.ts'
import {
  agentStatus,
  config,
  type Director,
  holders,
  INTERVAL_MS,
  type Pair,
  routerStatus,
  VIP,
  withPair,
} from './pair.ts'

/** What `hactl cluster apply --json` prints of what matters here. */
interface Report {
  readonly item: {
    readonly result: string
    readonly reason: string | null
    readonly nodes: readonly {readonly state: string}[]
  }
}

/** What stands before the virtual routers. */
const globals = config(100).slice(0, config(100).indexOf('vrrp_instance'))

/** A run of the command line outside of all hosts. */
interface Run {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

const socketOf = ({host}: Director): string => host.outside(AGENT_SOCKET)

/** Runs `hactl cluster …` about both directors; it is interrupted once, when it has said `interruptAt` on its way. */
async function cluster({one, two}: Pair, args: readonly string[], interruptAt?: string): Promise<Run> {
  const nodes = [one, two].flatMap(director => ['--node', `unix:${socketOf(director)}`])
  const program = join(repoRoot(), 'bin', 'run.cjs')
  const child = spawn(process.execPath, [program, 'cluster', ...args, ...nodes], {stdio: ['ignore', 'pipe', 'pipe']})
  let stdout = ''
  let stderr = ''
  child.stdout.on('data', chunk => {
    stdout += chunk
  })
  let wasInterrupted = false
  child.stderr.on('data', chunk => {
    stderr += chunk
    if (interruptAt === undefined || wasInterrupted || !stderr.includes(interruptAt)) return
    wasInterrupted = true
    child.kill('SIGINT')
  })
  const [code] = (await once(child, 'close')) as [number | null]
  return {code, stdout, stderr}
}

/** Writes the files that both are to get and names them for the command. */
const files = ({one, two}: Pair, texts: {readonly one: string; readonly two: string}): readonly string[] =>
  [one, two].map(({name, host}) => {
    const path = join(host.directory, 'next.conf')
    writeFileSync(path, name === 'one' ? texts.one : texts.two)
    return path
  })

const basePriority = async (director: Director): Promise<number> => (await routerStatus(director)).priority.base
const trialOf = async (director: Director) => (await agentStatus(director)).configuration.trial

/** Who advertised as master, one after the other: each turn once. */
const turns = (adverts: readonly AdvertPacket[]): readonly string[] =>
  adverts.map(({source}) => source).filter((source, i, all) => source !== all[i - 1])

/** Everything that was advertised by a master from a moment on. */
async function mastersSince({capture}: Pair, fromMs: number): Promise<readonly AdvertPacket[]> {
  await capture.settle()
  return capture.adverts({fromMs}).filter(({priority}) => priority > 0)
}

/** No pause in which a backup would have had to wait longer than it may, and the scheduling of a loaded machine. */
const LONGEST_PAUSE_MS = 4 * INTERVAL_MS + 300

labSuite('a configuration for a whole cluster', ['ip'], () => {
  it('is kept by both when it holds, backups first', async () => {
    await withPair(async pair => {
      const {one, two} = pair
      const fromMs = Date.now()
      const args = files(pair, {one: config(160), two: config(110)})
      const {code, stdout, stderr} = await cluster(pair, ['apply', ...args, '-y', '--json'])
      expect(code, stderr).toBe(0)
      const {item} = JSON.parse(stdout) as Report
      expect(item).toMatchObject({result: 'kept', reason: null, nodes: [{state: 'kept'}, {state: 'kept'}]})
      expect(stderr.indexOf('hactl (2): put to work')).toBeLessThan(stderr.indexOf('hactl: put to work'))
      expect([await basePriority(one), await basePriority(two)]).toEqual([160, 110])
      expect([await trialOf(one), await trialOf(two)]).toEqual([null, null])
      expect(one.host.readFile(CONFIG_FILE)).toBe(config(160))
      const adverts = await mastersSince(pair, fromMs)
      expect(turns(adverts)).toEqual([one.address])
      expect(adverts.at(-1)?.priority).toBe(160)
      const diff = await cluster(pair, ['diff', '--exit-code'])
      expect(diff, diff.stderr).toMatchObject({code: 0})
    })
  }, 60_000)

  it('is refused when a single fault would leave the addresses to nobody, and no node hears of it', async () => {
    await withPair(async pair => {
      const {one, two} = pair
      // The second node moves both at once, and the first one keeps the one whose link is well.
      const inner = (priority: number): string =>
        config(priority)
          .slice(globals.length)
          .replace('VI_1', 'VI_2')
          .replace('eth0', 'eth1')
          .replace('virtual_router_id 51', 'virtual_router_id 52')
          .replaceAll(VIP, '10.9.1.100')
      const group = 'vrrp_sync_group VG {\n group {\n VI_1\n VI_2\n }\n}\n'
      const args = files(pair, {one: config(150) + inner(150), two: config(100) + inner(100) + group})
      const {code, stderr} = await cluster(pair, ['apply', ...args, '-y'])
      expect(code, stderr).toBe(6)
      expect(stderr).toContain('refused: VI_1: nobody holds the addresses after eth0 of hactl goes down')
      expect([await basePriority(one), await basePriority(two)]).toEqual([150, 100])
      expect(holders(pair)).toEqual(['one'])
    })
  }, 60_000)

  it('is refused when no file has a virtual router any more, unless that is meant', async () => {
    await withPair(async pair => {
      const other = config(150).replace('VI_1', 'VI_2').replace('virtual_router_id 51', 'virtual_router_id 52')
      const next = other.replaceAll(VIP, '10.9.0.101')
      const args = files(pair, {one: next, two: next.replace('150', '100')})
      const {code, stderr} = await cluster(pair, ['apply', ...args, '-y', '--dry-run'])
      expect(code, stderr).toBe(7)
      expect(stderr).toContain('VI_1 (VRID 51) is in no file: nobody would hold 10.9.0.100')
      const forced = await cluster(pair, ['apply', ...args, '--dry-run', '--force'])
      expect(forced.code, forced.stderr).toBe(0)
      expect(await basePriority(pair.one)).toBe(150)
    })
  }, 60_000)

  it('is taken back on the first node when it breaks on the second, and one holds the address all the time', async () => {
    await withPair(async pair => {
      const {one, two} = pair
      const fromMs = Date.now()
      // Valid as far as anybody can tell from here: only that host has no such interface.
      const broken = config(160).replace('interface eth0', 'interface eth9')
      const args = files(pair, {one: broken, two: config(110)})
      const {code, stdout, stderr} = await cluster(pair, ['apply', ...args, '-y', '--json'])
      expect(code, stderr).toBe(7)
      const {item} = JSON.parse(stdout) as Report
      expect(item.result).toBe('taken-back')
      expect(item.reason).toMatch(/^VI_1 \(VRID 51\) is in fault on hactl: /)
      expect(item.nodes.map(({state}) => state)).toEqual(['taken-back', 'taken-back'])
      await until('the first to hold the address again', () => holders(pair).join() === 'one', {timeoutMs: 5_000})
      expect([await basePriority(one), await basePriority(two)]).toEqual([150, 100])
      expect([one, two].map(({host}) => host.readFile(CONFIG_FILE))).toEqual([config(150), config(100)])
      expect([await trialOf(one), await trialOf(two)]).toEqual([null, null])
      await pair.capture.waitForAdvert({source: one.address, priority: 150, fromMs: Date.now()}, {timeoutMs: 2_000})
      const adverts = await mastersSince(pair, fromMs)
      expect(turns(adverts)).toEqual([one.address, two.address, one.address])
      expect(longestGapMs(adverts.map(({atMs}) => atMs))).toBeLessThan(LONGEST_PAUSE_MS)
      const ofTwo = adverts.filter(({source}) => source === two.address)
      expect(ofTwo.map(({priority}) => priority).filter((priority, i, all) => priority !== all[i - 1])).toEqual([
        110, 100,
      ])
      // What the first had taken is gone there, too: it advertises its old priority when it is master next.
      await crash(one.agent)
      await pair.capture.waitForAdvert({source: two.address, priority: 100, fromMs: Date.now()}, {timeoutMs: 5_000})
    })
  }, 60_000)

  it.skipIf(!hasTerminals).each<[string, string, Typed, number, readonly number[]]>([
    ['is kept when somebody says so', '60s', [/keep it\? \[y\/N\] \d+ s /, 'y\n'], 0, [160, 110]],
    ['is taken back when somebody says no', '60s', [/keep it\? \[y\/N\] \d+ s /, 'n\n'], 7, [150, 100]],
    ['is taken back when nobody answers', '2s', [/never shown/, ''], 7, [150, 100]],
  ])(
    '%s',
    async (_, within, answer, code, priorities) => {
      await withPair(async pair => {
        const {one, two} = pair
        const nodes = [one, two].flatMap(director => ['--node', `unix:${socketOf(director)}`])
        const args = files(pair, {one: config(160), two: config(110)})
        const asked: Typed = [/Put this to work, hactl \(2\), then hactl\? \[y\/N\] /, 'y\n']
        const words = ['cluster', 'apply', ...args, ...nodes, '--confirm-within', within]
        const outcome = await runInTerminal(words, {env: {}, typed: [asked, answer]})
        expect(outcome.code, outcome.shown).toBe(code)
        expect([await basePriority(one), await basePriority(two)]).toEqual(priorities)
      })
    },
    60_000,
  )

  it('is taken back when whoever applies it is interrupted', async () => {
    await withPair(async pair => {
      const {one, two} = pair
      const args = files(pair, {one: config(160), two: config(110)})
      const {code, stderr} = await cluster(pair, ['apply', ...args, '-y'], 'put to work')
      expect(code, stderr).toBe(130)
      expect([await basePriority(one), await basePriority(two)]).toEqual([150, 100])
      expect(two.host.readFile(CONFIG_FILE)).toBe(config(100))
      expect(await trialOf(two)).toBeNull()
    })
  }, 60_000)

  it('is taken back by the agent itself, also by one that was killed meanwhile', async () => {
    await withPair(async ({two}) => {
      const client = agentClient({socket: socketOf(two)})
      const {item} = await client.applyConfig({text: config(110), confirmWithinSeconds: 2})
      expect([item.trial?.id, await basePriority(two)]).toEqual([(await trialOf(two))?.id, 110])
      await crash(two.agent)
      expect(two.host.readFile(CONFIG_FILE)).toBe(config(110))
      const overAt = Date.parse(item.trial?.until ?? '')
      await until('its time to be over', () => Date.now() > overAt, {timeoutMs: 5_000})
      two.agent = await startAgent(two.host, {config: two.host.readFile(CONFIG_FILE)})
      await until('the agent to answer', async () => (await client.status()).item.pid > 0, {timeoutMs: 5_000})
      expect(two.host.readFile(CONFIG_FILE)).toBe(config(100))
      expect(await trialOf(two)).toBeNull()
    })
  }, 60_000)
})
