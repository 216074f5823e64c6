import {createServer, type Server, type Socket} from 'node:net'
import {TLSSocket} from 'node:tls'

/** A mail as the server got it. */
export interface ReceivedMail {
  /** What the client greeted with, and what MAIL and RCPT named. */
  readonly greeted: string
  readonly from: string
  readonly to: readonly string[]
  readonly message: string
  readonly encrypted: boolean
  /** Number of the connection it came over, from 1. */
  readonly connection: number
}

/** How the server behaves. */
export interface ServerBehaviour {
  /** Offers STARTTLS, with a certificate that nobody vouches for; `broken`: and then talks no TLS. */
  readonly tls?: 'self-signed' | 'broken'
  /** Knows HELO alone, as servers of old do. */
  readonly heloOnly?: boolean
  /** The answer to a command in place of the usual one; undefined for the usual one. */
  readonly answer?: (line: string) => string | undefined
  /** Says nothing at all. */
  readonly silent?: boolean
}

/** A mail server for tests: as much of RFC 5321 and RFC 3207 as a client that sends mail needs. */
export class SmtpServer {
  readonly received: ReceivedMail[] = []
  connections = 0
  readonly #behaviour: ServerBehaviour
  readonly #server: Server
  readonly #sockets = new Set<Socket>()

  constructor(behaviour: ServerBehaviour = {}) {
    this.#behaviour = behaviour
    this.#server = createServer(socket => {
      this.#sockets.add(socket)
      socket.on('close', () => this.#sockets.delete(socket))
      this.#serve(socket, ++this.connections)
    })
  }

  /** Resolves to the port, on 127.0.0.1. */
  async listen(port = 0): Promise<number> {
    await new Promise<void>(resolve => this.#server.listen(port, '127.0.0.1', resolve))
    const address = this.#server.address()
    return typeof address === 'object' && address !== null ? address.port : 0
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    await new Promise(resolve => this.#server.close(resolve))
  }

  #serve(plain: Socket, connection: number): void {
    const {tls, heloOnly, answer, silent} = this.#behaviour
    if (silent) return
    let socket: Socket | TLSSocket = plain
    let mail = {greeted: '', from: '', to: [] as string[]}
    let message: string[] | undefined
    const say = (text: string): void => {
      socket.write(`${text}\r\n`)
    }
    const answerTo = (line: string): string => {
      const [verb = '', rest = ''] = line.split(/ (.*)/s)
      switch (verb.toUpperCase()) {
        case 'EHLO':
          if (heloOnly) return '502 what?'
          mail = {...mail, greeted: rest}
          return tls && socket === plain ? '250-here\r\n250 STARTTLS' : '250 here'
        case 'HELO':
          mail = {...mail, greeted: rest}
          return '250 here'
        case 'MAIL':
          mail = {...mail, from: rest, to: []}
          return '250 ok'
        case 'RCPT':
          mail.to.push(rest)
          return '250 ok'
        case 'DATA':
          message = []
          return '354 go on'
        default:
          return verb === 'STARTTLS' || verb === 'QUIT' ? '220 go on' : '250 ok'
      }
    }
    const take = (line: string): void => {
      if (message && line !== '.') {
        message.push(line)
      } else if (message) {
        this.received.push({...mail, message: message.join('\n'), encrypted: socket !== plain, connection})
        message = undefined
        say('250 queued')
      } else {
        say(answer?.(line) ?? answerTo(line))
        if (line === 'STARTTLS') startTls()
        if (line === 'QUIT') socket.end()
      }
    }
    const startTls = (): void => {
      if (tls === 'broken') {
        say('this is no TLS at all')
        return
      }
      plain.removeAllListeners('data')
      socket = new TLSSocket(plain, {isServer: true, key: KEY, cert: CERTIFICATE})
      listen()
    }
    const listen = (): void => {
      let rest = ''
      socket.on('error', () => {})
      socket.on('data', bytes => {
        const lines = (rest + bytes.toString()).split('\r\n')
        rest = lines.pop() ?? ''
        for (const line of lines) take(line)
      })
    }
    listen()
    say('220 here ESMTP')
  }
}

/** Made for these tests alone; it protects nothing. */
const KEY = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgdIquhQz8K26QfMOl
0EBCXTbyPK3fYVN8eD6sqMlprDmhRANCAARkkRnX+zbf9PgORD8+rm5wpunJLyIy
bvh8eUYkdXn9cjma9uMWgKMjOiZ0lcodww4aA+mbSFjuhPnq0YlTD+V8
-----END PRIVATE KEY-----`
const CERTIFICATE = `-----BEGIN CERTIFICATE-----
MIIBhjCCASugAwIBAgIUIKXMdT6ad93zK+iEyFbc7FeZGIgwCgYIKoZIzj0EAwIw
FzEVMBMGA1UEAwwMbWFpbC5pbnZhbGlkMCAXDTI2MTEyMTE4MzQ1N1oYDzIxMjYx
MDI4MTgzNDU3WjAXMRUwEwYDVQQDDAxtYWlsLmludmFsaWQwWTATBgcqhkjOPQIB
BggqhkjOPQMBBwNCAARkkRnX+zbf9PgORD8+rm5wpunJLyIybvh8eUYkdXn9cjma
9uMWgKMjOiZ0lcodww4aA+mbSFjuhPnq0YlTD+V8o1MwUTAdBgNVHQ4EFgQUNwCE
BZwkyVXJM+B4kNogYPpxYNowHwYDVR0jBBgwFoAUNwCEBZwkyVXJM+B4kNogYPpx
YNowDwYDVR0TAQH/BAUwAwEB/zAKBggqhkjOPQQDAgNJADBGAiEAzRI8j1gszRC5
3qU4s9hgJzMrItmzjgCJHwH8s8PWsuwCIQDIfIUsO8BC32FP2ozhVbWj8U8RH9os
nr69s6J2w5LG4A==
-----END CERTIFICATE-----`
