import {expect, it} from 'vitest'
import {longestGapMs} from '../lab/capture.ts'
import {labSuite} from '../lab/lab-suite.ts'
import {sleep, until} from '../lab/wait.ts'
import {advertsDuring, childPid, holders, INTERVAL_MS, journal, routerStatus, VIP, withPair} from './pair.ts'

labSuite('the vrrp process under trouble from the kernel', ['ip'], () => {
  it('advertises on through a flood of address changes, and sees what is there afterwards', async () => {
    await withPair(async pair => {
      const {one} = pair
      const before = await childPid(one, 'vrrp')
      const adverts = await advertsDuring(pair, one, async () => {
        const lines = Array.from(
          {length: 4_000},
          (_, i) => `dev lo 172.${16 + (i >> 16)}.${(i >> 8) & 255}.${i & 255}/32`,
        )
        const batch = [
          ...lines.map(line => `addr add ${reorder(line)}`),
          ...lines.map(line => `addr del ${reorder(line)}`),
        ]
        for (let round = 0; round < 3; round++) {
          await one.host.run(['ip', '-batch', '-'], {input: batch.join('\n'), timeoutMs: 30_000})
        }
      })
      expect(longestGapMs(adverts.map(({atMs}) => atMs))).toBeLessThan(1.2 * INTERVAL_MS)
      expect(await childPid(one, 'vrrp')).toBe(before)
      await one.host.run(['ip', 'addr', 'del', `${VIP}/24`, 'dev', 'eth0'])
      await until('the address to come back', () => one.host.holds(VIP), {timeoutMs: 3_000})
    })
  }, 90_000)

  it('goes into fault when its interface is deleted, and works again on a new one of that name', async () => {
    await withPair(async pair => {
      const {one, two, segment} = pair
      const before = await childPid(one, 'vrrp')
      await one.host.run(['ip', 'link', 'del', 'eth0'])
      await until('the other to take over', () => two.host.holds(VIP), {timeoutMs: 3_000})
      expect(await routerStatus(one)).toMatchObject({state: 'fault', faults: ['interface eth0 does not exist']})
      await one.host.attach(segment, {interface: 'eth0', address: '10.9.0.1/24'})
      await until('the first to be master again', () => holders(pair).join() === 'one', {timeoutMs: 5_000})
      expect(await childPid(one, 'vrrp')).toBe(before)
      expect(journal(one).map(({text}) => text)).toEqual(
        expect.arrayContaining(['interface eth0 is gone', 'interface eth0 is up']),
      )
    })
  }, 30_000)

  it('yields cleanly when it was stopped for a while and somebody took over', async () => {
    await withPair(async pair => {
      const {one, two} = pair
      const pid = await childPid(one, 'vrrp')
      await one.host.run(['kill', '-STOP', String(pid)])
      await until('the other to take over', () => two.host.holds(VIP), {timeoutMs: 3_000})
      await sleep(200)
      await one.host.run(['kill', '-CONT', String(pid)])
      await until('one holder', () => holders(pair).join() === 'one', {timeoutMs: 5_000})
      await sleep(500)
      expect(holders(pair)).toEqual(['one'])
    })
  }, 30_000)

  it('is killed and started anew when it does not go on by itself', async () => {
    await withPair(async pair => {
      const {one} = pair
      const pid = await childPid(one, 'vrrp')
      await one.host.run(['kill', '-STOP', String(pid)])
      await until('a new process', () => journal(one).some(({kind}) => kind === 'process-stalled'), {timeoutMs: 5_000})
      await until('one holder', () => holders(pair).join() === 'one', {timeoutMs: 5_000})
      expect(await childPid(one, 'vrrp')).not.toBe(pid)
      // It was silent for too long to go on as master: it listened first, and took what it found off the interface.
      const after = journal(one).findLastIndex(({kind}) => kind === 'process-died')
      const moves = journal(one)
        .slice(after)
        .filter(({kind}) => kind === 'transition')
      expect(moves[0]?.text).toBe('init -> backup: it started and listens for a master')
    })
  }, 30_000)
})

/** "dev lo A/32" -> "A/32 dev lo", as ip wants it. */
const reorder = (line: string): string => line.replace(/^(dev \S+) (\S+)$/, '$2 $1')
