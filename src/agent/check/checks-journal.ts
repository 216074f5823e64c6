import type {CheckNews} from '../../core/check/news.ts'
import type {JournalEntry} from '../../core/journal/record.ts'

/** Entries that may come at once, and so many a second after that: a data centre that fails is told of wholly. */
const BURST = 2_000
const PER_SECOND = 50

/** The journal of the checks, held to an amount that a disk can hold; what is left out is counted. */
export class CheckJournal {
  readonly #write: (entry: JournalEntry) => void
  #left = BURST
  #filledAt = performance.now()
  #leftOut = 0

  constructor(write: (entry: JournalEntry) => void) {
    this.#write = write
  }

  /** What happened to a real server or a quorum; `because`: what was seen of a real server that is up again. */
  news(news: CheckNews, because: string | undefined): void {
    const {virtualServer} = news
    if (news.type === 'real-server') {
      const {realServer, up} = news
      const reason = news.reason ?? because ?? null
      const text = `real server ${realServer} of ${virtualServer} is ${up ? 'up' : 'down'}`
      const facts = {virtualServer, realServer, up, reason}
      this.note(reason === null ? text : `${text}: ${reason}`, facts)
    } else if (news.type === 'quorum') {
      const {up, weight, quorum} = news
      const text = `virtual server ${virtualServer} has ${up ? 'its quorum' : 'lost its quorum'}`
      this.note(`${text}: weight ${weight}, quorum ${quorum}`, {virtualServer, up, weight, quorum})
    }
  }

  /** Any other entry. */
  note(text: string, facts: JournalEntry['facts'] = {}, kind: JournalEntry['kind'] = 'check'): void {
    const now = performance.now()
    this.#left = Math.min(BURST, this.#left + ((now - this.#filledAt) * PER_SECOND) / 1_000)
    this.#filledAt = now
    if (this.#left < 1) {
      this.#leftOut++
      return
    }
    this.#left--
    const more = this.#leftOut === 0 ? '' : ` (${this.#leftOut} more of this kind were left out)`
    this.#leftOut = 0
    this.#write({at: new Date().toISOString(), kind, text: `${text}${more}`, facts})
  }
}
