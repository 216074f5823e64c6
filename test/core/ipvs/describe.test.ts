import {describe, expect, it} from 'vitest'
import {
  describeChange,
  describeChanges,
  describeOverride,
  describeService,
  driftOfDestination,
  driftOfService,
} from '../../../src/core/ipvs/describe.ts'
import type {IpvsChange} from '../../../src/core/ipvs/model.ts'
import {realOf, serviceOf} from './generate.ts'

const WEB = serviceOf('192.0.2.1:80/tcp', {scheduler: 'wrr'})
const A = realOf('10.0.0.1', 80)
const RULES = {service: WEB, destinations: [A]}

describe('changes in words', () => {
  it.each<[IpvsChange, string]>([
    [
      {type: 'add-service', service: {...WEB, persistence: {timeoutSeconds: 300, prefixLength: 32, engine: undefined}}},
      '+ service 192.0.2.1:80/tcp scheduler wrr persistent 300',
    ],
    [
      {
        type: 'add-service',
        service: serviceOf('[2001:db8::1]:53/udp', {
          scheduler: 'sh',
          schedulerFlags: [1, 2, 3],
          onePacket: true,
          persistence: {timeoutSeconds: 60, prefixLength: 64, engine: 'sip'},
        }),
      },
      '+ service [2001:db8::1]:53/udp scheduler sh flags sh-fallback,sh-port,flag-3 persistent 60 netmask 64 engine sip one-packet on',
    ],
    [{type: 'delete-service', id: WEB.id}, '- service 192.0.2.1:80/tcp'],
    [{type: 'edit-service', service: {...WEB, scheduler: 'rr'}}, '~ service 192.0.2.1:80/tcp: scheduler wrr -> rr'],
    [
      {type: 'edit-service', service: {...WEB, persistence: {timeoutSeconds: 5, prefixLength: 24, engine: undefined}}},
      '~ service 192.0.2.1:80/tcp: persistent none -> 5, netmask 32 -> 24',
    ],
    [
      {type: 'add-destination', id: WEB.id, destination: realOf('10.0.0.2', 80, {weight: 3, upperThreshold: 9})},
      '+ real server 10.0.0.2:80 of 192.0.2.1:80/tcp dr weight 3 upper-threshold 9',
    ],
    [
      {
        type: 'add-destination',
        id: WEB.id,
        destination: realOf('10.0.0.2', 80, {method: 'tun', tunnel: {type: 'gue', port: 6080, checksum: 'csum'}}),
      },
      '+ real server 10.0.0.2:80 of 192.0.2.1:80/tcp tun tunnel gue port 6080 csum weight 1',
    ],
    [
      {type: 'edit-destination', id: WEB.id, destination: {...A, weight: 3, method: 'nat'}},
      '~ real server 10.0.0.1:80 of 192.0.2.1:80/tcp: method dr -> nat, weight 1 -> 3',
    ],
    [{type: 'delete-destination', id: WEB.id, destination: A}, '- real server 10.0.0.1:80 of 192.0.2.1:80/tcp'],
  ])('%# are one line', (change, line) => {
    expect(describeChange(change, RULES)).toBe(line)
  })

  it('count in what comes before them', () => {
    const changes: readonly IpvsChange[] = [
      {type: 'edit-destination', id: WEB.id, destination: {...A, weight: 3}},
      {type: 'edit-destination', id: WEB.id, destination: {...A, weight: 5}},
      {type: 'delete-service', id: WEB.id},
      {type: 'add-service', service: WEB},
      {type: 'add-destination', id: WEB.id, destination: A},
      {type: 'edit-service', service: {...WEB, scheduler: 'rr'}},
      {type: 'edit-service', service: WEB},
    ]
    const real = 'real server 10.0.0.1:80 of 192.0.2.1:80/tcp'
    expect(describeChanges(changes, [RULES])).toEqual([
      `~ ${real}: weight 1 -> 3`,
      `~ ${real}: weight 3 -> 5`,
      '- service 192.0.2.1:80/tcp',
      '+ service 192.0.2.1:80/tcp scheduler wrr',
      `+ ${real} dr weight 1`,
      '~ service 192.0.2.1:80/tcp: scheduler wrr -> rr',
      '~ service 192.0.2.1:80/tcp: scheduler rr -> wrr',
    ])
  })

  it('are told up to a limit', () => {
    const edit = (weight: number): IpvsChange => ({type: 'edit-destination', id: WEB.id, destination: {...A, weight}})
    const changes = [edit(2), edit(3), edit(4)]
    const lines = describeChanges(changes, [RULES])
    expect(describeChanges(changes, [RULES], 3)).toEqual(lines)
    expect(describeChanges(changes, [RULES], 2)).toEqual(lines.slice(0, 2))
  })

  it('say what there is to be where it is not known what was', () => {
    expect(describeChange({type: 'edit-service', service: WEB})).toBe('~ service 192.0.2.1:80/tcp scheduler wrr')
  })
})

describe('drift', () => {
  it('is what the kernel has in place of what is wanted', () => {
    expect(driftOfService(WEB, {...WEB, scheduler: 'rr'})).toBe('scheduler rr in place of wrr')
    expect(driftOfDestination(A, {...A, weight: 0, upperThreshold: 5})).toBe(
      'weight 0 in place of 1, upper-threshold 5 in place of 0',
    )
    expect(driftOfService(WEB, {...WEB})).toBeUndefined()
    expect(driftOfDestination(A, {...A})).toBeUndefined()
  })

  it('is not what has no effect', () => {
    expect(driftOfDestination(A, {...A, tunnel: {type: 'gre', port: 0, checksum: 'csum'}})).toBeUndefined()
  })
})

describe('overrides in words', () => {
  it('have a line for each thing', () => {
    const hold = {type: 'drained', since: '2026-01-31T08:00:00Z', reason: 'new kernel'} as const
    const id = {address: A.address, port: 80}
    const lines = describeOverride({
      id: WEB.id,
      service: WEB,
      destinations: [
        {id, destination: undefined, hold},
        {id: realOf('10.0.0.2', 80), destination: 'deleted', hold: undefined},
        {id: realOf('10.0.0.3', 80), destination: realOf('10.0.0.3', 80), hold: {...hold, reason: undefined}},
      ],
    })
    expect(lines).toEqual([
      `service ${describeService(WEB)}`,
      'real server 10.0.0.1:80 of 192.0.2.1:80/tcp drained since 2026-01-31T08:00:00Z: new kernel',
      'real server 10.0.0.2:80 of 192.0.2.1:80/tcp deleted',
      'real server 10.0.0.3:80 of 192.0.2.1:80/tcp dr weight 1',
      'real server 10.0.0.3:80 of 192.0.2.1:80/tcp drained since 2026-01-31T08:00:00Z',
    ])
    expect(describeOverride({id: WEB.id, service: 'deleted', destinations: []})).toEqual([
      'service 192.0.2.1:80/tcp deleted',
    ])
  })
})
