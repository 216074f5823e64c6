import {spawn} from 'node:child_process'
import {once} from 'node:events'
import {connect} from 'node:net'
import {afterEach, expect, test} from 'vitest'
import type {ProbeConnection} from '../../src/core/check/plan.ts'
import type {ProbeResult} from '../../src/core/check/result.ts'
import {type IpAddress, parseIp} from '../../src/core/ip.ts'
import {type ProbeOptions, probe} from '../../src/probe/probe.ts'
import {type Backend, backend, connectionTo} from './backend.ts'

const atEnd: (() => unknown)[] = []
afterEach(async () => {
  for (const end of atEnd.splice(0)) await end()
})

async function silent(address?: string): Promise<Backend> {
  const made = await backend(() => {}, address)
  atEnd.push(made.close)
  return made
}

const tcp = (port: number, more: Partial<ProbeConnection> = {}, options?: ProbeOptions): Promise<ProbeResult> =>
  probe({type: 'tcp', connection: connectionTo(port, more)}, options)

function ip(text: string): IpAddress {
  const address = parseIp(text)
  if (!address.ok) throw new Error(text)
  return address.value
}

test('a port that takes connections is good, and its connection is closed', async () => {
  const {port, open} = await silent()
  const lines: string[] = []
  const result = await tcp(port, {}, {details: line => lines.push(line)})
  expect(result).toMatchObject({ok: true, detail: undefined, weight: undefined})
  expect(result.latencyMs).toBeGreaterThan(0)
  expect(lines).toEqual([`connecting to 127.0.0.1:${port}`, 'connected'])
  await expect.poll(open).toBe(0)
})

test('a port that nobody listens on is refused', async () => {
  const made = await backend(() => {})
  await made.close()
  expect(await tcp(made.port)).toMatchObject({ok: false, reason: 'refused'})
})

test('IPv6 is probed as IPv4 is', async () => {
  const {port} = await silent('::1')
  expect(await tcp(port, {address: ip('::1')})).toMatchObject({ok: true})
})

test('a connection comes from the address and the port that are named', async () => {
  const from: string[] = []
  const made = await backend(socket => void from.push(`${socket.remoteAddress}:${socket.remotePort}`))
  atEnd.push(made.close)
  const free = await backend(() => {})
  await free.close()
  expect(await tcp(made.port, {bindAddress: ip('127.0.0.7'), bindPort: free.port})).toMatchObject({ok: true})
  await expect.poll(() => from).toEqual([`127.0.0.7:${free.port}`])
})

test('an address that is not on this host cannot be bound to', async () => {
  const {port} = await silent()
  const result = await tcp(port, {bindAddress: ip('192.0.2.77')})
  const reason = 'cannot be bound to 192.0.2.77: the address is not on this host, or no port is free'
  expect(result).toMatchObject({ok: false, reason})
})

test('an interface is bound to, and one that there is not is told of', async () => {
  const {port} = await silent()
  expect(await tcp(port, {bindInterface: 'lo'})).toMatchObject({ok: true})
  const reason = 'cannot be bound to the interface nosuch0: there is no such interface'
  expect(await tcp(port, {bindInterface: 'nosuch0'})).toMatchObject({ok: false, reason})
})

test.skipIf(process.getuid?.() !== 0)('a mark of 32 bits is set', async () => {
  const {port} = await silent()
  expect(await tcp(port, {fwmark: 0xffff_fffe, bindAddress: ip('127.0.0.8')})).toMatchObject({ok: true})
})

test('an end from outside cancels, before and during a probe', async () => {
  expect(await tcp(1, {}, {signal: AbortSignal.abort()})).toMatchObject({ok: false, reason: 'cancelled'})
  const {port} = await silent()
  const ends = new AbortController()
  const made = probe({type: 'smtp', connection: connectionTo(port), heloName: 'x'}, {signal: ends.signal})
  setImmediate(() => ends.abort())
  expect(await made).toMatchObject({ok: false, reason: 'cancelled'})
})

test('a port whose queue is full costs its timeout', async () => {
  const child = spawn(process.execPath, ['-e', LISTENS_ONLY], {stdio: ['ignore', 'pipe', 'inherit']})
  atEnd.push(() => child.kill('SIGKILL'))
  const [printed] = (await once(child.stdout, 'data')) as [Buffer]
  const port = Number(printed.toString())
  const waiting = Array.from({length: 4}, () => connect(port, '127.0.0.1').on('error', () => {}))
  atEnd.push(() => {
    for (const socket of waiting) socket.destroy()
  })
  await once(waiting[0] ?? child, 'connect')
  // Those that still find room in the queue are good; one that finds none waits.
  let last: ProbeResult | undefined
  for (let attempt = 0; attempt < 10 && last?.ok !== false; attempt++) last = await tcp(port, {timeoutMs: 1000})
  expect(last).toMatchObject({ok: false, reason: 'timeout after 1 s'})
  expect(last?.latencyMs).toBeGreaterThan(990)
})

/** A program that listens with a queue of one, and takes no connection. */
const LISTENS_ONLY = `
  const server = require('node:net').createServer().listen(0, '127.0.0.1', 1, () => {
    require('node:fs').writeSync(1, String(server.address().port))
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
  })`
