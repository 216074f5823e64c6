import {Box, Transform} from 'ink'
import {memo} from 'react'
import {coloured} from './coloured.ts'
import {plainText} from './lines.ts'
import {isSameLine, type ScreenLine} from './screen-layout.ts'

/** What is drawn of a screen: the lines at `rows`, below each other. */
export interface FrameProps {
  readonly lines: readonly ScreenLine[]
  readonly rows: readonly number[]
  readonly hasColour: boolean
}

/** Lines of the screen below each other, each as it was laid out. Without colour symbols and words are left. */
export function Frame({lines, rows, hasColour}: FrameProps) {
  return (
    <Box flexDirection="column">
      {rows.map(row => (
        // A line is its place on the screen: the same text at another one has to be drawn, too.
        <FrameLine key={row} line={lines[row] ?? EMPTY} hasColour={hasColour} />
      ))}
    </Box>
  )
}

const EMPTY: ScreenLine = {spans: [], isChosen: false}

interface FrameLineProps {
  readonly line: ScreenLine
  readonly hasColour: boolean
}

const isSameProps = (a: FrameLineProps, b: FrameLineProps): boolean =>
  a.hasColour === b.hasColour && isSameLine(a.line, b.line)

/**
 * A line is one piece to Ink, for it is laid out already. What Ink measures is a blank in its place: of each text that
 * it measures it remembers the size for ever, and on a screen that is left open each second has texts of its own.
 */
const FrameLine = memo(({line, hasColour}: FrameLineProps) => {
  const text = hasColour ? coloured(line) : plainText(line.spans)
  return <Transform transform={() => text}>{BLANK}</Transform>
}, isSameProps)

const BLANK = ' '
