import {readdirSync} from 'node:fs'
import {setImmediate as turn} from 'node:timers/promises'
import {afterAll, expect, test} from 'vitest'
import type {ProbeResult} from '../../src/core/check/result.ts'
import {type NetworkProbePlan, probe} from '../../src/probe/probe.ts'
import {seededRandom} from '../sim/random.ts'
import {backend, connectionTo, httpPlan} from './backend.ts'

const OK = 'HTTP/1.0 200 OK\r\n\r\n'
const FLOOD = Buffer.alloc(256 * 1024, 'a')

/** By chance, as workers that take turns would meet the same treatment for ever. */
const random = seededRandom(3)
const hostile = await backend(socket => {
  // It sees only by reading that a connection is closed.
  socket.resume()
  switch (random(8)) {
    case 0:
      return void socket.once('data', () => socket.end(`${OK}hello`))
    case 1:
      return void socket.once('data', () => socket.write(OK, () => socket.resetAndDestroy()))
    case 2:
      return void socket.end()
    case 3:
      return void socket.write('220 mail\r\n')
    case 4:
      return void socket.end(FLOOD)
    case 5:
      return void socket.once('data', () => socket.end(Buffer.concat([Buffer.from(OK), FLOOD])))
    case 6:
      return void socket.resetAndDestroy()
    default:
      return // It says nothing.
  }
})
const {port} = hostile
afterAll(hostile.close)

const connection = connectionTo(port, {timeoutMs: 100})
/** A large body takes a loaded machine longer than the others have. */
const patient = connectionTo(port, {timeoutMs: 500})
const regex = {pattern: 'hel+o', options: [], noMatch: false, minOffsetBytes: undefined, maxOffsetBytes: undefined}
const PLANS: readonly NetworkProbePlan[] = [
  {type: 'tcp', connection},
  httpPlan(connection),
  httpPlan(connection, {digest: '5d41402abc4b2a76b9719d911017c592'}),
  httpPlan(patient, {regex}),
  {type: 'smtp', connection, heloName: 'x'},
]

const descriptors = (): number => readdirSync('/proc/self/fd').length

/** Probes, some of them cut off, some with TLS to a server that has none. */
async function round(count: number): Promise<ProbeResult[]> {
  const results: ProbeResult[] = []
  let left = count
  const worker = async (): Promise<void> => {
    for (; left > 0; ) {
      const number = left--
      const plan = PLANS[number % PLANS.length] ?? {type: 'tcp', connection}
      const tls =
        plan.type === 'http' && number % 50 === 1 ? {serverName: 'x', compliant: number % 100 === 1} : undefined
      const signal = number % 97 === 0 ? AbortSignal.timeout(1) : undefined
      results.push(await probe(plan.type === 'http' ? {...plan, tls} : plan, {signal}))
    }
  }
  await Promise.all(Array.from({length: 200}, worker))
  return results
}

test('20,000 probes of a hostile server leave no descriptor, no timer and no memory', async () => {
  const before = descriptors()
  await round(4000)
  const warm = process.memoryUsage.rss()
  const results = await round(16_000)
  await expect.poll(hostile.open).toBe(0)
  await turn()
  expect(descriptors()).toBeLessThanOrEqual(before)
  expect(process.getActiveResourcesInfo().filter(name => name === 'TCPSocketWrap')).toEqual([])
  // It is allowed to breathe: what leaks grows with the number of probes, 16,000 by then.
  expect(process.memoryUsage.rss() - warm).toBeLessThan(60 * 1024 * 1024)

  const reasons = new Map<string, number>()
  for (const result of results) {
    const reason = result.ok ? 'good' : result.reason
    reasons.set(reason, (reasons.get(reason) ?? 0) + 1)
  }
  for (const wanted of [
    'good',
    'reset',
    'closed before it answered',
    'timeout after 100 ms',
    'the body does not match',
  ]) {
    expect(reasons.get(wanted) ?? 0, wanted).toBeGreaterThan(0)
  }
  expect(reasons.get('cancelled')).toBeGreaterThan(0)
}, 120_000)
