import {describe, expect, test} from 'vitest'
import {namespacesUnavailable, runInNamespace} from './run-in-namespace.ts'

const title = namespacesUnavailable === undefined ? 'in a network namespace' : `skipped: ${namespacesUnavailable}`

describe.skipIf(namespacesUnavailable !== undefined)(title, {timeout: 90_000}, () => {
  // What is made and set is what keepalived 2.2.7 made and set of the same text on Linux 6.18, but for the alias,
  // accept_ra, and arp_ignore and arp_filter of the base, which that version does not put back at its end.
  test('interfaces of virtual routers are made, kept, replaced and removed as they should be', async () => {
    const {output, ...end} = await runInNamespace('own-devices-child.ts')
    expect(end).toEqual({code: 0, signal: null, stderr: ''})
    const v4 = {
      kind: 'macvlan private',
      mac: '00:00:5e:00:01:33',
      base: 'ha0',
      up: true,
      generation: 'none',
      alias: 'hactl',
      addresses: [],
    }
    const {linkLocal} = output as {linkLocal: string}
    const source = `inet6 ${linkLocal} scope link nodad deprecated`
    const bridge = {kind: 'bridge', up: false, alias: ''}
    expect(output).toMatchObject({
      made: {
        v4,
        v6: {...v4, mac: '00:00:5e:00:02:33', addresses: [source]},
        of4: '1 1 0 1 1',
        of6: '0 0',
        base: '1 1 0 1',
        devices: [
          {type: 'macvlan', family: 4, name: 'vrrp.51', base: 'ha0', right: true},
          {type: 'macvlan', family: 6, name: 'vrrp6.51', base: 'ha0', right: true},
        ],
        news: ['device-made: macvlan vrrp.51 was made on ha0', 'device-made: macvlan vrrp6.51 was made on ha0'],
      },
      again: {v4, of4: '1 1 0 1'},
      without: 'interface ha0 does not exist',
      returned: {v4, base: '1 1'},
      adopted: {
        same: true,
        v6: 'none',
        news: [
          'device-removed: interface vrrp6.51 was removed',
          'device-adopted: macvlan vrrp.51 was there already and is used',
        ],
      },
      // The base is a new one by now, and began with rp_filter 2.
      left: {v4: 'none', base: '0 0 1 2', default: '2', changed: []},
      clash: {
        reason: 'interface vrrp.51 exists already and is no macvlan in private mode',
        bridge,
        replaced: {...v4, mac: '00:00:5e:00:01:33'},
        news: [
          'device-removed: interface other was removed',
          'kernel-error: interface vrrp.51 exists already and is no macvlan in private mode',
          'device-made: macvlan other was made on ha0',
        ],
      },
      closed: {bridge, replaced: 'none', news: ['device-removed: interface other was removed']},
      foreign: {name: 'foreign', up: true, news: ['device-adopted: macvlan foreign was there already and is used']},
      kept: true,
    })
    // The kernel of a development machine may have no ipvlan.
    const {ipvlan} = output as {ipvlan: unknown}
    if (typeof ipvlan === 'string') {
      expect(ipvlan).toBe('interface vrrp.51 could not be made on ha0: this kernel has no ipvlan')
    } else {
      expect(ipvlan).toMatchObject({kind: 'ipvlan l2', base: 'ha0', alias: 'hactl'})
    }
  })
})
