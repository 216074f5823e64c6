import {isIP, type Socket} from 'node:net'
import {Duplex} from 'node:stream'
import {connect, createSecureContext, type SecureContext, type TLSSocket} from 'node:tls'

/** What a checker wants of TLS. */
export interface TlsSettings {
  /** Server name indication; undefined, or an address: none. RFC 6066 section 3 */
  readonly serverName: string | undefined
  /** The end has to be announced by close_notify. RFC 8446 section 6.1 */
  readonly compliant: boolean
}

/**
 * TLS over a connection, with whatever certificate: a checker asks whether there is service, not who gives it. Without
 * `compliant` the end of the connection ends the data; with it that takes a close_notify, and `onUnannounced` is told
 * where none came.
 */
export function startTls(socket: Socket, settings: TlsSettings, onUnannounced: () => void): TLSSocket {
  const {serverName, compliant} = settings
  context ??= createSecureContext({minVersion: 'TLSv1', ciphers: 'DEFAULT@SECLEVEL=0'})
  return connect({
    socket: compliant ? watchedEnd(socket, onUnannounced) : socket,
    secureContext: context,
    rejectUnauthorized: false,
    checkServerIdentity: () => undefined,
    ...(serverName === undefined || isIP(serverName) !== 0 ? {} : {servername: serverName}),
  })
}

/** Making it reads all certificates of authorities, so there is one for all probes; it holds nothing of a server. */
let context: SecureContext | undefined

/**
 * Node ends a TLS stream alike with close_notify and without: here the end of the connection below is kept from it, so
 * that it ends with close_notify alone.
 */
function watchedEnd(socket: Socket, onUnannounced: () => void): Duplex {
  let timer: NodeJS.Timeout | undefined
  const stream = new Duplex({
    read: () => void socket.resume(),
    write: (bytes: Buffer, _encoding, done) => void socket.write(bytes, () => done()),
    final: done => {
      socket.end()
      done()
    },
    destroy: (_error, done) => {
      clearTimeout(timer)
      done(null)
    },
  })
  socket.on('data', bytes => {
    if (!stream.push(bytes)) socket.pause()
  })
  // A close_notify that came with the last bytes takes some turns of the loop to get through the stream.
  socket.on('end', () => {
    timer = setTimeout(onUnannounced, TURNS_MS)
  })
  return stream
}

const TURNS_MS = 20
