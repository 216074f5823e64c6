import {HactlError} from '../errors.ts'

/** The two ends of a terminal. */
export interface Terminal {
  readonly input: NodeJS.ReadStream
  readonly output: NodeJS.WriteStream
}

/** The alternate screen of a terminal: what was there before comes back when it is closed. */
export interface Screen {
  /** Draws what differs from what is there; lines are joined by line feeds, and no wider than the terminal. */
  readonly draw: (frame: string) => void
  /** The terminal has another size, or something else wrote to it: everything is drawn anew. */
  readonly clear: () => void
  /** Gives the terminal back; more than once does no harm. */
  readonly leave: () => void
  /** Takes it once more. */
  readonly enter: () => void
}

/** Refuses what cannot show a screen. Throws `HactlError` USAGE. */
export function checkTerminal({input, output}: Terminal, env: NodeJS.ProcessEnv): void {
  const hint = 'see the same as plain text with: hactl top dashboard --once'
  if (!output.isTTY || !input.isTTY) throw new HactlError('USAGE', 'the dashboard needs a terminal', hint)
  if (env.TERM === 'dumb')
    throw new HactlError('USAGE', 'the dashboard needs more than a dumb terminal (TERM=dumb)', hint)
}

/** Opens the alternate screen, without a cursor. Control sequences are those of xterm(1), ctlseqs. */
export function openScreen({input, output}: Terminal): Screen {
  let before: readonly string[] = []
  let last = ''
  let isOpen = false
  const clear = (): void => {
    before = []
    if (isOpen) output.write(CLEAR)
  }
  const screen: Screen = {
    draw: frame => {
      last = frame
      if (!isOpen) return
      const lines = frame.split('\n').slice(0, Math.max(1, output.rows || DEFAULT_ROWS))
      const changes = changedLines(before, lines)
      before = lines
      if (changes !== '') output.write(`${BEGIN_UPDATE}${changes}${END_UPDATE}`)
    },
    clear,
    leave: () => {
      if (!isOpen) return
      isOpen = false
      output.write(`${SHOW_CURSOR}${LEAVE_ALTERNATE}`)
      try {
        input.setRawMode(false)
      } catch {
        // The terminal is gone: that is why this ends.
      }
    },
    enter: () => {
      if (isOpen) return
      isOpen = true
      // Before anything is shown: until then the terminal would take a Ctrl-Z for itself, and stop this as it stands.
      input.setRawMode(true)
      output.write(`${ENTER_ALTERNATE}${HIDE_CURSOR}`)
      clear()
      if (last !== '') screen.draw(last)
    },
  }
  screen.enter()
  return screen
}

/** What has to be written so that these lines stand where those did. */
export function changedLines(before: readonly string[], lines: readonly string[]): string {
  let changes = ''
  for (let at = 0; at < Math.max(before.length, lines.length); at++) {
    const line = lines[at] ?? ''
    // The rest of the line is erased first: behind a full line it would take the last character.
    if (line !== (before[at] ?? '')) changes += `${ESC}[${at + 1};1H${ESC}[0m${ESC}[K${line}`
  }
  return changes
}

/** What must put the terminal back before the process ends by it. */
export interface Endings {
  /** Stop handling them: the dashboard has ended as it should. */
  readonly release: () => void
}

/** Gives the terminal back whatever ends the process, and ends it then as it would have ended. */
export function guardScreen(screen: Screen): Endings {
  const signals = ['SIGTERM', 'SIGHUP', 'SIGINT', 'SIGQUIT'] as const
  const onSignal = (signal: NodeJS.Signals): void => {
    screen.leave()
    release()
    process.kill(process.pid, signal)
  }
  const onError = (error: unknown): void => {
    screen.leave()
    release()
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
    process.stderr.write(`hactl: the dashboard ended by a fault of its own: ${text}\n`)
    process.exit(1)
  }
  const onExit = (): void => screen.leave()
  const release = (): void => {
    for (const signal of signals) process.removeListener(signal, onSignal)
    process.removeListener('uncaughtException', onError)
    process.removeListener('exit', onExit)
  }
  for (const signal of signals) process.on(signal, onSignal)
  process.on('uncaughtException', onError)
  process.on('exit', onExit)
  return {release}
}

/** Lets the shell have the terminal until it continues this process. */
export function suspend(screen: Screen): void {
  screen.leave()
  process.once('SIGCONT', () => {
    screen.enter()
  })
  // SIGTSTP itself would only call its handler.
  process.kill(process.pid, 'SIGSTOP')
}

const DEFAULT_ROWS = 24

const ESC = '\u001b'
const ENTER_ALTERNATE = `${ESC}[?1049h`
const LEAVE_ALTERNATE = `${ESC}[?1049l`
const HIDE_CURSOR = `${ESC}[?25l`
const SHOW_CURSOR = `${ESC}[0m${ESC}[?25h`
const CLEAR = `${ESC}[0m${ESC}[2J${ESC}[H`
/** Terminals that know synchronized output show everything between these at once; others ignore them. */
const BEGIN_UPDATE = `${ESC}[?2026h`
const END_UPDATE = `${ESC}[?2026l`
