import type {Socket} from 'node:net'
import type {ProbeConnection} from '../core/check/plan.ts'
import type {ProbeResult} from '../core/check/result.ts'
import {duration, endpoint, openConnection, socketErrorWords} from './connect.ts'
import {Deadline} from './deadline.ts'
import type {ProbeOptions} from './probe.ts'

/** A probe over a TCP connection that is under way. What is called after it was decided does nothing. */
export interface Attempt {
  readonly socket: Socket
  /** It is good; `detail` is what was seen, in words. */
  succeed(detail?: string): void
  fail(reason: string): void
  /** Tells those who want to see what happens. */
  say(line: string): void
}

/** What a probe does with its connection. */
export interface AttemptSteps {
  readonly connection: ProbeConnection
  /** The socket has begun to connect: listen to it. `error` is listened to already. */
  readonly begin: (attempt: Attempt) => Layer | undefined
  /** What was missing when the time was over, for those who want to see what happens; undefined: nothing to add. */
  readonly missing?: () => string | undefined
}

/** What is over the socket, and goes before it. */
export interface Layer {
  destroy(): unknown
}

/**
 * Connects, and ends by what comes first: what `begin` decides, an error, the time, or an end from outside. Then the
 * socket is destroyed and the deadline cleared. Never rejects.
 */
export function attempt(steps: AttemptSteps, {signal, details}: ProbeOptions): Promise<ProbeResult> {
  const {connection} = steps
  const startedAt = performance.now()
  return new Promise(resolve => {
    let deadline: Deadline | undefined
    let socket: Socket | undefined
    let layer: Layer | undefined
    let decided = false
    const decide = (result: {readonly ok: true; readonly detail: string | undefined} | string): void => {
      if (decided) return
      decided = true
      deadline?.clear()
      signal?.removeEventListener('abort', cancel)
      layer?.destroy()
      socket?.destroy()
      const latencyMs = performance.now() - startedAt
      if (typeof result === 'string') resolve({ok: false, latencyMs, reason: result})
      else resolve({ok: true, latencyMs, detail: result.detail, weight: undefined})
    }
    const cancel = (): void => decide('cancelled')
    if (signal?.aborted) return cancel()
    const say = details ?? ignore
    say(`connecting to ${endpoint(connection.address, connection.port)}`)
    const opened = openConnection(connection)
    if (!opened.ok) return decide(opened.reason)
    socket = opened.socket
    signal?.addEventListener('abort', cancel)
    deadline = new Deadline(connection.timeoutMs, () => {
      const missing = steps.missing?.()
      if (missing !== undefined) say(missing)
      decide(`timeout after ${duration(connection.timeoutMs)}`)
    })
    // It stays for errors that come after the socket was destroyed, too.
    socket.on('error', error => decide(socketErrorWords(error, connection)))
    layer = steps.begin({
      socket,
      succeed: detail => decide({ok: true, detail}),
      fail: decide,
      say: line => {
        if (!decided) say(line)
      },
    })
  })
}

const ignore = (): void => {}
