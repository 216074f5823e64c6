/** The head of a reply over HTTP, as far as a checker judges it. RFC 9112 sections 4 and 6. */
export interface ReplyHead {
  /** 100..999 */
  readonly status: number
  /** Of the first Content-Length that is a number; undefined without one. */
  readonly contentLength: number | undefined
  /** Status line and fields, for people; latin1. */
  readonly text: string
}

/** Is told of a reply as it comes. */
export interface ReplySink {
  /** A reason ends the reading. */
  head(head: ReplyHead): string | undefined
  /**
   * Bytes of the body as they came: chunks are not decoded, and what comes beyond Content-Length is left out, both as
   * keepalived judges a body. They are another's as soon as this returns.
   */
  body(bytes: Buffer): void
}

/** Reads one reply that ends with its connection. It keeps the head alone, and no more than 32 KiB of that. */
export interface ReplyReader {
  /** Takes what came; why the reply is bad, or undefined. */
  take(bytes: Buffer): string | undefined
  /** The connection ended; why the reply is bad, or undefined. */
  end(): string | undefined
  /** Bytes of the body so far, with those beyond Content-Length. */
  bodyBytes(): number
  /** Whether the head is here, and the body comes. */
  isBody(): boolean
}

/** A reader of one reply; any bytes are read, and whatever is no reply is told of by a reason. */
export function replyReader(sink: ReplySink): ReplyReader {
  let pending: Buffer | undefined
  let head: ReplyHead | undefined
  let received = 0
  const takeBody = (bytes: Buffer): string | undefined => {
    const wanted = (head?.contentLength ?? Number.POSITIVE_INFINITY) - received
    received += bytes.length
    if (received > MOST_BODY_BYTES) return 'the body is longer than 64 MiB'
    if (wanted >= bytes.length) sink.body(bytes)
    else if (wanted > 0) sink.body(bytes.subarray(0, wanted))
    return undefined
  }
  const takeHead = (bytes: Buffer): string | undefined => {
    const before = pending?.length ?? 0
    const all = pending === undefined ? bytes : Buffer.concat([pending, bytes])
    // The end of the head may have begun in what came before.
    const end = all.indexOf(END_OF_HEAD, Math.max(0, before - END_OF_HEAD.length + 1))
    if (end > MOST_HEAD_BYTES || (end === -1 && all.length > MOST_HEAD_BYTES)) return 'the headers exceed 32 KiB'
    if (end === -1) {
      // A copy, as the reader of the socket may use its buffer again.
      pending = pending === undefined ? Buffer.from(all) : all
      return undefined
    }
    pending = undefined
    head = readHead(all.toString('latin1', 0, end))
    if (head === undefined) return 'the answer is not HTTP'
    const body = all.subarray(end + END_OF_HEAD.length)
    return sink.head(head) ?? (body.length > 0 ? takeBody(body) : undefined)
  }
  return {
    take: bytes => (bytes.length === 0 ? undefined : head === undefined ? takeHead(bytes) : takeBody(bytes)),
    end: () => {
      if (head !== undefined) return undefined
      return pending === undefined ? 'closed before it answered' : 'closed before the end of its headers'
    },
    bodyBytes: () => received,
    isBody: () => head !== undefined,
  }
}

/** Any protocol's name does, as with keepalived: some servers of radio programmes answer "ICY 200 OK". */
function readHead(text: string): ReplyHead | undefined {
  const [, status] = /^[!-~]+ ([1-9]\d\d)(?: |\r\n|$)/.exec(text) ?? []
  if (status === undefined) return undefined
  const [, length] = /\r\ncontent-length:[ \t]*(\d{1,15})[ \t]*(?:\r\n|$)/i.exec(text) ?? []
  return {status: Number(status), contentLength: length === undefined ? undefined : Number(length), text}
}

const END_OF_HEAD = Buffer.from('\r\n\r\n')
const MOST_HEAD_BYTES = 32 * 1024
const MOST_BODY_BYTES = 64 * 1024 * 1024
