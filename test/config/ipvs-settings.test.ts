import {describe, expect, it} from 'vitest'
import {ipvsSettingsOf} from '../../src/config/ipvs-settings.ts'
import {instanceText, parse} from './support.ts'

const settings = (globals: readonly string[], ...own: readonly string[]) =>
  ipvsSettingsOf(parse(['global_defs {', ...globals, '}', instanceText(...own)].join('\n')).config)

const DAEMON = {
  interface: 'eth1',
  syncId: 7,
  maxLengthBytes: undefined,
  group: undefined,
  port: undefined,
  ttl: undefined,
}

describe('what a configuration says of IPVS as a whole', () => {
  it('is nothing where nothing is given', () => {
    expect(settings([])).toEqual({
      timeouts: undefined,
      flushAtStart: false,
      flushAtStop: 'entries',
      sync: undefined,
      problems: [],
    })
  })

  it.each([
    ['lvs_timeouts tcp 100 udp 33', {timeouts: {tcpSeconds: 100, tcpFinSeconds: 0, udpSeconds: 33}}],
    ['lvs_timeouts tcpfin 0', {timeouts: undefined}],
    ['lvs_flush', {flushAtStart: true}],
    ['lvs_flush_on_stop', {flushAtStop: 'everything'}],
    ['lvs_flush_on_stop VS', {flushAtStop: 'services'}],
  ])('%s', (line, expected) => {
    expect(settings([line])).toMatchObject(expected)
  })

  // Measured with keepalived 2.2.7: the VRID is the id, but 0 in the old form.
  it.each([
    ['lvs_sync_daemon eth1 V', {instance: 'V', daemon: DAEMON}],
    ['lvs_sync_daemon eth1 inst V id 9', {instance: 'V', daemon: {...DAEMON, syncId: 9}}],
    ['lvs_sync_daemon eth1', {instance: undefined, daemon: {...DAEMON, syncId: 0}}],
    [
      'lvs_sync_daemon eth1 inst V maxlen 1400 port 9000 ttl 3 group 224.0.0.99',
      {instance: 'V', daemon: {...DAEMON, maxLengthBytes: 1400, port: 9000, ttl: 3, group: '224.0.0.99'}},
    ],
  ])('%s', (line, sync) => {
    expect(settings([line])).toMatchObject({sync, problems: []})
  })

  it('follows the instance that has the old form', () => {
    expect(settings([], 'lvs_sync_daemon_interface eth1')).toMatchObject({
      sync: {instance: 'V', daemon: {...DAEMON, syncId: 0}},
      problems: [],
    })
  })

  it('tells of what has no effect', () => {
    expect(settings(['lvs_sync_daemon eth1 inst NONE'])).toMatchObject({
      sync: undefined,
      problems: ['lvs_sync_daemon: there is no vrrp_instance NONE; it does not run'],
    })
    expect(settings(['lvs_sync_daemon eth1 V'], 'lvs_sync_daemon_interface eth2')).toMatchObject({
      sync: {instance: 'V', daemon: DAEMON},
      problems: ['vrrp_instance V: lvs_sync_daemon_interface has no effect: one is given already'],
    })
  })
})
