/** Where the lines go; `write` answers whether more may be written before `drained` is called. */
export interface LineSink {
  readonly write: (line: string) => boolean
}

/** Takes what a stream tells: a value, or a line that is JSON already, without its end. */
export type StreamListener<Event> = (event: Event | string) => void

/** Calls back once, in a later turn, when the reader has taken what it was given; never after the stream ended. */
export type StreamRoom = (resume: () => void) => void

/**
 * What a stream is made of: calls the listener with all there is, then with changes, and returns what ends that. Who
 * has much to tell at the start tells it in parts, and waits for `room` before each.
 */
export type StreamSource<Event> = (listener: StreamListener<Event>, room: StreamRoom) => () => void

/** One reader of a stream. */
export interface EventStream {
  /** Starts with all there is. */
  readonly start: () => void
  /** The sink takes more. */
  readonly drained: () => void
  readonly stop: () => void
}

export interface EventStreamOptions<Event> {
  readonly sink: LineSink
  readonly subscribe: StreamSource<Event>
  /** The present as ISO 8601. */
  readonly now: () => string
  readonly maxEvents: number
  readonly maxChars: number
}

/**
 * Sends events to one reader and holds a bounded queue for it while it is slow. What does not fit is counted; once the
 * reader has taken the rest it gets one `lost` event, then everything anew, so that it is right again.
 */
export function eventStream<Event>(options: EventStreamOptions<Event>): EventStream {
  const queue = lineQueue(options)
  let lost = 0
  let mayWrite = true
  let stopped = false
  let unsubscribe: (() => void) | undefined
  const waiting = roomKeeper(() => mayWrite)

  const receive: StreamListener<Event> = event => {
    if (stopped) return
    // Events after a loss must not overtake the word of it.
    if (lost > 0) {
      lost++
      return
    }
    const line = `${typeof event === 'string' ? event : JSON.stringify(event)}\n`
    if (mayWrite) mayWrite = options.sink.write(line)
    else if (!queue.push(line)) lost = 1
  }

  const end = (): void => {
    waiting.forget()
    unsubscribe?.()
    unsubscribe = undefined
  }

  const subscribe = (): void => {
    end()
    const room: StreamRoom = resume => {
      if (!stopped) waiting.wait(resume)
    }
    const unsubscribeThis = options.subscribe(receive, room)
    if (stopped) unsubscribeThis()
    else unsubscribe = unsubscribeThis
  }

  const drained = (): void => {
    mayWrite = true
    while (mayWrite && !stopped) {
      const line = queue.shift()
      if (line === undefined) break
      mayWrite = options.sink.write(line)
    }
    if (!mayWrite || stopped) return
    if (lost === 0) {
      waiting.look()
      return
    }
    const word = JSON.stringify({type: 'lost', at: options.now(), count: lost})
    lost = 0
    mayWrite = options.sink.write(`${word}\n`)
    subscribe()
  }

  return {
    start: subscribe,
    drained,
    stop: () => {
      stopped = true
      queue.clear()
      end()
    },
  }
}

/** Lines that wait; `push` answers whether there was a place. */
function lineQueue({maxEvents, maxChars}: {readonly maxEvents: number; readonly maxChars: number}) {
  const lines: string[] = []
  let chars = 0
  return {
    push: (line: string): boolean => {
      if (lines.length >= maxEvents || chars + line.length > maxChars) return false
      lines.push(line)
      chars += line.length
      return true
    },
    shift: (): string | undefined => {
      const line = lines.shift()
      chars -= line?.length ?? 0
      return line
    },
    clear: (): void => {
      lines.length = 0
      chars = 0
    },
  }
}

/** Calls back who waits for room, in the next turn in which there is some. */
function roomKeeper(hasRoom: () => boolean) {
  let waiting: (() => void) | undefined
  let turn: NodeJS.Immediate | undefined
  const look = (): void => {
    if (waiting === undefined || turn !== undefined || !hasRoom()) return
    turn = setImmediate(() => {
      turn = undefined
      if (!hasRoom()) return
      const resume = waiting
      waiting = undefined
      resume?.()
    })
  }
  return {
    look,
    wait: (resume: () => void): void => {
      waiting = resume
      look()
    },
    forget: (): void => {
      clearImmediate(turn)
      turn = undefined
      waiting = undefined
    },
  }
}
