import {describe, expect, test} from 'vitest'
import {type ChildResult, namespacesUnavailable, runInNamespace, unavailableWith} from './run-in-namespace.ts'

const titleOf = (unavailable: string | undefined): string =>
  unavailable === undefined ? 'in a network namespace' : `skipped: ${unavailable}`

/** What a child found out; a child that died says why. */
async function outputOf(run: Promise<ChildResult>): Promise<Record<string, unknown>> {
  const {code, signal, stderr, output} = await run
  expect({code, signal, stderr}).toEqual({code: 0, signal: null, stderr: ''})
  return output as Record<string, unknown>
}

describe.skipIf(namespacesUnavailable !== undefined)(titleOf(namespacesUnavailable), {timeout: 90_000}, () => {
  test('addresses are added and removed, and the kernel is understood', async () => {
    const found = await outputOf(runInNamespace('addresses-child.ts'))
    expect(found).toMatchObject({
      added: {outcome: 'done'},
      shown: 'inet 192.0.2.77/24 brd 192.0.2.255 scope global secondary ha0:vip',
      again: {outcome: 'already-there'},
      otherLength: {outcome: 'was-gone'},
      removed: {outcome: 'done'},
      removedAgain: {outcome: 'was-gone'},
      added6: {outcome: 'done'},
      again6: {outcome: 'already-there'},
      removed6: {outcome: 'done'},
      removedAgain6: {outcome: 'was-gone'},
      addedLinkScope: {outcome: 'done'},
      shownLinkScope: 'inet 203.0.113.9/32 scope link ha0',
      noInterface: {outcome: 'failed', reason: 'ENODEV'},
      noInterfaceRemove: {outcome: 'was-gone'},
      badLabel: {outcome: 'failed', reason: 'ERANGE'},
      mixed: {done: 499, failed: 1},
      gone: {done: 499, 'was-gone': 1},
      count: 501,
      inherited: 0,
      closed: ['failed', 'failed'],
      leftOpen: 0,
    })
    expect(found.shown6).toMatch(/^inet6 2001:db8::77\/64 scope global nodad/)
  })

  test('the picture follows whoever changes links and addresses', async () => {
    const found = await outputOf(runInNamespace('network-child.ts'))
    const first = found.first as {pictured: unknown; dumped: unknown; mac: string}
    expect(first.pictured).toEqual(first.dumped)
    expect(found).toMatchObject({
      first: {
        ha0: {name: 'ha0', up: true, loopback: false, mtu: 1500, operState: 6, carrier: true, mac: first.mac},
        lo: {name: 'lo', up: true, loopback: true},
        changes: 0,
      },
      seen: {family: 4, address: '192.0.2.77', prefixLength: 24, secondary: true, protocol: 0x70},
      stillEnabled: true,
      errors: [],
      inherited: 0,
      leftOpen: 0,
    })
    // The kernel may tell of a link again, later, when its state settles: only what must be there is asked for.
    const ofAddresses = (list: unknown) => (list as string[]).filter(change => change.startsWith('address-'))
    expect(ofAddresses(found.added)).toEqual(['address-appeared 192.0.2.77'])
    expect(ofAddresses(found.foreignDelete)).toEqual(['address-went 192.0.2.77'])
    expect(found.carrierLost).toContain('link-changed ha0 down')
    expect(found.renamed).toContain('link-changed br1 down')
    expect(found.down).toContain('link-changed ha0 down')
    expect(found.up).toContain('link-changed ha0 up')
    expect(found.carrierBack).toContain('link-changed ha0 up')
    expect(found.leftBridge).not.toContain('link-went ha0 up')
    const recreated = found.recreated as readonly string[]
    // The kernel gives a link that is up a link-local address, sooner or later.
    const named = recreated.filter(change => /went|appeared/.test(change) && !change.includes('fe80::'))
    expect(named).toEqual([
      'address-went 192.0.2.1',
      'link-went ha0 down',
      'link-appeared ha0 down',
      'address-appeared 192.0.2.1',
    ])
    const last = found.last as {pictured: unknown; dumped: unknown}
    expect(last.pictured).toEqual(last.dumped)
  })

  test('a flood of changes neither stops the loop nor leaves the picture wrong, even when some are lost', async () => {
    const found = await outputOf(runInNamespace('flood-child.ts'))
    expect(found).toMatchObject({
      agreed: true,
      agreedAfterOverrun: true,
      sawDown: true,
      goesOn: true,
      errors: [],
    })
    expect(found.ticks).toBeGreaterThan(20)
    expect(found.longestGapMs).toBeLessThan(1_000)
    const {overruns, resynchronisations} = found.overrunCounters as {overruns: number; resynchronisations: number}
    expect(overruns).toBeGreaterThan(0)
    expect(resynchronisations).toBeGreaterThan(1)
  })

  test('orders of which one send takes the kernel longer than an answer may take are told as done', async () => {
    expect(await outputOf(runInNamespace('orders-child.ts'))).toEqual({refused: [], there: 2_000})
  })

  test('a listener that throws ends up where Node reports exceptions, and the monitor goes on', async () => {
    const found = await outputOf(runInNamespace('throwing-child.ts'))
    expect(found.agreed).toBe(true)
    const {tick, promise, listener} = found.caught as Record<string, number>
    expect(listener).toBeGreaterThan(0)
    expect(tick).toBe(listener)
    expect(promise).toBe(listener)
  })

  test('a deadline is never early and comes once', async () => {
    const found = await outputOf(runInNamespace('sharp-timer-child.ts'))
    expect(found).toMatchObject({
      inherited: 0,
      early: 0,
      replaced: 1,
      synchronous: 0,
      overdue: 1,
      disarmed: 0,
      closed: 0,
      leftOpen: 0,
    })
    expect(found.earliest).toBeGreaterThanOrEqual(0)
    expect(found.median).toBeLessThan(5)
  })
})

const wireUnavailable = unavailableWith('tcpdump')

describe.skipIf(wireUnavailable !== undefined)(titleOf(wireUnavailable), {timeout: 90_000}, () => {
  test('VRRP packets leave as they should, arrive unharmed, and the socket outlives its interface', async () => {
    const found = await outputOf(runInNamespace('vrrp-socket-child.ts'))
    const captured = found.captured as string
    expect(captured.match(/tos 0xc0, ttl 255, id \d+, offset 0, flags \[none\], proto VRRP/g)).toHaveLength(3)
    expect(captured.match(/192\.0\.2\.1 > 224\.0\.0\.18: VRRPv2, Advertisement, vrid 77, prio 100/g)).toHaveLength(3)
    expect(captured).toContain('> 01:00:5e:00:00:12')
    expect(found).toMatchObject({
      inherited: 0,
      sends: [{ok: true}, {ok: true}, {ok: true}],
      echoes: 0,
      tooLong: {ok: false, reason: 'EMSGSIZE'},
      peerCode: 0,
      intact: 10_000,
      decoded: 10_000,
      afterFlood: {received: 10_000, dropped: 0, tooLong: 0, sent: 3, sendFailed: 1, handlerErrors: 1},
      second: 10_000,
      whileDown: {ok: false, reason: 'ENETUNREACH'},
      whileGone: {ok: false, reason: 'ENODEV'},
      stillGone: {ok: false, reason: 'ENODEV'},
      closed: {ok: false, reason: 'EBADF'},
      afterwards: {ok: true},
      handlerErrors: ['handler-threw'],
      goneErrors: [{type: 'interface-gone', reason: 'ENODEV'}],
      nowhere: {ok: false, step: 'SO_BINDTODEVICE', reason: 'ENODEV'},
      leftOpen: 0,
    })
    expect(found.ticks).toBeGreaterThan(50)
    const [limited, rest] = found.drained as readonly [number, number]
    expect(limited).toBe(10)
    expect(rest).toBeGreaterThan(100)
    expect(found.inTime).toBe(limited + rest)
  })

  test('gratuitous ARP and neighbour advertisements are seen on the wire as keepalived sends them', async () => {
    const found = await outputOf(runInNamespace('frame-child.ts'))
    const request = /> ff:ff:ff:ff:ff:ff, .*Request who-has 192\.0\.2\.77 \(ff:ff:ff:ff:ff:ff\) tell 192\.0\.2\.77/g
    expect((found.captured as string).match(request)).toHaveLength(5)
    const bytes = (found.captured as string).replaceAll(/0x[0-9a-f]+:|\s/g, '')
    expect(bytes).toContain(found.hex)
    // The checksum is looked at by tcpdump; the router flag is that of the interface.
    expect(found.captured).toMatch(
      /02:00:5e:00:00:01 > 33:33:00:00:00:01, .*hlim 255, .*2001:db8::77 > ff02::1: \[icmp6 sum ok\].*Flags \[router, override\]/,
    )
    expect(found).toMatchObject({
      inherited: 0,
      forwarding: [false, false, false, true],
      sent: Array.from({length: 6}, () => ({ok: true})),
      noInterface: {ok: false, reason: 'ENXIO'},
      noFrame: {ok: false, reason: 'EINVAL'},
      whileDown: {ok: false, reason: 'ENETDOWN'},
      closed: {ok: false, reason: 'EBADF'},
      leftOpen: 0,
    })
  })
})
