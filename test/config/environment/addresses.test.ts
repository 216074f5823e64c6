import {describe} from 'vitest'
import {instanceText} from '../support.ts'
import {itLacks, up} from './host-support.ts'

const vips = (...addresses: string[]): string =>
  [
    'vrrp_instance V {',
    ' interface eth0',
    ' virtual_router_id 7',
    ' virtual_ipaddress {',
    ...addresses,
    ' }',
    '}',
  ].join('\n')
const unicast = (source: string, peer: string): string =>
  instanceText(` unicast_src_ip ${source}`, ` unicast_peer { ${peer} }`)

describe('addresses that a host lacks or has', () => {
  itLacks('HC1704', 'warning', 'environment', [
    [
      'none to advertise from',
      instanceText(),
      {interfaces: {eth0: up('fe80::8/64')}},
      '2:2 V: eth0 has no IPv4 address of its own to advertise from',
    ],
    ['none of IPv6', vips('fe80::1/64'), {}, '2:2 V: eth0 has no IPv6 address of its own to advertise from'],
    ['one is there', instanceText(), {}],
    ['one is said', instanceText(' mcast_src_ip 10.0.0.77'), {interfaces: {eth0: up()}}],
    [
      'the only one is the virtual one, which has a finding of its own',
      instanceText(),
      {interfaces: {eth0: up('10.0.0.1/24')}},
    ],
    ['it is down, so that they are not seen', instanceText(), {interfaces: {eth0: {running: false}}}],
  ])
  itLacks('HC1705', 'warning', 'environment', [
    [
      'the source of unicast',
      unicast('10.0.0.7', '10.0.0.9'),
      {},
      '5:2 V: this host does not have 10.0.0.7, so the virtual router stays in fault',
    ],
    ['it has it', unicast('10.0.0.8', '10.0.0.9'), {}],
    ['another interface has it', unicast('10.9.0.8', '10.9.0.9'), {interfaces: {eth0: up(), eth1: up('10.9.0.8/24')}}],
    ['any address will do', unicast('10.0.0.7', '10.0.0.9'), {sysctls: {'net/ipv4/ip_nonlocal_bind': '1'}}],
    ['by multicast any address will do', instanceText(' mcast_src_ip 10.0.0.7', ' track_src_ip'), {}],
    ['addresses are not known', unicast('10.0.0.7', '10.0.0.9'), {interfaces: {eth0: {addresses: 'unknown'}}}],
  ])
  itLacks('HC1706', 'warning', 'environment', [
    [
      'a peer is this host',
      instanceText(' unicast_peer { 10.0.0.8 }'),
      {},
      '5:17 V: the peer 10.0.0.8 is this host itself (eth0)',
    ],
    ['a peer is another', instanceText(' unicast_peer { 10.0.0.9 }'), {}],
    ['the configuration alone shows it', unicast('10.0.0.8', '10.0.0.8'), {}],
  ])
  itLacks('HC1707', 'warning', 'environment', [
    [
      'a virtual address is there already',
      instanceText(),
      {interfaces: {eth0: up('10.0.0.8/24', '10.0.0.1/24')}},
      '4:22 V: eth0 has 10.0.0.1 already, although nothing runs here that would hold it as master',
    ],
    [
      'keepalived runs and may hold it',
      instanceText(),
      {interfaces: {eth0: up('10.0.0.8/24', '10.0.0.1/24')}, running: {name: 'keepalived', pid: 7}},
    ],
    ['its owner has it', instanceText(' priority 255'), {interfaces: {eth0: up('10.0.0.1/24')}}],
    ['it is not there', instanceText(), {}],
  ])
  itLacks('HC1708', 'warning', 'environment', [
    [
      'an address alone that is in no network of the interface',
      vips('10.9.0.1', '10.9.0.2'),
      {},
      '5:1 V: no address of eth0 is in a network with 10.9.0.1 (and 1 more)',
    ],
    ['in the network of the interface', vips('10.0.0.99'), {}],
    ['in the network that another virtual address brings', vips('10.9.0.1/24', '10.9.0.2'), {}],
    [
      'in the network of the interface that is named',
      vips('10.9.0.1 dev eth1'),
      {interfaces: {eth0: up('10.0.0.8/24'), eth1: up('10.9.0.8/24')}},
    ],
    ['the interface has no address to compare with', vips('10.9.0.1'), {interfaces: {eth0: up()}}],
    ['link-local', vips('fe80::1'), {interfaces: {eth0: up('2001:470::8/64')}}],
  ])
  itLacks('HC1709', 'info', 'environment', [
    [
      'an address that brings its network',
      vips('10.9.0.1/24'),
      {},
      '5:1 V: eth0 has no address of its own in the network of 10.9.0.1/24',
    ],
    ['in the network of the interface', vips('10.0.0.99/24'), {}],
    ['with a longer prefix, but in it', vips('10.0.0.99/30'), {}],
  ])
})
