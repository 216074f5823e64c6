import {expect, test} from 'vitest'
import {type EventStream, eventStream} from '../../src/control/event-stream.ts'
import type {AgentEvent} from '../../src/control/model.ts'
import {fakeRouter, SEEN_AT} from '../fake-agent.ts'

interface Rig {
  readonly stream: EventStream
  readonly lines: string[]
  readonly emit: (vrid: number) => void
  readonly subscribed: () => number
  accepts: boolean
}

/** A stream into a list; while `accepts` is false the sink takes each line and then asks to wait. */
function rig({maxEvents = 3, maxChars = 1_000_000} = {}): Rig {
  const lines: string[] = []
  const listeners = new Set<(event: AgentEvent) => void>()
  const made = {
    lines,
    accepts: true,
    subscribed: () => listeners.size,
    emit: (vrid: number) => {
      for (const listener of listeners) listener({type: 'router', at: SEEN_AT, router: fakeRouter({vrid})})
    },
  }
  const write = (line: string): boolean => {
    const event = JSON.parse(line) as AgentEvent
    lines.push(
      event.type === 'router' ? String(event.router.vrid) : event.type === 'lost' ? `lost ${event.count}` : event.type,
    )
    return made.accepts
  }
  const stream = eventStream({
    sink: {write},
    subscribe: listener => {
      listeners.add(listener)
      listener({type: 'snapshot', at: SEEN_AT, routers: []})
      return () => listeners.delete(listener)
    },
    now: () => SEEN_AT,
    maxEvents,
    maxChars,
  })
  return Object.assign(made, {stream})
}

test('a reader that keeps up gets everything at once', () => {
  const it = rig()
  it.stream.start()
  for (let vrid = 1; vrid <= 10; vrid++) it.emit(vrid)
  expect(it.lines).toEqual(['snapshot', '1', '2', '3', '4', '5', '6', '7', '8', '9', '10'])
})

test('a short pause loses nothing and keeps the order', () => {
  const it = rig()
  it.stream.start()
  it.accepts = false
  for (let vrid = 1; vrid <= 4; vrid++) it.emit(vrid)
  expect(it.lines).toEqual(['snapshot', '1'])
  it.accepts = true
  it.stream.drained()
  it.emit(5)
  expect(it.lines).toEqual(['snapshot', '1', '2', '3', '4', '5'])
})

test('what does not fit is counted; nothing overtakes the word of it; a snapshot follows', () => {
  const it = rig()
  it.stream.start()
  it.accepts = false
  for (let vrid = 1; vrid <= 10; vrid++) it.emit(vrid)
  // One line at a time leaves: there is room in the queue again, yet later events must not jump the loss.
  it.stream.drained()
  it.emit(11)
  it.accepts = true
  it.stream.drained()
  it.emit(12)
  expect(it.lines).toEqual(['snapshot', '1', '2', '3', '4', 'lost 7', 'snapshot', '12'])
  expect(it.subscribed()).toBe(1)
})

test('the queue is bounded by its size, too', () => {
  const it = rig({maxEvents: 1000, maxChars: 10})
  it.stream.start()
  it.accepts = false
  for (let vrid = 1; vrid <= 5; vrid++) it.emit(vrid)
  it.accepts = true
  it.stream.drained()
  expect(it.lines).toEqual(['snapshot', '1', 'lost 4', 'snapshot'])
})

test('after stop nothing is written and nobody is subscribed', () => {
  const it = rig()
  it.stream.start()
  it.stream.stop()
  it.emit(1)
  it.stream.drained()
  expect(it.lines).toEqual(['snapshot'])
  expect(it.subscribed()).toBe(0)
})

/** A source of ready lines in parts, into a sink that takes one of them at a time when it is `slow`. */
function parts(slow: boolean) {
  const lines: string[] = []
  let ended = 0
  const stream = eventStream<{readonly n: number}>({
    sink: {
      write: line => {
        lines.push(line)
        return !slow
      },
    },
    subscribe: (listener, room) => {
      let n = 0
      const next = (): void => {
        n++
        listener(`{"n":${n}}`)
        if (n < 4) room(next)
      }
      room(next)
      return () => ended++
    },
    now: () => SEEN_AT,
    maxEvents: 1,
    maxChars: 1_000,
  })
  return {stream, lines, ended: () => ended}
}

const turn = (): Promise<void> => new Promise(resolve => setImmediate(resolve))

test('ready lines go out as they are, one part a turn', async () => {
  const it = parts(false)
  it.stream.start()
  expect(it.lines).toEqual([])
  await turn()
  expect(it.lines).toEqual(['{"n":1}\n'])
  for (let n = 0; n < 5; n++) await turn()
  expect(it.lines).toEqual(['{"n":1}\n', '{"n":2}\n', '{"n":3}\n', '{"n":4}\n'])
})

test('a part waits until the reader has taken the one before, so that none is lost', async () => {
  const it = parts(true)
  it.stream.start()
  for (let n = 1; n <= 4; n++) {
    for (let turns = 0; turns < 3; turns++) await turn()
    expect(it.lines).toHaveLength(n)
    it.stream.drained()
  }
  await turn()
  expect(it.lines).toHaveLength(4)
})

test('who waits for room is never told of it after the end', async () => {
  const it = parts(true)
  it.stream.start()
  await turn()
  it.stream.stop()
  it.stream.drained()
  await turn()
  expect(it.lines).toHaveLength(1)
  expect(it.ended()).toBe(1)
})
