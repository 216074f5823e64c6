import {spawn} from 'node:child_process'
import type {RouterConfig} from '../../config/router-config.ts'
import {errorText} from '../../errors.ts'
import {
  DEFAULT_TABLE,
  type FirewallFacts,
  type FirewallSettings,
  removal,
  rulesOf,
  tableName,
  type VirtualInterface,
} from './firewall-rules.ts'

/** Where the firewall's complaints go; each once until the matter is over. */
export interface FirewallListener {
  onProblem(text: string): void
}

/** nft(8) is killed after this, milliseconds. */
const TIMEOUT_MS = 10_000
/** What nft(8) refused is tried again after this, milliseconds. */
const RETRY_MS = 30_000
const MAX_COMPLAINT_BYTES = 2_048

/**
 * Keeps our tables of nftables as configuration and interfaces want them: nft(8) runs once at a time, and what changes
 * meanwhile is done by the next run. Without nft(8) everything else runs.
 */
export class Firewall {
  readonly #listener: FirewallListener
  readonly #program: string
  #facts: FirewallFacts = {table: DEFAULT_TABLE, priority: -1, counters: false, routers: [], devices: []}
  /** What the kernel has: the text that made it; undefined: nobody knows, as after a death of this process. */
  #present: {readonly table: string; readonly text: string | undefined} | undefined
  #stale = false
  #working: Promise<void> | undefined
  #retry: NodeJS.Timeout | undefined
  #closed = false
  #problem: string | undefined

  constructor(listener: FirewallListener, program = 'nft') {
    this.#listener = listener
    this.#program = program
  }

  /** Takes a configuration; resolves when its rules stand or could not be made. */
  configure(routers: readonly RouterConfig[], settings: FirewallSettings): Promise<void> {
    const table = tableName(settings.nftablesTable)
    if (table === undefined) this.#complain(`nftables: ${settings.nftablesTable} is no name of a table: hactl is used`)
    const {nftablesPriority: priority, nftablesCounters: counters} = settings
    this.#facts = {...this.#facts, table: table ?? DEFAULT_TABLE, priority, counters, routers}
    return this.#work()
  }

  /** Takes the interfaces with virtual MAC addresses that there are now. */
  devicesChanged(devices: readonly VirtualInterface[]): Promise<void> {
    this.#facts = {...this.#facts, devices}
    return this.#work()
  }

  /** Removes the tables; resolves when that is done or could not be. */
  async close(): Promise<void> {
    this.#facts = {...this.#facts, routers: [], devices: []}
    await this.#work()
    this.#closed = true
    clearTimeout(this.#retry)
  }

  #work(): Promise<void> {
    if (this.#closed) return Promise.resolve()
    this.#stale = true
    this.#working ??= this.#run().finally(() => {
      this.#working = undefined
    })
    return this.#working
  }

  async #run(): Promise<void> {
    let failed = false
    while (this.#stale) {
      this.#stale = false
      failed = !(await this.#apply(this.#facts))
    }
    clearTimeout(this.#retry)
    if (failed && !this.#closed) this.#retry = setTimeout(() => void this.#work(), RETRY_MS).unref()
  }

  async #apply(facts: FirewallFacts): Promise<boolean> {
    const wanted = rulesOf(facts, true)
    const present = this.#present
    if (present?.table === facts.table && present.text === wanted) return true
    const obsolete =
      present && present.table !== facts.table && present.text !== undefined ? removal(present.table) : ''
    let result = await this.#nft(`${obsolete}${wanted ?? removal(facts.table)}`)
    const without = result === undefined ? undefined : rulesOf(facts, false)
    if (result !== undefined && without !== wanted) {
      const second = await this.#nft(`${obsolete}${without ?? removal(facts.table)}`)
      if (second === undefined)
        this.#complain(`nftables: reports of group membership leave with virtual MACs: ${result}`)
      result = second
    } else if (result === undefined) this.#problem = undefined
    if (result === undefined) {
      this.#present = {table: facts.table, text: wanted}
      return true
    }
    // Nobody who has no rules needs to hear that there is no nft, or that there was nothing to remove.
    if (wanted === undefined && present?.text === undefined) {
      this.#present = {table: facts.table, text: undefined}
      return true
    }
    this.#complain(`nftables: no_accept, strict_mode and use_vmac are without their rules: ${result}`)
    return false
  }

  #complain(text: string): void {
    if (this.#problem === text) return
    this.#problem = text
    this.#listener.onProblem(text)
  }

  /** Answers why it failed; undefined: it did not. */
  #nft(input: string): Promise<string | undefined> {
    return new Promise(resolve => {
      let complaint = ''
      const path = `${process.env.PATH ?? ''}:/usr/sbin:/sbin`
      const child = spawn(this.#program, ['-f', '-'], {
        stdio: ['pipe', 'ignore', 'pipe'],
        env: {PATH: path},
        timeout: TIMEOUT_MS,
        killSignal: 'SIGKILL',
      })
      child.on('error', error => resolve(startFailure(error, this.#program)))
      // It may end before it has read everything.
      child.stdin.on('error', () => {})
      child.stderr.on('data', (bytes: Buffer) => {
        if (complaint.length < MAX_COMPLAINT_BYTES) complaint += bytes.toString('utf8')
      })
      child.on('close', (status, signal) => {
        if (status === 0) resolve(undefined)
        else resolve(firstLine(complaint) ?? `${this.#program}: ${signal ?? `exit status ${status}`}`)
      })
      child.stdin.end(input)
    })
  }
}

function startFailure(error: Error, program: string): string {
  return 'code' in error && error.code === 'ENOENT' ? `there is no program ${program}` : errorText(error)
}

/** "Error: Could not process rule: No such file or directory", without where in the input that is. */
function firstLine(complaint: string): string | undefined {
  const [line = ''] = complaint.split('\n')
  const text = line.replace(/^[^:]*:\d+:[\d-]+: /, '').trim()
  return text === '' ? undefined : text.slice(0, 200)
}
