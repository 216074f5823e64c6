import {hostname} from 'node:os'
import type {Command, Config, GlobalConfig} from '../../config/config.ts'
import {
  type GroupConfig,
  groupsOf,
  type NotifyConfig,
  type RouterConfig,
  routersOf,
} from '../../config/router-config.ts'
import type {CheckNews} from '../../core/check/news.ts'
import {JournalRateLimit} from '../../core/journal/rate-limit.ts'
import type {JournalEntry} from '../../core/journal/record.ts'
import {mailText} from '../../core/notify/mail-text.ts'
import {
  commonState,
  fifoLine,
  type Notification,
  type NotifiedState,
  notifyWords,
} from '../../core/notify/notification.ts'
import {monotonicNow} from '../../kernel/clock.ts'
import type {RouterNews} from '../channel.ts'
import {CheckNotifier} from './check-notifier.ts'
import {MailQueue, mailSettings} from './mail-queue.ts'
import {NotifyFifos} from './notify-fifos.ts'
import type {Note} from './notify-note.ts'
import {NotifyScripts} from './notify-scripts.ts'

type Told = Pick<Notification, 'state' | 'priority'>

/**
 * Tells the world about changes of virtual routers and of virtual and real servers: by scripts, pipes and mail, each as
 * far as it is configured. A state that was told already is not told again. What becomes of each script and mail goes
 * to the journal, at a bounded rate.
 */
export class Notifier {
  readonly #scripts: NotifyScripts
  readonly #fifos: NotifyFifos
  readonly #mail: MailQueue
  readonly #checks: CheckNotifier
  #global: GlobalConfig | undefined
  #instances: ReadonlyMap<string, RouterConfig> = new Map()
  #groups: readonly GroupConfig[] = []
  /** Instances that a reload took away and that have not stopped yet. */
  readonly #removed = new Map<string, RouterConfig>()
  readonly #told = new Map<string, Told>()
  readonly #toldOfGroups = new Map<string, NotifiedState>()

  constructor(journal: (entry: JournalEntry) => void) {
    const limit = new JournalRateLimit()
    const note: Note = (kind, text, facts, instance) => {
      const entry = {at: new Date().toISOString(), kind, text, facts, ...(instance !== undefined && {instance})}
      const admitted = limit.admit(entry, monotonicNow())
      if (admitted) journal(admitted)
    }
    this.#scripts = new NotifyScripts(note)
    this.#fifos = new NotifyFifos(note)
    this.#mail = new MailQueue(note)
    this.#checks = new CheckNotifier({
      write: line => this.#fifos.write('lvs', line),
      run: job => this.#scripts.add(job),
      mail: mail => this.#mail.add(mail, undefined),
      routerId: () => this.#routerId,
    })
  }

  /** Puts a configuration to work, at the start and at each reload, before the vrrp process hears of it. */
  configure(config: Config, {reloaded}: {readonly reloaded: boolean}): void {
    const instances = new Map(routersOf(config).map(instance => [instance.name, instance]))
    for (const [name, instance] of this.#instances) if (!instances.has(name)) this.#removed.set(name, instance)
    for (const name of instances.keys()) this.#removed.delete(name)
    this.#instances = instances
    this.#groups = groupsOf(config)
    const groups = new Set(this.#groups.map(({name}) => name))
    for (const name of this.#toldOfGroups.keys()) if (!groups.has(name)) this.#toldOfGroups.delete(name)
    this.#global = config.global
    this.#scripts.policy = config.global
    this.#fifos.configure(config.global)
    this.#mail.configure(mailSettings(config.global))
    this.#checks.configure(config)
    if (reloaded && config.global.fifoWriteStatesOnReload) this.#writeStates()
  }

  /**
   * Tells of what happened to a virtual router; sync groups follow from their members. What a reload took away may end
   * in STOP or in DELETED: the notifier knows which it is. Nothing is waited for.
   */
  notify(news: RouterNews): void {
    const {name, priority} = news
    const instance = this.#removed.get(name) ?? this.#instances.get(name)
    if (!instance) return
    switch (news.type) {
      case 'state':
        this.#enter(instance, news)
        return
      case 'priority': {
        const told = this.#told.get(name)
        if (told) this.#told.set(name, {...told, priority})
        if (!instance.notifyPriorityChanges) return
        const state = news.state === 'MASTER' ? 'MASTER_PRIORITY' : 'BACKUP_PRIORITY'
        this.#fifos.write('vrrp', fifoLine({subject: 'INSTANCE', name, state, priority}))
        return
      }
      case 'lower-priority-heard': {
        // Whoever sends such advertisements decides how many there are: they must not crowd out changes of state.
        const line = fifoLine({subject: 'INSTANCE', name, state: 'MASTER_RX_LOWER_PRI', priority})
        this.#fifos.write('vrrp', line, {expendable: true})
        this.#run(instance.notify.masterLowerPriority, 'notify_master_rx_lower_pri', {subject: 'INSTANCE', name})
      }
    }
  }

  /** Tells of what happened to virtual and real servers; nothing is waited for. */
  checkNews(news: readonly CheckNews[]): void {
    for (const one of news) this.#checks.notify(one)
  }

  /** Resolves when everything is told, or after `timeoutMs` and two seconds for what then has to be killed. */
  async drain(timeoutMs: number): Promise<void> {
    await Promise.all([this.#scripts.drain(timeoutMs), this.#fifos.close(), this.#mail.flush(timeoutMs)])
  }

  #enter(instance: RouterConfig, {name, state, priority}: Told & {readonly name: string}): void {
    const ends = state === 'STOP' || state === 'DELETED'
    if (state === 'DELETED' || (ends && this.#removed.has(name))) {
      this.#removed.delete(name)
      this.#told.delete(name)
      this.#tellRemoved(instance, priority)
      return
    }
    if (this.#told.get(name)?.state === state) return
    this.#told.set(name, {state, priority})
    this.#tell(instance, {subject: 'INSTANCE', name, state, priority})
    const group = this.#groups.find(({members}) => members.includes(name))
    if (group) this.#followGroup(group)
  }

  /** A sync group is told of once all its members have the same state, after the last of them. */
  #followGroup(group: GroupConfig): void {
    const {name, members} = group
    const state = commonState(members.map(member => this.#told.get(member)?.state))
    if (state === undefined || this.#toldOfGroups.get(name) === state) return
    this.#toldOfGroups.set(name, state)
    this.#tell(group, {subject: 'GROUP', name, state, priority: 0})
  }

  /**
   * What a reload took away is in fault, or deleted where notify_deleted says so. keepalived 2.2.7 runs the generic
   * script alone for that fault, not notify_fault.
   */
  #tellRemoved(instance: RouterConfig, priority: number): void {
    const {deleted, any} = instance.notify
    const state = deleted === undefined ? 'FAULT' : 'DELETED'
    const notify = {...(deleted !== undefined && deleted !== true && {deleted}), ...(any && {any})}
    const {name, smtpAlert} = instance
    this.#tell({notify, smtpAlert}, {subject: 'INSTANCE', name, state, priority})
  }

  #tell(about: {readonly notify: NotifyConfig; readonly smtpAlert: boolean}, notification: Notification): void {
    const {subject, name, state} = notification
    this.#fifos.write('vrrp', fifoLine(notification))
    const specific = SPECIFIC[state]
    const command = about.notify[specific]
    if (command !== true) this.#run(command, `notify_${specific}`, notification)
    this.#run(about.notify.any, 'notify', notification, notifyWords(notification))
    if (!about.smtpAlert || (state === 'FAULT' && this.#global?.noEmailFaults)) return
    this.#mail.add(mailText(this.#routerId, notification), subject === 'INSTANCE' ? name : undefined)
  }

  get #routerId(): string {
    return this.#global?.routerId ?? hostname()
  }

  #run(
    command: Command | undefined,
    what: string,
    {subject, name, state}: Pick<Notification, 'subject' | 'name'> & {readonly state?: NotifiedState},
    words: readonly string[] = [],
  ): void {
    if (!command) return
    const instance = subject === 'INSTANCE' ? name : undefined
    const last = state === 'STOP' || state === 'DELETED'
    this.#scripts.add({subject: `${subject} ${name}`, instance, what, command, words, last})
  }

  /** Groups first, as at the start of keepalived. */
  #writeStates(): void {
    for (const {name} of this.#groups) {
      const state = this.#toldOfGroups.get(name)
      if (state) this.#fifos.write('vrrp', fifoLine({subject: 'GROUP', name, state, priority: 0}))
    }
    for (const name of this.#instances.keys()) {
      const told = this.#told.get(name)
      if (told) this.#fifos.write('vrrp', fifoLine({subject: 'INSTANCE', name, ...told}))
    }
  }
}

const SPECIFIC = {MASTER: 'master', BACKUP: 'backup', FAULT: 'fault', STOP: 'stop', DELETED: 'deleted'} as const
