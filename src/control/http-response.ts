/** The first lines of an HTTP/1.1 answer; header names are in lower case. */
export interface ResponseHead {
  readonly status: number
  readonly headers: {readonly [name: string]: string}
}

/** What a reader of answers reports; after `failed` nothing follows. */
export interface ResponseListener {
  readonly head: (head: ResponseHead) => void
  readonly body: (chunk: Buffer) => void
  readonly end: () => void
  readonly failed: (why: string) => void
}

/** Takes the bytes of one answer in whatever pieces they come. */
export interface ResponseReader {
  readonly push: (bytes: Buffer) => void
  /** The connection ended. */
  readonly ended: () => void
}

const MAX_HEAD_BYTES = 16_384
const HEAD_END = Buffer.from('\r\n\r\n')
const LINE_END = Buffer.from('\r\n')

/**
 * Reads one HTTP/1.1 answer, RFC 9112: by content-length, in chunks, or up to the end of the connection.
 * The agent speaks no other HTTP, and `node:http` would cost each command several milliseconds to load.
 */
export function responseReader(listener: ResponseListener): ResponseReader {
  const reading: Reading = {state: 'head', pending: Buffer.alloc(0), left: 0, listener}
  return {
    push: bytes => {
      if (reading.state === 'done') return
      reading.pending = reading.pending.length === 0 ? bytes : Buffer.concat([reading.pending, bytes])
      while (TAKE[reading.state](reading)) {
        // Each turn takes one part of the answer.
      }
    },
    ended: () => {
      if (reading.state === 'until-end') finish(reading)
      else if (reading.state !== 'done') fail(reading, 'it ended too early')
    },
  }
}

type State = 'head' | 'sized' | 'until-end' | 'chunk-size' | 'chunk' | 'chunk-end' | 'trailer' | 'done'

interface Reading {
  state: State
  pending: Buffer
  /** Bytes of the body, or of the chunk, still to come. */
  left: number
  readonly listener: ResponseListener
}

/** What is done with the bytes that are there, by state; true: there may be more to do. */
const TAKE: {readonly [state in State]: (reading: Reading) => boolean} = {
  head: takeHead,
  sized: reading => {
    takeBytes(reading)
    return reading.left > 0 ? false : finish(reading)
  },
  'until-end': reading => {
    reading.left = reading.pending.length
    takeBytes(reading)
    return false
  },
  'chunk-size': takeChunkSize,
  chunk: reading => {
    takeBytes(reading)
    if (reading.left > 0) return false
    reading.state = 'chunk-end'
    return true
  },
  'chunk-end': reading => {
    if (takeLine(reading) === undefined) return false
    reading.state = 'chunk-size'
    return true
  },
  trailer: reading => {
    const line = takeLine(reading)
    return line === '' ? finish(reading) : line !== undefined
  },
  done: () => false,
}

function takeHead(reading: Reading): boolean {
  const {pending, listener} = reading
  const end = pending.indexOf(HEAD_END)
  if (end === -1) return pending.length > MAX_HEAD_BYTES ? fail(reading, 'the headers do not end') : false
  const head = parseHead(pending.toString('latin1', 0, end))
  if (head === undefined) return fail(reading, 'it is no HTTP/1.1 answer')
  reading.pending = pending.subarray(end + HEAD_END.length)
  const length = head.headers['content-length']
  reading.left = length === undefined ? 0 : Number(length)
  const chunked = head.headers['transfer-encoding'] === 'chunked'
  reading.state = chunked ? 'chunk-size' : length === undefined ? 'until-end' : 'sized'
  listener.head(head)
  return true
}

function takeChunkSize(reading: Reading): boolean {
  const line = takeLine(reading)
  if (line === undefined) return reading.pending.length > MAX_HEAD_BYTES ? fail(reading, 'a chunk has no size') : false
  if (!/^[0-9a-f]{1,8}/i.test(line)) return fail(reading, 'a chunk has no size')
  reading.left = Number.parseInt(line, 16)
  reading.state = reading.left === 0 ? 'trailer' : 'chunk'
  return true
}

function takeBytes(reading: Reading): void {
  const chunk = reading.pending.subarray(0, reading.left)
  reading.pending = reading.pending.subarray(chunk.length)
  reading.left -= chunk.length
  if (chunk.length > 0) reading.listener.body(chunk)
}

function takeLine(reading: Reading): string | undefined {
  const end = reading.pending.indexOf(LINE_END)
  if (end === -1) return undefined
  const line = reading.pending.toString('latin1', 0, end)
  reading.pending = reading.pending.subarray(end + LINE_END.length)
  return line
}

function finish(reading: Reading): false {
  reading.state = 'done'
  reading.listener.end()
  return false
}

function fail(reading: Reading, why: string): false {
  reading.state = 'done'
  reading.listener.failed(why)
  return false
}

function parseHead(text: string): ResponseHead | undefined {
  const [statusLine = '', ...lines] = text.split('\r\n')
  const match = /^HTTP\/1\.[01] ([0-9]{3})/.exec(statusLine)
  if (match === null) return undefined
  const headers: {[name: string]: string} = {}
  for (const line of lines) {
    const colon = line.indexOf(':')
    if (colon > 0) headers[line.slice(0, colon).toLowerCase()] = line.slice(colon + 1).trim()
  }
  return {status: Number(match[1]), headers}
}
