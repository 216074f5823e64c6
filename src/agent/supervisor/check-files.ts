import type {Config} from '../../config/config.ts'
import type {LvsSettings, TrackerStanding} from '../channel.ts'

/** Names of the tracked files that a FILE_CHECK follows. */
export function checkedFiles({virtualServers}: Config): ReadonlySet<string> {
  const names = new Set<string>()
  for (const {realServers} of virtualServers) {
    for (const {checkers} of realServers) {
      for (const checker of checkers) if (checker.type === 'file') names.add(checker.trackFile)
    }
  }
  return names
}

/** What these files hold; one that is not there or holds no number counts as 0, as in keepalived. */
export function fileValues(standings: readonly TrackerStanding[], names: ReadonlySet<string>): LvsSettings['files'] {
  const followed = standings.filter(({kind, name}) => kind === 'file' && names.has(name))
  return Object.fromEntries(followed.map(({name, value}) => [name, value ?? 0]))
}
