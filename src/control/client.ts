import {type ErrorCode, errorText, HactlError} from '../errors.ts'
import {type Connection, dial, type Target} from './dial.ts'
import {type ResponseHead, type ResponseListener, responseReader} from './http-response.ts'
import {API_VERSION, type ErrorReply} from './model.ts'
import type {Route} from './route.ts'
import {
  API_HEADER,
  type CallName,
  HTTP_STATUS,
  type InputOf,
  isStream,
  type LvsHandlers,
  type ReplyOf,
  ROUTES,
  type RouteName,
  type StreamEvent,
  type StreamName,
  VERSION_HEADER,
} from './routes.ts'
import {streamLines} from './stream-lines.ts'

/** The API as functions, made from the route table. Each call is a connection of its own and may throw `HactlError`. */
export type AgentClient = {
  readonly [Name in CallName]: (
    ...input: Record<string, never> extends InputOf<Name> ? [input?: InputOf<Name>] : [input: InputOf<Name>]
  ) => Promise<ReplyOf<Name>>
} & {
  /** Calls back with what there is and every change until `signal` aborts; throws when the agent goes away. */
  readonly [Name in StreamName]: (
    listener: (event: StreamEvent<Name>) => void,
    signal?: AbortSignal,
    /** A line could not be read and was left out. */
    refused?: () => void,
  ) => Promise<void>
}

/** The calls that concern IPVS, of an agent or straight to the kernel. */
export type LvsClient = Pick<AgentClient, keyof LvsHandlers>

export interface ClientOptions extends Target {
  /** How long an answer may take, milliseconds; default 10,000, and as long as the agent may take for writes. */
  readonly timeoutMs?: number
}

const READ_TIMEOUT_MS = 10_000
/** Longer than the agent gives itself. */
const WRITE_TIMEOUT_MS = 65_000
/** An error answer is short. */
const MAX_REFUSAL_CHARS = 100_000

/** A client of one agent. Nothing is connected until something is asked. */
export function agentClient(options: ClientOptions): AgentClient {
  const calls = (Object.keys(ROUTES) as RouteName[]).map(name => [
    name,
    isStream(name)
      ? (listener: (event: unknown) => void, signal?: AbortSignal, refused?: () => void) =>
          readStream(options, name, {listener, signal, refused})
      : (input?: {readonly [name: string]: unknown}) => call(options, ROUTES[name], input ?? {}),
  ])
  return Object.fromEntries(calls) as AgentClient
}

interface Answer {
  readonly head: ResponseHead
  readonly text: string
}

async function call(options: ClientOptions, route: Route, input: {readonly [name: string]: unknown}): Promise<unknown> {
  const limitMs = options.timeoutMs ?? (route.access === 'read' ? READ_TIMEOUT_MS : WRITE_TIMEOUT_MS)
  const abort = new AbortController()
  const timer = setTimeout(() => abort.abort(), limitMs)
  try {
    const chunks: Buffer[] = []
    const head = await exchange({options, route, input, signal: abort.signal, body: chunk => chunks.push(chunk)})
    return parseAnswer({head, text: Buffer.concat(chunks).toString('utf8')})
  } catch (error) {
    if (!abort.signal.aborted) throw error
    const message = `the agent did not answer within ${limitMs / 1000} s`
    throw new HactlError('TIMED_OUT', message, 'see whether it is stopped or overloaded', {cause: error})
  } finally {
    clearTimeout(timer)
  }
}

interface StreamReader {
  readonly listener: (event: unknown) => void
  readonly signal: AbortSignal | undefined
  readonly refused: (() => void) | undefined
}

async function readStream(
  options: ClientOptions,
  name: StreamName,
  {listener, signal = new AbortController().signal, refused = () => undefined}: StreamReader,
): Promise<void> {
  const takeLines = streamLines({value: listener, refused})
  let refusal = ''
  let status = 0
  try {
    const head = await exchange({
      options,
      route: ROUTES[name],
      input: {},
      signal,
      head: ({status: code}) => {
        status = code
      },
      body: chunk => {
        if (status === 200) takeLines(chunk)
        else if (refusal.length < MAX_REFUSAL_CHARS) refusal += chunk.toString('utf8')
      },
    })
    if (head.status !== 200) throw failureIn({head, text: refusal})
  } catch (error) {
    if (signal.aborted) return
    throw error
  }
  throw new HactlError('AGENT_NOT_RUNNING', 'the agent has stopped', 'start it with: hactl agent run')
}

interface Exchange {
  readonly options: ClientOptions
  readonly route: Route
  readonly input: {readonly [name: string]: unknown}
  readonly signal: AbortSignal
  readonly head?: (head: ResponseHead) => void
  readonly body: (chunk: Buffer) => void
}

/** Sends one request and reads its answer to the end. */
async function exchange({options, route, input, signal, head, body}: Exchange): Promise<ResponseHead> {
  const connection = await dial(options, route.access)
  const stop = (): void => connection.close()
  signal.addEventListener('abort', stop)
  // It may have been given up while the connection was made.
  if (signal.aborted) stop()
  try {
    return await new Promise<ResponseHead>((resolve, reject) => {
      let seen: ResponseHead | undefined
      const listener: ResponseListener = {
        head: first => {
          checkVersion(connection, first)
          seen = first
          head?.(first)
        },
        body,
        end: () => (seen === undefined ? reject(new Error('no head')) : resolve(seen)),
        failed: why => explained(connection, why).then(reject),
      }
      receive(connection, listener, reject)
      connection.output.write(requestText(route, input))
    })
  } finally {
    signal.removeEventListener('abort', stop)
    connection.close()
  }
}

function receive(connection: Connection, listener: ResponseListener, reject: (error: unknown) => void): void {
  const reader = responseReader(listener)
  const {input} = connection
  input.on('data', (bytes: Buffer) => {
    try {
      reader.push(bytes)
    } catch (error) {
      reject(error)
    }
  })
  input.on('end', () => reader.ended())
  input.on('close', () => reader.ended())
  input.on('error', error => explained(connection, errorText(error)).then(reject))
}

/** The connection broke before the answer was whole. */
async function explained(connection: Connection, why: string): Promise<HactlError> {
  const hint = 'look at its log, then try again'
  return (
    (await connection.explain()) ??
    new HactlError('AGENT_NOT_RUNNING', `the agent on ${connection.where} broke off its answer: ${why}`, hint)
  )
}

function checkVersion({where}: Connection, {headers}: ResponseHead): void {
  const speaks = headers[API_HEADER]
  if (speaks === API_VERSION) return
  if (speaks === undefined) {
    throw new HactlError(
      'AGENT_VERSION',
      `what answers on ${where} is no hactl agent`,
      'name another one with --socket',
    )
  }
  const agent = `the agent on ${where} (hactl ${headers[VERSION_HEADER] ?? '?'})`
  const message = `${agent} speaks API ${speaks}, this hactl ${API_VERSION}`
  throw new HactlError('AGENT_VERSION', message, "use the hactl of the agent's version, or start the agent again")
}

function requestText(route: Route, input: {readonly [name: string]: unknown}): string {
  const path = route.path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(String(input[name])))
  const query = new URLSearchParams()
  for (const name of Object.keys(route.query)) {
    if (input[name] !== undefined) query.set(name, String(input[name]))
  }
  const target = query.size > 0 ? `${path}?${query}` : path
  const lines = [
    `${route.method} ${target} HTTP/1.1`,
    'host: hactl',
    `${API_HEADER}: ${API_VERSION}`,
    'connection: close',
  ]
  if (route.method === 'GET') return `${lines.join('\r\n')}\r\n\r\n`
  const names = Object.keys(route.body).filter(name => input[name] !== undefined)
  const body = JSON.stringify(Object.fromEntries(names.map(name => [name, input[name]])))
  lines.push('content-type: application/json', `content-length: ${Buffer.byteLength(body)}`)
  return `${lines.join('\r\n')}\r\n\r\n${body}`
}

function parseAnswer(answer: Answer): unknown {
  if (answer.head.status !== 200) throw failureIn(answer)
  return parse(answer.text)
}

function failureIn({head, text}: Answer): HactlError {
  const reply = parse(text) as Partial<ErrorReply>
  const {code = 'FAILED', message = `the agent answered ${head.status}`, hint} = reply.error ?? {}
  return new HactlError(Object.hasOwn(HTTP_STATUS, code) ? (code as ErrorCode) : 'FAILED', message, hint)
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new HactlError('FAILED', 'the answer of the agent is not JSON', 'look at its log', {cause: error})
  }
}
