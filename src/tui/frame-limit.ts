/** Frames that may follow each other at once after quiet. */
const SAVED_FRAMES = 3
/** Of them, those that what can wait leaves for keys. */
const KEPT_FRAMES = 1

/**
 * Calls back at most once in an interval on the average: a few calls that were saved up may follow each other at once,
 * so that a key is not kept waiting by the frame before it. What comes between is put together.
 */
export function atMostEach(intervalMs: number) {
  const listeners = new Set<() => void>()
  let [saved, countedMs] = [SAVED_FRAMES, performance.now()]
  let lastMs = Number.NEGATIVE_INFINITY
  let timer: NodeJS.Timeout | undefined
  let dueMs = Number.POSITIVE_INFINITY
  const count = (): number => {
    const nowMs = performance.now()
    saved = intervalMs === 0 ? SAVED_FRAMES : Math.min(SAVED_FRAMES, saved + (nowMs - countedMs) / intervalMs)
    countedMs = nowMs
    return nowMs
  }
  const call = (): void => {
    clearTimeout(timer)
    timer = undefined
    dueMs = Number.POSITIVE_INFINITY
    lastMs = count()
    saved--
    for (const listener of [...listeners]) listener()
  }
  return {
    /**
     * `intervals`: how many of them lie between this frame and the one before at least; 0: none. What can wait is drawn
     * in a turn of its own: a key that has come meanwhile is answered by the same frame.
     */
    notify: (intervals = 0) => {
      const nowMs = count()
      const needed = intervals === 0 ? 1 : 1 + KEPT_FRAMES
      const savedMs = saved >= needed ? nowMs : nowMs + (needed - saved) * intervalMs
      const wantedMs = Math.max(savedMs, lastMs + intervals * intervalMs)
      if (wantedMs <= nowMs && (intervals === 0 || intervalMs === 0)) call()
      else if (wantedMs < dueMs) {
        clearTimeout(timer)
        dueMs = wantedMs
        timer = setTimeout(call, Math.max(0, wantedMs - nowMs))
      }
    },
    subscribe: (listener: () => void): (() => void) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    close: () => clearTimeout(timer),
  }
}
