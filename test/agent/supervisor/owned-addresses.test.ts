import {mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterEach, beforeEach, expect, it} from 'vitest'
import {type OwnedRoute, type OwnedRule, ownedBy, ownedKey} from '../../../src/agent/owned-objects.ts'
import {readOwnedAddresses, writeOwnedAddresses} from '../../../src/agent/supervisor/owned-addresses.ts'
import {loadText} from '../../../src/config/load.ts'

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'hactl-owned-'))
})
afterEach(() => rmSync(directory, {recursive: true}))

const OWNED = {interface: 'eth0', address: '10.0.0.1', prefixLength: 32}

it('reads what it wrote, and nothing where nothing was written', () => {
  expect(readOwnedAddresses(directory)).toEqual({owned: [], problem: undefined})
  writeOwnedAddresses(directory, [OWNED])
  expect(readOwnedAddresses(directory)).toEqual({owned: [OWNED], problem: undefined})
})

it.each(['', '{', '{}', '"x"'])('says that a file with %j is of no use', content => {
  writeFileSync(join(directory, 'owned-addresses.json'), content)
  const {owned, problem} = readOwnedAddresses(directory)
  expect(owned).toEqual([])
  expect(problem).toContain('could not be used')
})

it('takes only entries that can be addresses', () => {
  const odd = [
    null,
    1,
    {},
    {...OWNED, address: 'x'},
    {...OWNED, interface: 'x'.repeat(16)},
    {...OWNED, prefixLength: '1'},
  ]
  writeFileSync(join(directory, 'owned-addresses.json'), JSON.stringify([...odd, OWNED]))
  expect(readOwnedAddresses(directory).owned).toEqual([OWNED])
})

/** What a configuration can put into the kernel. */
const LINES = loadText(
  'x',
  `static_ipaddress {
    10.0.0.1/24 dev eth0
    10.0.1.1 peer 10.0.1.2 dev eth0
  }
  static_routes {
    10.1.0.0/16 via 10.0.0.9 dev eth0 mtu 1400
    10.2.0.0/16 nexthop via 10.0.0.9 dev eth1 nexthop via 10.0.0.8 dev eth0
    10.3.0.0/16 dev eth0 vrf blue
  }
  static_rules { from 10.0.0.0/8 table 100 preference 1000 }`,
).config

it('keeps routes and rules by their messages, with the names of their interfaces', () => {
  const owned = ownedBy([], LINES)
  expect(owned).toMatchObject([
    {interface: 'eth0', address: '10.0.0.1', prefixLength: 24},
    {interface: 'eth0', address: '10.0.1.1', prefixLength: 32, peer: '10.0.1.2'},
    {devices: ['eth0']},
    {devices: ['eth1', 'eth0']},
    {devices: ['eth0'], vrf: 'blue'},
    {rule: expect.any(String)},
  ])
  writeOwnedAddresses(directory, owned)
  expect(readOwnedAddresses(directory)).toEqual({owned, problem: undefined})
  expect(new Set(owned.map(ownedKey)).size).toBe(owned.length)
})

it('takes only routes and rules that can be ones', () => {
  const [route, rule] = [ownedBy([], LINES)[2] as OwnedRoute, ownedBy([], LINES)[5] as OwnedRule]
  const odd = [
    {...route, route: 'x'},
    {...route, route: route.route.slice(0, -2)},
    {...route, devices: 'eth0'},
    {...route, devices: ['x'.repeat(16)]},
    {...route, vrf: 1},
    {rule: rule.rule.slice(0, 8)},
    {rule: 7},
    {...OWNED, peer: 'x'},
  ]
  writeFileSync(join(directory, 'owned-addresses.json'), JSON.stringify([...odd, route, rule]))
  expect(readOwnedAddresses(directory).owned).toEqual([route, rule])
})
