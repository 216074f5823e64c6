import {describe, expect, test} from 'vitest'
import {type ChildResult, runInNamespace, unavailableWith} from './run-in-namespace.ts'

const unavailable = unavailableWith('tcpdump')
const title = unavailable === undefined ? 'in a network namespace' : `skipped: ${unavailable}`

/** What a child found out; a child that died says why. */
async function outputOf(run: Promise<ChildResult>): Promise<Record<string, unknown>> {
  const {code, signal, stderr, output} = await run
  expect({code, signal, stderr}).toEqual({code: 0, signal: null, stderr: ''})
  return output as Record<string, unknown>
}

const OK = {ok: true}
const DONE = {ok: true, value: 0}

describe.skipIf(unavailable !== undefined)(title, {timeout: 90_000}, () => {
  test('VRRP travels over IPv4, IPv6 and the Authentication Header, to groups and to single hosts', async () => {
    const found = await outputOf(runInNamespace('vrrp-families-child.ts'))
    for (const [kind, ours, second, peer, group] of [
      ['v6', 'fe80::1', '2001:db8::11', 'fe80::2', 'ff02::12'],
      ['v4', '192.0.2.1', '192.0.2.11', '192.0.2.2', '224.0.0.18'],
      ['ah', '192.0.2.1', '192.0.2.11', '192.0.2.2', '224.0.0.18'],
    ] as const) {
      expect(found[kind], kind).toMatchObject({
        sent: [OK, OK, OK],
        // What goes to a group that was not joined is not heard, and nobody hears himself.
        withoutGroup: [{source: peer, destination: ours, ttl: 64, text: 'A unicast'}],
        joined: [DONE, DONE, {ok: false, reason: 'EADDRINUSE'}],
        withGroups: ['B group', 'B other', 'B unicast'],
        unicast: {source: peer, destination: second, ttl: 64, text: 'B unicast'},
        multicast: {source: peer, destination: group, ttl: 255, text: 'B group'},
        left: [DONE, {ok: false, reason: 'EADDRNOTAVAIL'}],
        afterLeaving: ['C group', 'C unicast'],
        otherFamily: {ok: false, reason: 'EAFNOSUPPORT'},
        closed: {ok: false, reason: 'EBADF'},
      })
      expect(found[kind], kind).toMatchObject({
        atPeer: [
          {source: ours, destination: group, ttl: 255, text: 'A'},
          {source: second, destination: peer, ttl: 9, text: 'B'},
          {source: ours, destination: group, ttl: 255, text: 'C'},
        ],
      })
    }
    expect(found.v6).toMatchObject({notOurs: {ok: false, reason: 'EINVAL'}})
    // RFC 9568 section 5.1.2: hop limit 255; the class is that of IPv4's type of service.
    expect(found.wire).toMatch(/> 33:33:00:00:00:12, .*class 0xc0, .*hlim 255, next-header VRRP \(112\)/)
    expect(found).toMatchObject({
      unbound: [
        OK,
        {source: 'fe80::2', destination: '2001:db8::11', ttl: 64, text: 'U unicast'},
        OK,
        {source: '192.0.2.2', destination: '192.0.2.11', ttl: 64, text: 'U unicast'},
      ],
      macvlan: {
        sent: [OK, OK],
        fromVirtual: ['00:00:5e:00:01:33 > 01:00:5e:00:00:12', '00:00:5e:00:01:33 > 33:33:00:00:00:12'],
        texts: ['M group', 'N group', 'heard on the base', 'heard on the base'],
      },
      recreated: {
        whileDown: {ok: false},
        upAgain: true,
        whileGone: {ok: false, reason: 'ENODEV'},
        gone: [{type: 'interface-gone', reason: 'ENODEV'}],
        stillGone: {ok: false, reason: 'ENODEV'},
        afterwards: true,
      },
      leftOpen: 0,
    })
  })

  test('routers share the socket of an interface, and its groups come and go with them', async () => {
    const found = await outputOf(runInNamespace('interface-sockets-child.ts'))
    expect(found).toEqual({
      // `undefined` becomes null in JSON.
      ensured: [null, null, null, null, null],
      groups: ['12', '99'],
      open: 2,
      first: [
        'hb0 fe80::2 ff02::12 one',
        'hb0 fe80::2 ff02::12 throw',
        'hb0 fe80::2 ff02::99 two',
        'hc0 fe80::1 fe80::2 three',
      ],
      thrown: ['hb0 threw'],
      afterRetain: ['99'],
      foreign: {ok: false, reason: 'EBADF'},
      whileGone: {ok: false, reason: 'ENODEV'},
      told: ['hb0 lost: undefined'],
      again: [null, null],
      back: true,
      counters: 1,
      leftOpen: 0,
    })
  })

  test('who claims our addresses is told once, whatever else is on the segment, and a flood of claims is bounded', async () => {
    const found = await outputOf(runInNamespace('conflict-child.ts'))
    const foreign = {interface: 'ha0', mac: '02:00:00:00:00:99'}
    expect(found).toMatchObject({
      failures: [],
      inherited: 0,
      byArp: [{...foreign, address: '192.0.2.77'}],
      byAdvertisement: [{...foreign, address: '2001:db8::77'}],
      afterChange: [{...foreign, address: '192.0.2.78'}],
      counted: {claims: 3, suppressed: 0, dropped: 0},
      nowhere: ['x is not watched for conflicts: bind: ENODEV'],
      leftOpen: 0,
    })
    const {ticks, dropped, claims} = found.flood as Record<string, number>
    expect(ticks).toBeGreaterThan(10)
    expect(claims).toBeGreaterThan(0)
    // Most of the 50,000 frames never reach this process.
    expect(dropped).toBeGreaterThan(25_000)
    expect(claims).toBeLessThan(25_000)
  })
})
