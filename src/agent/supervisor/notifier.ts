import type {Command, Config} from '../../config/config.ts'
import {type RouterConfig, routersOf} from '../../config/router-config.ts'
import type {JournalEntry, JournalRecord} from '../../core/journal/record.ts'
import {describeResult, succeeded} from '../../core/track/script.ts'
import type {RunningCommand} from './run-command.ts'
import {type ScriptPolicy, startScript} from './start-script.ts'

/** A notify script that runs longer is ended, milliseconds. keepalived sets no bound. */
const NOTIFY_TIMEOUT_MS = 60_000
/** Notifications of one instance waiting their turn; beyond this the oldest go, since the newest state counts. */
const MAX_WAITING = 64

interface Waiting {
  readonly instance: string
  readonly command: Command
  readonly policy: ScriptPolicy
  /** Words after the configured ones. */
  readonly extra: readonly string[]
  readonly what: string
}

type NotifiedState = 'MASTER' | 'BACKUP' | 'FAULT' | 'STOP'

/**
 * Runs the notify scripts of transitions: in order for one instance, instances beside each other. The specific script
 * comes before the generic one, which gets TYPE NAME STATE PRIORITY as keepalived.conf(5) says.
 */
export class Notifier {
  readonly #journal: (entry: JournalEntry) => void
  readonly #queues = new Map<string, Waiting[]>()
  readonly #running = new Map<string, RunningCommand>()
  #policy: ScriptPolicy = {scriptUser: undefined, enableScriptSecurity: true}
  #instances = new Map<string, RouterConfig>()
  /** Instances that a reload took away and that have not stopped yet. */
  readonly #removed = new Map<string, RouterConfig>()

  constructor(journal: (entry: JournalEntry) => void) {
    this.#journal = journal
  }

  configure(config: Config): void {
    this.#policy = config.global
    const instances = new Map(routersOf(config).map(instance => [instance.name, instance]))
    for (const [name, instance] of this.#instances) if (!instances.has(name)) this.#removed.set(name, instance)
    for (const name of instances.keys()) this.#removed.delete(name)
    this.#instances = instances
  }

  /** Queues what a transition asks for; other records are of no interest. */
  onRecord(record: JournalRecord): void {
    if (record.kind !== 'transition' || record.instance === undefined) return
    const removed = this.#removed.get(record.instance)
    const instance = this.#instances.get(record.instance) ?? removed
    // As keepalived has it: what a reload took away ends in fault, and STOP is for the end of the agent.
    const state = removed && record.facts.cause === 'stopped' ? 'FAULT' : notifiedState(record)
    if (!instance || !state) return
    if (removed && state === 'FAULT') this.#removed.delete(record.instance)
    const specific = {MASTER: 'master', BACKUP: 'backup', FAULT: 'fault', STOP: 'stop'} as const
    const command = instance.notify[specific[state]]
    const priority = String(record.facts.priority ?? instance.priority)
    const waiting = {instance: instance.name, policy: this.#policy}
    if (command) this.#enqueue({...waiting, command, extra: [], what: `notify_${specific[state]}`})
    const {any} = instance.notify
    const extra = ['INSTANCE', instance.name, state, priority]
    if (any) this.#enqueue({...waiting, command: any, extra, what: 'notify'})
  }

  /** Resolves when nothing runs or waits, or after `timeoutMs`; then what is left is killed. */
  async drain(timeoutMs: number): Promise<void> {
    const end = Date.now() + timeoutMs
    while (this.#running.size > 0 && Date.now() < end) {
      const left = Math.max(1, end - Date.now())
      const timer = new Promise(resolve => setTimeout(resolve, left).unref())
      await Promise.race([timer, ...[...this.#running.values()].map(({result}) => result)])
    }
    this.#queues.clear()
    for (const running of this.#running.values()) running.kill()
  }

  #enqueue(waiting: Waiting): void {
    const {instance} = waiting
    const queue = this.#queues.get(instance) ?? []
    this.#queues.set(instance, queue)
    queue.push(waiting)
    if (queue.length > MAX_WAITING) queue.shift()
    if (!this.#running.has(instance)) this.#runNext(instance)
  }

  #runNext(instance: string): void {
    const waiting = this.#queues.get(instance)?.shift()
    if (!waiting) {
      this.#queues.delete(instance)
      return
    }
    const {command, extra, what, policy} = waiting
    const running = startScript(command, policy, {timeoutMs: NOTIFY_TIMEOUT_MS, extra})
    this.#running.set(instance, running)
    const startedAt = Date.now()
    void running.result.then(result => {
      this.#running.delete(instance)
      this.#journal({
        at: new Date().toISOString(),
        kind: 'notify-ran',
        instance,
        text: `${what} ${command.argv[0]}: ${describeResult(result)}`,
        facts: {what, program: command.argv[0], ok: succeeded(result), durationMs: Date.now() - startedAt},
      })
      this.#runNext(instance)
    })
  }
}

function notifiedState(record: JournalRecord): NotifiedState | undefined {
  if (record.facts.cause === 'stopped') return 'STOP'
  switch (record.facts.to) {
    case 'master':
      return 'MASTER'
    case 'backup':
      return 'BACKUP'
    case 'fault':
      return 'FAULT'
    default:
      return undefined
  }
}
