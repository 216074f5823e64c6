import {describe, expect, it} from 'vitest'
import {isServiceOverride} from '../../../src/core/ipvs/override-check.ts'
import type {ServiceOverride} from '../../../src/core/ipvs/wanted.ts'
import {randomFrom} from '../netlink/captures.ts'
import {oneOf, realOf, serviceOf} from './generate.ts'

const WEB = serviceOf('192.0.2.1:80/udp', {
  scheduler: 'sh',
  schedulerFlags: [1, 2],
  persistence: {timeoutSeconds: 300, prefixLength: 24, engine: 'sip'},
})
const A = realOf('10.0.0.1', 80, {method: 'tun', tunnel: {type: 'gue', port: 6080, checksum: 'csum'}})
const HOLD = {type: 'drained', since: '2026-01-31T08:00:00Z', reason: 'new kernel'} as const
const SOUND: ServiceOverride = {
  id: WEB.id,
  service: WEB,
  destinations: [
    {id: {address: A.address, port: 80}, destination: A, hold: HOLD},
    {id: {address: A.address, port: 81}, destination: 'deleted', hold: undefined},
  ],
}

/** The override with one thing at a path replaced. */
function changed(path: readonly (string | number)[], value: unknown): unknown {
  const copy: unknown = JSON.parse(JSON.stringify(SOUND))
  let at = copy as Record<string | number, unknown>
  for (const step of path.slice(0, -1)) at = at[step] as Record<string | number, unknown>
  const [last] = path.slice(-1)
  if (last !== undefined) at[last] = value
  return copy
}

describe('an override from a file', () => {
  it('is sound as it was written', () => {
    expect(isServiceOverride(SOUND)).toBe(true)
    expect(isServiceOverride(JSON.parse(JSON.stringify(SOUND)))).toBe(true)
    expect(isServiceOverride({id: {type: 'fwmark', mark: 1, family: 6}, destinations: []})).toBe(true)
    expect(isServiceOverride({id: WEB.id, service: 'deleted', destinations: []})).toBe(true)
  })

  it.each<[path: readonly (string | number)[], value: unknown]>([
    [['id'], undefined],
    [['id', 'type'], 'x'],
    [['id', 'protocol'], 'icmp'],
    [['id', 'address'], '192.0.2.01'],
    [['id', 'address'], '192.0.2.2'],
    [['id', 'address'], 5],
    [['id', 'port'], 65_536],
    [['id', 'port'], '80'],
    [['id'], {type: 'fwmark', mark: 0, family: 4}],
    [['id'], {type: 'fwmark', mark: 4_294_967_296, family: 4}],
    [['id'], {type: 'fwmark', mark: 1, family: 5}],
    [['service'], 'gone'],
    [['service'], null],
    [['service', 'scheduler'], 'sixteen-letters-'],
    [['service', 'scheduler'], 1],
    [
      ['service', 'schedulerFlags'],
      [2, 1],
    ],
    [['service', 'schedulerFlags'], [4]],
    [['service', 'schedulerFlags'], 'sh-port'],
    [['service', 'onePacket'], 0],
    [['service', 'persistence'], null],
    [['service', 'persistence', 'timeoutSeconds'], 0],
    [['service', 'persistence', 'timeoutSeconds'], '300'],
    [['service', 'persistence', 'prefixLength'], 33],
    [['service', 'persistence', 'engine'], 'a\nb'],
    [['destinations'], undefined],
    [['destinations'], {}],
    [['destinations', 0], null],
    [['destinations', 0, 'id', 'address'], '2001:DB8::1'],
    [['destinations', 0, 'id', 'port'], -1],
    [['destinations', 0, 'id', 'port'], 82],
    [['destinations', 1, 'id', 'port'], 80],
    [['destinations', 0, 'destination'], 'x'],
    [['destinations', 0, 'destination', 'method'], 'x'],
    [['destinations', 0, 'destination', 'weight'], 2_147_483_648],
    [['destinations', 0, 'destination', 'weight'], undefined],
    [['destinations', 0, 'destination', 'lowerThreshold'], 1],
    [['destinations', 0, 'destination', 'tunnel'], undefined],
    [['destinations', 0, 'destination', 'tunnel', 'type'], 'x'],
    [['destinations', 0, 'destination', 'tunnel', 'port'], 0],
    [['destinations', 0, 'destination', 'tunnel', 'checksum'], 'x'],
    [['destinations', 0, 'hold', 'type'], 'x'],
    [['destinations', 0, 'hold', 'since'], 0],
    [['destinations', 0, 'hold', 'reason'], 'x'.repeat(1001)],
  ])('is not sound with %j being %j', (path, value) => {
    expect(isServiceOverride(changed(path, value))).toBe(false)
  })

  it('is judged without an exception, whatever it is', () => {
    const random = randomFrom(11)
    const values = [null, undefined, 0, -1, 1.5, Number.NaN, '', 'x', [], {}, [[]], true, {length: 5}]
    const paths = [
      ['id'],
      ['service'],
      ['destinations'],
      ['id', 'type'],
      ['id', 'address'],
      ['service', 'persistence'],
      ['service', 'schedulerFlags'],
      ['destinations', 0],
      ['destinations', 0, 'id'],
      ['destinations', 0, 'destination'],
      ['destinations', 0, 'destination', 'tunnel'],
      ['destinations', 0, 'hold'],
    ]
    let refused = 0
    for (let i = 0; i < 2_000; i++) {
      if (!isServiceOverride(changed(oneOf(random, paths), values[i % values.length]))) refused++
    }
    for (const value of values) expect(isServiceOverride(value)).toBe(false)
    expect(refused).toBeGreaterThan(1_500)
  })
})
