import {execFileSync} from 'node:child_process'
import {mkdirSync} from 'node:fs'
import {guest} from '../../lab/uml/guest.ts'
import type {Figures, Play} from './figures.ts'
import {playTop} from './play.ts'

guest<Play, Figures>(play => {
  // Terminals are made there, and User-Mode Linux begins without.
  mkdirSync('/dev/pts', {recursive: true})
  execFileSync('mount', ['-t', 'devpts', 'devpts', '/dev/pts'])
  return playTop(play)
})
