import {describe, expect, it} from 'vitest'
import {Peers} from '../../../src/agent/vrrp/peers.ts'
import {priority} from '../../../src/core/units.ts'

const advertisement = {priority: priority(100), intervalMs: 1_000}
const addresses = (peers: Peers): readonly string[] => peers.list.map(({address}) => address)

describe('the peers of a virtual router', () => {
  it('are told with what they said last, and what of it was refused', () => {
    const peers = new Peers()
    peers.heard('10.0.0.2', {priority: priority(90), intervalMs: 500})
    peers.heard('10.0.0.2', advertisement)
    peers.rejected('10.0.0.2', 'ttl-not-255')
    peers.rejected('10.0.0.3', 'authentication-missing')
    peers.rejected('10.0.0.3', 'authentication-missing')
    const [second, third] = peers.list.toSorted((a, b) => a.address.localeCompare(b.address))
    expect(second).toMatchObject({priority: 100, intervalMs: 1_000, advertisements: 2, rejected: {'ttl-not-255': 1}})
    expect(third).toMatchObject({priority: null, intervalMs: null, rejected: {'authentication-missing': 2}})
    expect(Date.parse(third?.lastHeard ?? '')).toBeGreaterThanOrEqual(Date.parse(third?.firstHeard ?? ''))
  })

  it('are 24 at most, and strangers push out nobody who was obeyed', () => {
    const peers = new Peers()
    peers.heard('10.0.0.2', advertisement)
    for (let n = 0; n < 1_000; n++) peers.rejected(`10.0.1.${n}`, 'checksum-wrong')
    expect(peers.list).toHaveLength(24)
    expect(addresses(peers)).toContain('10.0.0.2')
    // The strangers that came last are the ones that are shown.
    expect(addresses(peers)).toContain('10.0.1.999')
    for (let n = 0; n < 23; n++) peers.heard(`10.0.2.${n}`, advertisement)
    expect(addresses(peers).some(address => address.startsWith('10.0.1.'))).toBe(false)
    peers.rejected('10.0.1.1', 'checksum-wrong')
    expect(addresses(peers)).not.toContain('10.0.1.1')
  })

  it('make room for another router that is obeyed, the longest silent first', () => {
    const peers = new Peers()
    for (let n = 0; n < 24; n++) peers.heard(`10.0.2.${n}`, advertisement)
    peers.heard('10.0.3.1', advertisement)
    expect(peers.list).toHaveLength(24)
    expect(addresses(peers)).toContain('10.0.3.1')
    expect(addresses(peers)).not.toContain('10.0.2.0')
  })

  it('are refused for 40 reasons at most', () => {
    const peers = new Peers()
    for (let n = 0; n < 100; n++) peers.rejected('10.0.0.2', `reason ${n}`)
    peers.rejected('10.0.0.2', 'reason 0')
    const [peer] = peers.list
    expect(Object.keys(peer?.rejected ?? {})).toHaveLength(40)
    expect(peer?.rejected['reason 0']).toBe(2)
  })
})
