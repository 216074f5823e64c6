import {PassThrough} from 'node:stream'
import {setImmediate} from 'node:timers/promises'
import {setFlagsFromString} from 'node:v8'
import {runInNewContext} from 'node:vm'
import {render} from 'ink'
import {createElement} from 'react'
import {expect, test} from 'vitest'
import {Frame} from '../../src/tui/frame.tsx'
import type {ScreenLine} from '../../src/tui/screen-layout.ts'

const ROWS = 50
const FRAMES = 100
const MEGABYTE = 1_048_576

/** A screen that no other looks like. */
const screen = (number: number): readonly ScreenLine[] =>
  Array.from({length: ROWS}, (_, row) => ({
    spans: [{text: `${number} ${row} `.repeat(20), tone: 'good'}, {text: ` ${number}`.repeat(20)}],
    isChosen: row === 0,
  }))

function usedBytes(): number {
  setFlagsFromString('--expose-gc')
  runInNewContext('gc')()
  return process.memoryUsage().heapUsed
}

test('a screen that is left open takes no more memory for each line that it ever showed', async () => {
  const stdout = Object.assign(new PassThrough().resume(), {columns: 200, rows: ROWS})
  let drawn = 0
  stdout.on('data', () => drawn++)
  const rows = Array.from({length: ROWS}, (_, row) => row)
  const frame = (number: number) => createElement(Frame, {lines: screen(number), rows, hasColour: true})
  // Ink uses no more of a terminal in this mode.
  const instance = render(frame(0), {stdout: stdout as unknown as NodeJS.WriteStream, debug: true, patchConsole: false})
  const draw = async (from: number): Promise<void> => {
    for (let number = from; number < from + FRAMES; number++) {
      instance.rerender(frame(number))
      if (number % 20 === 0) await setImmediate()
    }
  }
  await draw(1)
  const before = usedBytes()
  await draw(1 + FRAMES)
  const grownMb = (usedBytes() - before) / MEGABYTE
  instance.unmount()
  expect(drawn).toBeGreaterThan(FRAMES)
  // Had Ink measured them, it would be twice as much.
  expect(grownMb).toBeLessThan(2)
}, 120_000)
