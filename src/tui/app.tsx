import {useInput} from 'ink'
import {useSyncExternalStore} from 'react'
import {Frame} from './frame.tsx'
import {keysOf} from './keys.ts'
import type {Patch} from './patch.ts'
import type {Store} from './store.ts'

/** What the dashboard is given; with `patch` it draws only the lines that differ from those on the terminal. */
export interface AppProps {
  readonly store: Store
  readonly hasColour: boolean
  readonly patch?: Patch
}

/** The dashboard: draws what the store has and tells it of keys. */
export function App({store, hasColour, patch}: AppProps) {
  const lines = useSyncExternalStore(store.subscribe, store.lines)
  useInput((input, key) => {
    for (const pressed of keysOf(input, key)) store.press(pressed)
  })
  const rows = patch === undefined ? lines.map((_, row) => row) : patch.take(lines)
  return <Frame lines={lines} rows={rows} hasColour={hasColour} />
}
