import {instanceText} from '../support.ts'
import {describeJudgement, router} from './judge-support.ts'

const vips = (...addresses: string[]): string => ` virtual_ipaddress {\n${addresses.join('\n')}\n }`
const two = (first: readonly string[], second: readonly string[]): string =>
  `${router('V', ' virtual_router_id 7', ...first)}\n${router('W', ' virtual_router_id 8', ...second)}`

describeJudgement('strict mode that drops what is sent to the addresses', {
  code: 'HC1805',
  severity: 'warning',
  class: 'semantic',
  found: [
    [
      'in all virtual routers',
      `global_defs {\n vrrp_strict\n}\n${instanceText()}`,
      '2:2 V: strict mode drops what is sent to the virtual addresses, ping included, unless the priority is 255',
    ],
    [
      'in one',
      instanceText(' strict_mode'),
      '5:2 V: strict mode drops what is sent to the virtual addresses, ping included, unless the priority is 255',
    ],
  ],
  nearMisses: [
    ['accept in version 3', `global_defs {\n vrrp_strict\n vrrp_version 3\n}\n${instanceText(' accept')}`],
    ['the owner of the addresses takes what is sent', instanceText(' strict_mode', ' priority 255')],
    ['no_accept is what is wanted', instanceText(' strict_mode', ' no_accept')],
    ['strict mode is off for it', `global_defs {\n vrrp_strict\n}\n${instanceText(' strict_mode off')}`],
  ],
})

describeJudgement('the own address among the peers', {
  code: 'HC1806',
  severity: 'warning',
  class: 'semantic',
  found: [
    [
      'its unicast_src_ip',
      instanceText(' unicast_src_ip 10.0.0.8', ' unicast_peer {', '10.0.0.9', '10.0.0.8', '}'),
      '8:1 V: 10.0.0.8 is its own unicast_src_ip, and no peer: it hears itself',
    ],
  ],
  nearMisses: [
    ['a neighbour of it', instanceText(' unicast_src_ip 10.0.0.8', ' unicast_peer { 10.0.0.9 }')],
    ['the own address is not said', instanceText(' unicast_peer { 10.0.0.8 }')],
  ],
})

describeJudgement('a virtual address among the peers', {
  code: 'HC1807',
  severity: 'warning',
  class: 'semantic',
  found: [
    [
      'an address that it holds as master',
      instanceText(' unicast_peer { 10.0.0.1 }'),
      '5:17 V: the peer 10.0.0.1 is one of its virtual addresses, which this node may hold itself',
    ],
    [
      'one that is excluded from the advertisement',
      instanceText(' virtual_ipaddress_excluded { 10.0.0.2 }', ' unicast_peer { 10.0.0.2 }'),
      '6:17 V: the peer 10.0.0.2 is one of its virtual addresses, which this node may hold itself',
    ],
  ],
  nearMisses: [
    ['a node of the same network', instanceText(' unicast_peer { 10.0.0.2 }')],
    [
      'the address of another virtual router',
      two([vips('10.0.0.1/24'), ' unicast_peer { 10.0.0.2 }'], [vips('10.0.0.2/24')]),
    ],
  ],
})

describeJudgement('a virtual address to send from', {
  code: 'HC1808',
  severity: 'warning',
  class: 'semantic',
  found: [
    [
      'which a backup does not have',
      instanceText(' unicast_src_ip 10.0.0.1', ' unicast_peer { 10.0.0.9 }'),
      '5:2 V: its source 10.0.0.1 is one of its virtual addresses, which it does not have before it is master: ' +
        'it stays in fault, unless ip_nonlocal_bind is set',
    ],
  ],
  nearMisses: [
    ['an address of its own', instanceText(' unicast_src_ip 10.0.0.2', ' unicast_peer { 10.0.0.9 }')],
    ['by multicast any address can be sent from', instanceText(' mcast_src_ip 10.0.0.1')],
    [
      'the owner always has it',
      instanceText(' priority 255', ' unicast_src_ip 10.0.0.1', ' unicast_peer { 10.0.0.9 }'),
    ],
  ],
})

describeJudgement('one address of two virtual routers', {
  code: 'HC1809',
  severity: 'warning',
  class: 'semantic',
  found: [
    [
      'excluded in one of them',
      two([vips('10.0.0.1/24')], [vips('10.0.0.2/24'), ' virtual_ipaddress_excluded { 10.0.0.1 }']),
      '14:31 W: 10.0.0.1 is an address of V too: one takes it from the other',
    ],
  ],
  nearMisses: [
    [
      'excluded on another interface',
      two([vips('10.0.0.1/24')], [vips('10.0.0.2/24'), ' virtual_ipaddress_excluded { 10.0.0.1 dev eth1 }']),
    ],
    ['listed by both, which has a finding of its own', two([vips('10.0.0.1/24')], [vips('10.0.0.1/24')])],
    ['another address', two([vips('10.0.0.1/24')], [vips('10.0.0.2/24'), ' virtual_ipaddress_excluded { 10.0.0.3 }'])],
  ],
})

describeJudgement('a virtual address that is always there', {
  code: 'HC1810',
  severity: 'warning',
  class: 'semantic',
  found: [
    [
      'it is a static address too',
      `static_ipaddress {\n 10.0.0.1/24 dev eth0\n}\n${instanceText()}`,
      '7:22 V: 10.0.0.1 is listed in static_ipaddress too, so this node has it without being master',
    ],
  ],
  nearMisses: [
    ['the owner has it', `static_ipaddress {\n 10.0.0.1/24 dev eth0\n}\n${instanceText(' priority 255')}`],
    ['the node has another one', `static_ipaddress {\n 10.0.0.2/24 dev eth0\n}\n${instanceText()}`],
  ],
})

describeJudgement('one address on two interfaces', {
  code: 'HC1811',
  severity: 'warning',
  class: 'semantic',
  found: [
    [
      'copied to the virtual router of another network',
      two([vips('10.0.0.1/24')], [vips('10.0.0.1/24 dev eth1')]),
      '12:1 W: 10.0.0.1 on eth1 is a virtual address of V on eth0 too',
    ],
    [
      'several of them',
      two([vips('10.0.0.1/24', '10.0.0.2/24')], [vips('10.0.0.1/24 dev eth1', '10.0.0.2/24 dev eth1')]),
      '13:1 W: 10.0.0.1 on eth1 is a virtual address of V on eth0 too (and 1 more between these interfaces)',
    ],
  ],
  nearMisses: [
    ['link-local addresses are for one link', two([vips('fe80::1/64')], [vips('fe80::1/64 dev eth1')])],
    [
      'another routing domain may have the same',
      two([vips('10.0.0.1/24')], [' vrf red', vips('10.0.0.1/24 dev eth1')]),
    ],
    [
      'one virtual router with it on two interfaces',
      router('V', ' virtual_router_id 7', vips('10.0.0.1', '10.0.0.1 dev eth1')),
    ],
  ],
})
