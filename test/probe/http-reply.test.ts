import {expect, test} from 'vitest'
import {type ReplyHead, replyReader} from '../../src/probe/http-reply.ts'
import {seededRandom} from '../sim/random.ts'

interface Read {
  readonly head: Omit<ReplyHead, 'text'> | undefined
  readonly body: string
  readonly reason: string | undefined
}

/** Reads a reply in pieces of these lengths, over and over. */
function read(reply: string, lengths: readonly number[] = [reply.length || 1]): Read {
  let head: Read['head']
  let body = ''
  const reader = replyReader({
    head: ({status, contentLength}) => {
      head = {status, contentLength}
      return undefined
    },
    body: bytes => {
      body += bytes.toString('latin1')
    },
  })
  let reason: string | undefined
  for (let at = 0, piece = 0; at < reply.length && reason === undefined; piece++) {
    const length = lengths[piece % lengths.length] ?? 1
    reason = reader.take(Buffer.from(reply.slice(at, at + length), 'latin1'))
    at += length
  }
  return {head, body, reason: reason ?? reader.end()}
}

const reply = (head: string, body = 'hello'): string => `${head}\r\n\r\n${body}`

// Measured of keepalived 2.2.7, but for those that say otherwise.
test.each<[string, string, Partial<Read>]>([
  ['has its body', reply('HTTP/1.1 200 OK'), {head: {status: 200, contentLength: undefined}, body: 'hello'}],
  [
    'is not decoded',
    reply('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked', '2\r\nhe\r\n0\r\n\r\n'),
    {body: '2\r\nhe\r\n0\r\n\r\n'},
  ],
  ['is cut to its length', reply('HTTP/1.1 200 OK\r\nContent-Length: 3'), {body: 'hel'}],
  ['has no body by its length', reply('HTTP/1.1 200 OK\r\nContent-Length: 0'), {body: ''}],
  ['is shorter than its length', reply('HTTP/1.1 200 OK\r\nContent-Length: 50'), {body: 'hello', reason: undefined}],
  ['has two lengths', reply('HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 5'), {body: 'hel'}],
  ['has fields without a colon', reply('HTTP/1.1 200 OK\r\nnonsense'), {body: 'hello'}],
  ['is of another protocol of the same form', reply('ICY 200 OK'), {body: 'hello'}],
  ['has no body', reply('HTTP/1.1 204 No Content', ''), {head: {status: 204, contentLength: undefined}, body: ''}],
  ['goes on after an interim one', reply('HTTP/1.1 100 Continue'), {head: {status: 100, contentLength: undefined}}],
  // RFC 9112 section 4 wants a space there; keepalived does, too.
  ['has no words after its status', reply('HTTP/1.1 200'), {head: {status: 200, contentLength: undefined}}],
  // RFC 9110 section 5.1: names of fields have no case; keepalived knows one.
  ['writes its length small', reply('HTTP/1.1 200 OK\r\ncontent-length: 3'), {body: 'hel'}],
])('a reply that %s', (_name, text, wanted) => {
  const whole = read(text)
  expect(whole).toMatchObject({reason: undefined, ...wanted})
  expect(read(text, [1])).toEqual(whole)
  expect(read(text, [7, 2, 3])).toEqual(whole)
})

test.each([
  ['is empty', '', 'closed before it answered'],
  ['ends in its head', 'HTTP/1.1 200 OK\r\nServer: x\r\n', 'closed before the end of its headers'],
  ['ends its lines with \\n alone', 'HTTP/1.1 200 OK\n\nhello', 'closed before the end of its headers'],
  ['has two spaces', reply('HTTP/1.1  200 OK'), 'the answer is not HTTP'],
  ['has a status of letters', reply('HTTP/1.1 200x OK'), 'the answer is not HTTP'],
  ['has a status of four digits', reply('HTTP/1.1 0200 OK'), 'the answer is not HTTP'],
  ['begins with an empty line', reply('\r\nHTTP/1.1 200 OK'), 'the answer is not HTTP'],
  ['has no status', reply('hello'), 'the answer is not HTTP'],
  ['has huge fields', reply(`HTTP/1.1 200 OK\r\nX: ${'a'.repeat(33_000)}`), 'the headers exceed 32 KiB'],
  ['never ends its fields', 'HTTP/1.1 200 OK\r\nX: '.padEnd(40_000, 'a'), 'the headers exceed 32 KiB'],
])('a reply that %s is none', (_name, text, reason) => {
  expect(read(text).reason).toBe(reason)
  expect(read(text, [1000, 1]).reason).toBe(reason)
})

test('a body ends at 64 MiB', () => {
  const reader = replyReader({head: () => undefined, body: () => {}})
  expect(reader.take(Buffer.from(reply('HTTP/1.1 200 OK\r\nContent-Length: 10000000000', '')))).toBeUndefined()
  const megabyte = Buffer.alloc(1 << 20)
  for (let taken = 0; taken < 64; taken++) expect(reader.take(megabyte)).toBeUndefined()
  expect(reader.take(Buffer.alloc(1))).toBe('the body is longer than 64 MiB')
})

test('whatever comes in whatever pieces is read alike, and never throws', () => {
  const random = seededRandom(7)
  const pieces = [
    'HTTP/1.1',
    ' ',
    '200',
    '404',
    ' OK',
    '\r\n',
    '\r\n\r\n',
    '\r',
    '\n',
    'Content-Length:',
    ' 5',
    '-1',
    'hello',
    '\0',
    '\xff',
  ]
  let accepted = 0
  for (let round = 0; round < 20_000; round++) {
    const start = random(2) === 0 ? 'HTTP/1.1 200 OK\r\n' : ''
    const text = start + Array.from({length: random(12)}, () => pieces[random(pieces.length)]).join('')
    const whole = read(text)
    expect(read(text, [1 + random(3), 1 + random(9)])).toEqual(whole)
    if (whole.reason === undefined) accepted++
  }
  expect(accepted).toBeGreaterThan(3000)
})
