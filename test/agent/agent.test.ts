import {expect, it} from 'vitest'
import {parseConfig} from '../../src/config/parse.ts'
import type {IpAddress} from '../../src/core/ip.ts'
import {priority, vrid} from '../../src/core/units.ts'
import {VRRP_GROUP4} from '../../src/core/vrrp/config.ts'
import {encodeAdvertisement} from '../../src/core/vrrp/packet.ts'
import {meaningOf} from '../config/support.ts'
import {gapsMs, longestGapMs} from '../lab/capture.ts'
import {crash, runHactl, startAgent, stopGracefully} from '../lab/daemon.ts'
import {startAttack} from '../lab/hostile.ts'
import {labSuite} from '../lab/lab-suite.ts'
import {sleep, until} from '../lab/wait.ts'
import {
  advertsDuring,
  agentStatus,
  childPid,
  config,
  hactl,
  holders,
  INTERVAL_MS,
  journal,
  type Pair,
  routerStatus,
  signalChild,
  VIP,
  VRID,
  withPair,
} from './pair.ts'

/** An advertisement may be this much off its beat at most: the figure of the isolation promise, milliseconds. */
const OFF_BEAT_MS = 20

const only = (pair: Pair, name: string, timeoutMs = 5_000): Promise<unknown> =>
  until(`only ${name} to hold the address`, () => holders(pair).join() === name, {timeoutMs})

const meaning = (text: string): string => meaningOf(parseConfig({file: 'a.conf', text}).config)

/** Nobody but the first ever spoke, and always on its beat. */
function expectUndisturbed(pair: Pair, adverts: readonly {readonly atMs: number}[], fromMs: number): void {
  const off = gapsMs(adverts.map(({atMs}) => atMs)).map(gap => Math.abs(gap - INTERVAL_MS))
  expect(adverts.length).toBeGreaterThan(5)
  expect(Math.max(...off), 'furthest off its beat, ms').toBeLessThanOrEqual(OFF_BEAT_MS)
  expect(pair.capture.adverts({source: pair.two.address, fromMs})).toEqual([])
}

labSuite('an agent and its processes', ['ip'], () => {
  it('advertises on while the check process dies, is stopped for 10 s, and the API is read in a loop', async () => {
    await withPair(async pair => {
      const {one} = pair
      const fromMs = Date.now()
      const adverts = await advertsDuring(pair, one, async () => {
        await signalChild(one, 'check', 'KILL')
        await sleep(500)
        await signalChild(one, 'check', 'STOP')
        const reader = await one.host.start([process.execPath, '-e', READER])
        await sleep(10_000)
        await reader.stop({signal: 'SIGKILL'})
        const asked = Number(/(\d+)\s*$/.exec(reader.stdout)?.[1])
        expect(asked, 'answers that the reader got').toBeGreaterThan(500)
      })
      expectUndisturbed(pair, adverts, fromMs)
      const kinds = journal(one).map(({kind, facts}) => `${kind} ${facts.process ?? ''}`)
      expect(kinds.filter(kind => kind === 'process-died check').length).toBe(2)
      expect(kinds).toContain('process-stalled check')
      expect((await agentStatus(one)).processes.every(({state}) => state === 'running')).toBe(true)
    })
  }, 60_000)

  it('restarts a killed vrrp process, which goes on as master with the same addresses', async () => {
    await withPair(async pair => {
      const {one, two} = pair
      const before = await childPid(one, 'vrrp')
      const fromMs = Date.now()
      const adverts = await advertsDuring(pair, one, () => signalChild(one, 'vrrp', 'KILL'))
      expect(longestGapMs(adverts.map(({atMs}) => atMs)), 'longest pause, ms').toBeLessThan(3 * INTERVAL_MS)
      expect(pair.capture.adverts({source: two.address, fromMs})).toEqual([])
      expect(holders(pair)).toEqual(['one'])
      expect(await childPid(one, 'vrrp')).not.toBe(before)
      const kinds = journal(one).map(({kind}) => kind)
      expect(kinds.slice(kinds.indexOf('process-died'))).toEqual(
        expect.arrayContaining(['process-died', 'vip-adopted', 'transition']),
      )
      const why = await runHactl(one.host, ['vrrp', 'why', 'VI_1'])
      expect(why).toMatch(/vrrp process \d+ died \(SIGKILL\)/)
    })
  }, 30_000)

  it('advertises on while its supervisor is stopped, which then kills nobody for its own sleep', async () => {
    await withPair(async pair => {
      const {one} = pair
      const before = await childPid(one, 'vrrp')
      const fromMs = Date.now()
      const adverts = await advertsDuring(pair, one, async () => {
        process.kill(one.agent.process.pid, 'SIGSTOP')
        await sleep(4_000)
        one.agent.process.signal('SIGCONT')
      })
      expectUndisturbed(pair, adverts, fromMs)
      expect(await childPid(one, 'vrrp')).toBe(before)
      expect(journal(one).map(({kind}) => kind)).not.toContain('process-stalled')
    })
  }, 30_000)

  it('withdraws within a second when its supervisor is killed', async () => {
    await withPair(async pair => {
      const {one, two, capture} = pair
      const killedAtMs = Date.now()
      process.kill(one.agent.process.pid, 'SIGKILL')
      const goodbye = await capture.waitForAdvert(
        {source: one.address, priority: 0, fromMs: killedAtMs},
        {timeoutMs: 1_000},
      )
      await until('the address to be gone', () => !one.host.holds(VIP), {timeoutMs: 1_000})
      expect(goodbye.atMs - killedAtMs).toBeLessThan(1_000)
      await only(pair, 'two')
      await until('its processes to end', () => one.agent.process.tree().length === 0, {timeoutMs: 2_000})
      expect(two.host.holds(VIP)).toBe(true)
    })
  }, 30_000)

  it('cleans up after an unclean death, also what the configuration does not name any more', async () => {
    await withPair(async pair => {
      const {one} = pair
      one.host.writeFile('/etc/keepalived/keepalived.conf', config(150, '', [`${VIP}/24`, '10.9.0.101/24']))
      await runHactl(one.host, ['agent', 'reload'])
      await until('the second address', () => one.host.holds('10.9.0.101'), {timeoutMs: 2_000})
      await crash(one.agent)
      expect(one.host.holds('10.9.0.101')).toBe(true)
      await until('the other to take over', () => pair.two.host.holds(VIP), {timeoutMs: 2_000})
      one.agent = await startAgent(one.host, {config: config(50)})
      await until(
        'the agent to tell how the run before ended',
        () =>
          journal(one)
            .findLast(({kind}) => kind === 'agent-started')
            ?.text.includes('did not end cleanly'),
        {timeoutMs: 2_000},
      )
      await until('leftovers to go', () => !one.host.holds('10.9.0.101') && !one.host.holds(VIP), {timeoutMs: 2_000})
      await until('a record of it', () => journal(one).some(({kind}) => kind === 'leftover-removed'), {
        timeoutMs: 2_000,
      })
      expect(holders(pair)).toEqual(['two'])
    })
  }, 30_000)

  it('reloads without losing an advertisement or an address that stays', async () => {
    await withPair(async pair => {
      const {one} = pair
      const fromMs = Date.now()
      let gone = false
      const watch = setInterval(() => {
        gone ||= !one.host.holds(VIP)
      }, 1)
      const adverts = await advertsDuring(pair, one, async () => {
        const text = config(160, 'garp_master_refresh 60', [`${VIP}/24`, '10.9.0.101/24'])
        one.host.writeFile('/etc/keepalived/keepalived.conf', text)
        const said = await runHactl(one.host, ['agent', 'reload'])
        expect(said).toContain('priority 150 -> 160')
        await until('the new address', () => one.host.holds('10.9.0.101'), {timeoutMs: 2_000})
        one.host.writeFile('/etc/keepalived/keepalived.conf', config(160))
        one.agent.process.signal('SIGHUP')
        await until('the address to go again', () => !one.host.holds('10.9.0.101'), {timeoutMs: 2_000})
      })
      clearInterval(watch)
      expect(gone, 'the address that stays was gone').toBe(false)
      expect(longestGapMs(adverts.map(({atMs}) => atMs))).toBeLessThan(INTERVAL_MS + OFF_BEAT_MS)
      expect(adverts.some(({priority}) => priority === 0)).toBe(false)
      expect(adverts.at(-1)?.priority).toBe(160)
      expect(pair.capture.adverts({source: pair.two.address, fromMs})).toEqual([])
      expect(pair.capture.gratuitousArps('10.9.0.101', {fromMs}).length).toBeGreaterThanOrEqual(5)
    })
  }, 30_000)

  it('says goodbye where it is master when a reload takes it from there, for the other one to take over at once', async () => {
    await withPair(async pair => {
      const {one, two, capture} = pair
      const fromMs = Date.now()
      // Nothing else of this host is on that interface any more.
      one.host.writeFile('/etc/keepalived/keepalived.conf', config(150).replace('interface eth0', 'interface eth9'))
      expect(await runHactl(one.host, ['agent', 'reload', '--force'])).toContain('interface eth0 -> eth9')
      const goodbye = await capture.waitForAdvert({source: one.address, priority: 0, fromMs}, {timeoutMs: 2_000})
      const taken = await capture.waitForAdvert({source: two.address, fromMs}, {timeoutMs: 2_000})
      // RFC 9568 section 6.1, Skew_Time: silence would have taken three intervals more.
      expect(taken.atMs - goodbye.atMs).toBeLessThan(3 * INTERVAL_MS)
      // It advertises first.
      await until('the other one to hold the address', () => holders(pair).join() === 'two', {timeoutMs: 2_000})
    })
  }, 30_000)

  it('refuses a reload with errors, says where and how many, and keeps the old configuration', async () => {
    await withPair(async ({one, capture}) => {
      const fromMs = Date.now()
      const text = config(160, 'prioriti 7\n    garp_extra nonsense')
      one.host.writeFile('/etc/keepalived/keepalived.conf', text)
      const line = text.split('\n').findIndex(each => each.includes('prioriti 7')) + 1
      const {code, stdout, stderr} = await hactl(one, 'agent', 'reload')
      expect({code, stdout}).toEqual({code: 6, stdout: ''})
      expect(stderr).toContain(`keepalived.conf:${line}:5: error: unknown keyword 'prioriti'`)
      expect(stderr).toContain(`keepalived.conf:${line + 1}:5: error: unknown keyword 'garp_extra'`)
      expect(stderr).toMatch(
        /\nhactl: the configuration was refused for 2 errors; the agent goes on with the one it has\n$/,
      )
      expect((await routerStatus(one)).priority).toEqual({base: 150, effective: 150})
      expect((await agentStatus(one)).configuration.refused).toContain('prioriti')
      expect(journal(one).at(-1)?.kind).toBe('configuration-refused')
      const difference = await hactl(one, 'config', 'diff')
      expect(difference.code).toBe(6)
      expect(difference.stderr).toContain('has 2 errors: a reload would refuse it')
      expect(difference.stdout).toContain('priority 150 -> 160')
      await capture.settle()
      expect(capture.adverts({source: one.address, fromMs}).every(({priority}) => priority === 150)).toBe(true)
    })
  }, 30_000)

  it('reads its configuration back, and tells what a reload would do to each object', async () => {
    const secret = 'S3cretX'
    const authenticated = (priority: number, password: string): string =>
      config(priority, `authentication {\n auth_type PASS\n auth_pass ${password}\n }`)
        .replace('vrrp_version 3', 'vrrp_version 2')
        .replace('advert_int 0.1', 'advert_int 1')
    await withPair(async ({one}) => {
      one.host.writeFile('/etc/keepalived/keepalived.conf', authenticated(150, secret))
      expect(await hactl(one, 'agent', 'reload')).toMatchObject({code: 0})
      const shown = await hactl(one, 'config', 'show')
      expect(shown.code).toBe(0)
      expect(shown.stdout).toContain('auth_pass ********')
      expect(shown.stderr).toContain('secrets are shown as ********')
      expect(meaning(shown.stdout.replace('********', secret))).toBe(meaning(authenticated(150, secret)))
      const effective = await hactl(one, 'config', 'show', '--effective', '--json')
      expect(JSON.parse(effective.stdout).item.config.instances[0]).toMatchObject({priority: 150, preemptDelayMs: 0})
      expect(await hactl(one, 'config', 'diff')).toMatchObject({
        code: 0,
        stdout: 'no difference: 2 objects stay as they are\n',
      })
      one.host.writeFile('/tmp/next.conf', authenticated(140, 'T4cretX').replace('eth0', 'eth7'))
      const {code, stdout, stderr} = await hactl(one, 'config', 'diff', '/tmp/next.conf')
      expect(stdout.split('\n').toSorted()).toEqual(
        [
          'vrrp_instance VI_1: restarted: it runs on another interface',
          '  interface eth0 -> eth7',
          '  priority 150 -> 140',
          '  authentication changed',
          '1 object stays as it is',
          '',
        ].toSorted(),
      )
      expect(code).toBe(1)
      for (const said of [shown, effective, {stdout, stderr}]) {
        expect(said.stdout + said.stderr).not.toMatch(/[ST][34]cretX/)
      }
    })
  }, 30_000)

  it('puts an address back that somebody else deleted, and says so', async () => {
    await withPair(async pair => {
      const {one, capture} = pair
      const fromMs = Date.now()
      await one.host.run(['ip', 'addr', 'del', `${VIP}/24`, 'dev', 'eth0'])
      await until('a record', () => journal(one).some(({kind}) => kind === 'vip-restored'), {timeoutMs: 2_000})
      expect(one.host.holds(VIP)).toBe(true)
      await capture.settle()
      expect(capture.gratuitousArps(VIP, {fromMs}).length).toBeGreaterThan(0)
      expect(await runHactl(one.host, ['vrrp', 'why', 'VI_1'])).toContain('removed by somebody else')
      expect(holders(pair)).toEqual(['one'])
    })
  }, 30_000)

  it('remembers what a vrrp process left that could not withdraw', async () => {
    await withPair(async ({one}) => {
      await signalChild(one, 'vrrp', 'STOP')
      await stopGracefully(one.agent)
      expect(one.host.holds(VIP)).toBe(true)
      expect(one.host.readFile(`${one.host.directory}/state/owned-addresses.json`)).toContain(VIP)
      expect(journal(one).at(-1)?.text).toContain('could not withdraw')
      one.agent = await startAgent(one.host, {config: config(50, '', ['10.9.0.101/24'])})
      await until('what was left to go', () => !one.host.holds(VIP), {timeoutMs: 2_000})
    })
  }, 30_000)

  it('runs the notify scripts of every state, the last one at its end', async () => {
    const log = '/run/notified'
    const lines = `notify "/bin/sh -c 'echo $3 >>${log}' x"\nnotify_stop "/bin/sh -c 'echo stop >>${log}'"`
    await withPair(async ({one}) => {
      await until('the master script', () => one.host.readFile(log).includes('MASTER'), {timeoutMs: 2_000})
      expect(await stopGracefully(one.agent)).toEqual({code: 0, signal: null})
      expect(one.host.readFile(log).trim().split('\n')).toEqual(['BACKUP', 'MASTER', 'stop', 'STOP'])
    }, lines)
  }, 30_000)

  it('forged masters by the thousand fill neither journal nor log', async () => {
    await withPair(async pair => {
      const {two, one} = pair
      const frames = ['10.9.0.77', '10.9.0.78'].map(forgedFrame)
      const attack = await startAttack(one.host, {device: 'eth0', frames, perSecond: 2_000, seconds: 3})
      await attack.exited
      await until('what was counted', () => journal(two).length > 0, {timeoutMs: 2_000})
      expect((await routerStatus(two)).counters.advertisementsReceived).toBeGreaterThan(5_000)
      const records = journal(two).filter(({kind}) => kind === 'master-changed')
      expect(records.length).toBeGreaterThan(5)
      expect(records.length).toBeLessThan(40)
    })
  }, 30_000)

  it('says goodbye on SIGTERM and leaves nothing', async () => {
    await withPair(async pair => {
      const {one} = pair
      const fromMs = Date.now()
      expect(await stopGracefully(one.agent)).toEqual({code: 0, signal: null})
      expect(one.host.holds(VIP)).toBe(false)
      await only(pair, 'two')
      await pair.capture.settle()
      expect(pair.capture.adverts({source: one.address, priority: 0, fromMs})).toHaveLength(1)
      expect(one.host.hasFile('/run/hactl/agent.sock')).toBe(false)
    })
  }, 30_000)
})

/** Asks the read-only socket without pause for ten seconds; prints how many answers it got. */
const READER = `
const http = require('node:http')
const agent = new http.Agent({keepAlive: true, maxSockets: 1})
const end = Date.now() + 9500
let n = 0
const ask = () => http.get({socketPath: '/run/hactl/agent-ro.sock', path: '/v1/vrrp', agent}, response => {
  response.resume().on('end', () => (n++, Date.now() < end ? ask() : (console.log(n), setInterval(() => {}, 1000))))
}).on('error', () => setTimeout(ask, 1))
ask()
`

/** An advertisement that is right in everything but its sender. */
function forgedFrame(source: string): Buffer {
  const ethernet = Buffer.from('01005e0000120200000000770800', 'hex')
  const adv = {
    version: 3,
    vrid: vrid(VRID),
    priority: priority(120),
    intervalMs: INTERVAL_MS,
    addresses: [VIP as IpAddress],
  } as const
  const envelope = {source: source as IpAddress, destination: VRRP_GROUP4, identification: 1}
  return Buffer.concat([ethernet, encodeAdvertisement(adv, {...envelope, checksumWithoutPseudoHeader: false})])
}
