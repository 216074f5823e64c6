import {expect, test} from 'vitest'
import {responseReader} from '../../src/control/http-response.ts'

/** Reads an answer in pieces of so many bytes; then the connection ends. */
function read(text: string, pieceBytes: number): string {
  const seen: string[] = []
  let body = ''
  const reader = responseReader({
    head: ({status, headers}) => seen.push(`${status} ${headers.x ?? ''}`),
    body: chunk => {
      body += chunk.toString('latin1')
    },
    end: () => seen.push(`end ${body}`),
    failed: why => seen.push(`failed: ${why}`),
  })
  const bytes = Buffer.from(text, 'latin1')
  for (let at = 0; at < bytes.length; at += pieceBytes) reader.push(bytes.subarray(at, at + pieceBytes))
  reader.ended()
  return seen.join(', ')
}

const CHUNKED = 'HTTP/1.1 200 OK\r\nX: y\r\nTransfer-Encoding: chunked\r\n\r\n'

// RFC 9112 sections 6 and 7.
test.each([
  ['a length', 'HTTP/1.1 200 OK\r\nX: y\r\nContent-Length: 5\r\n\r\nhello', '200 y, end hello'],
  ['bytes after its length', 'HTTP/1.1 200 OK\r\nX: y\r\nContent-Length: 5\r\n\r\nhello!!!', '200 y, end hello'],
  ['an empty body', 'HTTP/1.1 404 No\r\nX: y\r\nContent-Length: 0\r\n\r\n', '404 y, end '],
  ['the end of the connection', 'HTTP/1.0 200 OK\r\nX: y\r\n\r\nhello', '200 y, end hello'],
  ['chunks', `${CHUNKED}5\r\nhello\r\n1;ext=1\r\n!\r\n0\r\n\r\n`, '200 y, end hello!'],
  ['chunks and a trailer', `${CHUNKED}a\r\n0123456789\r\n0\r\nt: u\r\n\r\n`, '200 y, end 0123456789'],
  ['an end too early', 'HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhello', '200 , failed: it ended too early'],
  ['an end between chunks', `${CHUNKED}5\r\nhello\r\n`, '200 y, failed: it ended too early'],
  ['a chunk without a size', `${CHUNKED}xyz\r\nhello`, '200 y, failed: a chunk has no size'],
  ['something else', 'SSH-2.0-x\r\n\r\n', 'failed: it is no HTTP/1.1 answer'],
  ['nothing', '', 'failed: it ended too early'],
  ['headers without end', `HTTP/1.1 200 OK\r\nx: ${'y'.repeat(40_000)}`, 'failed: the headers do not end'],
])('an answer with %s reads the same in pieces of any size', (_, text, expected) => {
  for (const pieceBytes of [1, 2, 3, 7, 64, 100_000]) expect(read(text, pieceBytes)).toBe(expected)
})
