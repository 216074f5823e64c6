import {expect, it} from 'vitest'
import {startKeepalived, stopGracefully} from '../lab/daemon.ts'
import {labSuite} from '../lab/lab-suite.ts'
import {until} from '../lab/wait.ts'
import {done, moved, onlyHolder, overrides, refused, reload, restart, withKnownPair} from './operator.ts'
import {config, hactl, journal, type Pair, routerStatus, VIP} from './pair.ts'

const SECOND = '10.9.0.101'

/** Two virtual routers in one sync group. */
const grouped = (priority: number): string => `
global_defs {
    vrrp_version 3
}
vrrp_sync_group G {
    group {
        VI_1
        VI_2
    }
}
${[VIP, SECOND]
  .map(
    (vip, i) => `vrrp_instance VI_${i + 1} {
    interface eth0
    virtual_router_id ${51 + i}
    priority ${priority}
    advert_int 0.1
    virtual_ipaddress {
        ${vip}/24
    }
}`,
  )
  .join('\n')}
`

async function inGroups(work: (pair: Pair) => Promise<void>): Promise<void> {
  await withKnownPair(async pair => {
    await reload(pair.one, grouped(150))
    await reload(pair.two, grouped(100))
    await both(pair, 'one')
    await work(pair)
  })
}

async function both(pair: Pair, name: string): Promise<void> {
  await onlyHolder(pair, name)
  await onlyHolder(pair, name, SECOND)
}

labSuite('an operator', ['ip', 'keepalived'], () => {
  it.concurrent('makes the lower priority master, over reloads and restarts, until he resumes', async () => {
    await withKnownPair(async pair => {
      const {one, two, capture} = pair
      const fromMs = Date.now()
      expect(await done(two, 'vrrp', 'takeover', 'VI_1')).toMatch(
        /^VI_1: BACKUP -> MASTER \(after .*\)\noverride 1: priority 151, to be master\n$/,
      )
      await onlyHolder(pair, 'two')
      expect(capture.gratuitousArps(VIP, {fromMs}).length).toBeGreaterThan(0)
      expect(await routerStatus(two)).toMatchObject({state: 'master', priority: {base: 151, effective: 151}})
      expect(await done(two, 'agent', 'overrides')).toMatch(/\n1 +VI_1 +priority 151, to be master +.*-\n$/)
      expect(await refused(two, 'vrrp', 'takeover', 'VI_1')).toContain('VI_1 is master already')
      expect(journal(two).map(({text}) => text)).toContain('takeover ordered: it is master')

      await reload(two, config(90, 'garp_master_refresh 60'))
      await restart(two)
      await onlyHolder(pair, 'two')

      expect(await moved(one, 'vrrp', 'takeover', 'VI_1')).toMatchObject({
        routers: [{name: 'VI_1', from: 'backup', to: 'master', master: 'this node'}],
        override: {kind: 'takeover', text: 'priority 152, to be master'},
      })
      await onlyHolder(pair, 'one')
      await done(one, 'vrrp', 'resume', 'VI_1')
      await onlyHolder(pair, 'two')
      await done(two, 'vrrp', 'resume', 'VI_1')
      await onlyHolder(pair, 'one')
      expect([await overrides(one), await overrides(two)]).toEqual([[], []])
      expect(await hactl(two, 'vrrp', 'resume', 'VI_1')).toMatchObject({code: 5})
    })
  }, 30_000)

  it.concurrent('is refused a takeover that cannot be, and nothing has changed then', async () => {
    await withKnownPair(async pair => {
      const {one, two} = pair
      await done(two, 'agent', 'maintenance', 'on', '--reason', 'kernel')
      expect(await refused(two, 'vrrp', 'takeover', 'VI_1')).toContain('VI_1 is not to be master: maintenance: kernel')
      expect(await refused(two, 'vrrp', 'takeover', 'VI_1')).toContain('end the maintenance first')
      await done(two, 'agent', 'maintenance', 'off')

      await two.link.cut()
      await until('the fault', () => journal(two).some(({facts}) => facts.to === 'fault'), {timeoutMs: 3_000})
      expect(await refused(two, 'vrrp', 'takeover', 'VI_1')).toContain('cannot be master: interface eth0 is down')
      await two.link.restore()

      await reload(one, config(255))
      const heard = async (): Promise<boolean> => (await routerStatus(two)).heard?.priority === 255
      await until('the owner to be heard', () => journal(two).some(({facts}) => facts.to === 'backup'), {
        timeoutMs: 3_000,
      })
      while (!(await heard()));
      expect(await refused(two, 'vrrp', 'takeover', 'VI_1')).toContain('10.9.0.1 has priority 255')
      expect(await overrides(two)).toEqual([])
      await onlyHolder(pair, 'one')
    })
  }, 30_000)

  it.concurrent('is told who took over when he releases, and nothing but he makes it master again', async () => {
    await withKnownPair(async pair => {
      const {one, two} = pair
      expect(await done(one, 'vrrp', 'release', 'VI_1', '--reason', 'new disk')).toMatch(
        /^VI_1: MASTER -> BACKUP, 10\.9\.0\.2 is master \(after .*\)\noverride 1: released by an operator: new disk\n$/,
      )
      await onlyHolder(pair, 'two')
      expect(await done(one, 'vrrp', 'status')).toMatch(/VI_1 +BACKUP held/)
      await restart(one)
      await reload(one, config(160))
      await stopGracefully(two.agent)
      await onlyHolder(pair, '')
      expect(await routerStatus(one)).toMatchObject({state: 'backup', held: 'released by an operator: new disk'})
      await done(one, 'vrrp', 'resume', 'VI_1')
      await onlyHolder(pair, 'one')

      // Nobody is there now.
      const startedAt = performance.now()
      const said = await refused(one, 'vrrp', 'release', 'VI_1')
      expect(said).toMatch(/nobody took over VI_1 within \d+ ms: this node is master again/)
      expect(performance.now() - startedAt).toBeLessThan(10_000)
      await onlyHolder(pair, 'one')
      expect(await overrides(one)).toEqual([])

      expect(await done(one, 'vrrp', 'release', 'VI_1', '--force')).toContain('no master is heard')
      await onlyHolder(pair, '')
      const [held] = await overrides(one)
      expect(await done(one, 'agent', 'overrides', '--cancel', held?.id ?? '')).toContain('taken back: released')
      await onlyHolder(pair, 'one')
    })
  }, 30_000)

  it.concurrent('releases for a time that ends by itself, and a release ends a takeover', async () => {
    await withKnownPair(async pair => {
      const {one, two} = pair
      await done(one, 'vrrp', 'release', 'VI_1', '--for', '2s')
      await onlyHolder(pair, 'two')
      const [held] = await overrides(one)
      expect(Date.parse(held?.until ?? '') - Date.parse(held?.since ?? '')).toBeGreaterThan(1_000)
      await onlyHolder(pair, 'one')
      expect(await overrides(one)).toEqual([])
      expect(journal(one).map(({text}) => text)).toContainEqual(
        expect.stringMatching(/^its time is over: released by an operator/),
      )

      await done(two, 'vrrp', 'takeover', 'VI_1')
      await onlyHolder(pair, 'two')
      await done(two, 'vrrp', 'release', 'VI_1')
      await onlyHolder(pair, 'one')
      await done(two, 'vrrp', 'resume', 'VI_1')
      expect(await routerStatus(two)).toMatchObject({state: 'backup', held: null, priority: {base: 100}})

      await done(two, 'vrrp', 'priority', 'VI_1', '200')
      await onlyHolder(pair, 'two')
      expect(await done(two, 'vrrp', 'priority', 'VI_1', '--reset')).toContain('VI_1')
      await onlyHolder(pair, 'one')
      expect(await hactl(two, 'vrrp', 'priority', 'VI_1', '--reset')).toMatchObject({code: 5})
    })
  }, 30_000)

  it.concurrent('moves a sync group as a whole, and a whole node for maintenance', async () => {
    await inGroups(async pair => {
      const {one, two} = pair
      const names = ({routers}: Awaited<ReturnType<typeof moved>>): readonly string[] =>
        routers.map(({name, to, master}) => `${name} ${to} ${master}`)
      expect(names(await moved(two, 'vrrp', 'takeover', 'VI_2'))).toEqual([
        'VI_1 master this node',
        'VI_2 master this node',
      ])
      await both(pair, 'two')
      expect((await overrides(two)).map(({instance, text}) => `${instance} ${text}`)).toEqual([
        'VI_1 priority 151, to be master',
        'VI_2 priority 151, to be master',
      ])
      await done(two, 'vrrp', 'resume', 'VI_1')
      await both(pair, 'one')
      expect(await overrides(two)).toEqual([])

      expect(names(await moved(one, 'vrrp', 'release', 'VI_2'))).toEqual([
        'VI_1 backup 10.9.0.2',
        'VI_2 backup 10.9.0.2',
      ])
      await both(pair, 'two')
      await done(one, 'vrrp', 'resume', 'VI_1')
      await both(pair, 'one')

      expect(names(await moved(one, 'agent', 'maintenance', 'on'))).toEqual([
        'VI_1 backup 10.9.0.2',
        'VI_2 backup 10.9.0.2',
      ])
      await both(pair, 'two')
      await restart(one)
      expect((await routerStatus(one)).held).toBe('maintenance')
      await done(one, 'agent', 'maintenance', 'off')
      await both(pair, 'one')

      await stopGracefully(two.agent)
      expect(await refused(one, 'agent', 'maintenance', 'on')).toMatch(
        /nobody took over VI_1, VI_2 within \d+ ms: this node is master again/,
      )
      await both(pair, 'one')
      expect(await overrides(one)).toEqual([])
    })
  }, 30_000)

  it.concurrent('moves an address to and from keepalived', async () => {
    await withKnownPair(async pair => {
      const {one, two} = pair
      await stopGracefully(one.agent)
      const keepalived = await startKeepalived(one.host, {config: config(150)})
      await onlyHolder(pair, 'one')
      const away = await moved(two, 'vrrp', 'takeover', 'VI_1')
      expect(away).toMatchObject({
        routers: [{from: 'backup', to: 'master'}],
        override: {text: 'priority 151, to be master'},
      })
      await onlyHolder(pair, 'two')
      const back = await moved(two, 'agent', 'maintenance', 'on')
      expect(back.routers).toMatchObject([{from: 'master', to: 'backup', master: '10.9.0.1'}])
      await onlyHolder(pair, 'one')
      // The takeover stands behind the maintenance.
      await done(two, 'agent', 'maintenance', 'off')
      await onlyHolder(pair, 'two')
      await stopGracefully(keepalived)
      expect(await refused(two, 'vrrp', 'release', 'VI_1')).toContain('this node is master again')
      await onlyHolder(pair, 'two')
    })
  }, 30_000)
})
