import {join} from 'node:path'
import {quantile} from '../lab/capture.ts'
import {missingForLab} from '../lab/peers.ts'
import {repoRoot} from '../lab/repo-root.ts'
import {runInUml} from '../lab/uml/uml.ts'
import {type Figures, type Input, PROGRAMS, type Program, type Sample, type Task} from './lvs/tasks.ts'

const DEFAULT_ROUNDS = 3
const SIZES: Input['sizes'] = [
  {services: 1_000, destinations: 10},
  {services: 10_000, destinations: 1},
]
const MEGABYTE = 1_048_576

/** What is accepted: the time of ipvsadm over ours, without the start of the program; for the first size only where named. */
const TARGETS: readonly {readonly task: Task; readonly size?: string; readonly least: number}[] = [
  {task: 'restore', size: '1000 x 10', least: 20},
  {task: 'list', least: 1},
  {task: 'save', least: 1},
]

/**
 * Restores, lists and saves large tables by ipvsadm and by `hactl lvs --direct` in one run of User-Mode Linux. The
 * start of JavaScript, a `lvs list` of nothing, is shown and taken off. Exit code 1 where a target is missed.
 */
export async function benchLvs([rounds = String(DEFAULT_ROUNDS)]: readonly string[]): Promise<number> {
  const reason = missingForLab(['uml', 'ipvsadm'])
  if (reason !== undefined) throw new Error(`no IPVS can be had here: ${reason}`)
  const input: Input = {hactl: join(repoRoot(), 'bin', 'run.cjs'), sizes: SIZES, rounds: Number(rounds)}
  const {samples, node} = await runInUml<Figures>({
    guest: join(repoRoot(), 'test', 'bench', 'lvs', 'guest.ts'),
    input,
    timeoutMs: 900_000,
    memoryMb: 2_048,
  })
  process.stdout.write(`User-Mode Linux, Node ${node}, medians of ${rounds} rounds in turn\n`)
  return report(samples)
}

function report(samples: readonly Sample[]): number {
  let good = true
  process.stdout.write(
    `${''.padEnd(TITLE_COLUMNS)}${['ipvsadm ms', 'hactl ms', 'its start', 'without', 'ratio', 'ipvsadm MB', 'hactl MB'].map(word => word.padStart(11)).join('')}\n`,
  )
  for (const size of new Set(samples.map(sample => sample.size))) {
    for (const program of OURS) {
      for (const task of ['restore', 'list', 'save'] as const) {
        const target = TARGETS.find(line => line.task === task && (line.size === undefined || line.size === size))
        const least = program === 'hactl' ? target?.least : undefined
        good = reportTask(samples, {size, task, program, least}) && good
      }
    }
  }
  return good ? 0 : 1
}

const OURS = PROGRAMS.filter(program => program !== 'ipvsadm')

/** One line; false: the target is missed. */
function reportTask(
  samples: readonly Sample[],
  {
    size,
    task,
    program,
    least,
  }: {
    readonly size: string
    readonly task: Task
    readonly program: Program
    readonly least: number | undefined
  },
): boolean {
  const of = (who: Program, wanted: Task): Sample[] =>
    samples.filter(sample => sample.size === size && sample.program === who && sample.task === wanted)
  const theirs = medianMs(of('ipvsadm', task))
  const [whole, start] = [medianMs(of(program, task)), medianMs(of(program, 'start'))]
  const ratio = theirs / (whole - start)
  const cells = [theirs, whole, start, whole - start].map(ms => ms.toFixed(0))
  const memory = [peak(of('ipvsadm', task)), peak(of(program, task))].map(bytes => (bytes / MEGABYTE).toFixed(1))
  const row = [...cells, ratio.toFixed(2), ...memory].map(cell => cell.padStart(11)).join('')
  const met = least === undefined || ratio >= least
  const verdict = least === undefined ? '' : `   ${met ? 'PASS' : 'MISSED'}: at least ${least} times as fast`
  process.stdout.write(`${`${program} ${task} of ${size}`.padEnd(TITLE_COLUMNS)}${row}${verdict}\n`)
  return met
}

const TITLE_COLUMNS = 36

const medianMs = (samples: readonly Sample[]): number =>
  quantile(
    samples.flatMap(sample => ('ms' in sample ? [sample.ms] : [])),
    0.5,
  )

const peak = (samples: readonly Sample[]): number =>
  Math.max(...samples.map(sample => ('peakBytes' in sample ? sample.peakBytes : 0)))
