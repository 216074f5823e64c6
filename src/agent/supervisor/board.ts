import type {AgentEvent, Vip, VirtualRouter} from '../../control/model.ts'
import type {JournalRecord} from '../../core/journal/record.ts'
import {HactlError} from '../../errors.ts'

/** The latest picture of everything, as the processes that own it reported it, and who wants to hear of changes. */
export class Board {
  readonly #routers = new Map<string, VirtualRouter>()
  /** The state that each router went to last. */
  readonly #recorded = new Map<string, unknown>()
  readonly #listeners = new Set<(event: AgentEvent) => void>()
  #observedAt = new Date().toISOString()

  get observedAt(): string {
    return this.#observedAt
  }

  get routers(): readonly VirtualRouter[] {
    return [...this.#routers.values()]
  }

  get vips(): readonly Vip[] {
    return this.routers.flatMap(router => router.vips)
  }

  router(name: string): VirtualRouter | undefined {
    return this.#routers.get(name)
  }

  /** The router of that name; throws NOT_FOUND, with the names that there are. */
  requireRouter(name: string): VirtualRouter {
    const found = this.#routers.get(name)
    if (found) return found
    throw new HactlError('NOT_FOUND', `no virtual router ${name}`, knownNames([...this.#routers.keys()]))
  }

  /** The owner of the pictures has just answered: what it reported last still holds. */
  confirm(): void {
    this.#observedAt = new Date().toISOString()
  }

  /** Takes pictures in; with `all`, routers that are not among them are gone. */
  update({at, all, routers}: {at: string; all: boolean; routers: readonly VirtualRouter[]}): void {
    this.#observedAt = at
    if (all) this.#routers.clear()
    for (const router of routers) this.#routers.set(router.name, router)
    if (all) this.#emit({type: 'snapshot', at, routers})
    else for (const router of routers) this.#emit({type: 'router', at, router})
  }

  /** The routers that are master, by what was recorded last: a change is in the journal before its picture comes. */
  get masters(): readonly VirtualRouter[] {
    return this.routers.filter(({name}) => this.isMaster(name))
  }

  isMaster(name: string): boolean {
    return (this.#recorded.get(name) ?? this.#routers.get(name)?.state) === 'master'
  }

  recorded(record: JournalRecord): void {
    if (record.kind === 'transition' && record.instance !== undefined) {
      this.#recorded.set(record.instance, record.facts.to)
    }
    this.#emit({type: 'journal', at: record.at, record})
  }

  /** Calls the listener with a snapshot now and with every change from then on; returns what ends that. */
  subscribe(listener: (event: AgentEvent) => void): () => void {
    listener({type: 'snapshot', at: this.#observedAt, routers: this.routers})
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  #emit(event: AgentEvent): void {
    for (const listener of this.#listeners) listener(event)
  }
}

function knownNames(names: readonly string[]): string {
  if (names.length === 0) return 'there is none in the configuration'
  const shown = names.slice(0, 10).join(', ')
  return `there is ${shown}${names.length > 10 ? ` and ${names.length - 10} more` : ''}`
}
