import type {Config} from '../../config/config.ts'
import {
  ABSENT_LINK,
  type DelayedLink,
  type LinkDelay,
  linkDeadline,
  linkSeen,
  withinLimit,
} from '../../core/track/link-delay.ts'
import {earliest, type MonotonicMs} from '../../core/units.ts'
import {LinkBeat, type LinkBeatMethod} from '../../kernel/link-beat.ts'

/** What `LinkStates` needs of the configuration. */
export type LinkSettings = Pick<Config, 'upDownDelays' | 'linkbeatInterfaces'> & {
  /** `linkbeat_use_polling`: every interface is asked. */
  readonly linkbeatPolling: boolean
}

/** What `LinkStates` looks at. */
export interface LinkSources {
  /** The interface as the kernel tells it now; undefined: it is not there. */
  readonly look: (name: string) => {readonly up: boolean} | undefined
  /** How long the backups of the routers there wait at least, milliseconds: no delay is longer than that. */
  readonly limitMs: (name: string) => number
  /** An interface that is asked answers something else than before: everything has to be looked at. */
  readonly onChange: () => void
}

/** What interfaces are held to be: as the kernel tells or as they answer, after their `interface_up_down_delays`. */
export class LinkStates {
  readonly #sources: LinkSources
  readonly #links = new Map<string, DelayedLink>()
  readonly #beat: LinkBeat
  #delays: ReadonlyMap<string, LinkDelay> = new Map()

  constructor(sources: LinkSources) {
    this.#sources = sources
    this.#beat = new LinkBeat(() => sources.onChange())
  }

  /**
   * Takes the settings, the interfaces that anybody asks for, and those of them that the agent made itself, which tell
   * of their changes always. A delay that has begun goes on with its new length.
   */
  configure(settings: LinkSettings, names: ReadonlySet<string>, own: ReadonlySet<string>): void {
    this.#delays = new Map(settings.upDownDelays.map(({name, downMs, upMs}) => [name, {downMs, upMs}]))
    const asked = new Map<string, LinkBeatMethod | undefined>()
    if (settings.linkbeatPolling) for (const name of names) asked.set(name, undefined)
    for (const {name, method} of settings.linkbeatInterfaces) if (names.has(name)) asked.set(name, method)
    for (const name of own) asked.delete(name)
    this.#beat.configure(asked)
    for (const name of this.#links.keys()) if (!names.has(name)) this.#links.delete(name)
  }

  /** What an interface is held to be; takes in what it is now. One that is not there is down without any delay. */
  isUp(name: string, now: MonotonicMs): boolean {
    const link = this.#sources.look(name)
    if (!link) {
      this.#links.delete(name)
      return false
    }
    const seen = this.#beat.answerOf(name)?.up ?? link.up
    const delayed = linkSeen(this.#links.get(name) ?? ABSENT_LINK, seen, this.#delayOf(name), now)
    this.#links.set(name, delayed)
    return delayed.up
  }

  /** When a change that has begun counts: everything has to be looked at then. */
  nextDeadline(): MonotonicMs | undefined {
    return earliest([...this.#links].map(([name, link]) => linkDeadline(link, this.#delayOf(name))))
  }

  /** Ends asking. */
  close(): void {
    this.#beat.close()
  }

  #delayOf(name: string): LinkDelay {
    const delay = this.#delays.get(name)
    return delay ? withinLimit(delay, this.#sources.limitMs(name)) : NO_DELAY
  }
}

const NO_DELAY: LinkDelay = {downMs: 0, upMs: 0}
