import {afterEach, beforeEach, expect, test, vi} from 'vitest'
import {atMostEach} from '../../src/tui/frame-limit.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

function counted() {
  const limit = atMostEach(100)
  const seen = {frames: 0}
  limit.subscribe(() => seen.frames++)
  return {limit, seen}
}

test('what can wait leaves a frame to a key, which is then drawn at once', () => {
  const {limit, seen} = counted()
  limit.notify()
  limit.notify()
  expect(seen.frames).toBe(2)
  // One is left, and it is not for a picture.
  limit.notify(0.1)
  vi.advanceTimersByTime(50)
  expect(seen.frames).toBe(2)
  limit.notify()
  expect(seen.frames).toBe(3)
})

test('keys are drawn ten times a second on the average, and what comes between is put together', () => {
  const {limit, seen} = counted()
  for (let ms = 0; ms < 2_000; ms += 10) {
    limit.notify()
    vi.advanceTimersByTime(10)
  }
  expect(seen.frames).toBeGreaterThanOrEqual(20)
  expect(seen.frames).toBeLessThanOrEqual(23)
})
