import {describe} from 'vitest'
import {instanceText} from '../support.ts'
import {itLacks, up} from './host-support.ts'

const DOWN = {eth0: {running: false, addresses: 'unknown'}} as const

describe('interfaces that a host lacks', () => {
  itLacks('HC1701', 'error', 'environment', [
    ['that of a virtual router', instanceText(), {interfaces: {}}, '2:2 V: this host has no interface eth0'],
    [
      'one that is tracked',
      instanceText(' track_interface { eth1 }'),
      {},
      '5:20 V: track_interface: this host has no interface eth1',
    ],
    [
      'that of an address',
      instanceText(' virtual_ipaddress_excluded { 10.1.0.1 dev eth2 }'),
      {},
      '5:31 V: 10.1.0.1: this host has no interface eth2',
    ],
    [
      'one that is named twice',
      instanceText(' track_interface { eth1 }', ' virtual_ipaddress_excluded { 10.1.0.1 dev eth1 }'),
      {},
      '5:20 V: track_interface: this host has no interface eth1 (named 2 times)',
    ],
    ['it is there', instanceText(), {}],
    ['interfaces cannot be listed', instanceText(), {interfaces: {eth0: 'unknown'}}],
    ['interfaces may come later', `global_defs {\n dynamic_interfaces\n}\n${instanceText()}`, {interfaces: {}}],
    ['it is made by use_vmac', instanceText(' use_vmac v7', ' virtual_ipaddress_excluded { 10.1.0.1 dev v7 }'), {}],
  ])
  itLacks('HC1702', 'warning', 'environment', [
    [
      'it is down',
      instanceText(),
      {interfaces: DOWN},
      '2:2 V: the interface eth0 is down now, so its virtual routers would be in fault',
    ],
    ['it is up', instanceText(), {}],
    ['it does not matter', instanceText(' dont_track_primary'), {interfaces: DOWN}],
    ['it is not known', instanceText(), {interfaces: {eth0: {running: 'unknown'}}}],
  ])
  itLacks('HC1703', 'warning', 'environment', [
    [
      'there is no multicast',
      instanceText(),
      {interfaces: {eth0: {...up('10.0.0.8/24'), multicast: false}}},
      '2:2 V: the interface eth0 has no multicast, by which it is to advertise',
    ],
    [
      'peers are told one by one',
      instanceText(' unicast_peer { 10.0.0.9 }'),
      {interfaces: {eth0: {...up('10.0.0.8/24'), multicast: false}}},
    ],
    ['there is multicast', instanceText(), {}],
  ])
})
