import {setImmediate} from 'node:timers/promises'
import {render} from 'ink-testing-library'
import {createElement} from 'react'
import {App} from '../../src/tui/app.tsx'
import {createStore, type Store} from '../../src/tui/store.ts'
import type {ClusterPicture} from '../../src/watch/model.ts'

/** How a dashboard is shown to a test. */
export interface ShowOptions {
  readonly columns?: number
  readonly rows?: number
  readonly readonly?: boolean
  readonly isAscii?: boolean
  /** What `:` runs. */
  readonly program?: string
}

/** A whole dashboard on a terminal that a test reads. */
export interface Shown {
  readonly store: Store
  /** What is on the screen, a line a row. */
  readonly lines: () => readonly string[]
  /** The first line that has this text; fails when there is none. */
  readonly line: (text: string) => string
  /** How many frames were drawn. */
  readonly frames: () => number
  /** Types these, as a terminal sends them, and waits until they were read. */
  readonly type: (...keys: readonly string[]) => Promise<void>
  readonly show: (picture: ClusterPicture) => Promise<void>
  readonly resize: (size: {readonly columns: number; readonly rows: number}) => Promise<void>
  readonly hasQuit: () => boolean
  readonly close: () => void
}

/** Shows a picture; nothing waits for the next frame. */
export async function show(picture: ClusterPicture, options: ShowOptions = {}): Promise<Shown> {
  const {columns = 80, rows = 24, readonly = false, isAscii = false, program = '/nonexistent'} = options
  let newest = picture
  let hasQuit = false
  const listeners = new Set<(picture: ClusterPicture) => void>()
  const watch = {
    picture: () => newest,
    subscribe: (listener: (picture: ClusterPicture) => void) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
  const onQuit = (): void => {
    hasQuit = true
  }
  const size = {columns, rows}
  const store = createStore({
    ...{watch, readonly, isAscii, size, program, frameMs: 0},
    onQuit,
    onSuspend: () => {},
  })
  const instance = render(createElement(App, {store, hasColour: false}))
  const lines = (): readonly string[] => (instance.lastFrame() ?? '').split('\n')
  // The library's terminal has 100 columns.
  const widen = (to: number): void => {
    Object.defineProperty(instance.stdout, 'columns', {value: to, configurable: true})
    instance.rerender(createElement(App, {store, hasColour: false}))
  }
  widen(columns)
  await settled()
  return {
    store,
    lines,
    line: text => {
      const found = lines().find(line => line.includes(text))
      if (found === undefined) throw new Error(`no line has "${text}":\n${lines().join('\n')}`)
      return found
    },
    frames: () => instance.frames.length,
    type: async (...keys) => {
      for (const key of keys) {
        instance.stdin.write(key)
        await settled()
      }
    },
    show: async next => {
      newest = next
      for (const listener of listeners) listener(next)
      await settled()
    },
    resize: async to => {
      store.resized(to)
      widen(to.columns)
      await settled()
    },
    hasQuit: () => hasQuit,
    close: () => {
      instance.unmount()
      store.close()
    },
  }
}

/** React works off what it was told in turns of the event loop. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await setImmediate()
}
