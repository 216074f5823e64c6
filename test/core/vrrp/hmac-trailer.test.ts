import {describe, expect, it} from 'vitest'
import type {IpAddress} from '../../../src/core/ip.ts'
import {vrid} from '../../../src/core/units.ts'
import {
  decodeTrailer,
  encodeTrailer,
  nextTrailerSequence,
  type ReplayMark,
  type Signed,
  signTrailer,
  TRAILER_BYTES,
  verifyTrailer,
} from '../../../src/core/vrrp/hmac-trailer.ts'
import {digests} from '../../../src/kernel/digests.ts'
import {seededRandom} from '../../sim/random.ts'
import {hmacConfig} from './captured.ts'

const NOW_MS = 1_700_000_000_250
const NOW = 1_700_000_000n << 32n
const KEYS = new Map(hmacConfig(7).keys.map(({id, secret}) => [id, Buffer.from(secret, 'hex')]))

const signed = (source = '10.0.0.1', over: Partial<Signed> = {}): Signed => ({
  family: 4,
  version: 3,
  vrid: vrid(51),
  source: source as IpAddress,
  message: Buffer.from('313396010064ffff0a090064', 'hex'),
  ...over,
})

const trailerOf = (sequence: bigint, from = signed(), keyId = 7): Buffer =>
  signTrailer(digests, from, {keyId, key: KEYS.get(keyId), sequence})

function verified(
  bytes: Buffer,
  {
    marks = [],
    from = signed(),
    utcMs = NOW_MS,
    antiReplay = 'time',
    maxSenders = 4,
  }: {
    marks?: readonly ReplayMark[]
    from?: Signed
    utcMs?: number
    antiReplay?: 'time' | 'monotonic'
    maxSenders?: number
  } = {},
) {
  return verifyTrailer(
    digests,
    {config: hmacConfig(7, {antiReplay}), keys: KEYS, marks, utcMs, maxSenders},
    from,
    bytes,
  )
}

describe('the trailer of auth_hmac', () => {
  it('is read as it was written', () => {
    const trailer = {keyId: 200, sequence: 0xfedc_ba98_7654_3210n, hmac: Buffer.alloc(16, 0xab)}
    const bytes = encodeTrailer(trailer)
    expect(bytes.toString('hex')).toBe(`01c80000fedcba9876543210${'ab'.repeat(16)}`)
    expect(decodeTrailer(bytes)).toEqual({ok: true, value: trailer})
  })

  it('is refused at every other length, and with another type or bits that are reserved', () => {
    const bytes = trailerOf(NOW)
    for (let length = 0; length < TRAILER_BYTES; length++) {
      expect(verified(bytes.subarray(0, length))).toEqual({ok: false, failure: 'hmac-malformed'})
    }
    expect(verified(Buffer.concat([bytes, Buffer.alloc(1)]))).toEqual({ok: false, failure: 'hmac-malformed'})
    for (const [at, value] of [
      [0, 2],
      [2, 1],
      [3, 1],
    ] as const) {
      const changed = Buffer.from(bytes)
      changed[at] = value
      expect(verified(changed)).toEqual({ok: false, failure: 'hmac-malformed'})
    }
  })

  it('signs everything but the checksum', () => {
    const bytes = trailerOf(NOW)
    expect(verified(bytes).ok).toBe(true)
    const {message} = signed()
    for (let at = 0; at < message.length; at++) {
      const changed = Buffer.from(message)
      changed[at] = (changed[at] as number) ^ 1
      const expected = at === 6 || at === 7 ? {ok: true} : {ok: false, failure: 'hmac-wrong'}
      expect(verified(bytes, {from: signed('10.0.0.1', {message: changed})}), `byte ${at}`).toMatchObject(expected)
    }
    for (const from of [signed('10.0.0.2'), signed('10.0.0.1', {vrid: vrid(52)}), signed('10.0.0.1', {version: 2})]) {
      expect(verified(bytes, {from})).toEqual({ok: false, failure: 'hmac-wrong'})
    }
    const random = seededRandom(1)
    for (let round = 0; round < 2_000; round++) {
      const changed = Buffer.from(bytes)
      const at = random(TRAILER_BYTES)
      changed[at] = (changed[at] as number) ^ (1 << random(8))
      expect(verified(changed).ok).toBe(false)
    }
  })

  it('is of a key that both sides have', () => {
    expect(verified(trailerOf(NOW, signed(), 8)).ok).toBe(true)
    expect(verified(trailerOf(NOW, signed(), 9))).toEqual({ok: false, failure: 'hmac-key-unknown'})
  })

  it.each([
    [-5, true],
    [5, true],
    [-6, false],
    [6, false],
    [-86_400, false],
  ])('is taken within the window: sent %d s from now', (seconds, ok) => {
    const result = verified(trailerOf(NOW + (BigInt(seconds) << 32n)))
    expect(result).toMatchObject(ok ? {ok, value: {clockAheadSeconds: 0 - seconds}} : {ok, failure: 'hmac-stale'})
    expect(verified(trailerOf(NOW + (BigInt(seconds) << 32n)), {antiReplay: 'monotonic'}).ok).toBe(true)
  })

  it('must grow, for each sender by itself', () => {
    const first = verified(trailerOf(NOW + 5n))
    if (!first.ok) throw new Error(first.failure)
    const {marks} = first.value
    expect(marks).toEqual([{source: '10.0.0.1', sequence: NOW + 5n}])
    expect(verified(trailerOf(NOW + 5n), {marks})).toEqual({ok: false, failure: 'hmac-replayed'})
    expect(verified(trailerOf(NOW + 4n), {marks})).toEqual({ok: false, failure: 'hmac-replayed'})
    expect(verified(trailerOf(NOW + 6n), {marks})).toMatchObject({ok: true})
    const other = signed('10.0.0.2')
    expect(verified(trailerOf(NOW, other), {marks, from: other})).toMatchObject({
      ok: true,
      value: {marks: [{source: '10.0.0.1'}, {source: '10.0.0.2'}]},
    })
  })

  it('forgets the sender heard longest ago, and never more than it keeps', () => {
    let marks: readonly ReplayMark[] = []
    const hear = (source: string, sequence: bigint): void => {
      const from = signed(source)
      const result = verified(trailerOf(sequence, from), {marks, from})
      if (!result.ok) throw new Error(result.failure)
      ;({marks} = result.value)
    }
    for (const host of [1, 2, 3, 4]) hear(`10.0.0.${host}`, NOW)
    hear('10.0.0.1', NOW + 1n)
    hear('10.0.0.5', NOW)
    expect(marks.map(({source}) => source)).toEqual(['10.0.0.3', '10.0.0.4', '10.0.0.1', '10.0.0.5'])
  })

  it('goes by the clock again after a clock was set back, but monotonic never does', () => {
    const marks = [{source: '10.0.0.1' as IpAddress, sequence: NOW + (3600n << 32n)}]
    expect(verified(trailerOf(NOW), {marks}).ok).toBe(true)
    expect(verified(trailerOf(NOW), {marks, antiReplay: 'monotonic'})).toEqual({ok: false, failure: 'hmac-replayed'})
  })

  it('crosses the end of the 32 bits of seconds', () => {
    const last = (0xffff_ffffn << 32n) + 1n
    const marks = [{source: '10.0.0.1' as IpAddress, sequence: last}]
    const utcMs = 0x1_0000_0001 * 1000
    const next = nextTrailerSequence(hmacConfig(7), last, utcMs)
    expect(next).toBe(1n << 32n)
    expect(verified(trailerOf(next), {marks, utcMs}).ok).toBe(true)
  })
})

describe('the sequence number of the next signed advertisement', () => {
  const clock = NOW + (0x4000n << 16n)
  const hour = 3600n << 32n

  it.each([
    ['the clock at first', 'time', undefined, clock],
    ['the clock after an older one', 'time', NOW - hour, clock],
    ['one more within the same tick', 'time', clock, clock + 1n],
    ['one more where the clock went back a little', 'time', clock + (5n << 32n), clock + (5n << 32n) + 1n],
    ['the clock where it went back further than the window', 'time', clock + hour, clock],
    ['one more, however far the clock went back', 'monotonic', clock + hour, clock + hour + 1n],
    ['one more across the counter', 'monotonic', clock + 0xffffn, clock + 0x1_0000n],
  ] as const)('is %s', (_, antiReplay, last, expected) => {
    expect(nextTrailerSequence(hmacConfig(7, {antiReplay}), last, NOW_MS)).toBe(expected)
  })

  it('is the clock for a first one after the year 2038 in either mode', () => {
    const utcMs = 0x9000_0000 * 1000
    for (const antiReplay of ['time', 'monotonic'] as const) {
      expect(nextTrailerSequence(hmacConfig(7, {antiReplay}), undefined, utcMs)).toBe(0x9000_0000n << 32n)
    }
  })
})
