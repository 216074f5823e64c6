import {expect, it} from 'vitest'
import {agentClient} from '../../src/control/client.ts'
import type {WatchEvent} from '../../src/control/watch-model.ts'
import {AGENT_SOCKET, CONFIG_FILE} from '../lab/daemon.ts'
import {labSuite} from '../lab/lab-suite.ts'
import {until} from '../lab/wait.ts'
import {config, type Director, hactl, withPair} from './pair.ts'

const SECRET = 'S3cretX'
const AUTHENTICATION = `authentication {\n auth_type PASS\n auth_pass ${SECRET}\n }`
/** Nobody listens where it is checked. */
const SERVICE = `
virtual_server 10.9.0.100 80 {
    lvs_sched rr
    lvs_method DR
    protocol TCP
    delay_loop 1
    real_server 10.9.0.1 80 {
        TCP_CHECK {
            connect_timeout 1
        }
    }
}
`

const text = (priority: number): string =>
  config(priority, AUTHENTICATION)
    .replace('vrrp_version 3', 'vrrp_version 2')
    .replace('advert_int 0.1', 'advert_int 1') + SERVICE

interface Watching {
  readonly events: WatchEvent[]
  readonly end: () => Promise<void>
}

function watch({host}: Director): Watching {
  const events: WatchEvent[] = []
  const abort = new AbortController()
  const reading = agentClient({socket: host.outside(AGENT_SOCKET)}).watch(event => events.push(event), abort.signal)
  return {
    events,
    end: () => {
      abort.abort()
      return reading
    },
  }
}

labSuite('watch', ['ip'], () => {
  it('tells all there is of a node, then a failover with its record first, and no secret', async () => {
    await withPair(async ({one, two}) => {
      for (const [director, priority] of [
        [one, 150],
        [two, 100],
      ] as const) {
        director.host.writeFile(CONFIG_FILE, text(priority))
        expect(await hactl(director, 'agent', 'reload')).toMatchObject({code: 0})
      }
      const watching = watch(two)
      const {events} = watching
      const ofType = <Type extends WatchEvent['type']>(type: Type): readonly Extract<WatchEvent, {type: Type}>[] =>
        events.filter((event): event is Extract<WatchEvent, {type: Type}> => event.type === type)
      await until('everything to be told', () => ofType('ready').length === 1, {timeoutMs: 10_000})
      expect(events[0]).toMatchObject({type: 'snapshot', routers: [{name: 'VI_1', state: 'backup'}]})
      expect(events[1]).toMatchObject({type: 'agent', agent: {configuration: {onDisk: 'same', trial: null}}})
      for (const {memoryBytes} of [...(ofType('agent')[0]?.agent.processes ?? [])]) {
        expect(memoryBytes).toBeGreaterThan(10_000_000)
      }
      const failing = (): boolean =>
        ofType('services').some(({services}) => services[0]?.realServers[0]?.checks[0]?.counts === 'down')
      await until('the check to fail', failing, {timeoutMs: 10_000})
      two.host.writeFile(CONFIG_FILE, `${text(100)}# another line\n`)
      await until('the file to differ', () => ofType('agent').at(-1)?.agent.configuration.onDisk === 'changed', {
        timeoutMs: 10_000,
      })
      const told = events.length
      expect(await hactl(one, 'vrrp', 'release', 'VI_1')).toMatchObject({code: 0})
      const isMaster = ({router}: Extract<WatchEvent, {type: 'router'}>): boolean => router.state === 'master'
      await until('the failover to be told', () => ofType('router').some(isMaster), {timeoutMs: 10_000})
      const record = events.findIndex(
        (event, i) => i >= told && event.type === 'journal' && event.record.kind === 'transition',
      )
      expect(record).toBeGreaterThan(-1)
      expect(record).toBeLessThan(events.findIndex(event => event.type === 'router' && isMaster(event)))
      await watching.end()
      expect(two.host.readFile(CONFIG_FILE)).toContain(SECRET)
      expect(JSON.stringify(events)).not.toContain(SECRET)
    })
  })
})
