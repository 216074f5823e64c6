import {join} from 'node:path'
import {parseArgs} from 'node:util'
import {quantile} from '../lab/capture.ts'
import {missingForLab} from '../lab/peers.ts'
import {repoRoot} from '../lab/repo-root.ts'
import {runInUml} from '../lab/uml/uml.ts'
import {costOfServing, type Figures, type Play} from './top/figures.ts'
import {playTop} from './top/play.ts'

const USAGE = 'usage: npm run bench -- top [SECONDS] [--where here|uml] [--scale PART] [--rounds N]'
const MAX_DASHBOARD_CPU = 25
const MAX_DASHBOARD_BYTES = 250_000_000
const MAX_KEY_MS = 100
const MAX_AGENT_CPU = 3
const MEGABYTE = 1_000_000
/** In User-Mode Linux everything shares one processor, which is slower by far. */
const UML_DELAY_SECONDS = 60
const DELAY_SECONDS = 10

/**
 * `hactl top dashboard` on three nodes with 255 virtual routers and 500 services of 10 real servers each, of which some
 * fail all the time and some come and go. Here (the default) rows are as they are wanted where the kernel has no IPVS,
 * and the targets count; in User-Mode Linux the table of the kernel is read, and its one processor is shared by three
 * agents, real servers, dashboard and measurement, so that its figures are only told. Exit code 1 where one is missed.
 */
export async function benchTop(argv: readonly string[]): Promise<number> {
  const options = readOptions(argv)
  if (options === undefined) {
    console.error(USAGE)
    return 2
  }
  const {seconds, where, scale, rounds} = options
  const missing = missingForLab(where === 'uml' ? ['ip', 'nginx', 'uml'] : ['ip', 'nginx'])
  if (missing !== undefined) {
    console.error(`cannot run: ${missing}`)
    return 1
  }
  const part = (all: number): number => Math.max(1, Math.round(all * scale))
  const isUml = where === 'uml'
  const delaySeconds = isUml ? UML_DELAY_SECONDS : DELAY_SECONDS
  const size = {routers: part(255), services: part(500), reals: 10, delaySeconds, ipvs: isUml}
  const play: Play = {size, seconds, rounds}
  const guest = join(repoRoot(), 'test', 'bench', 'top', 'guest.ts')
  const figures = isUml
    ? await runInUml<Figures>({guest, input: play, timeoutMs: 1_200_000, memoryMb: 3_072})
    : await playTop(play)
  return report(play, figures, isUml) ? 0 : 1
}

/** Prints what was measured; true when every target that counts is met. */
function report({size, seconds}: Play, figures: Figures, isUml: boolean): boolean {
  const {routers, services, reals, delaySeconds} = size
  console.log(`3 nodes x ${routers} virtual routers x ${services} services x ${reals} real servers, ${seconds} s`)
  console.log(`checks every ${delaySeconds} s, one priority a second and 1 in 100 real servers each 10 s changes`)
  if (isUml) console.log('in User-Mode Linux, one processor for everything')
  const keys = Object.values(figures.keysMs).flat()
  line('dashboard: CPU, % of a core', figures.dashboardCpu)
  line('  while keys are pressed without pause', figures.dashboardCpuWithKeys)
  line('dashboard: memory, MB', figures.residentBytes / MEGABYTE)
  line('  at most', figures.peakBytes / MEGABYTE)
  line('dashboard: pieces of output a second', figures.piecesPerSecond)
  line('  kB a second', figures.bytesPerSecond / 1_000)
  line('from its start to the first whole picture, ms', figures.startMs)
  for (const [kind, times] of Object.entries(figures.keysMs)) {
    const [median, p99, worst] = [quantile(times, 0.5), quantile(times, 0.99), Math.max(...times)]
    console.log(
      `${`key ${kind}: ${times.length} times, median / p99 / max, ms`.padEnd(WIDTH)}${three(median, p99, worst)}`,
    )
  }
  for (const [i, agent] of figures.agents.entries()) {
    const [before, after] = agent.without
    const name = `agent lb${i + 1}: CPU, %: before / watched / after`
    console.log(`${name.padEnd(WIDTH)}${three(before, agent.watched, after)}`)
    line('  for serving it', costOfServing(agent))
  }
  const targets = [
    {name: `dashboard: at most ${MAX_DASHBOARD_CPU} % of a core`, met: figures.dashboardCpu <= MAX_DASHBOARD_CPU},
    {
      name: `dashboard: at most ${MAX_DASHBOARD_BYTES / MEGABYTE} MB`,
      met: figures.residentBytes <= MAX_DASHBOARD_BYTES,
    },
    {name: `keys: answered within ${MAX_KEY_MS} ms at p99`, met: quantile(keys, 0.99) <= MAX_KEY_MS},
    {
      name: `agents: at most ${MAX_AGENT_CPU} % of a core for serving it`,
      met: figures.agents.every(agent => costOfServing(agent) <= MAX_AGENT_CPU),
    },
  ]
  for (const {name, met} of targets) console.log(`${met ? 'PASS  ' : isUml ? 'more  ' : 'MISSED'}  ${name}`)
  return isUml || targets.every(({met}) => met)
}

const WIDTH = 52
const line = (name: string, value: number): void => console.log(`${name.padEnd(WIDTH)}${value.toFixed(1).padStart(9)}`)
const three = (...values: readonly number[]): string => values.map(value => value.toFixed(1).padStart(9)).join('')

interface Options {
  readonly seconds: number
  readonly where: 'uml' | 'here'
  readonly scale: number
  readonly rounds: number
}

function readOptions(argv: readonly string[]): Options | undefined {
  try {
    const {values, positionals} = parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        where: {type: 'string', default: 'here'},
        scale: {type: 'string', default: '1'},
        rounds: {type: 'string', default: '20'},
      },
    })
    const [seconds = 30, scale = 1, rounds = 20] = [positionals[0] ?? 30, values.scale, values.rounds].map(Number)
    const {where} = values
    if (positionals.length > 1 || ![seconds, scale, rounds].every(value => value > 0) || scale > 1) return undefined
    return where === 'uml' || where === 'here' ? {seconds, where, scale, rounds} : undefined
  } catch {
    return undefined
  }
}
