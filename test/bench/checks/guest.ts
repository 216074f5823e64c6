import {guest} from '../../lab/uml/guest.ts'
import type {Figures, Play} from './figures.ts'
import {playChecks} from './play.ts'

/** One after the other, in one machine. */
guest<readonly Play[], readonly Figures[]>(async plays => {
  const figures: Figures[] = []
  for (const play of plays) figures.push(await playChecks(play))
  return figures
})
