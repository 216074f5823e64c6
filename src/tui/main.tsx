import {render} from 'ink'
import {App} from './app.tsx'
import {isUtf8} from './glyphs.ts'
import {createPatch} from './patch.ts'
import {checkTerminal, guardScreen, openScreen, suspend, type Terminal} from './screen.ts'
import type {Size} from './screen-layout.ts'
import {createStore, type PictureSource} from './store.ts'

/** How the dashboard is run. */
export interface DashboardOptions {
  /** A `ClusterWatch`; whoever made it closes it. */
  readonly watch: PictureSource
  /** No orders from here. */
  readonly readonly: boolean
  /** Only ASCII, whatever the locale says. */
  readonly ascii: boolean
}

/**
 * Shows the dashboard until it is left. Throws `HactlError` USAGE where there is no terminal for it, and whatever goes
 * wrong in it, after the terminal was given back.
 */
export async function runDashboard({watch, readonly, ascii}: DashboardOptions): Promise<void> {
  const {env} = process
  const terminal: Terminal = {input: process.stdin, output: process.stdout}
  checkTerminal(terminal, env)
  const screen = openScreen(terminal)
  const endings = guardScreen(screen)
  const store = createStore({
    watch,
    readonly,
    isAscii: ascii || !isUtf8(env),
    size: sizeOf(terminal),
    program: process.argv[1] ?? 'hactl',
    onQuit: () => instance.unmount(),
    onSuspend: () => suspend(screen),
  })
  const patch = createPatch()
  const stdout = standIn(terminal, text => {
    const frame = patch.drawn(text)
    if (frame !== undefined) screen.draw(frame)
  })
  const onResize = (): void => {
    screen.clear()
    patch.reset()
    store.resized(sizeOf(terminal))
  }
  terminal.output.on('resize', onResize)
  // In this mode Ink hands over what it drew as a whole, at once.
  const instance = render(<App store={store} hasColour={!env.NO_COLOR} patch={patch} />, {
    stdout,
    stdin: terminal.input,
    debug: true,
    exitOnCtrlC: false,
    patchConsole: false,
    isScreenReaderEnabled: false,
  })
  try {
    await instance.waitUntilExit()
  } finally {
    terminal.output.removeListener('resize', onResize)
    store.close()
    screen.leave()
    endings.release()
  }
}

const sizeOf = ({output}: Terminal): Size => ({columns: output.columns || 80, rows: output.rows || 24})

/** What Ink writes its frames to: it is no terminal to it, so that it sends no control sequences of its own. */
function standIn({output}: Terminal, draw: (text: string) => void): NodeJS.WriteStream {
  const stream = {
    get columns() {
      return output.columns || 80
    },
    get rows() {
      return output.rows || 24
    },
    isTTY: false,
    writable: true,
    write: (text: string): boolean => {
      draw(text)
      return true
    },
    on: () => stream,
    off: () => stream,
  }
  // Ink uses no more of it.
  return stream as unknown as NodeJS.WriteStream
}
