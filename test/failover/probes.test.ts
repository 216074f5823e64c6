import {createServer, type Server} from 'node:net'
import {afterEach, expect, it} from 'vitest'
import type {IpAddress} from '../../src/core/ip.ts'
import {outageOf} from '../../src/failover/outage.ts'
import {openTcpProbes} from '../../src/failover/tcp-probes.ts'
import {monotonicNow} from '../../src/kernel/clock.ts'

const HERE = '127.0.0.1' as IpAddress
let server: Server | undefined

afterEach(() => server?.close())

const listen = (port: number): Promise<number> =>
  new Promise((resolve, reject) => {
    server = createServer(socket => socket.on('error', () => undefined))
    server.once('error', reject)
    server.listen(port, HERE, () => {
      const address = server?.address()
      resolve(typeof address === 'object' && address !== null ? address.port : 0)
    })
  })

it('connections tell for how long nothing listened', async () => {
  const port = await listen(0)
  const prober = openTcpProbes(HERE, port)
  const answered = (): number => prober.samples.filter(({latencyMs}) => latencyMs !== undefined).length
  await expect.poll(answered).toBeGreaterThan(20)
  const fromMs = monotonicNow()
  await new Promise(resolve => server?.close(resolve))
  const closedAt = monotonicNow()
  const before = prober.samples.length
  await expect.poll(() => prober.samples.length).toBeGreaterThan(before + 20)
  const openedAt = monotonicNow()
  await listen(port)
  const then = answered()
  await expect.poll(answered).toBeGreaterThan(then + 20)
  await prober.stop(100)
  const sent = prober.samples.length
  const samples = prober.samples.slice(0, prober.samples.findLastIndex(({latencyMs}) => latencyMs !== undefined) + 1)
  const outage = outageOf({samples, intervalMs: prober.intervalMs, fromMs, lateAfterMs: 10_000})
  expect(outage).toMatchObject({gaps: 1})
  expect(outage?.lost).toBeGreaterThan(10)
  expect(outage?.atMostMs).toBeGreaterThanOrEqual(openedAt - closedAt)
  expect(prober.error).toBe('refused')
  // None is sent once it has stopped.
  await new Promise(resolve => setTimeout(resolve, 5 * prober.intervalMs))
  expect(prober.samples).toHaveLength(sent)
})

it('a server that closes at once is there all the same', async () => {
  const port = await listen(0)
  server?.on('connection', socket => socket.destroy())
  const prober = openTcpProbes(HERE, port)
  await expect.poll(() => prober.samples.filter(({latencyMs}) => latencyMs !== undefined).length).toBeGreaterThan(50)
  await prober.stop()
  await prober.stop()
})
