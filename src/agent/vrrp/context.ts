import type {JournalEntry} from '../../core/journal/record.ts'
import type {MonotonicMs} from '../../core/units.ts'
import type {RouterNews} from '../channel.ts'
import type {Kernel} from './kernel.ts'
import type {Router} from './router.ts'

/** Where the director's news go. */
export interface DirectorListener {
  onJournal(entry: JournalEntry): void
  onNews(news: RouterNews): void
  /** `urgent`: its state changed; otherwise only figures did. */
  onRouterChanged(router: Router, urgent: boolean): void
  /** The earliest deadline may lie before the one armed. */
  onDeadline(at: MonotonicMs): void
}

/** What the parts of the director work with. */
export interface Context {
  readonly kernel: Kernel
  readonly listener: DirectorListener
}
