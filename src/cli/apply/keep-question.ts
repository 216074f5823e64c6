import {createInterface} from 'node:readline/promises'

/** A question with an end. */
export interface KeepQuestion {
  readonly seconds: number
  /** Nobody need answer any more. */
  readonly signal: AbortSignal
  /** Ctrl-C. */
  readonly onInterrupt: () => void
}

/**
 * Asks on a terminal whether the new configuration is to stay, and counts the seconds down in the question. False when
 * nobody answered in time, and for anything but yes.
 */
export async function askToKeep({seconds, signal, onInterrupt}: KeepQuestion): Promise<boolean> {
  const terminal = createInterface({input: process.stdin, output: process.stderr})
  const endsAt = performance.now() + seconds * 1_000
  const left = (): number => Math.max(0, Math.ceil((endsAt - performance.now()) / 1_000))
  const show = (): void => {
    terminal.setPrompt(`the cluster is as it was planned; keep it? [y/N] ${left()} s `)
    terminal.prompt(true)
  }
  try {
    return await new Promise<boolean>(resolve => {
      const clock = setInterval(() => (left() === 0 ? end(false) : show()), 1_000)
      const end = (answer: boolean): void => {
        clearInterval(clock)
        signal.removeEventListener('abort', stop)
        resolve(answer)
      }
      const stop = (): void => end(false)
      signal.addEventListener('abort', stop)
      terminal.once('line', line => end(/^y(es)?$/i.test(line.trim())))
      terminal.once('close', stop)
      terminal.once('SIGINT', () => {
        onInterrupt()
        stop()
      })
      show()
    })
  } finally {
    terminal.close()
    process.stderr.write('\n')
  }
}
