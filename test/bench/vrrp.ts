import {parseArgs} from 'node:util'
import {missingForLab} from '../lab/peers.ts'
import {sleep} from '../lab/wait.ts'
import {type Contender, createCrowd} from './vrrp/crowd.ts'
import {measureLateness} from './vrrp/lateness.ts'
import {measureReload} from './vrrp/reload.ts'
import {type Measured, report} from './vrrp/report.ts'
import {measureTakeover, type Takeover} from './vrrp/takeover.ts'

/** Bursts of gratuitous ARP after an election are over by then. */
const REST_MS = 8_000

const USAGE = 'usage: npm run bench -- vrrp [--seconds N] [--instances 2..255] [--crashes N] [--only hactl|keepalived]'

/**
 * Many virtual routers on one interface at 1 s, with two addresses each: a pair of keepalived and then a pair of hactl.
 * Prints how late advertisements are, what the processes cost, how long the addresses are away after a crash, and what
 * a reload does to those that it does not touch. Exit code 1 when hactl misses a target.
 */
export async function benchVrrp(argv: readonly string[]): Promise<number> {
  const options = readOptions(argv)
  if (!options) {
    console.error(USAGE)
    return 2
  }
  const missing = missingForLab(['ip', 'keepalived'])
  if (missing !== undefined) {
    console.error(`cannot run: ${missing}`)
    return 1
  }
  const results = new Map<Contender, Measured>()
  for (const program of options.only) results.set(program, await measure(program, options))
  const {text, good} = report(results, options)
  console.log(text)
  return good ? 0 : 1
}

interface Options {
  readonly seconds: number
  readonly instances: number
  readonly crashes: number
  readonly only: readonly Contender[]
}

async function measure(program: Contender, {seconds, instances, crashes}: Options): Promise<Measured> {
  console.error(`${program}: ${instances} virtual routers, ${seconds} s ...`)
  const crowd = await createCrowd(program, instances)
  try {
    await sleep(REST_MS)
    const lateness = await measureLateness(crowd, seconds)
    const reloads = await measureReload(crowd)
    await sleep(REST_MS)
    const takeovers: Takeover[] = []
    while (takeovers.length < crashes) takeovers.push(await measureTakeover(crowd))
    await crowd.capture.stop()
    return {lateness, reloads, takeovers}
  } finally {
    await crowd.lab.close()
  }
}

function readOptions(argv: readonly string[]): Options | undefined {
  const text = (value: string) => ({type: 'string', default: value}) as const
  const options = {seconds: text('300'), instances: text('255'), crashes: text('3'), only: text('keepalived,hactl')}
  try {
    const {values} = parseArgs({args: [...argv], options})
    const [seconds, instances, crashes] = [values.seconds, values.instances, values.crashes].map(Number)
    const only = values.only.split(',').filter(name => name === 'hactl' || name === 'keepalived')
    const isCount = (value: number | undefined): value is number => Number.isInteger(value) && (value ?? 0) >= 1
    if (!isCount(seconds) || !isCount(instances) || !isCount(crashes) || only.length === 0) return undefined
    return instances < 2 || instances > 255 ? undefined : {seconds, instances, crashes, only}
  } catch {
    return undefined
  }
}
