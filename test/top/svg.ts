import type {Cell, Screen, Style} from './screen.ts'

/** Points; DejaVu Sans Mono advances 1233 of 2048 units of the em. */
const FONT_SIZE = 15
const CELL_WIDTH = (FONT_SIZE * 1_233) / 2_048
const CELL_HEIGHT = 19
const BASELINE = 14.5
const MARGIN = 14
const GROUND = '#12161d'
const INK = '#d8dee9'
const DIM_OPACITY = 0.6

/** A screen as a picture: SVG 1.1, in the font DejaVu Sans Mono. */
export function screenSvg(screen: Screen): string {
  const [width, height] = [screen.columns * CELL_WIDTH + 2 * MARGIN, screen.rows * CELL_HEIGHT + 2 * MARGIN]
  const rows = screen.cells.map((cells, row) => grounds(cells, row) + words(cells, row))
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${round(width)}" height="${round(height)}">
<rect width="100%" height="100%" rx="8" fill="${GROUND}"/>
<g font-family="DejaVu Sans Mono" font-size="${FONT_SIZE}" xml:space="preserve">
${rows.filter(row => row !== '').join('\n')}
</g>
</svg>
`
}

/** A run of places that look alike. */
interface Run {
  readonly column: number
  readonly text: string
  readonly style: Style
}

function grounds(cells: readonly Cell[], row: number): string {
  return runsOf(cells, (a, b) => groundOf(a.style) === groundOf(b.style))
    .filter(({style}) => groundOf(style) !== undefined)
    .map(({column, text, style}) => {
      const width = [...text].length * CELL_WIDTH
      return `<rect x="${x(column)}" y="${y(row)}" width="${round(width)}" height="${CELL_HEIGHT}" fill="${groundOf(style)}"/>`
    })
    .join('')
}

/** Word by word: a renderer that rounds widths then cannot move a column. */
function words(cells: readonly Cell[], row: number): string {
  const isWord = ({text}: Cell): boolean => text !== ' '
  const isAscii = ({text}: Cell): boolean => text <= '~'
  const alike = (a: Cell, b: Cell): boolean =>
    isWord(a) === isWord(b) && isAscii(a) && isAscii(b) && sameStyle(a.style, b.style)
  return runsOf(cells, alike)
    .filter(({text}) => text.trim() !== '')
    .map(({column, text, style}) => {
      const attributes = [
        `x="${x(column)}"`,
        `y="${round(MARGIN + row * CELL_HEIGHT + BASELINE)}"`,
        `fill="${inkOf(style)}"`,
        ...(style.isBold ? ['font-weight="bold"'] : []),
        ...(style.isDim ? [`opacity="${DIM_OPACITY}"`] : []),
        ...(style.isUnderlined ? ['text-decoration="underline"'] : []),
      ]
      return `<text ${attributes.join(' ')}>${escaped(text)}</text>`
    })
    .join('')
}

function runsOf(cells: readonly Cell[], alike: (a: Cell, b: Cell) => boolean): readonly Run[] {
  const runs: Run[] = []
  let last: Cell | undefined
  for (const [column, cell] of cells.entries()) {
    const run = runs.at(-1)
    if (run !== undefined && last !== undefined && alike(last, cell)) {
      runs[runs.length - 1] = {...run, text: run.text + cell.text}
    } else runs.push({column, text: cell.text, style: cell.style})
    last = cell
  }
  return runs
}

const inkOf = ({foreground, background, isInverse}: Style): string =>
  isInverse ? (background ?? GROUND) : (foreground ?? INK)
const groundOf = ({foreground, background, isInverse}: Style): string | undefined =>
  isInverse ? (foreground ?? INK) : background

const sameStyle = (a: Style, b: Style): boolean =>
  inkOf(a) === inkOf(b) && a.isBold === b.isBold && a.isDim === b.isDim && a.isUnderlined === b.isUnderlined

const x = (column: number): string => round(MARGIN + column * CELL_WIDTH)
const y = (row: number): string => round(MARGIN + row * CELL_HEIGHT)
const round = (n: number): string => String(Math.round(n * 100) / 100)
const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
