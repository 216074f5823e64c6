import {hostname, userInfo} from 'node:os'
import type {GlobalConfig} from '../../config/config.ts'
import type {MailText} from '../../core/notify/mail-text.ts'
import {type MailSettings, MailTransport} from './mail-transport.ts'
import {endsWithin, type Note} from './notify-note.ts'

/** How mails are tried again; all in milliseconds. */
export interface MailPatience {
  /** Pause after the first attempt that failed; each further one is twice as long. */
  readonly firstPauseMs: number
  readonly maxPauseMs: number
  /** A mail that could not be handed over for this long is given up. */
  readonly giveUpAfterMs: number
}

const USUAL_PATIENCE: MailPatience = {firstPauseMs: 1_000, maxPauseMs: 60_000, giveUpAfterMs: 600_000}
/** Mails waiting; beyond this the oldest are given up. */
const MAX_WAITING = 512

interface Waiting {
  readonly mail: MailText
  readonly instance: string | undefined
  readonly since: number
}

/** The settings of mail, or undefined where no mail is sent: without a server or without recipients. */
export function mailSettings(global: GlobalConfig): MailSettings | undefined {
  const {smtpServer, notificationEmail, notificationEmailFrom, smtpHeloName, smtpConnectTimeoutMs} = global
  if (!smtpServer || notificationEmail.length === 0) return undefined
  return {
    ...smtpServer,
    heloName: smtpHeloName ?? hostname(),
    from: notificationEmailFrom ?? `${userInfo().username}@${hostname()}`,
    recipients: notificationEmail.map(({name}) => name),
    timeoutMs: smtpConnectTimeoutMs,
  }
}

/** Sends mails one after the other, in order, and tries again for a while when the server cannot be reached. */
export class MailQueue {
  readonly #note: Note
  readonly #patience: MailPatience
  #settings: MailSettings | undefined
  #waiting: Waiting[] = []
  #transport: {readonly settings: MailSettings; readonly transport: MailTransport} | undefined
  #work: Promise<void> | undefined
  #pause: {end(): void} | undefined
  #pauseMs: number
  /** The agent ends: one attempt each, and none after the first that failed. */
  #lastCall = false

  constructor(note: Note, patience: MailPatience = USUAL_PATIENCE) {
    this.#note = note
    this.#patience = patience
    this.#pauseMs = patience.firstPauseMs
  }

  configure(settings: MailSettings | undefined): void {
    if (JSON.stringify(settings) === JSON.stringify(this.#settings)) return
    this.#settings = settings
    if (!settings) this.#giveUp(this.#waiting.splice(0), 'no server or no recipients are configured any longer')
    this.#pause?.end()
  }

  /** Queues a mail; without settings there is none. */
  add(mail: MailText, instance: string | undefined): void {
    if (!this.#settings) return
    this.#waiting.push({mail, instance, since: performance.now()})
    // The first one may be on its way.
    if (this.#waiting.length > MAX_WAITING) this.#giveUp(this.#waiting.splice(1, 1), 'too many are waiting')
    this.#work ??= this.#sendAll().finally(() => {
      this.#work = undefined
    })
  }

  /** Tries what waits once more, milliseconds at most in all; then what is left is given up. */
  async flush(timeoutMs: number): Promise<void> {
    this.#lastCall = true
    this.#pause?.end()
    if (this.#work && !(await endsWithin(timeoutMs, this.#work))) this.#transport?.transport.abort()
    this.#giveUp(this.#waiting.splice(0), 'the agent ends')
  }

  async #sendAll(): Promise<void> {
    for (let next = this.#waiting[0]; next; next = this.#waiting[0]) {
      const result = await this.#transportNow()?.send(next.mail)
      // Meanwhile it may have been given up, or the agent has ended.
      const waits = this.#waiting[0] === next
      if (!result || !waits) continue
      if (result.type === 'not-yet') {
        if (this.#lastCall) break
        await this.#tryLater(result.reason)
        continue
      }
      this.#pauseMs = this.#patience.firstPauseMs
      this.#waiting.shift()
      if (result.type === 'sent') this.#noteSent(next, result)
      else this.#giveUp([next], result.reason)
    }
    this.#transport?.transport.close()
    this.#transport = undefined
  }

  /** A reload may have named another server. */
  #transportNow(): MailTransport | undefined {
    const settings = this.#settings
    if (settings && this.#transport?.settings === settings) return this.#transport.transport
    this.#transport?.transport.close()
    this.#transport = settings && {settings, transport: new MailTransport(settings)}
    return this.#transport?.transport
  }

  async #tryLater(reason: string): Promise<void> {
    const {firstPauseMs, maxPauseMs, giveUpAfterMs} = this.#patience
    const oldest = performance.now() - giveUpAfterMs
    const fresh = this.#waiting.findIndex(({since}) => since > oldest)
    this.#giveUp(this.#waiting.splice(0, fresh === -1 ? this.#waiting.length : fresh), reason)
    if (this.#waiting.length === 0) return
    if (this.#pauseMs === firstPauseMs) {
      const minutes = giveUpAfterMs / 60_000
      const text = `mail is not taken yet, and tried again for ${minutes} minutes: ${reason}`
      this.#note('mail-failed', text, {waiting: this.#waiting.length, final: false, reason})
    }
    await new Promise<void>(resolve => {
      const timer = setTimeout(resolve, this.#pauseMs)
      this.#pause = {
        end: () => {
          clearTimeout(timer)
          resolve()
        },
      }
    })
    this.#pause = undefined
    this.#pauseMs = Math.min(maxPauseMs, 2 * this.#pauseMs)
  }

  #noteSent({mail, instance}: Waiting, {accepted, rejected}: {accepted: number; rejected: readonly string[]}): void {
    const refused = rejected.length > 0 ? `, refused for ${rejected.join(', ')}` : ''
    const text = `mail sent to ${accepted} ${accepted === 1 ? 'recipient' : 'recipients'}${refused}: ${mail.subject}`
    this.#note('mail-sent', text, {subject: mail.subject, accepted, rejected}, instance)
  }

  /** One record for all of them. */
  #giveUp(mails: readonly Waiting[], reason: string): void {
    const [first] = mails
    if (!first) return
    const more = mails.length > 1 ? ` (and ${mails.length - 1} more)` : ''
    const {subject} = first.mail
    const facts = {subject, mails: mails.length, final: true, reason}
    this.#note('mail-failed', `mail given up: ${reason}: ${subject}${more}`, facts, first.instance)
  }
}
