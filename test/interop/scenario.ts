import {createPair, type Pair, type PairOptions} from '../lab/pair.ts'
import {
  crashOf,
  crashOfWorse,
  election,
  gracefulStopOf,
  linkCutOf,
  type Measured,
  nopreemptReturnOf,
  preemptingReturnOf,
} from './steps.ts'
import {checkAdverts, lastPackets} from './wire.ts'

/** Everything that can happen to a pair, in one run of the same two hosts. */
const STEPS: readonly ((pair: Pair) => Promise<Measured>)[] = [
  election,
  crashOf,
  pair => preemptingReturnOf(pair, 'start'),
  linkCutOf,
  pair => preemptingReturnOf(pair, 'link'),
  gracefulStopOf,
  nopreemptReturnOf,
  crashOfWorse,
]

/** Plays all steps in a lab of their own; throws at the first that goes wrong, with what the daemons said. */
export async function playAll(options: PairOptions): Promise<readonly Measured[]> {
  const pair = await createPair(options)
  const results: Measured[] = []
  try {
    for (const step of STEPS) results.push(await step(pair))
    await pair.capture.settle()
    checkAdverts(pair)
    await pair.capture.stop()
    return results
  } catch (error) {
    const said = [pair.better, pair.worse].map(
      ({host, daemon}) => `--- ${host.name}: ${daemon?.process.describe() ?? 'not running'}`,
    )
    const done = results.map(({event}) => event).join(', ')
    const message = error instanceof Error ? error.message : String(error)
    throw new Error([message, `(after: ${done})`, lastPackets(pair.capture), ...said].join('\n'), {cause: error})
  } finally {
    await pair.lab.close()
  }
}

/** Results as a table of plain text. */
export function resultTable(title: string, results: readonly Measured[]): string {
  const ms = (value: number | undefined): string => (value === undefined ? '-' : value.toFixed(1)).padStart(10)
  const lines = results.map(
    ({event, takeoverMs, formulaMs, clientGapMs}) =>
      `  ${event.padEnd(20)}${ms(takeoverMs)}${ms(formulaMs)}${ms(clientGapMs)}`,
  )
  return [`${title}`, `  ${'event'.padEnd(20)}  takeover   formula  client gap (ms)`, ...lines].join('\n')
}
