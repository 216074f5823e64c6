import {createHash} from 'node:crypto'
import type {Socket} from 'node:net'
import type {TLSSocket} from 'node:tls'
import type {HttpPage, HttpProbePlan} from '../core/check/plan.ts'
import type {ProbeResult} from '../core/check/result.ts'
import {type Attempt, attempt} from './attempt.ts'
import {errorAtEnd, printable, socketErrorWords} from './connect.ts'
import {type ReplyHead, type ReplyReader, replyReader} from './http-reply.ts'
import type {ProbeOptions} from './probe.ts'
import {bodyMatcher} from './regex.ts'
import {startTls} from './tls.ts'

/** What came of a page that was read to find its digest. */
export type PageDigest =
  | {
      readonly ok: true
      /** MD5 of the body, 32 hexadecimal digits in lower case. */
      readonly digest: string
      readonly status: number
      /** Bytes of the body. */
      readonly lengthBytes: number
      readonly latencyMs: number
      /** Status line and fields, one a line, fit for a terminal. */
      readonly head: readonly string[]
    }
  | {readonly ok: false; readonly latencyMs: number; readonly reason: string}

/**
 * HTTP_GET, SSL_GET: reads the page that `options.page` names. It is good when the connection ends in order after a
 * reply with a status, a digest and a text as wanted. Redirects are not followed. Never rejects.
 */
export function probeHttp(plan: HttpProbePlan, options: ProbeOptions): Promise<ProbeResult> {
  const page = pageOf(plan, options)
  const matcher = page.regex === undefined ? undefined : bodyMatcher(page.regex)
  if (typeof matcher === 'string') return Promise.resolve({ok: false, latencyMs: 0, reason: matcher})
  const hash = page.digest === undefined ? undefined : createHash('md5')
  let status = 0
  return fetchPage(plan, options, {
    head: head => {
      status = head.status
      return statusReason(page, status)
    },
    body: bytes => {
      hash?.update(bytes)
      matcher?.take(bytes)
    },
    end: ({succeed, fail, say}) => {
      const digest = hash?.digest('hex')
      if (digest !== undefined) say(`digest ${digest}`)
      if (digest !== page.digest) return fail(`digest ${digest} where ${page.digest} is wanted`)
      const reason = matcher?.end()
      if (reason === undefined) succeed(`status ${status}`)
      else fail(reason)
    },
  })
}

/** The MD5 of a page's body, of whatever status, as `digest` of a `url` has it. genhash(1). Never rejects. */
export async function pageDigest(plan: HttpProbePlan, options: ProbeOptions = {}): Promise<PageDigest> {
  const hash = createHash('md5')
  let head: ReplyHead | undefined
  let lengthBytes = 0
  const result = await fetchPage(plan, options, {
    head: given => {
      head = given
      return undefined
    },
    body: bytes => {
      lengthBytes += bytes.length
      hash.update(bytes)
    },
    end: ({succeed}) => succeed(),
  })
  if (!result.ok || head === undefined) return {ok: false, latencyMs: result.latencyMs, reason: reasonOf(result)}
  const {status, text} = head
  return {
    ok: true,
    digest: hash.digest('hex'),
    status,
    lengthBytes,
    latencyMs: result.latencyMs,
    head: linesOf(text),
  }
}

/** What is done with the parts of a reply. */
interface PageSteps {
  readonly head: (head: ReplyHead) => string | undefined
  readonly body: (bytes: Buffer) => void
  readonly end: (attempt: Attempt) => void
}

function fetchPage(plan: HttpProbePlan, options: ProbeOptions, steps: PageSteps): Promise<ProbeResult> {
  const page = pageOf(plan, options)
  const {connection, tls} = plan
  let reader: ReplyReader | undefined
  const begin = (attempt: Attempt): TLSSocket | undefined => {
    reader = readerOf(attempt, steps)
    if (tls === undefined) {
      attempt.socket.once('connect', () => attempt.say('connected'))
      exchange(attempt, {stream: attempt.socket, reader, request: requestOf(plan, page), steps})
      return undefined
    }
    const compliant = page.tlsCompliant ?? tls.compliant
    const stream = startTls(attempt.socket, {serverName: page.serverName ?? tls.serverName, compliant}, () =>
      attempt.fail('TLS: closed without a close_notify'),
    )
    stream.on('error', error => attempt.fail(socketErrorWords(error, connection)))
    let secure = false
    stream.once('end', () => {
      if (!secure) attempt.fail('TLS: closed in the handshake')
    })
    stream.once('secureConnect', () => {
      secure = true
      attempt.say(`${stream.getProtocol()}, ${stream.getCipher().name}`)
    })
    exchange(attempt, {stream, reader, request: requestOf(plan, page), steps})
    return stream
  }
  const missing = (): string | undefined => (reader?.isBody() ? 'the reply has not ended' : undefined)
  return attempt({connection, begin, missing}, options)
}

interface Exchange {
  readonly stream: Socket
  readonly reader: ReplyReader
  readonly request: string
  readonly steps: PageSteps
}

function exchange(attempt: Attempt, {stream, reader, request, steps}: Exchange): void {
  stream.on('data', bytes => {
    const reason = reader.take(bytes)
    if (reason !== undefined) attempt.fail(reason)
  })
  stream.on('end', () => {
    const reason = errorAtEnd(attempt.socket) ?? reader.end()
    if (reason !== undefined) return attempt.fail(reason)
    attempt.say(`body of ${reader.bodyBytes()} bytes`)
    // Its end is announced, as the server's was: before the socket is destroyed.
    if (stream !== attempt.socket) stream.end()
    steps.end(attempt)
  })
  // Until there is a connection, the socket keeps it.
  stream.write(request, 'latin1', () => {
    for (const line of linesOf(request)) attempt.say(`> ${line}`)
  })
}

function readerOf({say}: Attempt, {head, body}: PageSteps): ReplyReader {
  return replyReader({
    head: given => {
      for (const line of linesOf(given.text)) say(`< ${line}`)
      return head(given)
    },
    body,
  })
}

function pageOf({pages}: HttpProbePlan, {page = 0}: ProbeOptions): HttpPage {
  const found = pages[page]
  if (found === undefined) throw new RangeError(`there is no page ${page}: there are ${pages.length}`)
  return found
}

function requestOf({protocol}: HttpProbePlan, {path, host}: HttpPage): string {
  const close = protocol === '1.0' ? '' : 'Connection: close\r\n'
  const version = protocol === '1.1' ? '1.1' : '1.0'
  const line = `GET ${oneWord(path)} HTTP/${version}\r\n`
  const fields = `User-Agent: KeepAliveClient\r\n${close}Host: ${oneWord(host)}\r\n\r\n`
  return Buffer.from(line + fields, 'utf8').toString('latin1')
}

/** A request is three words in its first line, and a field ends with it. */
const oneWord = (text: string): string =>
  text.replace(/[\0- \x7f]/g, found => `%${found.charCodeAt(0).toString(16).padStart(2, '0').toUpperCase()}`)

function statusReason({status: ranges}: HttpPage, status: number): string | undefined {
  if (ranges.some(({from, to}) => from <= status && status <= to)) return undefined
  const wanted = ranges.map(({from, to}) => (from === to ? `${from}` : `${from}-${to}`)).join(', ')
  return `status ${status} where ${wanted} is wanted`
}

const reasonOf = (result: ProbeResult): string => (result.ok ? 'closed before it answered' : result.reason)

const linesOf = (text: string): string[] =>
  text.split('\r\n', MOST_LINES).flatMap(line => (line === '' ? [] : [printable(line, MOST_LINE_CHARACTERS)]))

const MOST_LINES = 100
const MOST_LINE_CHARACTERS = 1000
