import {readdirSync} from 'node:fs'
import {describe, expect, it} from 'vitest'
import type {UdpProbePlan} from '../../src/core/check/plan.ts'
import {judgeUdpReply, probeUdp} from '../../src/probe/udp.ts'
import {connectionTo, ip, udpServer} from './udp-server.ts'

const PLAN = {payload: undefined, requireReply: undefined, minReplyLengthBytes: 0, maxReplyLengthBytes: 255}

const plan = (connection: UdpProbePlan['connection'], more: Partial<UdpProbePlan> = {}): UdpProbePlan => ({
  type: 'udp',
  connection,
  ...PLAN,
  ...more,
})

describe('a reply is judged as keepalived 2.2.7 does, measured', () => {
  const cases: readonly [string, Partial<UdpProbePlan>, string, string | true][] = [
    ['x stands for any digit', {requireReply: '12x456'}, '123456', true],
    ['other digits have to be there', {requireReply: '12x456'}, '129956', 'the reply does not match'],
    ['what is longer than the pattern matches', {requireReply: '123456'}, '12345678', true],
    ['what is shorter matches as far as it goes', {requireReply: '123456'}, '12', true],
    ['nothing matches every pattern', {requireReply: '12'}, '', true],
    ['a wrong digit', {requireReply: '123456'}, '123457', 'the reply does not match'],
    ['any reply will do', {requireReply: ''}, '99', true],
    ['without a pattern the lengths do not count', {requireReply: '', minReplyLengthBytes: 3}, '7878', true],
    [
      'a reply that is too short',
      {requireReply: '123456', minReplyLengthBytes: 4},
      '123456',
      'reply of 3 bytes where 4 to 255 are wanted',
    ],
    ['the greatest length', {requireReply: '7878'}, '78'.repeat(255), true],
    [
      'a reply that is too long',
      {requireReply: '7878'},
      '78'.repeat(256),
      'reply of 256 bytes where 0 to 255 are wanted',
    ],
    ['a reply that nobody asked for', {}, '00', true],
  ]
  it.each(cases)('%s', (_name, more, reply, wanted) => {
    const verdict = judgeUdpReply({...PLAN, ...more}, Buffer.from(reply, 'hex'))
    expect(verdict.ok ? true : verdict.reason).toBe(wanted)
  })
})

describe('a probe over UDP', () => {
  it('sends what keepalived sends, and is good when something comes', async () => {
    const server = await udpServer(query => [query])
    const result = await probeUdp(plan(connectionTo('127.0.0.1', server.port)), {})
    expect(result).toMatchObject({ok: true, detail: 'reply of 32 bytes', weight: undefined})
    expect(String(server.received[0])).toBe('keepalived check - keepalived ch')
  })

  it('sends the payload of the plan', async () => {
    const server = await udpServer(query => [query])
    const asked = plan(connectionTo('127.0.0.1', server.port), {payload: '0a0b0c12', requireReply: '0a0b'})
    expect(await probeUdp(asked, {})).toMatchObject({ok: true})
    expect(server.received[0]?.toString('hex')).toBe('0a0b0c12')
  })

  it('is good when nobody refuses it for the whole time', async () => {
    const server = await udpServer(() => [])
    const result = await probeUdp(plan(connectionTo('127.0.0.1', server.port, {timeoutMs: 200})), {})
    expect(result).toMatchObject({ok: true, detail: 'nobody refused it'})
    expect(result.latencyMs).toBeGreaterThan(190)
    expect(server.received).toHaveLength(1)
  })

  it('is bad when a reply is demanded and none comes', async () => {
    const server = await udpServer(() => [])
    const asked = plan(connectionTo('127.0.0.1', server.port, {timeoutMs: 200}), {requireReply: ''})
    expect(await probeUdp(asked, {})).toMatchObject({ok: false, reason: 'no reply within 200 ms'})
  })

  // keepalived 2.2.7, measured: a second reply that would match is not waited for.
  it('is decided by the first reply', async () => {
    const server = await udpServer(() => [Buffer.from('99', 'hex'), Buffer.from('12', 'hex')])
    const asked = plan(connectionTo('127.0.0.1', server.port), {requireReply: '12'})
    expect(await probeUdp(asked, {})).toMatchObject({ok: false, reason: 'the reply does not match'})
  })

  it.each(['127.0.0.1', '::1'] as const)('is bad when ICMP refuses it, %s', async address => {
    const server = await udpServer(() => [], address)
    const closed = connectionTo(address, server.port === 9 ? 10 : 9)
    expect(await probeUdp(plan(closed), {})).toMatchObject({ok: false, reason: 'refused'})
    expect(server.received).toEqual([])
  })

  it('comes from the address and the port of the plan', async () => {
    const server = await udpServer(query => [query])
    const from = {bindAddress: ip('127.0.0.7'), bindPort: 20_000 + (process.pid % 10_000)}
    expect(await probeUdp(plan(connectionTo('127.0.0.1', server.port, from)), {})).toMatchObject({ok: true})
    expect(server.senders[0]).toMatchObject({address: from.bindAddress, port: from.bindPort})
  })

  it.each([
    ['an address of others', {bindAddress: ip('192.0.2.77')}, /^cannot be bound to 192\.0\.2\.77: /],
    ['an address of the other family', {bindAddress: ip('::1')}, /^cannot be bound to ::1: .* other family$/],
    ['an interface that is not there', {bindInterface: 'hactl-none'}, /^cannot be bound to the interface hactl-none: /],
  ])('says what hinders it: %s', async (_name, more, reason) => {
    const result = await probeUdp(plan(connectionTo('127.0.0.1', 9, more)), {})
    expect(result.ok ? '' : result.reason).toMatch(reason)
  })

  it('ends when it is told to, and does not begin when it was told before', async () => {
    const server = await udpServer(() => [])
    const asked = plan(connectionTo('127.0.0.1', server.port), {requireReply: ''})
    const ending = new AbortController()
    const result = probeUdp(asked, {signal: ending.signal})
    await expect.poll(() => server.received).toHaveLength(1)
    ending.abort()
    expect(await result).toMatchObject({ok: false, reason: 'cancelled'})
    expect(await probeUdp(asked, {signal: ending.signal})).toMatchObject({ok: false, reason: 'cancelled'})
    expect(server.received).toHaveLength(1)
  })

  it('leaves no descriptor open, however it ends', async () => {
    const server = await udpServer(() => [])
    const silent = plan(connectionTo('127.0.0.1', server.port, {timeoutMs: 20}))
    const hindered = plan(connectionTo('127.0.0.1', 9, {bindInterface: 'hactl-none'}))
    await probeUdp(silent, {})
    const before = readdirSync('/proc/self/fd').length
    const probes = [silent, hindered, plan(connectionTo('127.0.0.1', 9))].flatMap(one => Array(50).fill(one))
    const results = await Promise.all(probes.map(one => probeUdp(one, {})))
    expect(results.filter(({ok}) => ok)).toHaveLength(50)
    expect(readdirSync('/proc/self/fd').length).toBe(before)
  })
})
