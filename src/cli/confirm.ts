import {createInterface} from 'node:readline/promises'
import {HactlError} from '../errors.ts'

/** Asks before something is done that somebody may miss. Throws USAGE where nobody can be asked, REFUSED on a no. */
export async function confirm(question: string, {yes}: {readonly yes: boolean}): Promise<void> {
  if (yes) return
  if (!process.stdin.isTTY || !process.stderr.isTTY) {
    throw new HactlError('USAGE', `${question} Nobody can be asked here`, 'say -y')
  }
  const terminal = createInterface({input: process.stdin, output: process.stderr})
  try {
    const answer = await terminal.question(`${question} [y/N] `)
    if (!/^y(es)?$/i.test(answer.trim())) throw new HactlError('REFUSED', 'not confirmed: nothing was changed')
  } finally {
    terminal.close()
  }
}
