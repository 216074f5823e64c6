import {sleep} from '../../lab/wait.ts'
import type {Screen} from '../../top/screen.ts'
import type {Size} from './cluster.ts'
import type {DashboardRun} from './dashboard.ts'

/** How the second line tells which view is shown, by the digit that shows it. */
const TABS: {readonly [digit: string]: string} = {
  1: '[1 overview]',
  2: '[2 services]',
  3: '[3 checks]',
  4: '[4 events]',
  5: '[5 peers]',
}
/** Between two keys: no multiple of the time between two frames, milliseconds. */
const PAUSES_MS = [37, 83, 131, 173]
const MOVES = 8
const CURSOR = '❯'

/** Whether all nodes are known, and the first virtual routers are on the screen. */
export function showsAll({lines}: Screen, {routers}: Pick<Size, 'routers'>): boolean {
  const text = lines.join('\n')
  return (text.match(/ LIVE/g)?.length ?? 0) >= 3 && (text.match(/\bVI_\d+ /g)?.length ?? 0) >= Math.min(5, routers)
}

/** Presses keys as somebody does who looks around; resolves to the times of their answers, milliseconds, by kind. */
export async function pressKeys(
  dashboard: DashboardRun,
  rounds: number,
): Promise<{readonly [kind: string]: readonly number[]}> {
  const times: {[kind: string]: number[]} = {'1-5': [], 'j k': [], 'g G': [], Enter: []}
  let turn = 0
  /** What the answer is depends on what is there when the key is pressed, not before the pause. */
  const press = async (kind: string, key: string, answerTo: (screen: Screen) => Answer): Promise<void> => {
    await sleep(PAUSES_MS[turn++ % PAUSES_MS.length] ?? 0)
    times[kind]?.push(await dashboard.press(key, answerTo(dashboard.screen)))
  }
  for (let round = 0; round < rounds; round++) {
    for (const digit of ['2', '3', '4', '5', '1', '2']) await press('1-5', digit, () => shows(digit))
    for (let i = 0; i < MOVES; i++) await press('j k', i < MOVES - 2 ? 'j' : 'k', differsIn(cursorOf))
    await press('g G', 'G', differsIn(cursorOf))
    await press('g G', 'g', differsIn(cursorOf))
    await press('Enter', '\r', differsIn(realServers))
    await press('Enter', '\r', differsIn(realServers))
    await press('1-5', '1', () => shows('1'))
  }
  return times
}

/** Whether a screen shows what was waited for. */
type Answer = (screen: Screen) => boolean

const shows =
  (digit: string): Answer =>
  ({lines}) =>
    lines[1]?.includes(TABS[digit] ?? '') === true

const differsIn =
  (of: (screen: Screen) => string | number) =>
  (screen: Screen): Answer => {
    const before = of(screen)
    return now => of(now) !== before
  }

/** Where the cursor is and on what: the first words of its row. */
function cursorOf({lines}: Screen): string {
  const row = lines.findLastIndex(line => line.startsWith(CURSOR))
  return `${row} ${lines[row]?.slice(0, 24)}`
}

/** How many real servers are to be seen below services. */
const realServers = ({lines}: Screen): number => lines.filter(line => /^.{2,8}10\.5\.\d+\.\d+:/.test(line)).length
