/** How a character is drawn; colours as "#rrggbb", undefined: the terminal's own. */
export interface Style {
  readonly foreground: string | undefined
  readonly background: string | undefined
  readonly isBold: boolean
  readonly isDim: boolean
  readonly isInverse: boolean
  readonly isUnderlined: boolean
}

/** One place of a screen. */
export interface Cell {
  readonly text: string
  readonly style: Style
}

/** As a terminal begins. */
export const PLAIN: Style = {
  foreground: undefined,
  background: undefined,
  isBold: false,
  isDim: false,
  isInverse: false,
  isUnderlined: false,
}
const BLANK: Cell = {text: ' ', style: PLAIN}
/** A control sequence that is longer never ends. */
const MAX_SEQUENCE = 4_096

/**
 * What a terminal shows after what was written to it: as much of ECMA-48 as programs use that draw whole screens. Every
 * character takes one column.
 */
export class Screen {
  readonly columns: number
  readonly rows: number
  #cells: Cell[][]
  #row = 0
  #column = 0
  #style: Style = PLAIN
  /** A sequence of which the end has not come yet. */
  #rest = ''
  /** What was there before the alternate screen. */
  #main: Cell[][] | undefined

  constructor(columns: number, rows: number) {
    this.columns = columns
    this.rows = rows
    this.#cells = blankRows(rows, columns)
  }

  /** Row by row, from the top. */
  get cells(): readonly (readonly Cell[])[] {
    return this.#cells
  }

  /** The text of each row, without blanks at its end. */
  get lines(): readonly string[] {
    return this.#cells.map(row =>
      row
        .map(({text}) => text)
        .join('')
        .trimEnd(),
    )
  }

  /** Whether the alternate screen is shown. */
  get isAlternate(): boolean {
    return this.#main !== undefined
  }

  /** Takes what a program has written; a sequence may be cut anywhere. */
  write(text: string): void {
    const all = this.#rest + text
    this.#rest = ''
    let at = 0
    while (at < all.length) {
      const character = String.fromCodePoint(all.codePointAt(at) ?? 0)
      if (character === ESCAPE) {
        const length = sequenceLength(all, at)
        if (length === undefined && all.length - at < MAX_SEQUENCE) {
          this.#rest = all.slice(at)
          return
        }
        this.#obey(all.slice(at, at + (length ?? 1)))
        at += length ?? 1
      } else {
        this.#put(character)
        at += character.length
      }
    }
  }

  #put(character: string): void {
    if (character === '\r') this.#column = 0
    else if (character === '\n') this.#lineFeed()
    else if (character === '\b') this.#column = Math.max(0, this.#column - 1)
    else if (character >= ' ') {
      // The cursor waits behind the last column until something follows.
      if (this.#column >= this.columns) {
        this.#column = 0
        this.#lineFeed()
      }
      this.#set(this.#row, this.#column, {text: character, style: this.#style})
      this.#column++
    }
  }

  #lineFeed(): void {
    if (this.#row < this.rows - 1) this.#row++
    else {
      this.#cells.shift()
      this.#cells.push(blankRow(this.columns))
    }
  }

  #obey(sequence: string): void {
    const [, mark = '', list = '', final = ''] = CONTROL.exec(sequence) ?? []
    if (mark === '?') {
      if (list.split(';').some(mode => mode === '1049' || mode === '47')) this.#switchScreen(final === 'h')
      return
    }
    if (mark !== '' || final === '') return
    const numbers = list === '' ? [] : list.split(/[;:]/).map(Number)
    if (final === 'm') this.#style = styled(this.#style, numbers)
    else if (final === 'J') this.#eraseDisplay(numbers[0] ?? 0)
    else if (final === 'K') this.#eraseLine(numbers[0] ?? 0)
    else this.#move(final, numbers)
  }

  /** Of movements 0 and nothing mean 1. */
  #move(final: string, [first = 1, second = 1]: readonly number[]): void {
    const [count, other] = [Math.max(1, first), Math.max(1, second)]
    const column = Math.min(this.#column, this.columns - 1)
    const to = (row: number, next: number): void => {
      this.#row = Math.min(this.rows - 1, Math.max(0, row))
      this.#column = Math.min(this.columns - 1, Math.max(0, next))
    }
    if (final === 'A') to(this.#row - count, column)
    else if (final === 'B') to(this.#row + count, column)
    else if (final === 'C') to(this.#row, column + count)
    else if (final === 'D') to(this.#row, column - count)
    else if (final === 'E') to(this.#row + count, 0)
    else if (final === 'F') to(this.#row - count, 0)
    else if (final === 'G') to(this.#row, count - 1)
    else if (final === 'd') to(count - 1, column)
    else if (final === 'H' || final === 'f') to(count - 1, other - 1)
  }

  #eraseDisplay(which: number): void {
    if (which === 0) this.#eraseLine(0)
    if (which === 1) this.#eraseLine(1)
    for (let row = 0; row < this.rows; row++) {
      const isErased = which >= 2 || (which === 0 ? row > this.#row : row < this.#row)
      if (isErased) this.#cells[row] = blankRow(this.columns)
    }
  }

  #eraseLine(which: number): void {
    for (let column = 0; column < this.columns; column++) {
      const isErased = which === 2 || (which === 0 ? column >= this.#column : column <= this.#column)
      if (isErased) this.#set(this.#row, column, BLANK)
    }
  }

  #switchScreen(isAlternate: boolean): void {
    if (isAlternate === this.isAlternate) return
    if (isAlternate) {
      this.#main = this.#cells
      this.#cells = blankRows(this.rows, this.columns)
    } else {
      this.#cells = this.#main ?? blankRows(this.rows, this.columns)
      this.#main = undefined
    }
  }

  #set(row: number, column: number, cell: Cell): void {
    const cells = this.#cells[row]
    if (cells !== undefined) cells[column] = cell
  }
}

const ESCAPE = '\u001b'
/** ECMA-48 section 5.4: private mark, parameters, intermediate bytes, final byte. */
const CONTROL = new RegExp(`^${ESCAPE}\\[([<=>?]?)([\\d;:]*)[ -/]*([@-~])$`)

const blankRow = (columns: number): Cell[] => Array.from({length: columns}, () => BLANK)
const blankRows = (rows: number, columns: number): Cell[][] => Array.from({length: rows}, () => blankRow(columns))

/** How long the sequence is that begins here; undefined: its end has not come yet. */
function sequenceLength(text: string, at: number): number | undefined {
  const kind = text[at + 1]
  if (kind === undefined) return undefined
  if (kind === '[') {
    for (let end = at + 2; end < text.length; end++) {
      const code = text.charCodeAt(end)
      if (code >= 0x40 && code <= 0x7e) return end - at + 1
    }
    return undefined
  }
  // Texts for the terminal, such as its title, end with BEL or ST.
  if (kind === ']' || kind === 'P' || kind === '_') {
    const end = [text.indexOf('\u0007', at), text.indexOf(`${ESCAPE}\\`, at)].filter(index => index > 0)
    const first = Math.min(...end)
    return end.length === 0 ? undefined : first - at + (text[first] === ESCAPE ? 2 : 1)
  }
  // A choice of a character set has one more.
  return kind === '(' || kind === ')' ? (text.length > at + 2 ? 3 : undefined) : 2
}

/** SGR, ECMA-48 section 8.3.117, with the colours of xterm. */
function styled(style: Style, numbers: readonly number[]): Style {
  let next = style
  const rest = numbers.length === 0 ? [0] : [...numbers]
  for (let code = rest.shift(); code !== undefined; code = rest.shift()) {
    if (code === 0) next = PLAIN
    else if (code === 38 || code === 48) {
      const colour = extendedColour(rest)
      next = code === 38 ? {...next, foreground: colour} : {...next, background: colour}
    } else next = {...next, ...attribute(code)}
  }
  return next
}

function attribute(code: number): Partial<Style> {
  if (code === 1) return {isBold: true}
  if (code === 2) return {isDim: true}
  if (code === 4) return {isUnderlined: true}
  if (code === 7) return {isInverse: true}
  if (code === 22) return {isBold: false, isDim: false}
  if (code === 24) return {isUnderlined: false}
  if (code === 27) return {isInverse: false}
  if (code === 39) return {foreground: undefined}
  if (code === 49) return {background: undefined}
  if (code >= 30 && code <= 37) return {foreground: SIXTEEN[code - 30]}
  if (code >= 40 && code <= 47) return {background: SIXTEEN[code - 40]}
  if (code >= 90 && code <= 97) return {foreground: SIXTEEN[code - 82]}
  if (code >= 100 && code <= 107) return {background: SIXTEEN[code - 92]}
  return {}
}

/** Takes the numbers of one colour away: 5;N of 256, or 2;R;G;B. */
function extendedColour(rest: number[]): string | undefined {
  const kind = rest.shift()
  if (kind === 2) return hex(rest.splice(0, 3))
  if (kind !== 5) return undefined
  const index = rest.shift() ?? 0
  if (index < 16) return SIXTEEN[index]
  if (index >= 232) return hex([8, 8, 8].map(base => base + (index - 232) * 10))
  const step = (n: number): number => (n === 0 ? 0 : 55 + n * 40)
  return hex([Math.floor((index - 16) / 36), Math.floor((index - 16) / 6) % 6, (index - 16) % 6].map(step))
}

const hex = (bytes: readonly number[]): string =>
  `#${bytes.map(byte => Math.min(255, byte).toString(16).padStart(2, '0')).join('')}`

/** The first sixteen, as they look good on a dark ground. */
const SIXTEEN = [
  ...['#3b4252', '#ff6b6b', '#7ddc8a', '#ffd166', '#79a8ff', '#d291ff', '#6fd6e8', '#d8dee9'],
  ...['#7b869c', '#ff8a8a', '#a3f0ad', '#ffe08f', '#a5c5ff', '#e3b8ff', '#9be9f7', '#ffffff'],
]
