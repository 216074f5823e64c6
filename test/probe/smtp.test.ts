import {afterEach, expect, test} from 'vitest'
import type {ProbeResult} from '../../src/core/check/result.ts'
import {probe} from '../../src/probe/probe.ts'
import {type Backend, backend, connectionTo} from './backend.ts'

const made: Backend[] = []
afterEach(async () => {
  for (const {close} of made.splice(0)) await close()
})

/** A server that greets, and answers line by line. */
async function server(replies: readonly (string | undefined)[], heard: string[] = []): Promise<number> {
  const left = new Map<unknown, number>()
  const started = await backend(socket => {
    const next = (): void => {
      const number = left.get(socket) ?? 0
      left.set(socket, number + 1)
      const reply = replies[number]
      if (reply === undefined) socket.end()
      else socket.write(reply, 'latin1')
    }
    socket.on('data', bytes => {
      heard.push(bytes.toString())
      next()
    })
    next()
  })
  made.push(started)
  return started.port
}

const smtp = (port: number, timeoutMs = 5000): Promise<ProbeResult> =>
  probe({type: 'smtp', connection: connectionTo(port, {timeoutMs}), heloName: 'director.example.org'})

// RFC 5321 section 4.2.1: replies of several lines.
test('a server that greets and takes HELO is good', async () => {
  const heard: string[] = []
  const port = await server(['220 mail ESMTP\r\n', '250-mail\r\n250 at your service\r\n', '221 bye\r\n'], heard)
  expect(await smtp(port)).toMatchObject({ok: true})
  expect(heard).toEqual(['HELO director.example.org\r\n', 'QUIT\r\n'])
})

test('a server that closes in place of an answer to QUIT is good', async () => {
  expect(await smtp(await server(['220 a\r\n', '250 b\r\n']))).toMatchObject({ok: true})
})

test.each<[string, readonly string[], string]>([
  ['refuses in its greeting', ['554 go away\r\n'], '"554 go away" where 220 is wanted'],
  ['refuses HELO', ['220 a\r\n', '550 you not\x1b[2J\r\n'], '"550 you not.[2J" where 250 is wanted'],
  ['speaks something else', ['SSH-2.0-OpenSSH_9.2\r\n'], '"SSH-2.0-OpenSSH_9.2" where 220 is wanted'],
  ['has a code of four digits', ['2200 a\r\n'], '"2200 a" where 220 is wanted'],
  ['says a long line', [`500 ${'a'.repeat(200)}\r\n`], `"500 ${'a'.repeat(76)}…" where 220 is wanted`],
  ['never ends its line', ['2'.repeat(5000)], 'a line of more than 4096 bytes'],
  ['never ends its greeting', ['220-a\r\n'.repeat(101)], 'more than 100 lines'],
  ['closes at once', [], 'closed before it answered'],
  ['closes after its greeting', ['220 a\r\n'], 'closed where 250 is wanted'],
])('a server that %s is not', async (_name, replies, reason) => {
  expect(await smtp(await server(replies))).toMatchObject({ok: false, reason})
})

test('a server that says nothing costs the timeout', async () => {
  expect(await smtp(await server(['']), 300)).toMatchObject({ok: false, reason: 'timeout after 300 ms'})
})
