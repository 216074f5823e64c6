/** Finds out how far the clock of another host is from ours, out of the times in its lines. */
export interface ClockDifference {
  /** Takes what one line says: its time minus ours when it came, milliseconds; anything but a number is left out. */
  readonly add: (differenceMs: number) => void
  /** By the newest lines, whole milliseconds; 0 while there is none. Above 0: the other clock is ahead. */
  readonly value: () => number
}

/** How many lines are looked at: those of 20 seconds. */
const WINDOW = 10

/** Knows no line yet. What waits on its way seems older than it is: the line that waited least says it best. */
export function clockDifference(): ClockDifference {
  const newest: number[] = []
  return {
    add: differenceMs => {
      if (!Number.isFinite(differenceMs)) return
      newest.push(differenceMs)
      if (newest.length > WINDOW) newest.shift()
    },
    value: () => (newest.length === 0 ? 0 : Math.round(Math.max(...newest))),
  }
}
