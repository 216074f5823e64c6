/** Resolves after so many milliseconds. */
export const sleep = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms))

/**
 * Calls `look` until it returns something other than undefined or false, every few milliseconds; throws when
 * `timeoutMs` have passed without.
 */
export async function until<T>(
  what: string | (() => string),
  look: () => T | undefined | false,
  {timeoutMs, everyMs = 5}: {readonly timeoutMs: number; readonly everyMs?: number},
): Promise<T> {
  const giveUpAt = performance.now() + timeoutMs
  for (;;) {
    const seen = look()
    if (seen !== undefined && seen !== false) return seen
    if (performance.now() >= giveUpAt) {
      throw new Error(`waited ${timeoutMs} ms in vain for ${typeof what === 'string' ? what : what()}`)
    }
    await sleep(everyMs)
  }
}

/** What a promise gives, or undefined when it has given nothing after so many milliseconds. */
export async function within<T>(promise: Promise<T>, timeoutMs: number): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined
  const timeout = new Promise<undefined>(resolve => {
    timer = setTimeout(resolve, timeoutMs, undefined)
  })
  try {
    return await Promise.race([promise, timeout])
  } finally {
    clearTimeout(timer)
  }
}
