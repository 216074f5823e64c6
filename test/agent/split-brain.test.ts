import {expect, it} from 'vitest'
import {encodeGratuitousArp} from '../../src/core/arp/gratuitous-arp.ts'
import type {IpAddress} from '../../src/core/ip.ts'
import type {JournalRecord} from '../../src/core/journal/record.ts'
import {crash, startKeepalived, stopGracefully} from '../lab/daemon.ts'
import {startAttack} from '../lab/hostile.ts'
import {labSuite} from '../lab/lab-suite.ts'
import {sleep, until} from '../lab/wait.ts'
import {done, figures, onlyHolder, reload} from './operator.ts'
import {config, type Director, holders, journal, type Pair, routerStatus, VIP, withPair} from './pair.ts'

/** As fast as the protocol can be, milliseconds. */
const FASTEST_MS = 10
const FAILOVERS = 10

const record = (director: Director, kind: JournalRecord['kind']): Promise<JournalRecord> =>
  until(`${director.name} to record ${kind}`, () => journal(director).find(each => each.kind === kind), {
    timeoutMs: 12_000,
  })

/** Announcements that follow on what a director has recorded. */
async function announcedAfter({capture}: Pair, {at}: JournalRecord): Promise<void> {
  const fromMs = Date.parse(at) - 1
  await until('announcements', () => capture.gratuitousArps(VIP, {fromMs}).length > 0, {timeoutMs: 2_000})
}

/** Moves the address to the second and back by pulling the cable of the first, again and again. */
async function failOver(pair: Pair, isBack: () => boolean): Promise<void> {
  const {one, two} = pair
  for (let n = 0; n < FAILOVERS; n++) {
    await one.link.cut()
    await until('the second to take over', () => two.host.holds(VIP) && !one.host.holds(VIP), {timeoutMs: 8_000})
    await one.link.restore()
    await until('the first to be back', isBack, {timeoutMs: 8_000})
  }
}

const alarms = (director: Director): readonly JournalRecord[] =>
  journal(director).filter(({kind}) => kind === 'split-brain' || kind === 'split-brain-over')

labSuite('a split brain', ['ip', 'keepalived', 'ping'], () => {
  it.concurrent('is seen by both where one does not hear the other, and is over when it does', async () => {
    await withPair(async pair => {
      const {one, two} = pair
      await two.link.cutInbound()
      const heard = await record(one, 'split-brain')
      expect(heard.text).toContain('this node is master, and so is somebody else: 10.9.0.2 advertises')
      expect(holders(pair)).toEqual(['one', 'two'])
      expect(await done(one, 'vrrp', 'status')).toMatch(/VI_1 +MASTER SPLIT BRAIN/)
      expect(await done(one, 'vrrp', 'show', 'VI_1')).toMatch(/SPLIT BRAIN +10\.9\.0\.2 advertises too/)
      // The deaf one asks who has the address, and the answer is for it alone.
      expect((await record(two, 'split-brain')).text).toMatch(/([0-9a-f]{2}:){5}[0-9a-f]{2} answers$/)

      await two.link.restore()
      await onlyHolder(pair, 'one')
      expect((await record(two, 'split-brain-over')).text).toContain('no longer master')
      const over = await record(one, 'split-brain-over')
      expect(over.text).toContain('the only master, and announces its addresses')
      await announcedAfter(pair, over)
      expect((await figures(one, ({splitBrain}) => splitBrain === null)).counters.splitBrains).toBe(1)
    })
  }, 40_000)

  it.concurrent('is seen where a dead neighbour left its address behind, though nobody speaks', async () => {
    await withPair(async pair => {
      const {one, two} = pair
      await crash(one.agent)
      expect((await record(two, 'split-brain')).text).toContain(' answers')
      expect(holders(pair)).toEqual(['one', 'two'])
      await one.host.run(['ip', 'addr', 'del', `${VIP}/24`, 'dev', 'eth0'])
      await announcedAfter(pair, await record(two, 'split-brain-over'))
      expect(alarms(two)).toHaveLength(2)
    })
  }, 40_000)

  it.concurrent('is seen where a third host has the address, over IPv4 and IPv6', async () => {
    await withPair(async pair => {
      const {one, lab, segment} = pair
      const vip6 = 'fd09::100'
      await reload(one, config(150, `virtual_ipaddress_excluded {\n${vip6}/64\n}`))
      const third = await lab.host('third')
      await third.attach(segment, {interface: 'eth0', address: '10.9.0.3/24', mac: '02:00:00:00:00:03'})
      const alarm = async (n: number): Promise<void> => {
        await until('the alarm', () => alarms(one).length === n, {timeoutMs: 40_000})
        expect(alarms(one).at(-1)?.text).toContain('02:00:00:00:00:03 answers')
      }
      await third.run(['ip', 'addr', 'add', `${VIP}/24`, 'dev', 'eth0'])
      // It uses it, so that the segment hears of it.
      await third.run(['ping', '-c', '1', '-W', '1', '-I', VIP, '10.9.0.77'], {check: false})
      await alarm(1)
      await third.run(['ip', 'addr', 'del', `${VIP}/24`, 'dev', 'eth0'])
      await until('its end', () => alarms(one).length === 2, {timeoutMs: 12_000})

      // A new master asks for all of its addresses.
      await one.link.cut()
      await onlyHolder(pair, 'two')
      await third.run(['ip', 'addr', 'add', `${vip6}/64`, 'dev', 'eth0', 'nodad'])
      await one.link.restore()
      await alarm(3)
      expect(holders(pair)).toEqual(['one'])
    })
  }, 60_000)
})

labSuite('no split brain', ['ip', 'keepalived'], () => {
  const fast = (priority: number): string =>
    config(priority).replace('advert_int 0.1', `advert_int ${FASTEST_MS / 1_000}`)

  it.concurrent('is seen in 20 elections at 1 cs', async () => {
    await withPair(async pair => {
      const {one, two} = pair
      await reload(one, fast(150))
      await reload(two, fast(100))
      await failOver(pair, () => holders(pair).join() === 'one')
      // A question or two more.
      await sleep(2_500)
      expect((await routerStatus(two)).counters.becameMaster).toBeGreaterThanOrEqual(FAILOVERS)
      expect([...alarms(one), ...alarms(two)]).toEqual([])
    })
  }, 60_000)

  it.concurrent('is seen beside keepalived, nor where gratuitous ARP of one that has yielded comes late', async () => {
    await withPair(async pair => {
      const {one, two} = pair
      await stopGracefully(two.agent)
      const keepalived = await startKeepalived(two.host, {config: config(100, 'garp_master_delay 1')})
      await failOver(pair, () => holders(pair).join() === 'one')
      expect(journal(one).filter(({facts}) => facts.to === 'master').length).toBeGreaterThanOrEqual(FAILOVERS)
      const mac = two.host.readFile('/sys/class/net/eth0/address').trim()
      const frames = [encodeGratuitousArp({mac, address: VIP as IpAddress})]
      await (await startAttack(two.host, {device: 'eth0', frames, perSecond: 5, seconds: 4})).exited
      expect(alarms(one)).toEqual([])
      await stopGracefully(keepalived)
    })
  }, 60_000)
})
