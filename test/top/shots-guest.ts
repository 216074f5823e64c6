import {execFileSync} from 'node:child_process'
import {mkdirSync} from 'node:fs'
import {guest} from '../lab/uml/guest.ts'
import {type Shot, takeAllShots} from './shots.ts'

guest<null, readonly Shot[]>(() => {
  // Terminals are made there, and User-Mode Linux begins without.
  mkdirSync('/dev/pts', {recursive: true})
  execFileSync('mount', ['-t', 'devpts', 'devpts', '/dev/pts'])
  // One processor for everything: at 10 cs its nodes would lose each other.
  return takeAllShots({intervalMs: 1_000, ipvs: true})
})
