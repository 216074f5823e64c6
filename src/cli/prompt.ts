import {createInterface} from 'node:readline/promises'
import {INTERRUPTED} from './exit-codes.ts'

/** Whether somebody can be asked: both ends of the question are a terminal. */
export const canAsk = (): boolean => process.stdin.isTTY === true && process.stderr.isTTY === true

/** Asks on standard error and returns the answer without blanks around it; undefined: there will be none. */
export async function ask(question: string): Promise<string | undefined> {
  const terminal = createInterface({input: process.stdin, output: process.stderr})
  // Else an interrupt or an end of input leaves the question open, and the program ends as if all were well.
  const ended = new Promise<undefined>(resolve => terminal.once('close', () => resolve(undefined)))
  terminal.once('SIGINT', () => {
    terminal.close()
    process.stderr.write('\n')
    process.exit(INTERRUPTED)
  })
  try {
    return (await Promise.race([terminal.question(question), ended]))?.trim()
  } finally {
    terminal.close()
  }
}
