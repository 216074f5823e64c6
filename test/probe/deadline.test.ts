import {Worker} from 'node:worker_threads'
import {expect, onTestFinished, test} from 'vitest'
import type {ProbeResult} from '../../src/core/check/result.ts'
import {type ProbeOptions, probe} from '../../src/probe/probe.ts'
import {connectionTo, httpPlan} from './backend.ts'

/** Servers on a thread of their own: they answer while this one stands still. */
const SERVERS = `
const {parentPort} = require('node:worker_threads')
const udp = require('node:dgram').createSocket('udp4')
const http = require('node:http').createServer((_, response) => response.end('well'))
udp.on('message', (query, {port, address}) => String(query) === 'hello' && udp.send('well', port, address))
udp.bind(0, '127.0.0.1', () => http.listen(0, '127.0.0.1', () =>
  parentPort.postMessage({udp: udp.address().port, http: http.address().port})))
`

interface Ports {
  readonly udp: number
  readonly http: number
}

async function servers(): Promise<Ports> {
  const worker = new Worker(SERVERS, {eval: true})
  onTestFinished(async () => void (await worker.terminate()))
  return await new Promise(resolve => worker.once('message', resolve))
}

/** For a probe: nothing of this thread runs for some time once it is under way, and timers are what runs next. */
function standStill(): ProbeOptions {
  let stood = false
  return {
    details: () => {
      if (stood) return
      stood = true
      setImmediate(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 500))
    },
  }
}

const TIME = {timeoutMs: 200}

const hex = (text: string): string => Buffer.from(text).toString('hex')

function udp(port: number, payload: string): Promise<ProbeResult> {
  const lengths = {minReplyLengthBytes: 0, maxReplyLengthBytes: 255}
  const connection = connectionTo(port, TIME)
  return probe({type: 'udp', connection, payload: hex(payload), requireReply: hex('well'), ...lengths}, standStill())
}

test('an answer that came while the process stood still over the end of the time is taken', async () => {
  const {udp: port} = await servers()
  expect(await udp(port, 'hello')).toMatchObject({ok: true})
})

test('what a probe had yet to send when the process stood still is sent and answered', async () => {
  const {http} = await servers()
  expect(await probe(httpPlan(connectionTo(http, TIME)), standStill())).toMatchObject({ok: true})
})

test('silence is a failure also of a process that stood still', async () => {
  const {udp: port} = await servers()
  expect(await udp(port, 'nobody answers this')).toMatchObject({ok: false, reason: 'no reply within 200 ms'})
})
