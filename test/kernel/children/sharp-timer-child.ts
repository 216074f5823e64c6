import {after, type MonotonicMs} from '../../../src/core/units.ts'
import {monotonicNow} from '../../../src/kernel/clock.ts'
import {SharpTimer} from '../../../src/kernel/sharp-timer.ts'
import {descriptors, report, sleep} from './tools.ts'

async function main(): Promise<void> {
  const before = descriptors().length
  const calls: MonotonicMs[] = []
  const timer = new SharpTimer(() => calls.push(monotonicNow()))
  const inherited = descriptors().filter(entry => entry.inherited).length

  const lateness: number[] = []
  for (let n = 0; n < 100; n++) {
    calls.length = 0
    const at = after(monotonicNow(), 3 + (n % 10) / 10)
    timer.arm(at)
    while (calls.length === 0) await sleep(1)
    lateness.push((calls[0] as number) - at)
  }
  lateness.sort((a, b) => a - b)

  calls.length = 0
  timer.arm(after(monotonicNow(), 1))
  timer.arm(after(monotonicNow(), 30))
  await sleep(15)
  const early = calls.length
  await sleep(60)
  const replaced = calls.length

  timer.arm(after(monotonicNow(), -5))
  const synchronous = calls.length - replaced
  await sleep(20)
  const overdue = calls.length - replaced

  timer.arm(after(monotonicNow(), 5))
  timer.disarm()
  await sleep(20)
  const disarmed = calls.length - replaced - overdue

  timer.arm(after(monotonicNow(), 5))
  timer.close()
  timer.close()
  timer.arm(monotonicNow())
  await sleep(20)
  const closed = calls.length - replaced - overdue
  report({
    inherited,
    earliest: lateness[0],
    median: lateness[50],
    worst: lateness[99],
    early,
    replaced,
    synchronous,
    overdue,
    disarmed,
    closed,
    leftOpen: descriptors().length - before,
  })
}

void main()
