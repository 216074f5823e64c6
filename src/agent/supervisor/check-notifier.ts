import type {Command, Config} from '../../config/config.ts'
import type {CheckNews} from '../../core/check/news.ts'
import {type CheckNotification, checkFifoLine, checkMailText} from '../../core/notify/check-notification.ts'
import type {MailText} from '../../core/notify/mail-text.ts'
import {type CheckSubject, checkSubjects, type RealServerSubject, subjectKey} from './check-subjects.ts'
import type {NotifyJob} from './notify-scripts.ts'

/** Where what is told goes to. */
export interface CheckNotifierOptions {
  /** A line for the pipes. */
  readonly write: (line: string) => void
  readonly run: (job: NotifyJob) => void
  readonly mail: (mail: MailText) => void
  /** `router_id`, or the name of the host. */
  readonly routerId: () => string
}

/** What reloads took away and nobody said to have stopped; beyond this the oldest are forgotten. */
const MAX_REMOVED = 65_536

/**
 * Tells of virtual and real servers that came up or went down. What was told already is not told again, whatever a
 * check process that was restarted reports.
 */
export class CheckNotifier {
  readonly #options: CheckNotifierOptions
  #subjects: ReadonlyMap<string, CheckSubject> = new Map()
  /** Those that a reload took away and that have not stopped yet. */
  readonly #removed = new Map<string, CheckSubject>()
  /** What is known by everybody; missing where nothing was told yet. */
  readonly #told = new Map<string, boolean>()

  constructor(options: CheckNotifierOptions) {
    this.#options = options
  }

  /** Puts a configuration to work before the check process hears of it. */
  configure(config: Config): void {
    const before = this.#subjects
    this.#subjects = checkSubjects(config)
    for (const [key, subject] of before) if (!this.#subjects.has(key)) this.#removed.set(key, subject)
    for (const [key, subject] of this.#subjects) {
      this.#removed.delete(key)
      if (before.has(key)) continue
      if (subject.assumedUp) this.#told.set(key, true)
      else this.#told.delete(key)
    }
    for (const key of this.#removed.keys()) {
      if (this.#removed.size <= MAX_REMOVED) break
      this.#removed.delete(key)
      this.#told.delete(key)
    }
  }

  /** Tells of what the check process reports. */
  notify(news: CheckNews): void {
    const key = subjectKey(news.virtualServer, news.type === 'quorum' ? undefined : news.realServer)
    if (news.type === 'stopped') {
      this.#stopped(key)
      return
    }
    const subject = this.#subjects.get(key) ?? this.#removed.get(key)
    if (!subject || this.#told.get(key) === news.up) return
    if (news.type === 'real-server' && subject.type === 'real-server') {
      this.#tell(subject, realServerNotification(subject, news))
    }
    if (news.type === 'quorum' && subject.type === 'virtual-server') {
      const first = !this.#told.has(key)
      const {server, quorum, hysteresis} = subject
      const {up, weight} = news
      this.#tell(subject, {type: 'virtual-server', server, up, first, quorum, hysteresis, weight})
    }
    this.#told.set(key, news.up)
  }

  /** What is gone by a reload is told to be down in any case; at the end of the agent that takes `omega`. */
  #stopped(key: string): void {
    const removed = this.#removed.get(key)
    const subject = removed ?? this.#subjects.get(key)
    if (!subject) return
    this.#removed.delete(key)
    const wasUp = this.#told.get(key) === true
    if (removed || !subject.assumedUp) this.#told.delete(key)
    else this.#told.set(key, true)
    if (!wasUp || !(removed || subject.omega)) return
    const {server} = subject
    const end: CheckNotification =
      subject.type === 'real-server'
        ? realServerNotification(subject, {up: false, reason: undefined})
        : {...subject, type: 'virtual-server', server, up: false, first: false, weight: 0}
    // keepalived 2.2.7 is gone before any mail about its end has left.
    this.#tell({...subject, smtpAlert: removed !== undefined && subject.smtpAlert}, end, {last: true})
  }

  #tell(subject: CheckSubject, notification: CheckNotification, {last = false} = {}): void {
    this.#options.write(checkFifoLine(notification))
    const what = WHAT[subject.type][notification.up ? 'up' : 'down']
    const command: Command | undefined = notification.up ? subject.onUp : subject.onDown
    if (command) this.#options.run({subject: subject.name, instance: undefined, what, command, words: [], last})
    if (subject.smtpAlert) this.#options.mail(checkMailText(this.#options.routerId(), notification))
  }
}

const WHAT = {
  'virtual-server': {up: 'quorum_up', down: 'quorum_down'},
  'real-server': {up: 'notify_up', down: 'notify_down'},
} as const

const realServerNotification = (
  {server, realServer}: RealServerSubject,
  {up, reason}: {readonly up: boolean; readonly reason: string | undefined},
): CheckNotification => ({type: 'real-server', server, realServer, up, reason})
