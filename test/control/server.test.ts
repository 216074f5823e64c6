import {existsSync, readdirSync, statSync, writeFileSync} from 'node:fs'
import {request} from 'node:http'
import {createServer} from 'node:net'
import {join} from 'node:path'
import {expect, onTestFinished, test} from 'vitest'
import {CHECK_ROUTES} from '../../src/control/check-routes.ts'
import {agentClient} from '../../src/control/client.ts'
import {LVS_ROUTES} from '../../src/control/lvs-routes.ts'
import type {AgentEvent} from '../../src/control/model.ts'
import {type CheckHandlers, type LvsHandlers, ROUTES} from '../../src/control/routes.ts'
import {startServer} from '../../src/control/server.ts'
import {listenOnSocket} from '../../src/control/socket-file.ts'
import {HactlError} from '../../src/errors.ts'
import {fakeAgent, fakeRouter, SEEN_AT} from '../fake-agent.ts'
import {temporaryDirectory, temporaryServer} from './temporary.ts'

interface Asked {
  readonly method?: string
  readonly path: string
  readonly body?: string
  readonly headers?: {readonly [name: string]: string}
}
interface Answered {
  readonly status: number
  readonly headers: {readonly [name: string]: unknown}
  readonly json: {readonly error?: {readonly code: string; readonly message: string; readonly hint?: string}}
}

/** Asks as any HTTP client would. */
function ask(socketPath: string, {method = 'GET', path, body, headers = {}}: Asked): Promise<Answered> {
  return new Promise((resolve, reject) => {
    const sent = request({socketPath, method, path, headers}, response => {
      let text = ''
      response.on('data', (chunk: Buffer) => {
        text += chunk
      })
      response.on('end', () =>
        resolve({status: response.statusCode ?? 0, headers: response.headers, json: JSON.parse(text)}),
      )
    })
    sent.on('error', reject)
    sent.end(body)
  })
}

test('every call of the table reaches its handler with its input and comes back in its envelope', async () => {
  const {socketPath, agent} = await temporaryServer()
  const client = agentClient({socket: socketPath})
  const routers = await client.routers()
  expect(routers).toMatchObject({apiVersion: 'v1', kind: 'VirtualRouter', observedAt: SEEN_AT})
  expect(routers.items.map(({name}) => name)).toEqual(['VI_1', 'VI_2'])
  expect((await client.router({name: 'VI_2'})).item.state).toBe('backup')
  expect((await client.why({name: 'VI_1'})).item.chain).toHaveLength(2)
  expect((await client.vips()).items).toHaveLength(3)
  expect((await client.journal({limit: 1})).items.map(({seq}) => seq)).toEqual([2])
  expect((await client.status()).item.configuration.warnings).toBe(1)
  expect((await client.reload({force: true})).item.applied).toBe(true)
  expect((await client.config()).item.config).toEqual({global: {routerId: 'director-1'}})
  expect((await client.configDiff({text: 'x'})).item).toEqual({changes: [], kept: 3, overrides: []})
  const orders = [
    await client.takeover({name: 'VI_2'}),
    await client.release({name: 'VI_1', forSeconds: 600, reason: 'kernel update', force: true}),
    await client.resume({name: 'VI_1'}),
    await client.setPriority({name: 'VI_1', priority: 150}),
    await client.activate({name: 'VI_2', force: false}),
    await client.maintenance({on: true}),
  ]
  expect(orders.every(({kind, item}) => kind === 'Move' && item.routers.length === 1)).toBe(true)
  expect((await client.overrides()).items).toHaveLength(1)
  expect((await client.cancelOverride({id: '7'})).item.id).toBe('7')
  expect((await client.announce({})).item.announced).toHaveLength(1)
  expect((await client.addVip({line: '10.0.0.9/24'})).item.kind).toBe('vip-added')
  expect((await client.removeVip({address: '10.0.0.9'})).item.kind).toBe('vip-removed')
  // What these carry is tested with their handlers.
  const names = Object.keys({...LVS_ROUTES, ...CHECK_ROUTES}) as (keyof LvsHandlers | keyof CheckHandlers)[]
  for (const name of names) await client[name]({}).catch(() => undefined)
  expect((await client.applyConfig({text: 'x', confirmWithinSeconds: 60})).item.trial?.id).toBe('a1b2c3')
  expect((await client.confirmConfig({id: 'a1b2c3'})).item.id).toBe('a1b2c3')
  expect((await client.rollbackConfig({id: 'a1b2c3'})).item.keptAs).toBeNull()
  expect((await client.stop()).item.pid).toBe(process.pid)
  const called = [...new Set(agent.calls.map(call => call.split(' ')[0]))]
  expect(agent.calls).toEqual(expect.arrayContaining(['reload --force', 'release VI_1 600', 'setPriority VI_1 150']))
  expect(new Set([...called, 'events', 'watch'])).toEqual(new Set(Object.keys(ROUTES)))
})

test('a name with every awkward character arrives as it was', async () => {
  const names: string[] = []
  const agent = fakeAgent({
    router: ({name}) => {
      names.push(name)
      return {observedAt: SEEN_AT, value: fakeRouter({name})}
    },
  })
  const {socketPath} = await temporaryServer({agent})
  const name = 'a/b?c=d&e#f %25 ü "x"'
  await agentClient({socket: socketPath}).router({name})
  expect(names).toEqual([name])
})

test.each<[string, Asked, number, string]>([
  ['an unknown path', {path: '/v1/nothing'}, 404, 'NOT_FOUND'],
  ['another version of the API', {path: '/v2/vrrp'}, 404, 'NOT_FOUND'],
  ['an empty name', {path: '/v1/vrrp/'}, 404, 'NOT_FOUND'],
  ['a name that is not percent-encoded right', {path: '/v1/vrrp/%ff%'}, 404, 'NOT_FOUND'],
  ['an unknown router', {path: '/v1/vrrp/NOPE'}, 404, 'NOT_FOUND'],
  ['a wrong method', {method: 'DELETE', path: '/v1/vrrp'}, 405, 'USAGE'],
  ['an unknown query parameter', {path: '/v1/journal?since=1'}, 400, 'USAGE'],
  ['a prototype name as a query parameter', {path: '/v1/journal?__proto__=1'}, 400, 'USAGE'],
  ['a limit of zero', {path: '/v1/journal?limit=0'}, 400, 'USAGE'],
  ['a limit above the largest', {path: '/v1/journal?limit=1001'}, 400, 'USAGE'],
  ['a body that is not JSON', {method: 'POST', path: '/v1/agent/reload', body: '{'}, 400, 'USAGE'],
  ['a body that is no object', {method: 'POST', path: '/v1/agent/reload', body: '[]'}, 400, 'USAGE'],
  ['a field of the wrong type', {method: 'POST', path: '/v1/agent/reload', body: '{"force":3}'}, 400, 'USAGE'],
  ['an unknown field', {method: 'POST', path: '/v1/agent/reload', body: '{"x":1}'}, 400, 'USAGE'],
  ['a large body', {method: 'POST', path: '/v1/agent/reload', body: ' '.repeat(70_000)}, 413, 'USAGE'],
  ['another API in the header', {path: '/v1/vrrp', headers: {'hactl-api': 'v9'}}, 400, 'AGENT_VERSION'],
])('%s is refused in words', async (_, asked, status, code) => {
  const {socketPath, agent} = await temporaryServer()
  const answer = await ask(socketPath, asked)
  expect(answer.status).toBe(status)
  expect(answer.json.error?.code).toBe(code)
  expect(answer.json.error?.message).toMatch(/^[^\n]+$/)
  expect(answer.json.error?.hint).toMatch(/^[^\n]+$/)
  expect(answer.headers).toMatchObject({'hactl-api': 'v1', 'hactl-version': '1.2.3'})
  expect(agent.calls).toEqual([])
})

test('what a handler throws reaches the client with its code and hint', async () => {
  const agent = fakeAgent({
    reload: () => {
      throw new HactlError('REFUSED', 'this would end the last master', 'use --force')
    },
    vips: () => {
      throw new Error('boom')
    },
  })
  const {socketPath} = await temporaryServer({agent})
  const client = agentClient({socket: socketPath})
  const refused = {code: 'REFUSED', message: 'this would end the last master', hint: 'use --force'}
  await expect(client.reload()).rejects.toMatchObject(refused)
  await expect(client.vips()).rejects.toMatchObject({code: 'FAILED', message: 'the agent failed: boom'})
})

test('a handler that never answers ends in a timeout, and the agent goes on', async () => {
  const agent = fakeAgent({reload: () => new Promise(() => undefined)})
  const {socketPath} = await temporaryServer({agent, limits: {answerMs: 50}})
  const client = agentClient({socket: socketPath})
  await expect(client.reload()).rejects.toMatchObject({code: 'TIMED_OUT'})
  await expect(client.routers()).resolves.toBeDefined()
})

test('the read-only socket reads, streams and refuses to write', async () => {
  const {socketPath, agent} = await temporaryServer({access: 'read-only'})
  const client = agentClient({socket: socketPath})
  await expect(client.routers()).resolves.toBeDefined()
  await expect(client.reload()).rejects.toMatchObject({code: 'PERMISSION', hint: expect.stringContaining('agent.sock')})
  await expect(client.stop()).rejects.toMatchObject({code: 'PERMISSION'})
  expect(agent.calls).toEqual(['routers'])
})

test('the socket has exactly the permissions asked for, and a group that does not exist is no failure', async () => {
  const {socketPath} = await temporaryServer({mode: 0o660, group: 'no-such-group'})
  expect(statSync(socketPath).mode & 0o777).toBe(0o660)
  const open = await temporaryServer({mode: 0o666})
  expect(statSync(open.socketPath).mode & 0o777).toBe(0o666)
})

test('a socket with an agent behind it is not taken over', async () => {
  const {socketPath, agent} = await temporaryServer()
  const second = startServer({socketPath, mode: 0o600, access: 'full', version: '1', handlers: fakeAgent().handlers})
  await expect(second).rejects.toMatchObject({code: 'AGENT_ALREADY_RUNNING'})
  await agentClient({socket: socketPath}).routers()
  expect(agent.calls).toEqual(['routers'])
})

test('a socket that a dead agent left behind is replaced', async () => {
  const socketPath = join(temporaryDirectory(), 'agent.sock')
  const {spawnSync} = await import('node:child_process')
  const script = `require('net').createServer().listen(${JSON.stringify(socketPath)}, () => process.kill(process.pid, 'SIGKILL'))`
  expect(spawnSync(process.execPath, ['-e', script]).signal).toBe('SIGKILL')
  expect(statSync(socketPath).isSocket()).toBe(true)
  await temporaryServer({socketPath})
  await expect(agentClient({socket: socketPath}).routers()).resolves.toBeDefined()
})

test('the file of a socket appears when it answers to those who may, not before, and goes with the server', async () => {
  const directory = temporaryDirectory()
  const socketPath = join(directory, 'agent.sock')
  const server = createServer()
  onTestFinished(() => void server.close())
  let there: boolean | undefined
  server.once('listening', () => {
    there = existsSync(socketPath)
  })
  const remove = await listenOnSocket(server, {socketPath, mode: 0o660})
  expect(there).toBe(false)
  expect(readdirSync(directory)).toEqual(['agent.sock'])
  await remove()
  expect(readdirSync(directory)).toEqual([])
})

test('a socket that another agent makes meanwhile is not replaced, and nothing is left beside it', async () => {
  const directory = temporaryDirectory()
  const socketPath = join(directory, 'agent.sock')
  const server = createServer()
  server.once('listening', () => writeFileSync(socketPath, 'of another'))
  await expect(listenOnSocket(server, {socketPath, mode: 0o660})).rejects.toMatchObject({code: 'AGENT_ALREADY_RUNNING'})
  expect(statSync(socketPath).size).toBe('of another'.length)
  await expect.poll(() => readdirSync(directory)).toEqual(['agent.sock'])
})

test('a file that is no socket is left alone', async () => {
  const socketPath = join(temporaryDirectory(), 'precious')
  writeFileSync(socketPath, 'text')
  await expect(temporaryServer({socketPath})).rejects.toMatchObject({code: 'FAILED'})
  expect(statSync(socketPath).size).toBe(4)
})

test('the longest path that is permitted is one that a socket can have', async () => {
  const directory = temporaryDirectory()
  const longest = join(directory, 'x'.repeat(99 - directory.length - 1))
  await expect(temporaryServer({socketPath: longest})).resolves.toMatchObject({socketPath: longest})
  await expect(temporaryServer({socketPath: `${longest}x`})).rejects.toMatchObject({code: 'USAGE'})
})

test('a path too long for a socket is named as such', async () => {
  const socketPath = join(temporaryDirectory(), 'x'.repeat(120))
  await expect(temporaryServer({socketPath})).rejects.toMatchObject({code: 'USAGE'})
})

test('events: a snapshot first, then each change, and nothing is left behind when the reader goes', async () => {
  const {socketPath, agent} = await temporaryServer()
  const abort = new AbortController()
  const events: AgentEvent[] = []
  await agentClient({socket: socketPath}).events(event => {
    events.push(event)
    if (event.type === 'snapshot') agent.emit({type: 'router', at: SEEN_AT, router: fakeRouter({state: 'fault'})})
    else abort.abort()
  }, abort.signal)
  expect(events.map(({type}) => type)).toEqual(['snapshot', 'router'])
  await expect.poll(() => agent.readers()).toBe(0)
})

const LATER = {at: SEEN_AT, kind: 'operator', text: 'later', facts: {}} as const

test('watch: what there is, then what changes, beside readers of events and among their number', async () => {
  const {socketPath, agent} = await temporaryServer({limits: {eventReaders: 1}})
  const abort = new AbortController()
  const client = agentClient({socket: socketPath})
  const types: string[] = []
  await client.watch(event => {
    types.push(event.type)
    if (event.type === 'journal' && event.record.seq === 99) abort.abort()
    if (event.type !== 'ready') return
    const refused = expect(client.events(() => undefined)).rejects.toMatchObject({code: 'REFUSED'})
    void refused.then(() => agent.tell({type: 'journal', at: SEEN_AT, record: {...LATER, seq: 99}}))
  }, abort.signal)
  expect(types).toEqual(['snapshot', 'agent', 'journal', 'journal', 'services', 'ready', 'journal'])
  await expect.poll(() => agent.readers()).toBe(0)
})

test('a reader of events learns that the agent has stopped', async () => {
  const {socketPath, server} = await temporaryServer()
  const reading = agentClient({socket: socketPath}).events(() => void server.close())
  await expect(reading).rejects.toMatchObject({code: 'AGENT_NOT_RUNNING'})
})

test('closing lets an answer under way leave first, then refuses', async () => {
  let closing: Promise<void> | undefined
  const agent = fakeAgent({
    stop: () => {
      closing = served.server.close()
      return {observedAt: SEEN_AT, value: {pid: 7}}
    },
  })
  const served = await temporaryServer({agent})
  const client = agentClient({socket: served.socketPath})
  expect((await client.stop()).item.pid).toBe(7)
  await closing
  await expect(client.routers()).rejects.toMatchObject({code: 'AGENT_NOT_RUNNING'})
})

test('a server of something else is no agent', async () => {
  const socketPath = join(temporaryDirectory(), 'other.sock')
  const other = createServer(socket => socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\n\r\n{}')))
  await new Promise<void>(resolve => other.listen(socketPath, resolve))
  onTestFinished(() => void other.close())
  const answer = agentClient({socket: socketPath}).routers()
  await expect(answer).rejects.toMatchObject({
    code: 'AGENT_VERSION',
    message: expect.stringContaining('no hactl agent'),
  })
})

test('an agent of another API version is named with both versions', async () => {
  const socketPath = join(temporaryDirectory(), 'newer.sock')
  const head = 'HTTP/1.1 200 OK\r\nhactl-api: v2\r\nhactl-version: 9.0.0\r\ncontent-length: 2\r\n\r\n{}'
  const newer = createServer(socket => socket.once('data', () => socket.end(head)))
  await new Promise<void>(resolve => newer.listen(socketPath, resolve))
  onTestFinished(() => void newer.close())
  const answer = agentClient({socket: socketPath}).routers()
  await expect(answer).rejects.toMatchObject({
    code: 'AGENT_VERSION',
    message: expect.stringMatching(/9\.0\.0.*v2.*v1/),
  })
})

test.each([
  ['garbage', 'nonsense\r\n\r\n', 'broke off'],
  ['an answer cut short', 'HTTP/1.1 200 OK\r\nhactl-api: v1\r\ncontent-length: 100\r\n\r\n{', 'broke off'],
  ['no answer at all', '', 'broke off'],
  ['a body that is not JSON', 'HTTP/1.1 200 OK\r\nhactl-api: v1\r\ncontent-length: 1\r\n\r\n{', 'not JSON'],
])('%s is a clear failure of the client', async (_, bytes, message) => {
  const socketPath = join(temporaryDirectory(), 'bad.sock')
  const bad = createServer(socket => socket.once('data', () => socket.end(bytes)))
  await new Promise<void>(resolve => bad.listen(socketPath, resolve))
  onTestFinished(() => void bad.close())
  const answer = agentClient({socket: socketPath}).routers()
  await expect(answer).rejects.toMatchObject({name: 'HactlError', message: expect.stringContaining(message)})
})

test('an agent that is silent is given up', async () => {
  const socketPath = join(temporaryDirectory(), 'silent.sock')
  const silent = createServer(() => undefined)
  await new Promise<void>(resolve => silent.listen(socketPath, resolve))
  onTestFinished(() => void silent.close())
  const answer = agentClient({socket: socketPath, timeoutMs: 100}).routers()
  await expect(answer).rejects.toMatchObject({code: 'TIMED_OUT'})
})
