import {connect, type Socket} from 'node:net'
import {setTimeout as sleep} from 'node:timers/promises'
import {expect, onTestFinished, test} from 'vitest'
import {agentClient} from '../../src/control/client.ts'
import type {AgentEvent} from '../../src/control/model.ts'
import type {AgentHandlers} from '../../src/control/routes.ts'
import {fakeAgent, fakeRouter, SEEN_AT} from '../fake-agent.ts'
import {temporaryServer} from './temporary.ts'

const STREAM = 'GET /v1/events HTTP/1.1\r\nhost: x\r\n\r\n'

/** A connection that sends what no client of ours would. */
async function dial(socketPath: string): Promise<Socket> {
  const socket = connect(socketPath)
  onTestFinished(() => void socket.destroy())
  socket.on('error', () => undefined)
  await new Promise(resolve => socket.once('connect', resolve))
  return socket
}

/** Everything that comes until the other end closes. */
async function answerTo(socket: Socket, bytes: string | Buffer): Promise<string> {
  let text = ''
  socket.on('data', chunk => {
    text += chunk.toString('latin1')
  })
  const closed = new Promise(resolve => socket.once('close', resolve))
  if (bytes.length > 0) socket.write(bytes)
  await closed
  return text
}

/** A small generator of the same bytes every time. */
function noise(seed: number, length: number): Buffer {
  let state = seed
  return Buffer.from(
    Array.from({length}, () => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
      return state >>> 24
    }),
  )
}

test('bytes that are no request are answered in words and cut off', async () => {
  const {socketPath} = await temporaryServer()
  for (let seed = 1; seed <= 50; seed++) {
    const text = await answerTo(await dial(socketPath), Buffer.concat([noise(seed, 300), Buffer.from('\r\n\r\n')]))
    expect(text).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n[\s\S]*hactl-api: v1\r\n[\s\S]*"code":"USAGE"/)
  }
  await expect(agentClient({socket: socketPath}).routers()).resolves.toBeDefined()
})

test('a huge header is refused', async () => {
  const {socketPath} = await temporaryServer()
  const text = await answerTo(await dial(socketPath), `GET /v1/vrrp HTTP/1.1\r\nx: ${'y'.repeat(100_000)}\r\n\r\n`)
  expect(text).toMatch(/^HTTP\/1\.1 431 /)
})

test('a client that sends its request drop by drop, or nothing, is cut off', async () => {
  const {socketPath} = await temporaryServer({limits: {headersMs: 200, requestMs: 300, idleMs: 5000}})
  const silent = await dial(socketPath)
  const drops = await dial(socketPath)
  const body = await dial(socketPath)
  const timer = setInterval(() => drops.write('x'), 50)
  onTestFinished(() => clearInterval(timer))
  const startedAt = Date.now()
  await Promise.all([
    answerTo(silent, ''),
    answerTo(drops, 'GET /v1/vrrp HTTP/1.1\r\nx-slow: '),
    answerTo(body, 'POST /v1/agent/reload HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\n{'),
  ])
  expect(Date.now() - startedAt).toBeLessThan(4000)
})

test('an idle connection is cut off, a stream of events is not', async () => {
  const {socketPath, agent} = await temporaryServer({limits: {idleMs: 150}})
  const stream = await dial(socketPath)
  stream.resume()
  stream.write(STREAM)
  const idle = await dial(socketPath)
  await answerTo(idle, 'GET /v1/vrrp HTTP/1.1\r\nhost: x\r\n\r\n')
  await sleep(300)
  expect(stream.destroyed).toBe(false)
  expect(agent.readers()).toBe(1)
})

test('a connection whose order is being carried out is not idle', async () => {
  const {handlers} = fakeAgent()
  const slow: AgentHandlers = {
    ...handlers,
    stop: async () => {
      await sleep(400)
      return {observedAt: '', value: {pid: 1}}
    },
  }
  const {socketPath} = await temporaryServer({handlers: slow, limits: {idleMs: 100}})
  await expect(agentClient({socket: socketPath}).stop()).resolves.toMatchObject({item: {pid: 1}})
})

test('more connections than permitted are turned away, and there is room again afterwards', async () => {
  const {socketPath} = await temporaryServer({limits: {connections: 3}})
  const held = await Promise.all([dial(socketPath), dial(socketPath), dial(socketPath)])
  await expect(agentClient({socket: socketPath}).routers()).rejects.toMatchObject({code: 'AGENT_NOT_RUNNING'})
  for (const socket of held) socket.destroy()
  await expect
    .poll(() =>
      agentClient({socket: socketPath})
        .routers()
        .catch(() => undefined),
    )
    .toBeDefined()
})

test('a pipeline of requests on one connection is cut off after the first', async () => {
  const {socketPath, agent} = await temporaryServer()
  const socket = await dial(socketPath)
  await answerTo(socket, 'GET /v1/vrrp HTTP/1.1\r\nhost: x\r\n\r\n'.repeat(2000))
  expect(agent.calls.length).toBeLessThanOrEqual(1)
  await expect(agentClient({socket: socketPath}).routers()).resolves.toBeDefined()
})

test('more readers of events than permitted are refused', async () => {
  const {socketPath, agent} = await temporaryServer({limits: {eventReaders: 1}})
  const first = await dial(socketPath)
  first.resume().write(STREAM)
  await expect.poll(() => agent.readers()).toBe(1)
  await expect(agentClient({socket: socketPath}).events(() => undefined)).rejects.toMatchObject({code: 'REFUSED'})
})

test('a reader that stops reading gets one word of what it lost, then a new snapshot', async () => {
  const {socketPath, agent} = await temporaryServer({limits: {queuedEvents: 20}})
  const socket = await dial(socketPath)
  const events: AgentEvent[] = []
  let rest = ''
  socket.pause()
  socket.write(STREAM)
  await expect.poll(() => agent.readers()).toBe(1)
  // More than the kernel, both streams and the queue hold together.
  const sent = 4000
  for (let count = 1; count <= sent; count++) {
    agent.emit({type: 'router', at: SEEN_AT, router: fakeRouter({vrid: count, reason: 'x'.repeat(1000)})})
  }
  socket.on('data', chunk => {
    const lines = (rest + chunk.toString('utf8')).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) if (line.startsWith('{')) events.push(JSON.parse(line) as AgentEvent)
  })
  socket.resume()
  await expect.poll(() => events.length > 1 && events.at(-1)?.type).toBe('snapshot')
  const types = events.map(({type}) => type)
  const lost = events.find(event => event.type === 'lost')
  const received = types.filter(type => type === 'router').length
  expect(types[0]).toBe('snapshot')
  expect(types.filter(type => type === 'lost')).toHaveLength(1)
  expect(types.slice(-2)).toEqual(['lost', 'snapshot'])
  expect(received).toBeGreaterThan(20)
  expect(received + (lost?.type === 'lost' ? lost.count : 0)).toBe(sent)
  agent.emit({type: 'router', at: SEEN_AT, router: fakeRouter({vrid: 255})})
  await expect.poll(() => events.at(-1)).toMatchObject({type: 'router', router: {vrid: 255}})
  expect(agent.readers()).toBe(1)
})

test('a reader that never reads again is cut off', async () => {
  const {socketPath, agent} = await temporaryServer({limits: {stuckReaderMs: 100}})
  const socket = await dial(socketPath)
  socket.pause()
  socket.write(STREAM)
  await expect.poll(() => agent.readers()).toBe(1)
  for (let count = 0; count < 4000; count++) {
    agent.emit({type: 'router', at: SEEN_AT, router: fakeRouter({reason: 'x'.repeat(1000)})})
  }
  await expect.poll(() => agent.readers()).toBe(0)
})

test('a client that closes its half and one that leaves in the middle do no harm', async () => {
  const {socketPath} = await temporaryServer({agent: fakeAgent({reload: () => new Promise(() => undefined)})})
  const half = await dial(socketPath)
  half.end('GET /v1/vrrp HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n')
  expect(await answerTo(half, '')).toContain('"kind":"VirtualRouter"')
  for (let count = 0; count < 100; count++) {
    const leaver = await dial(socketPath)
    leaver.write('POST /v1/agent/reload HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\n\r\n{}')
    leaver.destroy()
  }
  await expect(agentClient({socket: socketPath}).routers()).resolves.toBeDefined()
})

test('clients in a tight loop leave timers their turn', async () => {
  const {socketPath} = await temporaryServer()
  const client = agentClient({socket: socketPath})
  let asking = true
  let asked = 0
  const loops = Array.from({length: 8}, async () => {
    while (asking) {
      await client.routers()
      asked++
    }
  })
  const late: number[] = []
  for (let count = 0; count < 50; count++) {
    const before = performance.now()
    await sleep(10)
    late.push(performance.now() - before - 10)
  }
  asking = false
  await Promise.all(loops)
  expect(asked).toBeGreaterThan(50)
  late.sort((a, b) => a - b)
  expect(late[25]).toBeLessThan(50)
})
