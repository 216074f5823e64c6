import {join} from 'node:path'
import {beforeAll, expect, it} from 'vitest'
import {ipToBytes, parseIp} from '../../../src/core/ip.ts'
import {labSuite} from '../../lab/lab-suite.ts'
import {runInUml} from '../../lab/uml/uml.ts'
import {FIRST_PORT, SOURCES} from './network.ts'
import type {HashPlay, TrafficAnswer} from './traffic-guest.ts'

labSuite('traffic through IPVS', ['uml', 'ipvsadm'], () => {
  let seen: TrafficAnswer
  beforeAll(async () => {
    seen = await runInUml({guest: join(import.meta.dirname, 'traffic-guest.ts'), timeoutMs: 240_000})
  }, 250_000)

  // ipvsadm(8), "packet-forwarding-method".
  it.each([
    {method: 'nat', local: '10.2.0.11', remote: '10.1.0.10', tunnelled: false},
    {method: 'nat6', local: 'fd02::11', remote: 'fd01::10', tunnelled: false},
    {method: 'dr', local: '10.3.0.100', remote: '10.3.0.10', tunnelled: false},
    {method: 'ipip', local: '10.3.0.101', remote: '10.3.0.10', tunnelled: true},
    {method: 'gre', local: '10.3.0.102', remote: '10.3.0.10', tunnelled: true},
    {method: 'gue', local: '10.3.0.103', remote: '10.3.0.10', tunnelled: true},
  ])('$method: the real server sees the client and $local', ({method, local, remote, tunnelled}) => {
    const play = seen.methods[method]
    expect(play?.greetings).toEqual([1, 2].map(() => ({name: 's1', local, remote})))
    expect((play?.fromTunnel ?? 0) > 0).toBe(tunnelled)
  })

  it('rr takes real servers in turn', () => {
    const {roundRobin} = seen
    expect(sorted(roundRobin.slice(0, 3))).toEqual(['s1', 's2', 's3'])
    expect(roundRobin.slice(3)).toEqual(roundRobin.slice(0, -3))
  })

  it('wrr gives each real server its weight of connections in every cycle, wherever one begins to count', () => {
    const cycle = 7
    for (let from = 0; from + cycle <= seen.weighted.length; from++) {
      expect(counts(seen.weighted.slice(from, from + cycle))).toEqual({s1: 1, s2: 2, s3: 4})
    }
  })

  it('sh takes the real server that the hash of the source says', () => {
    const {first, again, without, back} = seen.sourceHash
    // The kernel puts the newest destination first.
    expect(first).toEqual(SOURCES.map(source => sourceHashed(source, 0, ['s3', 's2', 's1'])))
    expect(again).toEqual(first)
    expect(without).toEqual(SOURCES.map(source => sourceHashed(source, 0, ['s3', 's1'])))
    expect(back).toEqual(SOURCES.map(source => sourceHashed(source, 0, ['s2', 's3', 's1'])))
    expect(Object.keys(counts(first))).toHaveLength(3)
  })

  it('sh with sh-port also hashes the port, the same way for every service', () => {
    const {one, other} = seen.sourceHashByPort
    expect(one).toEqual(SOURCES.map((_, index) => sourceHashed('10.3.0.10', FIRST_PORT + index, ['s3', 's2', 's1'])))
    expect(other).toEqual(one)
  })

  it.each(['maglev', 'maglevFallback'] as const)('%s: a source stays with its real server', name => {
    const {first, again, back} = seen[name]
    expect(again).toEqual(first)
    expect(back).toEqual(first)
    for (const server of ['s1', 's2', 's3']) expect(counts(first)[server]).toBeGreaterThanOrEqual(SOURCES.length / 6)
  })

  it('mh moves the sources of a removed real server to all others, and hardly another', () => {
    expect(movedFromOthers(seen.maglev)).toBeLessThanOrEqual(SOURCES.length / 10)
    expect(Object.keys(counts(heirs(seen.maglev))).sort()).toEqual(['s1', 's3'])
  })

  it('mh with mh-fallback moves nothing but the sources of the real server that has weight 0', () => {
    expect(movedFromOthers(seen.maglevFallback)).toBe(0)
    expect(Object.keys(counts(heirs(seen.maglevFallback))).sort()).toEqual(['s1', 's3'])
  })

  it('mh with mh-port spreads the ports of one source, the same way for every service', () => {
    const {one, other} = seen.maglevByPort
    expect(Object.keys(counts(one)).sort()).toEqual(['s1', 's2', 's3'])
    expect(other).toEqual(one)
  })

  it('persistence keeps a client, or a network of clients, with one real server', () => {
    const {oneClient, anotherClient, networks} = seen.persistence
    for (const names of [oneClient, anotherClient, ...networks]) expect(new Set(names).size).toBe(1)
    expect(oneClient[0]).not.toBe(anotherClient[0])
    // rr chooses for each network.
    expect(counts(networks.map(([name = '-']) => name))).toEqual({s1: 2, s2: 2, s3: 2})
  })

  it.each(['weightZero', 'drained'] as const)('%s: the real server takes nothing new, and what it has goes on', way => {
    const {server} = seen.weightZero
    const {others, goesOn, afterwards} = seen.weightZero[way]
    expect(others).toHaveLength(6)
    expect(new Set(others)).toEqual(new Set(['s1', 's2', 's3'].filter(name => name !== server)))
    expect(goesOn).toBe(true)
    expect(counts(afterwards)).toEqual({s1: 2, s2: 2, s3: 2})
  })

  it('a drain loses no byte of a connection, waits for its end, and ends then', () => {
    const {unbroken, drainWaited, drainCode} = seen.weightZero
    expect({unbroken, drainWaited, drainCode}).toEqual({unbroken: true, drainWaited: true, drainCode: 0})
  })
})

const sorted = (names: readonly string[]): readonly string[] => [...names].sort()

function counts(names: readonly string[]): Readonly<Record<string, number>> {
  const found: Record<string, number> = {}
  for (const name of names) found[name] = (found[name] ?? 0) + 1
  return found
}

/** Sources that changed though their real server, not s2, stayed. */
const movedFromOthers = ({first, without}: HashPlay): number =>
  first.filter((name, index) => name !== 's2' && without[index] !== name).length

/** Who took the sources of s2. */
const heirs = ({first, without}: HashPlay): readonly string[] => without.filter((_, index) => first[index] === 's2')

/**
 * Scheduler sh with equal weights: 256 buckets that the destinations, in the order of the kernel's list, own in turn;
 * the bucket is the highest 8 bits of address plus port times 0x61c88647, of 32.
 */
function sourceHashed(source: string, port: number, destinations: readonly string[]): string | undefined {
  const address = parseIp(source)
  if (!address.ok) throw new Error(`${source} is no address`)
  const bucket = Math.imul(ipToBytes(address.value).readUInt32BE() + port, 0x61c88647) >>> 24
  return destinations[bucket % destinations.length]
}
