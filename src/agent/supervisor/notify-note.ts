import type {JournalEntry} from '../../core/journal/record.ts'

/** Puts down what became of a notification. */
export type Note = (
  kind: 'notify-ran' | 'notify-failed' | 'mail-sent' | 'mail-failed',
  text: string,
  facts: JournalEntry['facts'],
  instance?: string,
) => void

/** Resolves to whether `done` came to its end within so many milliseconds; it never rejects. */
export async function endsWithin(timeoutMs: number, done: Promise<unknown>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<false>(resolve => {
    timer = setTimeout(() => resolve(false), timeoutMs)
  })
  const ended = await Promise.race([done.then(yes, yes), late])
  clearTimeout(timer)
  return ended
}

const yes = (): true => true
