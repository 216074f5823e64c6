import {expect, it} from 'vitest'
import type {ObjectHolder} from '../../../src/agent/vrrp/object-holder.ts'
import {phaseMs} from '../../../src/agent/vrrp/plan.ts'
import {newRouter, type Router} from '../../../src/agent/vrrp/router.ts'
import {parseConfig} from '../../../src/config/parse.ts'
import {type RouterConfig, routersOf} from '../../../src/config/router-config.ts'

function routerWith(advertInterval: number): Router {
  const text = `vrrp_instance VI_1 {\ninterface eth0\nvirtual_router_id 7\nadvert_int ${advertInterval}
virtual_ipaddress {\n10.0.0.1\n}\n}`
  const {config} = parseConfig({file: 'x', text: `global_defs {\nvrrp_version 3\n}\n${text}`})
  return newRouter(routersOf(config)[0] as RouterConfig, {} as ObjectHolder)
}

it.each([
  {interval: 1, positions: [0, 15, 16, 254], phases: [0, 0, 7, 105]},
  // More than an eighth of the shortest interval would be felt.
  {interval: 0.1, positions: [0, 16, 32, 254], phases: [0, 7, 1.5, 5]},
])('spreads the beginnings of routers at $interval s', ({interval, positions, phases}) => {
  const router = routerWith(interval)
  expect(positions.map(position => phaseMs(position, [router]))).toEqual(phases)
})

it('goes by the shortest interval of a group', () => {
  expect(phaseMs(32, [routerWith(1), routerWith(0.1)])).toBe(1.5)
  expect(phaseMs(32, [routerWith(1)])).toBe(14)
})
