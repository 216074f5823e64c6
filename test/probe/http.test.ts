import {createHash} from 'node:crypto'
import {afterEach, describe, expect, test} from 'vitest'
import type {HttpPage, HttpProbePlan, ProbeConnection} from '../../src/core/check/plan.ts'
import {pageDigest} from '../../src/probe/http.ts'
import {type ProbeOptions, probe} from '../../src/probe/probe.ts'
import {answering, type Backend, backend, connectionTo, httpPlan} from './backend.ts'

const made: Backend[] = []
afterEach(async () => {
  for (const {close} of made.splice(0)) await close()
})
async function kept(starting: Promise<Backend>): Promise<number> {
  const started = await starting
  made.push(started)
  return started.port
}

const OK = 'HTTP/1.1 200 OK\r\n\r\n'
const md5 = (text: string): string => createHash('md5').update(text).digest('hex')
const regex = (pattern: string, more: Partial<NonNullable<HttpPage['regex']>> = {}): HttpPage['regex'] => ({
  pattern,
  options: [],
  noMatch: false,
  minOffsetBytes: undefined,
  maxOffsetBytes: undefined,
  ...more,
})

interface Asked {
  readonly page?: Partial<HttpPage>
  readonly connection?: Partial<ProbeConnection>
  readonly plan?: Partial<HttpProbePlan>
  readonly options?: ProbeOptions
}
const ask = (port: number, {page, connection, plan, options}: Asked = {}) =>
  probe(httpPlan(connectionTo(port, connection), page, plan), options)

test.each<[HttpProbePlan['protocol'], string]>([
  ['1.0', 'GET /a%20b HTTP/1.0\r\nUser-Agent: KeepAliveClient\r\nHost: www.example.org\r\n\r\n'],
  ['1.0C', 'GET /a%20b HTTP/1.0\r\nUser-Agent: KeepAliveClient\r\nConnection: close\r\nHost: www.example.org\r\n\r\n'],
  ['1.1', 'GET /a%20b HTTP/1.1\r\nUser-Agent: KeepAliveClient\r\nConnection: close\r\nHost: www.example.org\r\n\r\n'],
])('the request of %s is as that of keepalived', async (protocol, wanted) => {
  let heard = ''
  const port = await kept(
    backend(socket =>
      socket.on('data', bytes => {
        heard += bytes.toString()
        if (heard.endsWith('\r\n\r\n')) socket.end(OK)
      }),
    ),
  )
  expect(await ask(port, {page: {path: '/a b'}, plan: {protocol}})).toMatchObject({ok: true, detail: 'status 200'})
  expect(heard).toBe(wanted)
})

test('the page that is named is asked for, and details tell what happens', async () => {
  const port = await kept(answering('HTTP/1.1 204 None\r\nX: \x1b[31m\r\n\r\n'))
  const [first] = httpPlan(connectionTo(port)).pages
  if (first === undefined) throw new Error('no page')
  const lines: string[] = []
  const options = {page: 1, details: (line: string) => lines.push(line)}
  expect(await ask(port, {plan: {pages: [first, {...first, path: '/two'}]}, options})).toMatchObject({ok: true})
  expect(lines).toContain('> GET /two HTTP/1.0')
  expect(lines).toContain('< X: .[31m')
})

test.each<[string, string, Partial<HttpPage>, string]>([
  ['a status', 'HTTP/1.1 503 No\r\n\r\n', {}, 'status 503 where 200-299 is wanted'],
  [
    'a status of several',
    OK,
    {
      status: [
        {from: 301, to: 302},
        {from: 404, to: 404},
      ],
    },
    'status 200 where 301-302, 404 is wanted',
  ],
  ['a redirect', 'HTTP/1.1 301 M\r\nLocation: /\r\n\r\n', {}, 'status 301 where 200-299 is wanted'],
  ['a digest', `${OK}hello`, {digest: md5('x')}, `digest ${md5('hello')} where ${md5('x')} is wanted`],
  ['a text', `${OK}hello`, {regex: regex('^world')}, 'the body does not match'],
  [
    'a text that is not to be',
    `${OK}hello`,
    {regex: regex('l+', {noMatch: true})},
    'the body matches, and it is not to',
  ],
  ['an expression of PCRE2 alone', OK, {regex: regex('(?>a)')}, 'the regular expression is not supported: "(?>"'],
  [
    'an expression without an end',
    `${OK}${'a'.repeat(64)}b`,
    {regex: regex('(a+)+$')},
    'the regular expression takes too long',
  ],
  ['a place', `${OK}hello`, {regex: regex('hello', {minOffsetBytes: 1})}, 'the body does not match'],
  ['a place of the beginning', `${OK}hello`, {regex: regex('lo', {maxOffsetBytes: 2})}, 'the body does not match'],
  ['a reply', '', {}, 'closed before it answered'],
  ['HTTP', 'SSH-2.0-OpenSSH_9.2\r\n\r\n', {}, 'the answer is not HTTP'],
])('%s decides', async (_name, reply, page, reason) => {
  expect(await ask(await kept(answering(reply)), {page})).toMatchObject({ok: false, reason})
})

test.each<[string, string, Partial<HttpPage>]>([
  ['digest', `${OK}hello`, {digest: md5('hello')}],
  ['digest of an empty body', OK, {digest: md5('')}],
  [
    'digest of chunks as they come',
    `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    {digest: md5('0\r\n\r\n')},
  ],
  ['text', `${OK}say hello\n`, {regex: regex('^say .*o$')}],
  ['text that is not there', `${OK}hello`, {regex: regex('nope', {noMatch: true})}],
  ['text in its place', `${OK}hello`, {regex: regex('lo', {minOffsetBytes: 3, maxOffsetBytes: 3})}],
  [
    'text of UTF-8 in its place',
    `${OK}${Buffer.from('éa').toString('latin1')}`,
    {regex: regex('^é?a', {options: ['utf'], minOffsetBytes: 0})},
  ],
  ['text and digest', `${OK}hello`, {digest: md5('hello'), regex: regex('HELLO', {options: ['caseless']})}],
])('a %s is found', async (_name, reply, page) => {
  expect(await ask(await kept(answering(reply)), {page})).toMatchObject({ok: true})
})

test('a text is searched in the first 64 KiB', async () => {
  const near = await kept(answering(`${OK}${'a'.repeat(65_000)}needle${'b'.repeat(100_000)}`))
  expect(await ask(near, {page: {regex: regex('needle')}})).toMatchObject({ok: true})
  const far = await kept(answering(`${OK}${'a'.repeat(66_000)}needle`))
  expect(await ask(far, {page: {regex: regex('needle')}})).toMatchObject({ok: false, reason: 'the body does not match'})
})

describe('a hostile server', () => {
  const slow = {timeoutMs: 300}
  const late = {ok: false, reason: 'timeout after 300 ms'}

  test('that says nothing costs the timeout', async () => {
    expect(await ask(await kept(backend(() => {})), {connection: slow})).toMatchObject(late)
  })

  test('that leaves the connection open after its reply costs the timeout, as with keepalived', async () => {
    const port = await kept(backend(socket => socket.once('data', () => socket.write(`${OK}hello`))))
    const lines: string[] = []
    const options = {details: (line: string) => lines.push(line)}
    expect(await ask(port, {connection: slow, options})).toMatchObject(late)
    expect(lines.at(-1)).toBe('the reply has not ended')
  })

  test.each([
    ['its body', OK],
    ['its headers', 'HTTP/1.1 200 OK\r\nX: '],
    ['its status line', ''],
  ])('that drips %s costs the timeout', async (_name, before) => {
    const port = await kept(
      backend(socket => {
        socket.write(before)
        const timer = setInterval(() => socket.write('1'), 20)
        socket.on('close', () => clearInterval(timer))
      }),
    )
    expect(await ask(port, {connection: slow})).toMatchObject(late)
  })

  test('that resets is told of', async () => {
    const port = await kept(
      backend(socket => socket.once('data', () => socket.write(OK, () => socket.resetAndDestroy()))),
    )
    expect(await ask(port)).toMatchObject({ok: false, reason: 'reset'})
  })

  test('that sends 10 GB costs 64 MiB, and no memory', async () => {
    const port = await kept(
      backend(socket => {
        socket.write('HTTP/1.1 200 OK\r\nContent-Length: 10000000000\r\n\r\n')
        const megabyte = Buffer.alloc(1 << 20, 'a')
        const more = (): void => {
          while (!socket.destroyed && socket.write(megabyte));
        }
        socket.on('drain', more)
        more()
      }),
    )
    const page = {digest: md5(''), regex: regex('b')}
    const before = process.memoryUsage.rss()
    expect(await ask(port, {page, connection: {timeoutMs: 60_000}})).toMatchObject({
      ok: false,
      reason: 'the body is longer than 64 MiB',
    })
    expect(process.memoryUsage.rss() - before).toBeLessThan(48 * 1024 * 1024)
  })

  test.each([
    ['headers without an end', 'HTTP/1.1 200 OK\r\nX: '.padEnd(100_000, 'a'), 'the headers exceed 32 KiB'],
    ['garbage', `\0\xff\x80${'\x01'.repeat(100_000)}`, 'the headers exceed 32 KiB'],
  ])('that sends %s is refused', async (_name, reply, reason) => {
    expect(await ask(await kept(answering(reply)))).toMatchObject({ok: false, reason})
  })
})

// genhash(1)
test('the digest of a page is that of its body, whatever its status', async () => {
  const port = await kept(answering('HTTP/1.1 404 No\r\nContent-Length: 5\r\n\r\nhello'))
  expect(await pageDigest(httpPlan(connectionTo(port)))).toMatchObject({
    ok: true,
    digest: '5d41402abc4b2a76b9719d911017c592',
    status: 404,
    lengthBytes: 5,
    head: ['HTTP/1.1 404 No', 'Content-Length: 5'],
  })
  const closed = await kept(answering(''))
  expect(await pageDigest(httpPlan(connectionTo(closed)))).toMatchObject({
    ok: false,
    reason: 'closed before it answered',
  })
})
