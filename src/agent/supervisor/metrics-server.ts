import {createServer, type IncomingMessage, type Server, type ServerResponse} from 'node:http'
import {isIPv4, isIPv6} from 'node:net'
import {writePieces} from '../../control/text-reply.ts'
import {METRICS_MEDIA_TYPE} from '../../core/metrics/text.ts'
import {errorText, HactlError} from '../../errors.ts'

/** Where metrics are served: an address of this host and a port. */
export interface MetricsAddress {
  readonly address: string
  /** 0: one that is free. */
  readonly port: number
}

/** A listening server of metrics. */
export interface MetricsServer {
  readonly port: number
  readonly close: () => Promise<void>
}

/** What all scrapers together can take. */
const MAX_CONNECTIONS = 16
/** From connection to answer, and without any byte taken, milliseconds. */
const TIME_LIMIT_MS = 5_000
const MAX_HEADER_BYTES = 8_192

/** Reads ADDRESS:PORT, [ADDRESS]:PORT for IPv6; throws `HactlError` USAGE. */
export function parseMetricsAddress(text: string): MetricsAddress {
  const found = /^(?:\[([^\]]+)\]|([0-9.]+)):([0-9]{1,5})$/.exec(text)
  const address = found?.[1] ?? found?.[2] ?? ''
  const port = Number(found?.[3])
  const isAddress = found?.[1] === undefined ? isIPv4(address) : isIPv6(address)
  if (!found || !isAddress || port > 65_535) {
    throw new HactlError('USAGE', `${JSON.stringify(text)} is no address with a port`, '127.0.0.1:9650, [::1]:9650')
  }
  return {address, port}
}

/**
 * Serves `GET /metrics` over HTTP/1.1 on TCP to whoever can connect, and nothing else. Throws `HactlError` FAILED where
 * it cannot listen.
 */
export async function startMetricsServer(
  {address, port}: MetricsAddress,
  text: () => Promise<readonly string[]>,
): Promise<MetricsServer> {
  const server = createServer(
    {
      maxHeaderSize: MAX_HEADER_BYTES,
      headersTimeout: TIME_LIMIT_MS,
      requestTimeout: TIME_LIMIT_MS,
      keepAliveTimeout: TIME_LIMIT_MS,
      connectionsCheckingInterval: 1_000,
    },
    (request, response) => {
      answer(request, response, text).catch(() => response.destroy())
    },
  )
  server.maxConnections = MAX_CONNECTIONS
  server.timeout = TIME_LIMIT_MS
  await new Promise<void>((resolve, reject) => {
    server.once('error', error =>
      reject(
        new HactlError(
          'FAILED',
          `metrics cannot be served at ${address} port ${port}: ${errorText(error)}`,
          undefined,
          {
            cause: error,
          },
        ),
      ),
    )
    server.listen({host: address, port, exclusive: true}, resolve)
  })
  const bound = server.address()
  return {port: typeof bound === 'object' && bound ? bound.port : port, close: () => close(server)}
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  text: () => Promise<readonly string[]>,
): Promise<void> {
  request.resume()
  const path = (request.url ?? '').split('?', 1)[0]
  if (path !== '/metrics' || (request.method !== 'GET' && request.method !== 'HEAD')) {
    response.writeHead(path === '/metrics' ? 405 : 404, {'content-type': 'text/plain', connection: 'close'})
    response.end('there is GET /metrics only\n')
    return
  }
  // Nothing is said while the text is made, which has a limit of its own.
  request.socket.setTimeout(0)
  const pieces = await text()
  request.socket.setTimeout(TIME_LIMIT_MS)
  response.writeHead(200, {'content-type': METRICS_MEDIA_TYPE})
  if (request.method === 'HEAD') response.end()
  else await writePieces(response, pieces)
}

async function close(server: Server): Promise<void> {
  await new Promise<void>(resolve => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
}
