import {expect, it} from 'vitest'
import {effectiveConfig} from '../../../src/agent/supervisor/effective-config.ts'
import type {VipConfig} from '../../../src/config/config.ts'
import {parseConfig} from '../../../src/config/parse.ts'
import {configText} from '../../../src/config/read-back.ts'
import {routersOf} from '../../../src/config/router-config.ts'
import type {IpAddress} from '../../../src/core/ip.ts'
import {priority} from '../../../src/core/units.ts'

const TEXT = `vrrp_instance V {
  interface eth0
  virtual_router_id 7
  priority 100
  virtual_ipaddress {
    10.0.0.1/24 label eth0:1
    10.0.0.2/24
  }
}
vrrp_instance W {
  interface eth0
  virtual_router_id 8
  virtual_ipaddress { 10.0.0.3/24 }
}
`

it('has what operators changed, and every line that they did not touch as it stands in the text', () => {
  const {config} = parseConfig({file: 'a.conf', text: TEXT})
  const [v, w] = routersOf(config)
  if (!v || !w) throw new Error('two virtual routers')
  const added: VipConfig = {...(v.vips[1] as VipConfig), address: '10.0.0.9' as IpAddress}
  const routers = [{...v, priority: priority(150), vips: [v.vips[0] as VipConfig, added]}, w]
  const text = configText(effectiveConfig(config, routers), {mode: 'effective', secrets: true})
  const again = parseConfig({file: 'b.conf', text})
  expect(again.diagnostics.filter(({severity}) => severity === 'error')).toEqual([])
  const [first, second] = routersOf(again.config)
  expect(first?.priority).toBe(150)
  expect(first?.vips.map(({address, label}) => [address, label])).toEqual([
    ['10.0.0.1', 'eth0:1'],
    ['10.0.0.9', undefined],
  ])
  expect(second?.vips.map(({address}) => address)).toEqual(['10.0.0.3'])
  expect(routersOf(config)[0]?.priority).toBe(100)
})
