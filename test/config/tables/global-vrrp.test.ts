import {describe, expect, it} from 'vitest'
import {parse} from '../support.ts'
import {describeLines, expectSameAgain, type TableCase} from './table-support.ts'

const text = (lines: readonly string[]): string => ['global_defs {', ...lines, '}'].join('\n')
const describeGlobal = (what: string, cases: readonly TableCase[]): void =>
  describeLines(what, cases, text, ({config}) => config.global)

describeGlobal('announcements', [
  ['vrrp_garp_master_delay 4294', {garpDelayMs: 4_294_000}],
  ['vrrp_garp_master_delay 4295', {garpDelayMs: 5_000}, 'HC1204 error 2:24'],
  ['vrrp_garp_master_refresh 4295', {garpRefreshMs: 4_295_000}],
  ['vrrp_garp_master_repeat 0', {garpRepeat: 1}, 'HC1205 error 2:25'],
  ['vrrp_garp_lower_prio_repeat 0', {garpLowerPriorityRepeat: 0}],
  ['vrrp_garp_interval 0.000001', {garpIntervalMs: 0.001}],
  ['vrrp_gna_interval .5', {gnaIntervalMs: 500}],
  ['vrrp_gna_interval 1.0000001', {gnaIntervalMs: 1_000}, 'HC1205 error 2:19'],
  ['vrrp_gna_interval 0', {gnaIntervalMs: 0}, 'HC1204 error 2:19'],
  ['vrrp_garp_extra_if all 100', {garpExtraInterface: {all: true, seconds: 100}}],
  ['vrrp_garp_extra_if 0', {garpExtraInterface: {all: false, seconds: 0}}, 'HC1204 error 2:20'],
  ['vrrp_garp_extra_if all', {garpExtraInterface: {all: false, seconds: 0}}, 'HC1203 error 2:1'],
  ['vrrp_vmac_garp_intvl 5', {garpExtraInterface: {all: false, seconds: 5}}, 'HC1211 error 2:1'],
])

describeGlobal('vrrp_min_garp', [
  ['vrrp_min_garp', {garpDelayMs: 0, garpRepeat: 1, garpRefreshMs: 0, garpRefreshRepeat: 1}],
  ['vrrp_min_garp off', {garpDelayMs: 5_000, garpRepeat: 5}],
  ['vrrp_garp_master_delay 7;vrrp_min_garp', {garpDelayMs: 7_000, garpRepeat: 1}],
  ['vrrp_garp_master_delay 5;vrrp_garp_master_repeat 5;vrrp_min_garp', {garpDelayMs: 0, garpRepeat: 1}],
  ['vrrp_min_garp;vrrp_garp_master_delay 5;vrrp_garp_master_repeat 5', {garpDelayMs: 5_000, garpRepeat: 5}],
  ['vrrp_garp_master_refresh 9;vrrp_min_garp', {garpRefreshMs: 9_000}],
  ['vrrp_min_garp;vrrp_min_garp off', {garpDelayMs: 0, garpRepeat: 1}, 'HC1208 error 3:1'],
])

describeGlobal('virtual routers', [
  ['vrrp_version 3', {version: 3}],
  ['v3_checksum_as_v2 off', {checksumWithoutPseudoHeader: true}, 'HC1206 warning 2:19'],
  ['vrrp_mcast_group4 239.1.1.1', {multicastGroup4: '239.1.1.1'}],
  ['vrrp_mcast_group4 ff02::12', {multicastGroup4: undefined}, 'HC1204 error 2:19'],
  ['vrrp_mcast_group6 224.0.0.1', {multicastGroup6: undefined}, 'HC1204 error 2:19'],
  ['vrrp_mcast_group6 ff05::1', {multicastGroup6: 'ff05::1'}, 'HC1205 error 2:19'],
  ['vrrp_startup_delay 5.5', {startupDelayMs: 5_500}],
  ['vrrp_startup_delay 0.0009', {startupDelayMs: 0}, 'HC1204 error 2:20'],
  ['vrrp_delay_after_boot 4294.967295', {delayAfterBootMs: 4_294_967.295}],
  ['vmac_prefix a;vmac_prefix b', {vmacPrefix: 'a'}, 'HC1208 error 3:1'],
  ['dynamic_interfaces', {dynamicInterfaces: 'on'}],
  ['dynamic_interfaces allow_if_changes', {dynamicInterfaces: 'allow_if_changes'}],
  ['dynamic_interfaces foo', {dynamicInterfaces: undefined}, 'HC1204 error 2:20'],
])

describe('a later global_defs', () => {
  it('of another file does not change what vrrp_min_garp meant', () => {
    const loaded = parse('include a\nglobal_defs {\nvrrp_min_garp\n}', {
      a: 'global_defs {\nvrrp_garp_master_delay 5\n}',
    })
    expect(loaded.config.global.garpDelayMs).toBe(0)
    expectSameAgain(loaded)
  })
})
