import {describe, expect, it} from 'vitest'
import type {IpAddress} from '../../../src/core/ip.ts'
import {priority, vrid} from '../../../src/core/units.ts'
import type {VrrpConfig} from '../../../src/core/vrrp/config.ts'
import {VRRP_GROUP4} from '../../../src/core/vrrp/config.ts'
import {type Advertisement, encodeAdvertisement} from '../../../src/core/vrrp/packet.ts'
import {receiveAdvertisement, sameAddresses} from '../../../src/core/vrrp/receive.ts'
import {mutate, seededRandom} from '../../sim/random.ts'
import {simConfig} from '../../sim/segment.ts'

const V2 = simConfig({version: 2, authentication: {type: 'pass', password: 'secret12'}})
const V3 = simConfig({advertIntervalMs: 100})

function packet(
  config: VrrpConfig,
  over: Partial<Advertisement & {source: string; destination: string; password: string; plain: boolean}> = {},
): Buffer {
  const password = over.password ?? config.authentication?.password
  return encodeAdvertisement(
    {
      version: over.version ?? config.version,
      vrid: over.vrid ?? config.vrid,
      priority: over.priority ?? priority(150),
      intervalMs: over.intervalMs ?? config.advertIntervalMs,
      addresses: over.addresses ?? config.vips.map(vip => vip.address),
    },
    {
      source: (over.source ?? '10.0.0.9') as IpAddress,
      destination: (over.destination ?? VRRP_GROUP4) as IpAddress,
      identification: 7,
      ...(password === undefined ? {} : {password}),
      checksumWithoutPseudoHeader: over.plain ?? config.checksumWithoutPseudoHeader,
    },
  )
}

// RFC 3768 section 7.1, RFC 9568 section 7.1, in keepalived's order.
describe('what a virtual router obeys', () => {
  it.each([V2, V3])('obeys its own kind', config => {
    const result = receiveAdvertisement(config, packet(config))
    expect(result).toMatchObject({ok: true, value: {priority: 150, source: '10.0.0.9'}})
  })

  it.each([
    ['version-differs', V3, packet(simConfig({version: 2}))],
    ['vrid-differs', V3, packet(V3, {vrid: vrid(52)})],
    ['authentication-type-differs', V2, packet(simConfig({version: 2}))],
    ['authentication-type-differs', simConfig({version: 2}), packet(V2)],
    ['authentication-data-differs', V2, packet(V2, {password: 'secret13'})],
    ['authentication-data-differs', V2, packet(V2, {password: 'secret1'})],
    ['interval-differs', V2, packet(V2, {intervalMs: 2000})],
    ['interval-zero', V3, packet(V3, {intervalMs: 0})],
    ['destination-wrong', V3, packet(V3, {destination: '10.0.0.1'})],
    ['source-wrong', V3, packet(V3, {source: '224.0.0.1'})],
    ['source-wrong', V3, packet(V3, {source: '0.0.0.0'})],
    ['checksum-lacks-pseudo-header', V3, packet(V3, {plain: true})],
  ])('drops as %s', (failure, config, bytes) => {
    expect(receiveAdvertisement(config, bytes)).toEqual({ok: false, failure})
  })

  it('takes both forms of checksum where it is configured without the pseudo-header', () => {
    const config = {...V3, checksumWithoutPseudoHeader: true}
    expect(receiveAdvertisement(config, packet(config)).ok).toBe(true)
    expect(receiveAdvertisement(config, packet(config, {plain: false})).ok).toBe(true)
  })

  it('learns another interval in version 3 and keeps addresses that differ apart', () => {
    const result = receiveAdvertisement(V3, packet(V3, {intervalMs: 3000, addresses: ['10.0.0.77' as IpAddress]}))
    if (!result.ok) throw new Error(result.failure)
    expect(result.value.intervalMs).toBe(3000)
    expect(sameAddresses(V3, result.value)).toBe(false)
    const equal = receiveAdvertisement(V3, packet(V3))
    expect(equal.ok && sameAddresses(V3, equal.value)).toBe(true)
  })

  it('obeys mutations only where the checksum cannot see them: 6,327 of 200,000, 168 with other content', () => {
    const random = seededRandom(3)
    let accepted = 0
    let changed = 0
    for (const config of [V2, V3]) {
      const original = packet(config)
      for (let round = 0; round < 100_000; round++) {
        const result = receiveAdvertisement(config, mutate(original, random))
        if (!result.ok) continue
        accepted++
        const {priority: heard, intervalMs} = result.value
        if (heard !== 150 || intervalMs !== config.advertIntervalMs) changed++
      }
    }
    // Bytes outside the message, and two changes that cancel out in the sum: words swapped, one up and one down.
    expect({accepted, changed}).toEqual({accepted: 6_327, changed: 168})
  })
})
