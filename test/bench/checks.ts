import {join} from 'node:path'
import {parseArgs} from 'node:util'
import {quantile} from '../lab/capture.ts'
import {missingForLab} from '../lab/peers.ts'
import {repoRoot} from '../lab/repo-root.ts'
import {runInUml} from '../lab/uml/uml.ts'
import {DELAY_MS, type Figures, type Play, TIMEOUT_MS} from './checks/figures.ts'
import {playChecks} from './checks/play.ts'

const USAGE = 'usage: npm run bench -- checks [--seconds N] [--kills N] [--scale PART] [--where uml|here]'
/** Checks made over checks that fit into the time: each is a little longer than its interval. */
const MIN_PART_MADE = 0.97
/** What a removal may take over delay and timeout at p99, milliseconds. */
const REMOVAL_SLACK_MS = 50
const MAX_HTTP_CPU_RATIO = 4
const LATE_MS = 20
const MEGABYTE = 1_048_576

/** In User-Mode Linux a tenth: 2,000 a second would be more than its one processor can do, of either program. */
const SIZES = [
  {kind: 'tcp', here: 2_000, uml: 200},
  {kind: 'http', here: 1_000, uml: 100},
] as const

/**
 * Thousands of checkers each second, and a virtual router at 10 cs in the same program. First keepalived and hactl beside
 * each other in User-Mode Linux, which has IPVS, and one processor that backends, programs and the measurement share:
 * its ratios count. Then hactl alone on this machine, which need not have IPVS and where keepalived would not run: its
 * punctuality counts. Exit code 1 where a target is missed.
 */
export async function benchChecks(argv: readonly string[]): Promise<number> {
  const options = readOptions(argv)
  if (options === undefined) {
    console.error(USAGE)
    return 2
  }
  const missing = missingForLab(['ip', 'nginx', 'keepalived', 'uml'])
  if (missing !== undefined) {
    console.error(`cannot run: ${missing}`)
    return 1
  }
  const {seconds, kills, scale, where} = options
  let good = true
  for (const {kind, here, uml} of SIZES) {
    const sized = (reals: number) => ({kind, reals: Math.ceil((reals * scale) / 10) * 10, seconds, kills})
    if (where !== 'here') {
      const size = sized(uml)
      const plays = (['keepalived', 'hactl'] as const).map((program): Play => ({...size, program, ipvs: true}))
      const [keepalived, hactl] = await runInUml<readonly Figures[]>({
        guest: join(repoRoot(), 'test', 'bench', 'checks', 'guest.ts'),
        input: plays,
        timeoutMs: 900_000,
        memoryMb: 2_048,
      })
      good = report(`${title(size)}, in User-Mode Linux`, size, {keepalived, hactl}) && good
    }
    if (where !== 'uml') {
      const size = sized(here)
      const hactl = await playChecks({...size, program: 'hactl', ipvs: false})
      good = report(`${title(size)}, on this machine`, size, {hactl}) && good
    }
  }
  return good ? 0 : 1
}

interface Options {
  readonly seconds: number
  readonly kills: number
  readonly scale: number
  readonly where: 'uml' | 'here' | undefined
}

type Size = Pick<Play, 'kind' | 'reals' | 'seconds'>

const title = ({kind, reals, seconds}: Size): string =>
  `${reals} real servers, ${kind === 'tcp' ? 'TCP_CHECK' : 'HTTP_GET'} each second, ${seconds} s`

/** Prints a table of both, and whether hactl meets the targets; true when it does. */
function report(
  head: string,
  size: Size,
  {keepalived, hactl}: {readonly keepalived?: Figures | undefined; readonly hactl: Figures | undefined},
): boolean {
  if (hactl === undefined) throw new Error('nothing was measured')
  console.log(`\n${head}\n${''.padEnd(44)}${['keepalived', 'hactl', 'ratio'].map(word => word.padStart(12)).join('')}`)
  for (const {name, of} of LINES) {
    const [theirs, ours] = [keepalived && of(keepalived), of(hactl)]
    const cells = [theirs, ours, theirs === undefined ? undefined : ours / theirs]
    console.log(name.padEnd(44) + cells.map(cell => number(cell).padStart(12)).join(''))
  }
  const targets = targetsOf(size, hactl, keepalived)
  for (const {name, met} of targets) console.log(`${met ? 'PASS  ' : 'MISSED'}  ${name}`)
  return targets.every(({met}) => met)
}

const number = (value: number | undefined): string =>
  value === undefined || Number.isNaN(value) || !Number.isFinite(value) ? '-' : value.toFixed(2)

const LINES: readonly {readonly name: string; readonly of: (figures: Figures) => number}[] = [
  {name: 'checks a second', of: ({checksPerSecond}) => checksPerSecond},
  {name: 'CPU s a minute', of: ({cpuSecondsPerMinute}) => cpuSecondsPerMinute},
  {name: 'CPU µs a check', of: it => (it.cpuSecondsPerMinute / 60 / it.checksPerSecond) * 1e6},
  {name: 'memory of all processes (PSS), MB', of: ({pssBytes}) => pssBytes / MEGABYTE},
  {name: 'removal after a death, median, ms', of: ({removalsMs}) => quantile(removalsMs, 0.5)},
  {name: 'removal after a death, p99, ms', of: ({removalsMs}) => quantile(removalsMs, 0.99)},
  {name: 'advertisements at 10 cs', of: ({advertsLateMs}) => advertsLateMs.length},
  {name: '  late, p99, ms', of: ({advertsLateMs}) => quantile(advertsLateMs, 0.99)},
  {name: '  late, max, ms', of: ({advertsLateMs}) => Math.max(...advertsLateMs)},
  {name: `  later than ${LATE_MS} ms`, of: ({advertsLateMs}) => advertsLateMs.filter(late => late > LATE_MS).length},
]

interface Target {
  readonly name: string
  readonly met: boolean
}

/** What is asked of hactl; advertisements only where it has not to share one processor with all the rest. */
function targetsOf({kind, reals}: Size, hactl: Figures, keepalived: Figures | undefined): readonly Target[] {
  const limitMs = DELAY_MS + TIMEOUT_MS + REMOVAL_SLACK_MS
  const targets: Target[] = [
    {
      name: `no interval missed: at least ${MIN_PART_MADE} of ${reals} checks a second`,
      met: hactl.checksPerSecond >= (reals * MIN_PART_MADE * DELAY_MS) / 1_000,
    },
  ]
  if (hactl.removalsMs.length > 0) {
    const met = quantile(hactl.removalsMs, 0.99) <= limitMs
    targets.push({name: `removal within delay + timeout + ${REMOVAL_SLACK_MS} ms = ${limitMs} ms at p99`, met})
  }
  if (keepalived === undefined) {
    const met = hactl.advertsLateMs.every(late => late <= LATE_MS)
    targets.push({name: `no advertisement at 10 cs later than ${LATE_MS} ms`, met})
  } else if (kind === 'http') {
    const met = hactl.cpuSecondsPerMinute <= MAX_HTTP_CPU_RATIO * keepalived.cpuSecondsPerMinute
    targets.push({name: `HTTP: at most ${MAX_HTTP_CPU_RATIO} times keepalived's CPU`, met})
  }
  return targets
}

function readOptions(argv: readonly string[]): Options | undefined {
  try {
    const {values} = parseArgs({
      args: [...argv],
      options: {
        seconds: {type: 'string', default: '30'},
        kills: {type: 'string', default: '50'},
        scale: {type: 'string', default: '1'},
        where: {type: 'string'},
      },
    })
    const [seconds, kills, scale] = [values.seconds, values.kills, values.scale].map(Number)
    const {where} = values
    if (![seconds, kills, scale].every(value => value !== undefined && value > 0)) return undefined
    if (where !== undefined && where !== 'uml' && where !== 'here') return undefined
    return {seconds: seconds ?? 0, kills: kills ?? 0, scale: scale ?? 0, where}
  } catch {
    return undefined
  }
}
