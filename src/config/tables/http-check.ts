import {onOff, word} from '../schema/arguments.ts'
import {inherited, setting} from '../schema/entries.ts'
import {type Argument, blockKind, type Item, REFUSED, type Schema} from '../schema/schema.ts'
import {writtenWord} from '../text/written.ts'
import {
  type CheckerConnection,
  type CheckerDefaults,
  type CheckerTiming,
  CONNECTION_ENTRIES,
  timingEntries,
} from './checker-settings.ts'
import {deprecated} from './deprecated.ts'
import {HTTP_URL, type HttpUrlSettings, SSL_URL, type SslUrlSettings} from './http-url.ts'
import {UINT32} from './lvs-arguments.ts'
import {repeatedBlocks} from './repeated-blocks.ts'

/** What HTTP_GET and SSL_GET have in common besides the pages. */
interface GetSettings extends CheckerConnection, CheckerTiming {
  readonly virtualHost: string | undefined
  readonly httpProtocol: HttpProtocol
  readonly enableSni: boolean
  /** It implies `enableSni`; empty: the virtual host. */
  readonly sniName: string | undefined
  /** No pause between the pages while the server is down. */
  readonly fastRecovery: boolean
}

/** `HTTP_GET`. */
export interface HttpGetSettings extends GetSettings {
  readonly urls: readonly Item<HttpUrlSettings>[]
}

/** `SSL_GET`. */
export interface SslGetSettings extends GetSettings {
  /** The end of the connection is announced. */
  readonly tlsCompliant: boolean
  readonly urls: readonly Item<SslUrlSettings>[]
}

/** 1.0C is 1.0 with `Connection: close`. */
export type HttpProtocol = '1.0' | '1.0C' | '1.1'

/** Defaults of HTTP_GET and SSL_GET. */
export const HTTP_DEFAULTS: CheckerDefaults = {retry: 1, delayBeforeRetryMs: 3_000}

const PROTOCOL: Argument<HttpProtocol> = {
  form: '1.0|1.0C|1.1',
  read: cursor => {
    const given = cursor.require()
    if (given === REFUSED) return REFUSED
    const text = given.text.toUpperCase()
    if (text === '1.0' || text === '1.0C' || text === '1.1') return text
    return cursor.fail(given, `${cursor.show(given)} is no version of HTTP`, '1.0, 1.0C or 1.1')
  },
  print: String,
}

const SNI_NAME: Argument<string> = {
  form: '[NAME]',
  read: cursor => cursor.next()?.text ?? '',
  print: name => (name === '' ? '' : writtenWord(name)),
}

const GET_ENTRIES: Schema<GetSettings> = {
  ...CONNECTION_ENTRIES,
  ...timingEntries(HTTP_DEFAULTS, {nb_get_retry: deprecated(UINT32, 'write retry')}),
  virtualHost: inherited('virtualhost', word('NAME'), {
    doc: 'host that is asked for',
    defaultText: 'virtualhost of the real server; without any, its address with the port',
  }),
  httpProtocol: setting('http_protocol', PROTOCOL, {
    initial: '1.0',
    doc: 'version of HTTP; 1.0C is 1.0 with Connection: close',
    defaultText: '1.0',
  }),
  enableSni: setting('enable_sni', onOff, {
    initial: false,
    doc: 'whether TLS names the host that is asked for',
    defaultText: 'off',
  }),
  sniName: inherited('sni_name', SNI_NAME, {
    doc: 'host that TLS names; alone it is that of virtualhost',
    defaultText: 'virtualhost',
    since: 'after 2.4.3',
  }),
  fastRecovery: setting('fast_recovery', onOff, {
    initial: false,
    doc: 'whether the pages are asked for without pause while the server is down',
    defaultText: 'off',
  }),
}

const URL_DOC = 'a page to ask for, and what it has to be; every one has to be good'

/** The table of `HTTP_GET`. */
export const HTTP_GET = blockKind<HttpGetSettings>('HTTP_GET', {
  ...GET_ENTRIES,
  urls: repeatedBlocks(HTTP_URL, {doc: URL_DOC}),
})

/** The table of `SSL_GET`. */
export const SSL_GET = blockKind<SslGetSettings>('SSL_GET', {
  ...GET_ENTRIES,
  tlsCompliant: setting('tls_compliant', onOff, {
    initial: false,
    doc: 'whether the end of the connection is announced',
    defaultText: 'off',
    since: '2.2.8',
  }),
  urls: repeatedBlocks(SSL_URL, {doc: URL_DOC}),
})
