import {expect, it} from 'vitest'
import {Announcer} from '../../../src/agent/vrrp/announcer.ts'
import {newRouter, type Router} from '../../../src/agent/vrrp/router.ts'
import type {VipConfig} from '../../../src/config/config.ts'
import {parseConfig} from '../../../src/config/parse.ts'
import {type RouterConfig, routersOf} from '../../../src/config/router-config.ts'
import {decodeGratuitousArp} from '../../../src/core/arp/gratuitous-arp.ts'
import {interfaceIndex, monotonicMs} from '../../../src/core/units.ts'
import {initialState} from '../../../src/core/vrrp/state.ts'

const MAC = '02:00:00:00:00:01'

/** A master with two addresses, and what its announcer sent, with times. */
function master(lines: string) {
  const text = `global_defs {\n${lines}\n}\nvrrp_instance VI_1 {\ninterface eth0\nvirtual_router_id 7
    virtual_ipaddress {\n10.0.0.1\n10.0.0.2\n}\n}`
  const config = routersOf(parseConfig({file: 'x', text}).config)[0] as RouterConfig
  const router: Router = newRouter(config, undefined as never)
  const {conditions} = initialState({faults: [], waitingFor: [], priority: config.priority, source: undefined})
  const never = monotonicMs(0)
  const state = {name: 'master', conditions, advertAt: never, lastAdvertAt: never, answerFrom: never} as const
  router.state = {...state, burst: undefined, refreshAt: undefined, restoreAt: undefined, restoredAt: undefined}
  const sent: {readonly address: string; readonly atMs: number}[] = []
  const announcer = new Announcer({
    send: (_, frame) => {
      const arp = decodeGratuitousArp(frame)
      sent.push({address: arp.ok ? arp.value.address : 'no ARP', atMs: performance.now()})
      return {ok: true}
    },
  })
  const announce = (vips: readonly VipConfig[], repeat: number): void =>
    announcer.announce(router, vips, repeat, () => ({index: interfaceIndex(3), mac: MAC}))
  return {config, router, sent, announce}
}

const sleep = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms))

it('sends a burst at once, address by address, and counts it', () => {
  const {config, router, sent, announce} = master('')
  announce(config.vips, 2)
  expect(sent.map(({address}) => address)).toEqual(['10.0.0.1', '10.0.0.2', '10.0.0.1', '10.0.0.2'])
  expect(router.counters.garpSent).toBe(4)
})

it('keeps vrrp_garp_interval between two packets of one interface', async () => {
  const {config, sent, announce} = master('vrrp_garp_interval 0.02')
  announce(config.vips, 2)
  expect(sent).toHaveLength(1)
  await sleep(200)
  expect(sent.map(({address}) => address)).toEqual(['10.0.0.1', '10.0.0.2', '10.0.0.1', '10.0.0.2'])
  for (let i = 1; i < sent.length; i++) {
    // Node's timers may be up to a millisecond early.
    expect((sent[i]?.atMs ?? 0) - (sent[i - 1]?.atMs ?? 0)).toBeGreaterThan(18.5)
  }
})

it('drops what waits when the router is master no more', async () => {
  const {config, router, sent, announce} = master('vrrp_garp_interval 0.02')
  announce(config.vips, 5)
  router.state = {name: 'fault', conditions: router.state.conditions}
  await sleep(100)
  expect(sent).toHaveLength(1)
})
