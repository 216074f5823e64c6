/** Where the demo writes: a terminal, or anything that takes text. */
export interface Output {
  readonly isTTY?: boolean
  write(text: string): unknown
}

/** What a step found out, for its line. */
export interface Outcome {
  readonly what: string
  readonly measuredMs?: number
  readonly formulaMs?: number
  /** Shown below the line. */
  readonly notes?: readonly string[]
}

const WIDTH = 80
const NUMBER_WIDTH = 12
const SPINNER = ['|', '/', '-', '\\']
const SPIN_EVERY_MS = 120

/** Prints a demo as it happens: one line an event, and on a terminal a last line that says what is awaited. */
export class Timeline {
  readonly #output: Output
  readonly #colours: boolean
  readonly #startedAt = performance.now()
  #spinner: NodeJS.Timeout | undefined
  #turn = 0

  constructor(output: Output, {colours = output.isTTY === true && !process.env.NO_COLOR}: {colours?: boolean} = {}) {
    this.#output = output
    this.#colours = colours
  }

  title(...lines: readonly string[]): void {
    for (const [i, line] of lines.entries()) this.#line(i === 0 ? this.#paint('1', line) : line)
    this.#line('')
    this.#line(
      `${'time'.padStart(8)}  ${'what happened'.padEnd(WIDTH - 10 - 2 * NUMBER_WIDTH)}${columns('measured', 'formula')}`,
    )
    this.#line('-'.repeat(WIDTH))
  }

  /** Something that was done. */
  event(what: string): void {
    this.#line(`${this.#time()}  ${this.#paint('2', '..')} ${what}`)
  }

  /** A step that happened as it should. */
  done({what, measuredMs, formulaMs, notes = []}: Outcome): void {
    const text = what.padEnd(WIDTH - 13 - 2 * NUMBER_WIDTH)
    const numbers = columns(milliseconds(measuredMs), milliseconds(formulaMs)).trimEnd()
    this.#line(`${this.#time()}  ${this.#paint('32', 'ok')} ${text}${numbers}`.trimEnd())
    for (const note of notes) this.#line(this.#paint('2', `${' '.repeat(13)}${note}`))
  }

  /** A step that did not. */
  failed(what: string, reason: string): void {
    this.#line(`${this.#time()}  ${this.#paint('31', 'FAILED')} ${what}`)
    for (const line of reason.split('\n')) this.#line(`${' '.repeat(10)}${line}`)
  }

  text(line: string): void {
    this.#line(line)
  }

  /** What is awaited; on a terminal it turns until the next line is printed. */
  waiting(what: () => string): void {
    this.#stopWaiting()
    if (!this.#output.isTTY) return
    this.#spinner = setInterval(() => {
      const sign = SPINNER[this.#turn++ % SPINNER.length]
      this.#output.write(`\r\x1b[K${`${this.#time()}  ${sign}  ${what()}`.slice(0, WIDTH - 1)}`)
    }, SPIN_EVERY_MS)
  }

  close(): void {
    this.#stopWaiting()
  }

  #stopWaiting(): void {
    if (!this.#spinner) return
    clearInterval(this.#spinner)
    this.#spinner = undefined
    this.#output.write('\r\x1b[K')
  }

  #line(text: string): void {
    this.#stopWaiting()
    this.#output.write(`${text}\n`)
  }

  #time(): string {
    return `${((performance.now() - this.#startedAt) / 1000).toFixed(1)} s`.padStart(8)
  }

  #paint(code: string, text: string): string {
    return this.#colours ? `\x1b[${code}m${text}\x1b[0m` : text
  }
}

/** Milliseconds with a thousands separator, or nothing. */
export function milliseconds(ms: number | undefined): string {
  return ms === undefined ? '' : `${Math.round(ms).toLocaleString('en-US')} ms`
}

const columns = (first: string, second: string): string => first.padStart(NUMBER_WIDTH) + second.padStart(NUMBER_WIDTH)
