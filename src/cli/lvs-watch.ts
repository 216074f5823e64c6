import {setTimeout as sleep} from 'node:timers/promises'

/** How often it is read again, milliseconds: as often as the kernel's counters change. */
const EVERY_MS = 2_000
/** Cursor home, clear what follows; ECMA-48. */
const HOME = '\u001b[H\u001b[J'

/** What is read again and again, and what is shown of it. */
export interface Watched<Reply extends {readonly observedAt: string}> {
  readonly read: () => Promise<Reply>
  readonly text: (reply: Reply) => string
  readonly json: boolean
}

/**
 * Shows something again until it is interrupted or cannot be read: on a terminal as much as it holds, in one place;
 * elsewhere whenever it has changed, with `json` as one line.
 */
export async function watch<Reply extends {readonly observedAt: string}>(watched: Watched<Reply>): Promise<never> {
  const {read, text, json} = watched
  const onTerminal = process.stdout.isTTY === true && !json
  let last: string | undefined
  for (;;) {
    const reply = await read()
    if (onTerminal) {
      process.stdout.write(`${HOME}${fitting(text(reply))}\n`)
    } else {
      const shown = json ? JSON.stringify({...reply, observedAt: ''}) : text(reply)
      if (shown !== last) process.stdout.write(`${json ? JSON.stringify(reply) : shown}\n`)
      last = shown
    }
    await sleep(EVERY_MS)
  }
}

/** As many lines as the terminal has room for above the cursor. */
function fitting(text: string): string {
  const lines = text.split('\n')
  const room = Math.max(3, process.stdout.rows) - 1
  if (lines.length <= room) return text
  return [...lines.slice(0, room - 1), `… and ${lines.length - room + 1} more lines`].join('\n')
}
