import {HactlError} from '../errors.ts'
import {ask, canAsk} from './prompt.ts'

/** Asks before something is done that somebody may miss. Throws USAGE where nobody can be asked, REFUSED on a no. */
export async function confirm(question: string, {yes}: {readonly yes: boolean}): Promise<void> {
  if (yes) return
  if (!canAsk()) throw new HactlError('USAGE', `${question} Nobody can be asked here`, 'say -y')
  const answer = await ask(`${question} [y/N] `)
  if (!/^y(es)?$/i.test(answer ?? '')) throw new HactlError('REFUSED', 'not confirmed: nothing was changed')
}
