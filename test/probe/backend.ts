import {createServer, type Server, type Socket} from 'node:net'
import type {HttpPage, HttpProbePlan, ProbeConnection} from '../../src/core/check/plan.ts'
import {parseIp} from '../../src/core/ip.ts'

/** A server on loopback that does with each connection what a test says. */
export interface Backend {
  readonly port: number
  /** Connections that are open. */
  open(): number
  close(): Promise<void>
}

/** Listens on a free port of 127.0.0.1, or of another address. */
export async function backend(serve: (socket: Socket) => void, address = '127.0.0.1'): Promise<Backend> {
  const sockets = new Set<Socket>()
  const server = createServer(socket => {
    sockets.add(socket)
    socket.on('error', () => {})
    socket.on('close', () => sockets.delete(socket))
    serve(socket)
  })
  await new Promise<void>(resolve => server.listen(0, address, resolve))
  return {
    port: portOf(server),
    open: () => sockets.size,
    close: () => {
      for (const socket of sockets) socket.destroy()
      return new Promise(resolve => server.close(() => resolve()))
    },
  }
}

/** The port that a server listens on. */
export function portOf(server: Server): number {
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('it does not listen')
  return address.port
}

/** A server that answers each request with these bytes and closes. */
export const answering = (reply: string | Buffer): Promise<Backend> =>
  backend(socket => void socket.once('data', () => void socket.end(reply, 'latin1')))

/** A connection to a port of loopback, with 5 s time. */
export function connectionTo(port: number, more: Partial<ProbeConnection> = {}): ProbeConnection {
  const address = parseIp('127.0.0.1')
  if (!address.ok) throw new Error('not an address')
  return {
    address: address.value,
    port,
    bindAddress: undefined,
    bindPort: undefined,
    bindInterface: undefined,
    fwmark: 0,
    timeoutMs: 5000,
    ...more,
  }
}

/** HTTP_GET of one page. */
export const httpPlan = (
  connection: ProbeConnection,
  page: Partial<HttpPage> = {},
  more: Partial<HttpProbePlan> = {},
): HttpProbePlan => ({
  type: 'http',
  connection,
  tls: undefined,
  protocol: '1.0',
  fastRecovery: false,
  pages: [
    {
      path: '/',
      host: 'www.example.org',
      digest: undefined,
      status: [{from: 200, to: 299}],
      regex: undefined,
      tlsCompliant: undefined,
      ...page,
    },
  ],
  ...more,
})
