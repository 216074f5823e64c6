import type {AgentEvent} from './model.ts'

/** Where the lines go; `write` answers whether more may be written before `drained` is called. */
export interface LineSink {
  readonly write: (line: string) => boolean
}

/** One reader of the events. */
export interface EventStream {
  /** Starts with a snapshot. */
  readonly start: () => void
  /** The sink takes more. */
  readonly drained: () => void
  readonly stop: () => void
}

export interface EventStreamOptions {
  readonly sink: LineSink
  /** Calls back with a snapshot at once, then with changes; returns what ends that. */
  readonly subscribe: (listener: (event: AgentEvent) => void) => () => void
  /** The present as ISO 8601. */
  readonly now: () => string
  readonly maxEvents: number
  readonly maxChars: number
}

/**
 * Sends events to one reader and holds a bounded queue for it while it is slow. What does not fit is counted;
 * once the reader has taken the rest it gets one `lost` event, then a new snapshot, so that it is right again.
 */
export function eventStream(options: EventStreamOptions): EventStream {
  const queue: string[] = []
  let queuedChars = 0
  let lost = 0
  let mayWrite = true
  let stopped = false
  let unsubscribe: (() => void) | undefined

  const receive = (event: AgentEvent): void => {
    if (stopped) return
    // Events after a loss must not overtake the word of it.
    if (lost > 0) {
      lost++
      return
    }
    const line = `${JSON.stringify(event)}\n`
    if (mayWrite) {
      mayWrite = options.sink.write(line)
    } else if (queue.length < options.maxEvents && queuedChars + line.length <= options.maxChars) {
      queue.push(line)
      queuedChars += line.length
    } else {
      lost = 1
    }
  }

  const subscribe = (): void => {
    unsubscribe?.()
    unsubscribe = undefined
    const end = options.subscribe(receive)
    if (stopped) end()
    else unsubscribe = end
  }

  const drained = (): void => {
    mayWrite = true
    while (mayWrite && !stopped) {
      const line = queue.shift()
      if (line === undefined) break
      queuedChars -= line.length
      mayWrite = options.sink.write(line)
    }
    if (!mayWrite || lost === 0 || stopped) return
    const event: AgentEvent = {type: 'lost', at: options.now(), count: lost}
    lost = 0
    mayWrite = options.sink.write(`${JSON.stringify(event)}\n`)
    subscribe()
  }

  return {
    start: subscribe,
    drained,
    stop: () => {
      stopped = true
      queue.length = 0
      queuedChars = 0
      unsubscribe?.()
      unsubscribe = undefined
    },
  }
}
