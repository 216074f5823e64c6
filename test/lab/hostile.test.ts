import {expect, it} from 'vitest'
import {decodeAdvertisement} from '../../src/core/vrrp/packet.ts'
import {HOSTILE_KINDS, type HostileKind, hostileFrames} from './hostile.ts'

const ETHERNET_BYTES = 14

/** How the program under test judges each frame of a kind: `accepted`, or why not. */
function judged(kind: HostileKind, version: 2 | 3): readonly string[] {
  const frames = hostileFrames(kind, {version, vrid: 51, vip: '10.0.0.100', source: '10.0.0.66'})
  const verdicts = frames.map(frame => {
    const result = decodeAdvertisement(Buffer.from(frame.subarray(ETHERNET_BYTES)))
    return result.ok ? 'accepted' : result.failure
  })
  return [...new Set(verdicts)].sort()
}

// A packet that is wrong in two ways proves nothing about the check it is meant for.
it.each([2, 3] as const)('makes packets of version %d that are wrong in one way only', version => {
  expect(judged('checksum', version)).toEqual(['checksum-wrong'])
  expect(judged('ttl', version)).toEqual(['ttl-not-255'])
  expect(judged('version', version)).toEqual(['version-unknown'])
  expect(judged('type', version)).toEqual(['type-unknown'])
  expect(judged('count', version)).toEqual(['length-wrong'])
  expect(judged('length', version)).toEqual(['length-wrong'])
  expect(judged('oversized', version)).toEqual(['length-wrong'])
  expect(judged('another-vrid', version)).toEqual(['accepted'])
  expect(judged('truncated', version)).not.toContain('accepted')
  expect(judged('random', version)).not.toContain('accepted')
})

it('makes version 2 packets that only their authentication gives away', () => {
  expect(judged('authentication', 2)).toEqual(['accepted'])
  expect(judged('authentication', 3)).not.toContain('accepted')
})

it('makes frames that fit an Ethernet frame, for every kind', () => {
  for (const kind of HOSTILE_KINDS) {
    const frames = hostileFrames(kind, {version: 3, vrid: 255, vip: '10.0.0.100', source: '10.0.0.66'})
    expect(frames.length).toBeGreaterThan(0)
    expect(Math.max(...frames.map(({length}) => length))).toBeLessThanOrEqual(1_514)
  }
})
