import {describe, expect, it} from 'vitest'
import {parse} from '../support.ts'
import {describeLines, expectSameAgain, type TableCase, verdict} from './table-support.ts'

const describeRoot = (what: string, cases: readonly TableCase[]): void =>
  describeLines(
    what,
    cases,
    lines => lines.join('\n'),
    ({config}) => config,
  )

describeRoot('outside of blocks', [
  ['instance a', {instanceName: 'a'}],
  ['instance a;instance b', {instanceName: 'a'}, 'HC1208 error 2:1'],
  ['instance', {instanceName: undefined}, 'HC1203 error 1:1'],
  ['net_namespace a', {netNamespace: 'a'}],
  ['net_namespace', {netNamespace: undefined}, 'HC1203 error 1:1'],
  ['net_namespace_ipvs', {ipvsNetNamespace: ''}],
  ['net_namespace_ipvs a', {ipvsNetNamespace: 'a'}],
  ['use_pid_dir;namespace_with_ipsets;linkbeat_use_polling', {usePidDirectory: true, linkbeatPolling: true}],
  ['child_wait_time 0', {childWaitTimeMs: 0}],
  ['child_wait_time x', {childWaitTimeMs: 5_000}, 'HC1204 error 1:17'],
  ['global_defs {;instance a;}', {instanceName: undefined}, 'HC1202 error 2:1'],
])

describeRoot('linkbeat_interfaces', [
  ['linkbeat_interfaces {;eth0;eth1 ETHTOOL;}', {linkbeatInterfaces: [{name: 'eth0'}, {method: 'ETHTOOL'}]}],
  ['linkbeat_interfaces {;eth0 mii;}', {linkbeatInterfaces: [{name: 'eth0', method: undefined}]}, 'HC1205 error 2:6'],
  ['linkbeat_interfaces {;eth0 MII x;}', {linkbeatInterfaces: [{name: 'eth0', method: 'MII'}]}, 'HC1205 error 2:10'],
])

describeRoot('interface_up_down_delays', [
  ['interface_up_down_delays {;eth0 1.5;}', {upDownDelays: [{name: 'eth0', downMs: 1_500, upMs: 0}]}],
  ['interface_up_down_delays {;eth0 1 255;}', {upDownDelays: [{downMs: 1_000, upMs: 255_000}]}],
  ['interface_up_down_delays {;eth0 256;}', {upDownDelays: []}, 'HC1204 error 2:6'],
  ['interface_up_down_delays {;eth0 0.0000001;}', {upDownDelays: [{downMs: 0}]}, 'HC1205 error 2:6'],
  ['interface_up_down_delays {;eth0;}', {upDownDelays: []}, 'HC1203 error 2:1'],
])

describeRoot('garp_group', [
  [
    'garp_group {;garp_interval 0.5;interface a;interface b;interfaces {;c d;};}',
    {
      garpGroups: [
        {garpIntervalMs: 500, singleInterfaces: [{name: 'a'}, {name: 'b'}], interfaces: [{name: 'c'}, {name: 'd'}]},
      ],
    },
  ],
  ['garp_group {;gna_interval 0;interface a;}', {garpGroups: [{gnaIntervalMs: 0}]}],
  ['garp_group {;interface a;}', {garpGroups: []}, 'HC1430 error 1:1'],
  [
    'garp_group {;garp_interval 1;interface a;};garp_group {;garp_interval 1;interface a;}',
    {garpGroups: [{}, {singleInterfaces: []}]},
    'HC1431 error 7:1',
  ],
  ['garp_group x {;garp_interval 1;}', {garpGroups: [{}]}, 'HC1206 warning 1:12'],
])

describe('a line about an interface', () => {
  const instance = 'vrrp_instance V {\ninterface eth0\nvirtual_router_id 7\nvirtual_ipaddress { 10.0.0.1/24 }\n}\n'
  it.each([
    ['linkbeat_interfaces {\neth0\neth0 MII\n}', 'HC1207 warning 8:1'],
    ['interface_up_down_delays {\neth0 1\neth0 1.5\n}', 'HC1207 warning 8:1'],
    ['interface_up_down_delays {\neth0 1.9 0\n}', ''],
    ['interface_up_down_delays {\neth0 0 2\n}', 'HC1434 warning 7:1'],
    ['interface_up_down_delays {\neth1 0 9\n}', ''],
  ])('%j', (text, found) => {
    const loaded = parse(instance + text)
    expect(verdict(loaded)).toBe(found)
    expectSameAgain(loaded)
  })
})

describe('track_group', () => {
  const instance = 'vrrp_instance V {\ninterface eth0\nvirtual_router_id 7\nvirtual_ipaddress { 10.0.0.1/24 }\n}\n'
  it.each([
    ['track_group g {\ngroup {\nV\n}\n}', ''],
    ['track_group g {\ngroup {\nV NOBODY\n}\n}', 'HC1433 warning 8:3'],
    ['track_group g {\n}', 'HC1432 error 6:1'],
    ['track_group {\ngroup {\nV\n}\n}', 'HC1209 error 6:1'],
    ['track_group g {\ngroup {\nV\n}\n}\ntrack_group g {\ngroup {\nV\n}\n}', 'HC1210 error 11:1'],
    ['track_group g {\ngroup {\nV\n}\ngroup {\nV\n}\n}', 'HC1208 error 10:1'],
  ])('%j', (text, found) => {
    const loaded = parse(instance + text)
    expect(verdict(loaded)).toBe(found)
    expectSameAgain(loaded)
  })
})
