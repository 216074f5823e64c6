import {createServer, type IncomingMessage, type Server, type ServerResponse} from 'node:http'
import type {Socket} from 'node:net'
import {METRICS_MEDIA_TYPE} from '../core/metrics/text.ts'
import {errorText, HactlError} from '../errors.ts'
import {envelope} from './envelope.ts'
import {eventStream, type StreamSource} from './event-stream.ts'
import {API_VERSION, type ErrorReply} from './model.ts'
import {type MatchedRequest, type Mismatch, matchRequest, readBody} from './requests.ts'
import {
  type AgentHandlers,
  API_HEADER,
  type CallName,
  HTTP_STATUS,
  isStream,
  type Observed,
  ROUTES,
  type StreamName,
  VERSION_HEADER,
} from './routes.ts'
import {listenOnSocket} from './socket-file.ts'
import {writePieces} from './text-reply.ts'

/** What one client, or all of them together, can take from the agent. Times in milliseconds. */
export interface ServerLimits {
  readonly connections: number
  readonly eventReaders: number
  readonly headerBytes: number
  readonly bodyBytes: number
  /** From the first byte, or the connection, to the end of the headers. */
  readonly headersMs: number
  /** To the end of the body. */
  readonly requestMs: number
  /** Without any byte in either direction, streams of events excepted. */
  readonly idleMs: number
  /** A reader of events that took nothing for so long is cut off. */
  readonly stuckReaderMs: number
  /** A handler's answer. */
  readonly answerMs: number
  readonly queuedEvents: number
  readonly queuedEventChars: number
}

export const DEFAULT_LIMITS: ServerLimits = {
  connections: 64,
  eventReaders: 16,
  headerBytes: 8192,
  bodyBytes: 65_536,
  headersMs: 5000,
  requestMs: 10_000,
  idleMs: 15_000,
  stuckReaderMs: 60_000,
  answerMs: 60_000,
  queuedEvents: 1000,
  queuedEventChars: 2_000_000,
}

export interface ServerOptions {
  readonly socketPath: string
  /** File mode of the socket, for instance 0o660. */
  readonly mode: number
  /** Group of the socket, if the system has it. */
  readonly group?: string
  /** `read-only` refuses every call whose access is `write`. */
  readonly access: 'full' | 'read-only'
  readonly handlers: AgentHandlers
  /** What `GET /metrics` answers, in pieces: a text for Prometheus, and so no route of the table. */
  readonly metrics?: () => Promise<readonly string[]>
  /** The agent's version, sent with every answer. */
  readonly version: string
  readonly limits?: Partial<ServerLimits>
}

/** A listening API socket. */
export interface ApiServer {
  readonly socketPath: string
  /** Stops listening, lets answers under way leave (200 ms at most), then closes every connection. */
  readonly close: () => Promise<void>
}

/**
 * Serves the API on one Unix socket. A socket file that nobody listens on is replaced.
 * Throws `HactlError`: AGENT_ALREADY_RUNNING when somebody does, PERMISSION, FAILED.
 */
export async function startServer(options: ServerOptions): Promise<ApiServer> {
  const limits = {...DEFAULT_LIMITS, ...options.limits}
  const context: Context = {...options, limits, turns: oneATurn(), readers: new Set(), busy: new WeakSet()}
  const server = createServer(
    {
      maxHeaderSize: limits.headerBytes,
      headersTimeout: limits.headersMs,
      requestTimeout: limits.requestMs,
      keepAliveTimeout: limits.idleMs,
      connectionsCheckingInterval: Math.min(1000, limits.headersMs),
    },
    (request, response) => accept(context, request, response),
  )
  server.maxConnections = limits.connections
  server.timeout = limits.idleMs
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => refuseBytes(context, error, socket as Socket))
  const removeSocket = await listenOnSocket(server, options)
  const end = async (): Promise<void> => {
    await removeSocket()
    await close(server, context)
  }
  return {socketPath: options.socketPath, close: end}
}

interface Context extends ServerOptions {
  readonly limits: ServerLimits
  readonly turns: (job: () => void) => void
  readonly readers: Set<{readonly end: () => void}>
  /** Connections with a request under way. */
  readonly busy: WeakSet<Socket>
}

function accept(context: Context, request: IncomingMessage, response: ServerResponse): void {
  const {socket} = request
  response.setHeader(API_HEADER, API_VERSION)
  response.setHeader(VERSION_HEADER, context.version)
  if (context.busy.has(socket)) {
    // A pipeline would let one client have thousands of requests parsed in one turn.
    socket.destroy()
    return
  }
  context.busy.add(socket)
  response.on('close', () => context.busy.delete(socket))
  context.turns(() => {
    if (socket.destroyed) return
    answer(context, request, response).catch(error => sendError(response, error))
  })
}

async function answer(context: Context, request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (context.metrics && request.method === 'GET' && request.url?.split('?', 1)[0] === '/metrics') {
    await sendMetrics(context.metrics, request, response, context.limits)
    return
  }
  const matched = matchRequest(request.method ?? '', request.url ?? '')
  if ('failure' in matched) {
    sendMismatch(response, request, matched)
    return
  }
  if (matched.route.access === 'write' && context.access === 'read-only') {
    throw new HactlError('PERMISSION', 'this socket is for reading only', 'use agent.sock, as root or in group hactl')
  }
  const speaks = request.headers[API_HEADER]
  if (speaks !== undefined && speaks !== API_VERSION) {
    const message = `the client speaks API ${String(speaks).slice(0, 20)}, the agent ${API_VERSION}`
    throw new HactlError('AGENT_VERSION', message, `use the hactl of the agent's version, ${context.version}`)
  }
  const {name} = matched
  if (isStream(name)) {
    streamEvents(context, name, request, response)
    return
  }
  const bodyBytes = matched.route.bodyBytes ?? context.limits.bodyBytes
  const text = await readText(request, bodyBytes)
  if (text === undefined) {
    response.setHeader('connection', 'close')
    const message = `the body is larger than ${bodyBytes} bytes`
    sendFailure(response, 413, {code: 'USAGE', message, hint: 'send less'})
    return
  }
  const body = readBody(matched.route, text)
  // Nothing is said while the handler works, which has a limit of its own.
  request.socket.setTimeout(0)
  const result = await within(context.limits.answerMs, callHandler(context.handlers, matched, body)).finally(() =>
    request.socket.setTimeout(context.limits.idleMs),
  )
  sendJson(response, 200, envelope(name, result))
}

async function sendMetrics(
  metrics: () => Promise<readonly string[]>,
  request: IncomingMessage,
  response: ServerResponse,
  {answerMs, idleMs}: ServerLimits,
): Promise<void> {
  request.resume()
  request.socket.setTimeout(0)
  const pieces = await within(answerMs, metrics()).finally(() => request.socket.setTimeout(idleMs))
  response.writeHead(200, {'content-type': METRICS_MEDIA_TYPE})
  await writePieces(response, pieces)
}

/** The types of the table end here: input and handler were matched by name. */
async function callHandler(
  handlers: AgentHandlers,
  matched: MatchedRequest,
  body: {readonly [name: string]: unknown},
): Promise<Observed<unknown>> {
  const handler = handlers[matched.name as CallName] as (input: unknown) => Observed<unknown>
  return handler({...matched.input, ...body})
}

function streamEvents(context: Context, name: StreamName, request: IncomingMessage, response: ServerResponse): void {
  const {limits, readers} = context
  if (readers.size >= limits.eventReaders) {
    throw new HactlError('REFUSED', `${readers.size} readers of events already`, 'end one of them, or ask less often')
  }
  request.resume()
  request.socket.setTimeout(0)
  response.writeHead(200, {'content-type': 'application/x-ndjson'})
  let stuck: NodeJS.Timeout | undefined
  const stream = eventStream<unknown>({
    sink: {
      write: line => {
        const more = response.write(line)
        if (!more) stuck ??= setTimeout(() => request.socket.destroy(), limits.stuckReaderMs)
        return more
      },
    },
    subscribe: context.handlers[name] as StreamSource<unknown>,
    now: () => new Date().toISOString(),
    maxEvents: limits.queuedEvents,
    maxChars: limits.queuedEventChars,
  })
  const reader = {end: () => response.end()}
  readers.add(reader)
  response.on('drain', () => {
    clearTimeout(stuck)
    stuck = undefined
    stream.drained()
  })
  response.on('close', () => {
    clearTimeout(stuck)
    readers.delete(reader)
    stream.stop()
  })
  stream.start()
}

/** The whole body, or undefined when it is too large. */
async function readText(request: IncomingMessage, maxBytes: number): Promise<string | undefined> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > maxBytes) return undefined
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

async function within<Value>(limitMs: number, work: Promise<Value>): Promise<Value> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    const error = new HactlError('TIMED_OUT', `the agent did not finish within ${limitMs / 1000} s`, 'look at its log')
    timer = setTimeout(() => reject(error), limitMs)
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}

/** Runs one job in each turn of the event loop, so that however many clients ask, everything else gets its turn. */
function oneATurn(): (job: () => void) => void {
  const waiting: (() => void)[] = []
  const next = (): void => {
    const job = waiting.shift()
    if (waiting.length > 0) setImmediate(next)
    job?.()
  }
  return job => {
    waiting.push(job)
    if (waiting.length === 1) setImmediate(next)
  }
}

function sendMismatch(response: ServerResponse, request: IncomingMessage, mismatch: Mismatch): void {
  request.resume()
  switch (mismatch.failure) {
    case 'unknown-path':
      sendFailure(response, 404, {
        code: 'NOT_FOUND',
        message: 'no such path',
        hint: `this agent knows: ${Object.values(ROUTES)
          .map(route => `${route.method} ${route.path}`)
          .join(', ')}`,
      })
      return
    case 'wrong-method':
      response.setHeader('allow', mismatch.allow)
      sendFailure(response, 405, {code: 'USAGE', message: 'no such method here', hint: `use ${mismatch.allow}`})
      return
    case 'bad-input':
      sendFailure(response, 400, {code: 'USAGE', message: mismatch.message, hint: mismatch.hint})
      return
  }
}

function sendError(response: ServerResponse, error: unknown): void {
  if (response.headersSent || response.destroyed) {
    response.destroy()
    return
  }
  if (error instanceof HactlError) {
    const {code, message, hint} = error
    sendFailure(response, HTTP_STATUS[code], hint === undefined ? {code, message} : {code, message, hint})
    return
  }
  sendFailure(response, 500, {code: 'FAILED', message: `the agent failed: ${errorText(error)}`})
}

function sendFailure(response: ServerResponse, status: number, error: ErrorReply['error']): void {
  sendJson(response, status, {error} satisfies ErrorReply)
}

function sendJson(response: ServerResponse, status: number, value: unknown): void {
  const body = Buffer.from(`${JSON.stringify(value)}\n`)
  response.writeHead(status, {'content-type': 'application/json', 'content-length': body.length})
  response.end(body)
}

/** Bytes that are no HTTP request, or one that came too slowly. */
function refuseBytes(context: Context, error: NodeJS.ErrnoException, socket: Socket): void {
  if (!socket.writable || socket.bytesWritten > 0 || error.code === 'ECONNRESET') {
    socket.destroy()
    return
  }
  const [status, message] =
    error.code === 'HPE_HEADER_OVERFLOW'
      ? ['431 Request Header Fields Too Large', `the headers are larger than ${context.limits.headerBytes} bytes`]
      : error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
        ? ['408 Request Timeout', 'the request did not arrive in time']
        : ['400 Bad Request', 'this is no HTTP/1.1 request']
  const body = `${JSON.stringify({error: {code: 'USAGE', message}} satisfies ErrorReply)}\n`
  const headers = [
    `HTTP/1.1 ${status}`,
    'connection: close',
    'content-type: application/json',
    `content-length: ${Buffer.byteLength(body)}`,
    `${API_HEADER}: ${API_VERSION}`,
    `${VERSION_HEADER}: ${context.version}`,
  ]
  socket.end(`${headers.join('\r\n')}\r\n\r\n${body}`, () => socket.destroy())
}

const LAST_ANSWERS_MS = 200

async function close(server: Server, context: Context): Promise<void> {
  for (const reader of context.readers) reader.end()
  await new Promise<void>(resolve => {
    const cut = setTimeout(() => server.closeAllConnections(), LAST_ANSWERS_MS)
    server.close(() => {
      clearTimeout(cut)
      resolve()
    })
    server.closeIdleConnections()
  })
}
