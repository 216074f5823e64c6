import {request} from 'node:http'
import {connect, type Socket} from 'node:net'
import {describe, expect, it, onTestFinished, test} from 'vitest'
import {
  type MetricsServer,
  parseMetricsAddress,
  startMetricsServer,
} from '../../../src/agent/supervisor/metrics-server.ts'

const LOCAL = {address: '127.0.0.1', port: 0}

async function serve(text: () => Promise<readonly string[]> = async () => ['a 1\n', 'b 2\n']): Promise<MetricsServer> {
  const server = await startMetricsServer(LOCAL, text)
  onTestFinished(() => server.close())
  return server
}

interface Answer {
  readonly status: number
  readonly type: unknown
  readonly body: string
}

function ask(port: number, path: string, method = 'GET'): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request({host: '127.0.0.1', port, path, method, agent: false}, response => {
      let body = ''
      response.on('data', (chunk: Buffer) => {
        body += chunk
      })
      response.on('end', () =>
        resolve({status: response.statusCode ?? 0, type: response.headers['content-type'], body}),
      )
    })
    sent.on('error', reject)
    sent.end()
  })
}

async function dial(port: number): Promise<Socket> {
  const socket = connect({host: '127.0.0.1', port})
  onTestFinished(() => void socket.destroy())
  socket.on('error', () => {})
  await new Promise(resolve => socket.once('connect', resolve))
  return socket
}

const closed = (socket: Socket): Promise<unknown> =>
  socket.destroyed ? Promise.resolve() : new Promise(resolve => socket.once('close', resolve))

describe('on TCP', () => {
  it('metrics are served as Prometheus wants them', async () => {
    const {port} = await serve()
    const type = 'text/plain; version=0.0.4; charset=utf-8'
    expect(await ask(port, '/metrics')).toEqual({status: 200, type, body: 'a 1\nb 2\n'})
    expect(await ask(port, '/metrics?name[]=x')).toMatchObject({status: 200, body: 'a 1\nb 2\n'})
    expect(await ask(port, '/metrics', 'HEAD')).toEqual({status: 200, type, body: ''})
  })

  it.each([
    ['/', 'GET', 404],
    ['/metrics/', 'GET', 404],
    ['/v1/agent', 'GET', 404],
    ['/v1/agent/stop', 'POST', 404],
    ['/metrics', 'POST', 405],
    ['/metrics', 'DELETE', 405],
  ])('nothing else is: %s %s', async (path, method, status) => {
    const {port} = await serve()
    const answer = await ask(port, path, method)
    expect(answer).toMatchObject({status, body: 'there is GET /metrics only\n'})
  })

  it('a text of megabytes arrives whole', async () => {
    const pieces = Array.from({length: 50}, (_, i) => `${i} ${'x'.repeat(100_000)}\n`)
    const {port} = await serve(async () => pieces)
    expect((await ask(port, '/metrics')).body).toBe(pieces.join(''))
  })

  it('the seventeenth connection is closed, and one that ends makes room', async () => {
    const {port} = await serve()
    const held: Socket[] = []
    for (let i = 0; i < 16; i++) held.push(await dial(port))
    await closed(await dial(port))
    held[0]?.destroy()
    await expect
      .poll(() =>
        ask(port, '/metrics').then(
          ({status}) => status,
          () => 'refused',
        ),
      )
      .toBe(200)
  })

  it('whoever says nothing, or no HTTP, is cut off', async () => {
    const {port} = await serve()
    const silent = await dial(port)
    const babbling = await dial(port)
    babbling.write('\x16\x03\x01 hello\r\n\r\n')
    silent.resume()
    babbling.resume()
    await Promise.all([closed(silent), closed(babbling)])
    expect((await ask(port, '/metrics')).status).toBe(200)
  })

  it('a port that is taken is a failure with its address', async () => {
    const {port} = await serve()
    await expect(startMetricsServer({address: '127.0.0.1', port}, async () => [])).rejects.toMatchObject({
      code: 'FAILED',
      message: expect.stringContaining(`127.0.0.1 port ${port}`),
    })
  })
})

test.each([
  ['127.0.0.1:9650', {address: '127.0.0.1', port: 9650}],
  ['[::1]:9650', {address: '::1', port: 9650}],
  ['0.0.0.0:1', {address: '0.0.0.0', port: 1}],
])('%s is where metrics can be served', (text, address) => {
  expect(parseMetricsAddress(text)).toEqual(address)
})

test.each([
  '',
  ':9650',
  '9650',
  'localhost:9650',
  '127.0.0.1',
  '::1:9650',
  '[127.0.0.1]:1',
  '1.2.3:4',
  '1.2.3.4.:5',
  '1.2.3.4:65536',
])('%j is no place to serve metrics', text => {
  expect(() => parseMetricsAddress(text)).toThrow(/no address with a port/)
})
