import type {MailText} from '../../core/notify/mail-text.ts'

/** Where mail goes to and from whom: `smtp_server` and what belongs to it, with all defaults. */
export interface MailSettings {
  readonly host: string
  readonly port: number
  /** Name to greet the server with. */
  readonly heloName: string
  /** `ADDRESS` or `NAME <ADDRESS>`. */
  readonly from: string
  readonly recipients: readonly string[]
  /** How long to wait for the server at each step, milliseconds. */
  readonly timeoutMs: number
}

/** What became of one attempt. `failed` means that trying again is pointless. */
export type MailResult =
  | {readonly type: 'sent'; readonly accepted: number; readonly rejected: readonly string[]}
  | {readonly type: 'failed' | 'not-yet'; readonly reason: string}

/** Steps of one attempt, each of which may take the time of `smtp_connect_timeout`: a server that drips is cut off. */
const STEPS = 6
/** Replies of servers are cut to this many characters for the journal. */
const MAX_REASON_LENGTH = 200
/** Largest reply of a server to take in, bytes. RFC 5321 section 4.5.3.1.5 has 512 for a line. */
const MAX_REPLY_BYTES = 65_536
/** Reply codes from here on are permanent. RFC 5321 section 4.2.1. */
const PERMANENT = 500

type Library = Awaited<ReturnType<typeof loadLibrary>>
type Connection = InstanceType<Library['SMTPConnection']>
type Delivery = {readonly accepted: readonly string[]; readonly rejected: readonly string[]}

/**
 * Hands mails to one server, over one connection as long as it lasts. TLS is used where the server offers it, whatever
 * its certificate: the mail holds no secret, and keepalived would send it in the clear.
 */
export class MailTransport {
  readonly #settings: MailSettings
  #connection: Connection | undefined
  #abandon: (reason: string) => void = () => {}
  /** Set when TLS went wrong after the server had offered it. */
  #withoutTls = false

  constructor(settings: MailSettings) {
    this.#settings = settings
  }

  /** One attempt; never rejects. */
  async send(mail: MailText): Promise<MailResult> {
    const abandoned = new Promise<never>((_, reject) => {
      this.#abandon = reason => reject(new Error(reason))
    })
    const timer = setTimeout(() => this.abort('the server took too long'), STEPS * this.#settings.timeoutMs)
    try {
      const info = await Promise.race([this.#attempt(mail), abandoned])
      return {type: 'sent', accepted: info.accepted.length, rejected: info.rejected.map(printable)}
    } catch (error) {
      this.abort()
      const {responseCode, message} = error as {responseCode?: number; message?: string}
      const permanent = responseCode !== undefined && responseCode >= PERMANENT
      return {type: permanent ? 'failed' : 'not-yet', reason: printable(message ?? String(error))}
    } finally {
      clearTimeout(timer)
    }
  }

  /** Takes leave of the server. */
  close(): void {
    this.#connection?.quit()
    this.#connection = undefined
  }

  /** Ends the connection at once; an attempt under way fails. The library would leave it pending for ever. */
  abort(reason = 'ended'): void {
    this.#connection?.close()
    this.#connection = undefined
    this.#abandon(reason)
  }

  async #attempt(mail: MailText): Promise<Delivery> {
    const library = await loadLibrary()
    const {message, envelope} = await compose(library, this.#settings, mail)
    const connection = this.#connection ?? (await this.#connect(library))
    return await new Promise<Delivery>((resolve, reject) => {
      connection.send(envelope, message, (error, info) => (error ? reject(error) : resolve(info)))
    })
  }

  #connect({SMTPConnection}: Library): Promise<Connection> {
    const {host, port, heloName, timeoutMs} = this.#settings
    const connection = new SMTPConnection({
      host,
      port,
      name: heloName,
      secure: false,
      ignoreTLS: this.#withoutTls,
      opportunisticTLS: true,
      tls: {rejectUnauthorized: false},
      connectionTimeout: timeoutMs,
      dnsTimeout: timeoutMs,
      greetingTimeout: timeoutMs,
      socketTimeout: timeoutMs,
      socketCloseTimeout: 1_000,
      maxResponseSize: MAX_REPLY_BYTES,
      allowInternalNetworkInterfaces: true,
    })
    this.#connection = connection
    return new Promise((resolve, reject) => {
      // It comes once more, without anybody waiting for it, when a connection breaks that is not in use.
      connection.on('error', error => {
        this.#withoutTls ||= connection.upgrading ?? false
        reject(error)
      })
      connection.once('end', () => {
        if (this.#connection === connection) this.#connection = undefined
        reject(new Error('the server closed the connection'))
      })
      connection.connect(error => (error ? reject(error) : resolve(connection)))
    })
  }
}

/** Costs some 50 ms and 11 MB, and so nothing is loaded before there is a mail to send. */
async function loadLibrary() {
  const [{default: SMTPConnection}, {default: MailComposer}] = await Promise.all([
    import('nodemailer/lib/smtp-connection'),
    import('nodemailer/lib/mail-composer'),
  ])
  return {SMTPConnection, MailComposer}
}

async function compose({MailComposer}: Library, {from, recipients}: MailSettings, {subject, text}: MailText) {
  const node = new MailComposer({
    from,
    to: [...recipients],
    subject,
    text,
    headers: {'X-Mailer': 'hactl', 'Auto-Submitted': 'auto-generated'},
    disableFileAccess: true,
    disableUrlAccess: true,
  }).compile()
  const message = await node.build()
  return {message, envelope: node.getEnvelope()}
}

/** What a server says goes to a journal and to terminals. */
const printable = (text: string): string => text.replace(/[^\x20-\x7e]+/g, ' ').slice(0, MAX_REASON_LENGTH)
