import type {LvsChangeReply} from '../../control/lvs-model.ts'
import {LVS_ROUTES} from '../../control/lvs-routes.ts'
import type {Override} from '../../control/model.ts'
import type {LvsHandlers, Observed} from '../../control/routes.ts'
import type {Standings} from '../../core/check/standing.ts'
import type {ServiceId, SyncDaemon} from '../../core/ipvs/model.ts'
import {serviceKey} from '../../core/ipvs/names.ts'
import type {IpvsTable} from '../../core/ipvs/table.ts'
import type {JournalEntry} from '../../core/journal/record.ts'
import {errorText, HactlError} from '../../errors.ts'
import {makeLvsHandlers} from '../../lvs/handlers.ts'
import {orderQueue} from '../../lvs/order-queue.ts'
import {everySituation, type Situation, situationsOf} from '../../lvs/situation.ts'
import type {FromCheck, LvsSettings} from '../channel.ts'
import {IpvsAccess} from './ipvs-access.ts'
import {Keeper} from './lvs-keeper.ts'
import {describeKept, keptCount, overrideIds, takeBack} from './lvs-overrides.ts'
import {LvsStore} from './lvs-store.ts'
import {LvsTable} from './lvs-table.ts'

/** What is asked of IPVS's owner. */
export type LvsCallName = keyof LvsHandlers | 'cancelOverride'

/** What IPVS's owner needs. */
export interface LvsOptions {
  /** `Ipvs.open`, as a rule. */
  readonly open: () => Promise<IpvsTable>
  readonly tell: (message: Extract<FromCheck, {readonly type: 'flushed' | 'overrides'}>) => void
  readonly journal: (entry: JournalEntry) => void
  /** How long until what failed is tried again, milliseconds; half a minute unless given. */
  readonly retryAfterMs?: number
}

/** What there is and what is wanted; `problem`: why IPVS cannot be read, so that only what is wanted is known. */
export interface LvsSeen {
  readonly situations: readonly Situation[]
  readonly problem: string | null
}

/** Standings that wait for their turn. */
interface StandingsWaiting {
  standings: Standings
  /** Names of services. */
  readonly changed: Set<string>
  done: Promise<void>
}

const RETRY_AFTER_MS = 30_000
/** Changes of one order that the journal shows. */
const MAX_CHANGES_NOTED = 50
/** Overrides that are shown one by one. */
const MAX_OVERRIDES_SHOWN = 1_000

/**
 * Owns IPVS: sees to it at every start and reload that the kernel has what is wanted, carries out what operators order,
 * and takes everything of ours back at the end. What the kernel or the disk refuse is told, and tried again.
 */
export class Lvs {
  readonly #options: LvsOptions
  readonly #queue = orderQueue()
  readonly #store = new LvsStore()
  readonly #access: IpvsAccess
  readonly #keeper: Keeper
  readonly #table: LvsTable
  readonly #handlers: LvsHandlers
  #settings: LvsSettings | undefined
  #stopping = false
  #retryTimer: NodeJS.Timeout | undefined
  #shown: unknown
  #waiting: StandingsWaiting | undefined

  constructor(options: LvsOptions) {
    this.#options = options
    this.#access = new IpvsAccess({
      open: options.open,
      onMissing: text => this.#note('ipvs-missing', `no virtual server works: ${text}`),
      onBack: () => {
        this.#note('ipvs-back', 'the kernel has IPVS now')
        this.#table.forget()
        this.#retry(0)
      },
    })
    this.#keeper = new Keeper({
      store: this.#store,
      timeoutsNow: async () => (await this.#access.table()).timeouts(),
    })
    this.#table = new LvsTable({
      store: this.#store,
      keeper: this.#keeper,
      note: (kind, text) => this.#note(kind, text),
      onFlushed: () => options.tell({type: 'flushed'}),
    })
    this.#handlers = makeLvsHandlers({
      table: () => this.#access.table(),
      keeper: this.#keeper,
      queue: this.#queue,
    })
  }

  /**
   * Makes IPVS what is wanted now, with real servers as they stand by their checks; resolves when that is so, or has
   * failed and is to be tried again. Standings that were to be followed before are those of an earlier configuration.
   */
  configure(settings: LvsSettings, standings: Standings): Promise<void> {
    const problem = this.#store.open(settings.stateDirectory)
    if (problem !== undefined) this.#note('journal-damaged', problem)
    this.#settings = settings
    this.#waiting = undefined
    return this.#inTurn(async () => {
      this.#keeper.configure(settings, standings)
      this.#table.configure(settings)
      // Before the kernel is changed: who sees that asks next who wanted it.
      this.#tellOverrides()
      await this.#work()
    })
  }

  /**
   * Has IPVS follow the checks: `changed` are the services where `standings` differ from those that were given last.
   * Resolves when the kernel has them, or has refused them and they are to be tried again; never rejects. Calls that
   * wait for their turn are one.
   */
  useStandings(standings: Standings, changed: readonly ServiceId[]): Promise<void> {
    if (this.#waiting) {
      this.#waiting.standings = standings
      for (const id of changed) this.#waiting.changed.add(serviceKey(id))
      return this.#waiting.done
    }
    const waiting: StandingsWaiting = {standings, changed: new Set(changed.map(serviceKey)), done: Promise.resolve()}
    this.#waiting = waiting
    waiting.done = this.#inTurn(async () => {
      // A configuration that came meanwhile has standings of its own.
      if (this.#waiting !== waiting) return
      this.#waiting = undefined
      await this.#follow(waiting)
    })
    return waiting.done
  }

  /** The virtual router that the sync daemons follow changed its state. */
  useDaemons(daemons: readonly SyncDaemon[]): Promise<void> {
    return this.#inTurn(async () => {
      this.#keeper.configure({...this.#keeper.configured, daemons})
      this.#table.daemonsChanged()
      await this.#work()
    })
  }

  /** Answers a call; rejects with a `HactlError`. */
  async call(name: LvsCallName, input: object): Promise<Observed<unknown>> {
    if (name === 'cancelOverride') return this.#cancel(String('id' in input ? input.id : ''))
    const route = LVS_ROUTES[name]
    const changes = route.access === 'write' && !('dryRun' in input && input.dryRun === true)
    if (changes) this.#requireOwner()
    const handler = this.#handlers[name] as (input: object) => Promise<Observed<unknown>>
    let answer: Observed<unknown>
    try {
      answer = await handler(input)
    } catch (error) {
      if (!(error instanceof HactlError) || error.code === 'FAILED') await this.#access.doubt()
      if (changes) await this.#afterwards()
      throw error
    }
    if (changes) {
      await this.#afterwards()
      this.#noteOrder(name, answer.value as LvsChangeReply)
    }
    return answer
  }

  /** Looks at these services, or at all there are and that are wanted; changes nothing. Never rejects. */
  async look(ids?: readonly ServiceId[]): Promise<LvsSeen> {
    const wanted = this.#keeper.wanted()
    try {
      const table = await this.#access.tableToWatch()
      const situations = ids ? await situationsOf(table, {ids, wanted}) : await everySituation(table, wanted)
      return {situations, problem: null}
    } catch (error) {
      await this.#access.doubt()
      const asked = ids && new Set(ids.map(serviceKey))
      const known = asked ? wanted.filter(({service}) => asked.has(serviceKey(service.id))) : wanted
      const situations = known.map(one => ({id: one.service.id, actual: undefined, wanted: one}))
      return {situations, problem: errorText(error)}
    }
  }

  /** Takes everything that is ours out of the kernel, in the way that the configuration asks for. */
  async stop(): Promise<void> {
    this.#stopping = true
    clearTimeout(this.#retryTimer)
    await this.#queue
      .run(async () => {
        if (!this.#settings || this.#settings.observing || !this.#table.hasAnything()) return
        // Where there is no IPVS, nothing of ours is in it.
        const table = await this.#access.table().catch(() => undefined)
        if (table) await this.#table.withdraw(table, this.#settings.flushAtStop)
      })
      .catch(error => this.#note('services-failed', `not withdrawn: ${errorText(error)}`))
    this.#access.close()
  }

  /** Whatever is to be done and can be: at first, after a change of what is wanted, and when something failed. */
  async #work(): Promise<void> {
    if (this.#stopping || !this.#settings || this.#settings.observing) return
    // A kernel without IPVS is told of when it is found out.
    const table = this.#table.hasAnything() ? await this.#access.table().catch(() => undefined) : undefined
    try {
      if (table) await this.#table.makeSo(table)
    } catch (error) {
      await this.#access.doubt()
      this.#table.failed(errorText(error))
    }
    if ((this.#table.hasAnything() && !this.#table.isDone) || this.#store.problem !== undefined) this.#retry()
    this.#tellOverrides()
  }

  async #follow({standings, changed}: StandingsWaiting): Promise<void> {
    const before = this.#keeper.rulesOf(changed)
    this.#keeper.useStandings(standings, changed)
    if (this.#stopping || !this.#settings || this.#settings.observing || changed.size === 0) return
    const table = await this.#access.table().catch(() => undefined)
    try {
      if (table) await this.#table.follow(table, changed, before)
    } catch (error) {
      await this.#access.doubt()
      this.#table.failed(errorText(error))
    }
    if (!this.#table.isDone) this.#retryLater()
  }

  #retry(afterMs = this.#options.retryAfterMs ?? RETRY_AFTER_MS): void {
    clearTimeout(this.#retryTimer)
    this.#retryTimer = undefined
    if (this.#stopping) return
    this.#retryTimer = setTimeout(() => {
      this.#retryTimer = undefined
      void this.#inTurn(() => this.#work())
    }, afterMs)
  }

  /** As `#retry`, but what comes again and again does not put off what waits. */
  #retryLater(): void {
    if (this.#retryTimer === undefined) this.#retry()
  }

  /** Between other changes of IPVS, before orders that wait; never rejects: what fails is tried again. */
  #inTurn(job: () => Promise<void>): Promise<void> {
    return this.#queue.runFirst(job).catch(error => {
      this.#table.failed(errorText(error))
      this.#retry()
    })
  }

  /** An order has ended: what is gone is not ours any more. */
  #afterwards(): Promise<void> {
    return this.#inTurn(async () => {
      await this.#table.settle()
      if (this.#store.problem !== undefined) this.#retry()
      this.#tellOverrides()
    })
  }

  #cancel(id: string): Promise<Observed<Override>> {
    this.#requireOwner()
    return this.#queue.run(async () => {
      const before = this.#store.state
      const taken = takeBack(before, id)
      if (!taken) throw new HactlError('NOT_FOUND', `there is no override ${id}`, 'hactl agent overrides lists them')
      const table = await this.#access.table()
      const described = describeKept(before, this.#keeper.configured.services, {ids: [id], limit: 1})[0] as Override
      await this.#store.save(taken.state)
      const problem = await this.#table.makeSoAgain(table, taken)
      if (problem !== undefined) {
        await this.#store.follow(before)
        await this.#table.makeSoAgain(table, {...taken, found: undefined})
        throw new HactlError('FAILED', `override ${id} stays: ${problem}`)
      }
      await this.#table.settle()
      this.#tellOverrides()
      this.#note('operator', `override taken back: ${described.instance ?? 'IPVS'}: ${described.text}`)
      return {observedAt: new Date().toISOString(), value: described}
    })
  }

  #requireOwner(): void {
    if (this.#stopping) throw new HactlError('REFUSED', 'the agent stops')
    if (!this.#settings) throw new HactlError('TIMED_OUT', 'the check process is starting', 'ask again')
    if (this.#settings.observing) {
      const message = 'this agent only observes: what IPVS has is left to others'
      throw new HactlError('REFUSED', message, 'start it without --observe, or use --direct')
    }
  }

  #tellOverrides(): void {
    const {state, problem} = this.#store
    const {services} = this.#keeper.configured
    const shown = [state.services, state.timeouts, state.daemons, services, problem]
    if (Array.isArray(this.#shown) && shown.every((part, i) => part === (this.#shown as unknown[])[i])) return
    this.#shown = shown
    const list = describeKept(state, services, {ids: overrideIds(state), limit: MAX_OVERRIDES_SHOWN})
    this.#options.tell({type: 'overrides', list, count: keptCount(state), problem: problem ?? null})
  }

  #noteOrder(name: string, {changes, moreChanges, applied}: LvsChangeReply): void {
    const [first] = changes
    if (!applied || first === undefined) return
    const count = changes.length + moreChanges
    const more = count > 1 ? ` (and ${count - 1} more)` : ''
    const facts = {order: name, count, changes: changes.slice(0, MAX_CHANGES_NOTED)}
    this.#note('operator', `IPVS changed: ${first}${more}`, facts)
  }

  #note(kind: JournalEntry['kind'], text: string, facts: JournalEntry['facts'] = {}): void {
    this.#options.journal({at: new Date().toISOString(), kind, text, facts})
  }
}
