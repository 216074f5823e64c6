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
  let state: 'head' | 'sized' | 'until-end' | 'chunk-size' | 'chunk' | 'chunk-end' | 'trailer' | 'done' = 'head'
  let pending: Buffer = Buffer.alloc(0)
  let left = 0

  const fail = (why: string): false => {
    state = 'done'
    listener.failed(why)
    return false
  }
  const finish = (): false => {
    state = 'done'
    listener.end()
    return false
  }
  const takeHead = (): boolean => {
    const end = pending.indexOf(HEAD_END)
    if (end === -1) return pending.length > MAX_HEAD_BYTES ? fail('the headers do not end') : false
    const head = parseHead(pending.toString('latin1', 0, end))
    if (head === undefined) return fail('it is no HTTP/1.1 answer')
    pending = pending.subarray(end + HEAD_END.length)
    const length = head.headers['content-length']
    listener.head(head)
    if (head.headers['transfer-encoding'] === 'chunked') state = 'chunk-size'
    else if (length === undefined) state = 'until-end'
    else {
      state = 'sized'
      left = Number(length)
    }
    return true
  }
  const takeLine = (): string | undefined => {
    const end = pending.indexOf(LINE_END)
    if (end === -1) return undefined
    const line = pending.toString('latin1', 0, end)
    pending = pending.subarray(end + LINE_END.length)
    return line
  }
  const takeChunkSize = (): boolean => {
    const line = takeLine()
    if (line === undefined) return pending.length > MAX_HEAD_BYTES ? fail('a chunk has no size') : false
    if (!/^[0-9a-f]{1,8}/i.test(line)) return fail('a chunk has no size')
    left = Number.parseInt(line, 16)
    state = left === 0 ? 'trailer' : 'chunk'
    return true
  }
  const takeBytes = (next: 'done' | 'chunk-end'): boolean => {
    const chunk = pending.subarray(0, left)
    pending = pending.subarray(chunk.length)
    left -= chunk.length
    if (chunk.length > 0) listener.body(chunk)
    if (left > 0) return false
    if (next === 'done') return finish()
    state = next
    return true
  }
  /** True: there may be more to take. */
  const advance = (): boolean => {
    switch (state) {
      case 'head':
        return takeHead()
      case 'sized':
        return takeBytes('done')
      case 'until-end':
        left = pending.length + 1
        return takeBytes('done')
      case 'chunk-size':
        return takeChunkSize()
      case 'chunk':
        return takeBytes('chunk-end')
      case 'chunk-end':
        if (takeLine() === undefined) return false
        state = 'chunk-size'
        return true
      case 'trailer': {
        const line = takeLine()
        return line === '' ? finish() : line !== undefined
      }
      case 'done':
        return false
    }
  }
  return {
    push: bytes => {
      if (state === 'done') return
      pending = pending.length === 0 ? bytes : Buffer.concat([pending, bytes])
      while (advance()) {
        // Each turn takes one part of the answer.
      }
    },
    ended: () => {
      if (state === 'until-end') finish()
      else if (state !== 'done') fail('it ended too early')
    },
  }
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
