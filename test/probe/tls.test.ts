import {execFileSync} from 'node:child_process'
import {mkdtempSync, readFileSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {createServer, type TLSSocket, type TlsOptions} from 'node:tls'
import {afterAll, afterEach, expect, test} from 'vitest'
import type {ProbeResult} from '../../src/core/check/result.ts'
import {probe} from '../../src/probe/probe.ts'
import {answering, connectionTo, httpPlan, portOf} from './backend.ts'

const folder = mkdtempSync(join(tmpdir(), 'hactl-tls-'))
afterAll(() => rmSync(folder, {recursive: true}))
const path = (name: string): string => join(folder, name)
const openssl = (...words: string[]): Buffer => execFileSync('openssl', words, {stdio: 'pipe'})
openssl(
  'req',
  '-x509',
  '-newkey',
  'rsa:1024',
  '-nodes',
  '-keyout',
  path('key'),
  '-out',
  path('self-signed'),
  '-subj',
  '/CN=x',
)
openssl('req', '-new', '-key', path('key'), '-subj', '/CN=x', '-out', path('request'))
openssl('x509', '-req', '-in', path('request'), '-signkey', path('key'), '-days', '-1', '-out', path('expired'))

const atEnd: (() => unknown)[] = []
afterEach(async () => {
  for (const end of atEnd.splice(0)) await end()
})

/** A server with TLS; the certificate is short of bits on purpose. */
async function server(serve: (socket: TLSSocket) => void, more: TlsOptions = {}): Promise<number> {
  const pem = {key: readFileSync(path('key')), cert: readFileSync(path('self-signed'))}
  const made = createServer({...pem, ciphers: 'DEFAULT@SECLEVEL=0', ...more}, socket => {
    socket.on('error', () => {})
    serve(socket)
  })
  made.on('tlsClientError', () => {})
  await new Promise<void>(resolve => made.listen(0, '127.0.0.1', resolve))
  atEnd.push(() => new Promise(resolve => made.close(resolve)))
  return portOf(made)
}

interface Asked {
  readonly serverName?: string
  readonly compliant?: boolean
}
const get = (port: number, {serverName, compliant = false}: Asked = {}, timeoutMs = 5000): Promise<ProbeResult> =>
  probe(httpPlan(connectionTo(port, {timeoutMs}), {digest: HELLO}, {tls: {serverName, compliant}}))

const HELLO = '5d41402abc4b2a76b9719d911017c592'
const REPLY = 'HTTP/1.1 200 OK\r\n\r\nhello'
/** Ends with a close_notify. */
const inOrder = (socket: TLSSocket): void => void socket.once('data', () => socket.end(REPLY))
/** Ends the connection below without one. */
function abruptly(socket: TLSSocket): void {
  const below = (socket as unknown as {_parent: {end(): void}})._parent
  socket.once('data', () => socket.write(REPLY, () => below.end()))
}

test('a certificate of whatever kind does', async () => {
  expect(await get(await server(inOrder))).toMatchObject({ok: true, detail: 'status 200'})
  expect(await get(await server(inOrder, {cert: readFileSync(path('expired'))}))).toMatchObject({ok: true})
})

// RFC 6066 section 3
test('a server is named where a name is wanted, and no address is one', async () => {
  const names: unknown[] = []
  const port = await server(socket => {
    names.push(socket.servername)
    inOrder(socket)
  })
  for (const serverName of ['www.example.org', undefined, '192.0.2.1']) {
    expect(await get(port, serverName === undefined ? {} : {serverName})).toMatchObject({ok: true})
  }
  expect(names).toEqual(['www.example.org', false, false])
})

// RFC 8446 section 6.1
test('an end without a close_notify counts where it is wanted', async () => {
  expect(await get(await server(inOrder), {compliant: true})).toMatchObject({ok: true})
  const port = await server(abruptly)
  expect(await get(port)).toMatchObject({ok: true})
  const reason = 'TLS: closed without a close_notify'
  expect(await get(port, {compliant: true})).toMatchObject({ok: false, reason})
})

test('our end is announced where it is wanted', async () => {
  const ends: string[] = []
  const port = await server(socket => {
    inOrder(socket)
    socket.on('end', () => ends.push('end'))
  })
  expect(await get(port, {compliant: true})).toMatchObject({ok: true})
  await expect.poll(() => ends).toEqual(['end'])
})

test.each([
  ['HTTP without TLS', 'HTTP/1.0 400 Bad Request\r\n\r\n', 'TLS: the answer is not TLS'],
  ['an alert', Buffer.from('15030300020228', 'hex'), 'TLS: the handshake is refused'],
  ['nothing', '', 'TLS: closed in the handshake'],
])('a server that answers %s is told of', async (_name, reply, reason) => {
  const made = await answering(reply)
  atEnd.push(made.close)
  expect(await get(made.port)).toMatchObject({ok: false, reason})
})

test('old versions of the protocol do, and versions are told of where none is in common', async () => {
  expect(await get(await server(inOrder, {minVersion: 'TLSv1', maxVersion: 'TLSv1'}))).toMatchObject({ok: true})
})

test('a server that stays silent in the handshake costs the timeout', async () => {
  const {backend} = await import('./backend.ts')
  const made = await backend(() => {})
  atEnd.push(made.close)
  expect(await get(made.port, {}, 300)).toMatchObject({ok: false, reason: 'timeout after 300 ms'})
})
