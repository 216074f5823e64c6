import {request} from 'node:http'
import {expect, test} from 'vitest'
import {temporaryServer} from './temporary.ts'

function get(socketPath: string, path: string): Promise<{status: number; type: unknown; body: string}> {
  return new Promise((resolve, reject) => {
    const sent = request({socketPath, path}, response => {
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

test('the socket for reading serves metrics as a text', async () => {
  const {socketPath} = await temporaryServer({access: 'read-only', metrics: async () => ['a 1\n', 'b 2\n']})
  const type = 'text/plain; version=0.0.4; charset=utf-8'
  expect(await get(socketPath, '/metrics')).toEqual({status: 200, type, body: 'a 1\nb 2\n'})
})

test('metrics that cannot be made in time are an error in JSON, and the connection lives on', async () => {
  const {socketPath} = await temporaryServer({metrics: () => new Promise(() => {}), limits: {answerMs: 50}})
  const {status, body} = await get(socketPath, '/metrics')
  expect(status).toBe(504)
  expect(JSON.parse(body)).toMatchObject({error: {code: 'TIMED_OUT'}})
})

test('a reader that never takes its metrics holds up nobody', async () => {
  const piece = `${'x'.repeat(1_000_000)}\n`
  const {socketPath} = await temporaryServer({metrics: async () => Array.from({length: 20}, () => piece)})
  await new Promise<void>((resolve, reject) => {
    const stuck = request({socketPath, path: '/metrics'}, response => {
      response.pause()
      resolve()
      response.on('error', () => {})
    })
    stuck.on('error', reject)
    stuck.end()
  })
  expect((await get(socketPath, '/v1/agent')).status).toBe(200)
  expect((await get(socketPath, '/metrics')).body).toHaveLength(20 * piece.length)
})
