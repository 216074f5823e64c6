import {instanceText} from '../support.ts'
import {describeJudgement} from './judge-support.ts'

const route = (line: string): string => instanceText(' virtual_routes {', line, ' }')

describeJudgement('a tracked route without an interface', {
  code: 'HC1880',
  severity: 'warning',
  class: 'semantic',
  found: [
    [
      'of a virtual router',
      route('10.2.0.0/24 via 10.0.0.9'),
      '6:1 V: keepalived before 2.4 does not track a route without an interface',
    ],
    [
      'static',
      'static_routes {\n10.2.0.0/24 via 10.0.0.9\n}\n',
      '2:1 keepalived before 2.4 does not track a static route without an interface',
    ],
  ],
  nearMisses: [
    ['that names one', route('10.2.0.0/24 via 10.0.0.9 dev eth0')],
    ['that is not tracked', route('10.2.0.0/24 via 10.0.0.9 no_track')],
    ['that leads nowhere', route('blackhole 10.2.0.0/24')],
  ],
})

describeJudgement('a name with a backslash', {
  code: 'HC1881',
  severity: 'warning',
  class: 'semantic',
  found: [
    [
      'before a hash sign',
      instanceText().replace('vrrp_instance V {', 'vrrp_instance V\\#1 {'),
      '1:1 V#1: keepalived before 2.4 does not read a backslash in a name as this version does',
    ],
  ],
  nearMisses: [['in letters and digits', instanceText().replace('vrrp_instance V {', 'vrrp_instance V_1-a {')]],
})
