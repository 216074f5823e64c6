import type {AgentStatus, VirtualRouter} from '../../control/model.ts'
import type {Observed} from '../../control/routes.ts'
import type {CheckMetrics} from '../../core/metrics/check-metrics.ts'
import type {IpvsMetrics} from '../../core/metrics/ipvs-metrics.ts'
import {measureLoopLag} from '../loop-lag.ts'
import {agentText, checkText, ipvsText, type ProcessPicture, partsText, vrrpText} from './metrics-families.ts'

/** What metrics are made of. */
export interface MetricsSources {
  status(): AgentStatus
  routers(): readonly VirtualRouter[]
  /** Asks the check process; may reject. */
  call(name: 'checkMetrics' | 'ipvsMetrics', input: object): Promise<unknown>
}

/** How long a scrape is served again, milliseconds: several scrapers cost no more than one. */
const FRESH_MS = 1_000
/** How long the check process may take for its part, milliseconds; the scrape goes without it then. */
const PART_WITHIN_MS = 5_000

/** The metrics of the agent in the text format of Prometheus. The vrrp process is not asked for any of it. */
export class Metrics {
  readonly #sources: MetricsSources
  readonly #lag = measureLoopLag()
  #latest: Promise<readonly string[]> | undefined

  constructor(sources: MetricsSources) {
    this.#sources = sources
  }

  /** Everything, in pieces of whole lines; at most one second old. Never rejects. */
  text(): Promise<readonly string[]> {
    this.#latest ??= this.#make().finally(() => {
      setTimeout(() => {
        this.#latest = undefined
      }, FRESH_MS).unref()
    })
    return this.#latest
  }

  async #make(): Promise<readonly string[]> {
    const {status, routers, call} = this.#sources
    const pieces: string[] = []
    const take = async (more: Iterable<string>): Promise<void> => {
      for (const piece of more) {
        pieces.push(piece)
        // The API, the watchdog and notifications come between two pieces.
        await new Promise<void>(resolve => setImmediate(resolve))
      }
    }
    const now = status()
    await take(agentText(now, processes(now, this.#lag())))
    await take(vrrpText(routers()))
    const [checks, ipvs] = await Promise.all([
      soon<CheckMetrics>(call('checkMetrics', {})),
      soon<IpvsMetrics>(call('ipvsMetrics', {})),
    ])
    if (checks) await take(checkText(checks))
    if (ipvs) await take(ipvsText(ipvs))
    await take(partsText({checks: checks !== undefined, ipvs: ipvs !== undefined}))
    return pieces
  }
}

/** The value of an answer; undefined where it fails or takes too long. */
async function soon<Value>(answer: Promise<unknown>): Promise<Value | undefined> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<undefined>(resolve => {
    timer = setTimeout(() => resolve(undefined), PART_WITHIN_MS)
  })
  const value = answer.then(
    observed => (observed as Observed<Value>).value,
    () => undefined,
  )
  const first = await Promise.race([value, late])
  clearTimeout(timer)
  return first
}

function processes(status: AgentStatus, lag: ProcessPicture['lag']): readonly ProcessPicture[] {
  const {startedAt, memoryBytes} = status
  return [
    {name: 'supervisor', up: true, startedAt, restarts: 0, lag, memoryBytes},
    ...status.processes.map(child => ({
      name: child.name,
      up: child.state === 'running',
      startedAt: child.startedAt,
      restarts: child.restarts,
      lag: child.loopLagMs,
      memoryBytes: child.memoryBytes ?? undefined,
    })),
  ]
}
