import {execFileSync} from 'node:child_process'
import {describe, expect, test} from 'vitest'
import {type ChildResult, namespacesUnavailable, runInNamespace} from './run-in-namespace.ts'

const title = namespacesUnavailable === undefined ? 'in a network namespace' : `skipped: ${namespacesUnavailable}`

/** Whether the real program is here to compare with. */
const keepalivedMissing = ((): boolean => {
  try {
    execFileSync('keepalived', ['--version'], {stdio: 'ignore'})
    return false
  } catch {
    return true
  }
})()

/** What a child found out; a child that died says why. */
async function outputOf(run: Promise<ChildResult>): Promise<Record<string, unknown>> {
  const {code, signal, stderr, output} = await run
  expect({code, signal, stderr}).toEqual({code: 0, signal: null, stderr: ''})
  return output as Record<string, unknown>
}

describe.skipIf(namespacesUnavailable !== undefined)(title, {timeout: 90_000}, () => {
  test.skipIf(keepalivedMissing)(
    'addresses, routes and rules are the same as keepalived makes of the file',
    async () => {
      const found = await outputOf(runInNamespace('objects-child.ts'))
      expect(found).toMatchObject({
        onlyTheirs: [],
        onlyOurs: [],
        failures: [],
        first: {added: found.objects, adopted: 0, removed: 0},
        second: {added: found.objects, adopted: found.objects, removed: 0},
        removed: found.objects,
        leftByUs: [],
        lostByUs: [],
      })
      expect(found.objects).toBe(77)
      expect(found.lines).toBeGreaterThan(100)
    },
  )

  test('static objects come back, unless nobody tracks them, and go at the end', async () => {
    const found = await outputOf(runInNamespace('static-objects-child.ts'))
    const routes = {
      first: '10.5.0.0/24 dev ha0 proto keepalived src 203.0.113.80',
      tracked: '10.5.1.0/24 via 192.0.2.9 dev ha0 proto keepalived',
      untracked: '10.5.2.0/24 dev ha0 proto keepalived',
      fresh: '10.5.3.0/24 dev ha0 proto keepalived',
      ipv6: '2001:db8:5::/64 dev ha0 proto keepalived',
      others: [
        '10.5.0.0/24 dev ha0 proto openr scope link metric 5',
        '10.7.0.0/24 dev ha0 proto keepalived scope link',
      ],
    }
    const rule = '2001: from 10.6.1.0/24 lookup 100'
    expect(found).toMatchObject({
      atStart: [
        ...['203.0.113.77/24', '203.0.113.80/32', '203.0.113.81/32'],
        ...[routes.first, routes.tracked, routes.untracked, routes.ipv6],
        ...['2000: from 10.6.0.0/24 lookup 100 proto keepalived', rule],
      ],
      returned: {address: true, route: true, rule: true, route6: true, source: true},
      down: ['interface ha0 is down'],
      routesWhileDown: 0,
      cameUp: true,
      faultsAfter: 'none',
      notBack: [],
      foreign: {told: 0, heard: 0},
      reloaded: [
        ...['203.0.113.77/24', '203.0.113.81/32'],
        ...[routes.tracked, routes.untracked, routes.fresh, routes.ipv6, rule],
      ],
      atEnd: routes.others,
      spared: true,
      afterCleaning: [routes.others[0], routes.tracked, routes.others[1]],
      leftOpen: 0,
    })
    expect(found.leftovers).toHaveLength(2)
  })

  test('ten thousand addresses of 255 virtual routers are put there and taken off', async () => {
    const found = await outputOf(runInNamespace('many-objects-child.ts'))
    expect(found).toMatchObject({failures: [], held: 10_710, counted: 10_200, left: 0})
    // The loop turned meanwhile.
    expect(found.ticks).toBeGreaterThan(50)
  })
})
