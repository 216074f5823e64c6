import {expect, it} from 'vitest'
import type {VirtualRouter} from '../../src/control/model.ts'
import {CONFIG_FILE, crash, startAgent} from '../lab/daemon.ts'
import {type HostileKind, hostileFrames, startAttack} from '../lab/hostile.ts'
import {labSuite} from '../lab/lab-suite.ts'
import {until} from '../lab/wait.ts'
import {done, figures, onlyHolder, overrides, refused, reload, restart, withKnownPair} from './operator.ts'
import {config, type Director, hactl, journal, VIP, VRID} from './pair.ts'

const ADDED = '10.9.0.120'
const ADDED6 = 'fd09::120'

const counts =
  (kinds: readonly string[]) =>
  ({counters}: VirtualRouter): boolean =>
    kinds.every(kind => (counters.rejected[kind] ?? 0) > 0)

/** How many advertisements a director heard that name other addresses than its own configuration. */
const differing = async (director: Director): Promise<number> =>
  (await figures(director, ({counters}) => counters.addressListsDiffering > 0)).counters.addressListsDiffering

labSuite('an operator and addresses', ['ip'], () => {
  it.concurrent('adds and removes addresses that nobody configured, over reloads and restarts', async () => {
    await withKnownPair(async pair => {
      const {one, two} = pair
      const fromMs = Date.now()
      expect(await done(one, 'vip', 'add', `${ADDED}/24`)).toBe(`VI_1: one address more: ${ADDED}/24\n`)
      await done(one, 'vip', 'add', `${ADDED6}/64`, '--instance', 'VI_1')
      await until('both', () => one.host.holds(ADDED) && one.host.holds(ADDED6), {timeoutMs: 2_000})
      expect(await differing(two)).toBeGreaterThan(0)
      await pair.capture.settle()
      expect(pair.capture.gratuitousArps(ADDED, {fromMs}).length).toBeGreaterThanOrEqual(5)
      expect(pair.capture.announcements(ADDED6, {fromMs}).length).toBeGreaterThan(0)
      expect(pair.capture.adverts({source: one.address, priority: 0, fromMs})).toEqual([])
      for (const line of [`${ADDED}/24`, `${ADDED}/32`, `${VIP}/24`]) {
        expect(await refused(one, 'vip', 'add', line)).toMatch(/VI_1 has 10\.9\.0\.1\d\d already/)
      }
      expect(await hactl(one, 'vip', 'add', '10.9.0.300')).toMatchObject({code: 2})
      expect(await hactl(one, 'vip', 'add', `${ADDED}/24`, '--instance', 'VI_9')).toMatchObject({code: 5})

      await reload(one, config(160))
      expect(one.host.holds(ADDED)).toBe(true)
      await restart(one)
      await until('both again', () => one.host.holds(ADDED) && one.host.holds(ADDED6), {timeoutMs: 3_000})

      await done(one, 'vip', 'remove', ADDED, '-y')
      const second = (await overrides(one)).find(({text}) => text.includes(ADDED6))
      await done(one, 'agent', 'overrides', '--cancel', second?.id ?? '')
      expect([ADDED, ADDED6].map(address => one.host.holds(address))).toEqual([false, false])
      expect(await overrides(one)).toEqual([])

      // One that is configured goes, and comes back.
      await reload(one, config(160, '', [`${VIP}/24`, '10.9.0.101/24']))
      await done(one, 'vip', 'remove', '10.9.0.101/24', '-y')
      expect(one.host.holds('10.9.0.101')).toBe(false)
      expect(await hactl(one, 'vip', 'remove', '10.9.0.101', '-y')).toMatchObject({code: 5})
      await restart(one)
      await onlyHolder(pair, 'one')
      expect(one.host.holds('10.9.0.101')).toBe(false)
      await done(one, 'vip', 'add', '10.9.0.101/24')
      expect(one.host.holds('10.9.0.101')).toBe(true)
    })
  }, 30_000)

  it.concurrent('announces again what the node holds', async () => {
    await withKnownPair(async pair => {
      const {one, two, capture} = pair
      await reload(one, config(150, '', [`${VIP}/24`, '10.9.0.101/24']))
      await capture.settle()
      const counted = (fromMs: number): readonly number[] =>
        [VIP, '10.9.0.101'].map(address => capture.gratuitousArps(address, {fromMs}).length)
      let fromMs = Date.now()
      expect(await done(one, 'vip', 'announce')).toBe(`${VIP}/24 on eth0 (VI_1)\n10.9.0.101/24 on eth0 (VI_1)\n`)
      await until('five of each', () => counted(fromMs).join() === '5,5', {timeoutMs: 2_000})
      fromMs = Date.now()
      expect(await done(one, 'vip', 'announce', VIP)).toBe(`${VIP}/24 on eth0 (VI_1)\n`)
      await until('five of one', () => counted(fromMs).join() === '5,0', {timeoutMs: 2_000})
      expect(await hactl(two, 'vip', 'announce')).toMatchObject({code: 5})
      expect(await hactl(one, 'vip', 'announce', '10.9.0.5')).toMatchObject({code: 5})
    })
  }, 30_000)

  it.concurrent('loses no more than what a torn file held, and is told', async () => {
    await withKnownPair(async pair => {
      const {one} = pair
      const path = `${one.host.directory}/state/overrides.json`
      await done(one, 'vrrp', 'priority', 'VI_1', '200')
      await done(one, 'vip', 'add', `${ADDED}/24`)
      await crash(one.agent)
      const whole = one.host.readFile(path)
      one.host.writeFile(path, whole.slice(0, -20))
      one.agent = await startAgent(one.host, {config: one.host.readFile(CONFIG_FILE)})
      const told = (): string | undefined => journal(one).find(({kind}) => kind === 'journal-damaged')?.text
      expect(await until('the complaint', told, {timeoutMs: 3_000})).toContain('overrides.json could not be used')
      expect(one.host.readFile(`${path}.damaged`)).toBe(whole.slice(0, -20))
      expect(await overrides(one)).toEqual([])
      await onlyHolder(pair, 'one')
      await until('what nobody wants any more to go', () => !one.host.holds(ADDED), {timeoutMs: 3_000})

      // Entries that cannot be are left out, the others count.
      await crash(one.agent)
      const [good, bad] = JSON.parse(whole) as readonly object[]
      one.host.writeFile(path, JSON.stringify([good, {...bad, instance: 7}, {...good, id: '9', priority: 255}, null]))
      one.agent = await startAgent(one.host, {config: one.host.readFile(CONFIG_FILE)})
      await until('the other complaint', () => journal(one).some(({text}) => text.includes('3 damaged entries')), {
        timeoutMs: 3_000,
      })
      expect((await overrides(one)).map(({text}) => text)).toEqual(['priority 200'])
      expect((await figures(one, () => true)).priority.base).toBe(200)
    })
  }, 30_000)
})

labSuite('what was heard', ['ip'], () => {
  const secret = 'S3cretX'
  const authenticated = (priority: number, password: string): string =>
    config(priority, `authentication {\n auth_type PASS\n auth_pass ${password}\n }`)
      .replace('vrrp_version 3', 'vrrp_version 2')
      .replace('advert_int 0.1', 'advert_int 1')

  it.concurrent('is shown for each peer and each reason, without the password', async () => {
    await withKnownPair(async pair => {
      const {one, two, lab, segment} = pair
      await reload(one, authenticated(150, secret))
      await reload(two, authenticated(100, 'T4cretX'))
      const rejected = ({peers}: VirtualRouter): number =>
        peers.find(({address}) => address === two.address)?.rejected['authentication-data-differs'] ?? 0
      const router = await figures(one, seen => rejected(seen) > 0)
      // Neither obeys the other: two masters, each of which hears somebody that it does not believe.
      expect(router.state).toBe('master')
      expect(await done(one, 'vrrp', 'peers')).toMatch(/VI_1 +10\.9\.0\.2 .* ago .*authentication-data-differs \d/)
      await reload(two, authenticated(100, secret))
      await onlyHolder(pair, 'one')
      const [peer] = (await figures(two, ({peers}) => (peers[0]?.priority ?? 0) > 0)).peers
      expect(peer).toMatchObject({address: '10.9.0.1', priority: 150, intervalMs: 1_000})

      const attacker = await lab.host('attacker')
      await attacker.attach(segment, {interface: 'eth0', address: '10.9.0.66/24'})
      const attack = async (version: 2 | 3, kinds: readonly HostileKind[]): Promise<void> => {
        for (const kind of kinds) {
          const frames = hostileFrames(kind, {version, vrid: VRID, vip: VIP, source: '10.9.0.66'})
          await (await startAttack(attacker, {device: 'eth0', frames, perSecond: 400, seconds: 0.2})).exited
        }
      }
      // keepalived counts these as authentication errors: failure, type mismatch (two kinds here), invalid type.
      await attack(2, ['authentication'])
      const kinds = ['data-differs', 'missing', 'type-differs', 'type-unknown'].map(kind => `authentication-${kind}`)
      const counted = await figures(two, counts(kinds))
      const hostile = counted.peers.find(({address}) => address === '10.9.0.66')
      expect(hostile).toMatchObject({priority: null, advertisements: 0})
      expect(Object.keys(hostile?.rejected ?? {}).toSorted()).toEqual(kinds)

      // And these as packet errors: length (two kinds here), TTL, invalid type; the last two it does not count.
      await reload(two, config(100))
      const others = ['too-short', 'length-wrong', 'ttl-not-255', 'type-unknown', 'version-unknown', 'checksum-wrong']
      await attack(3, ['truncated', 'length', 'ttl', 'type', 'version', 'checksum', 'another-vrid'])
      await figures(two, counts(others))
      const stats = await done(two, 'vrrp', 'stats', 'VI_1')
      for (const kind of others) expect(stats).toMatch(new RegExp(`\\nVI_1 +rejected: ${kind} +[1-9]`))
      const names = ['sent', 'received'].flatMap(name => [`advertisements ${name}`, `priority zero ${name}`])
      for (const name of [...names, 'became master', 'released master', 'address lists differing']) {
        expect(stats).toMatch(new RegExp(`\\nVI_1 +${name} +\\d+\\n`))
      }
      const said = [stats, await done(two, 'vrrp', 'peers'), JSON.stringify(journal(two)), two.agent.process.describe()]
      for (const text of said) expect(text).not.toMatch(/[ST][34]cretX/)
    })
  }, 40_000)
})
