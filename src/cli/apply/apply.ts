import type {RouterProof} from '../../cluster/proof.ts'
import {whatHappens, when} from '../../cluster/report-violations.ts'
import {routersOf} from '../../config/router-config.ts'
import {type AgentClient, agentClient} from '../../control/client.ts'
import {counted} from '../../core/format.ts'
import {masterDownIntervalMs} from '../../core/vrrp/timing.ts'
import {HactlError} from '../../errors.ts'
import {ClusterWatch} from '../../watch/cluster-watch.ts'
import type {ClusterPicture, NodeAddress} from '../../watch/model.ts'
import {confirm} from '../confirm.ts'
import {validationText} from '../findings-views.ts'
import {canAsk} from '../prompt.ts'
import {validateNodes} from '../validate.ts'
import type {ExpectedRouter} from './guard.ts'
import {askToKeep} from './keep-question.ts'
import {configIdOf, filesOfNodes, type NodeText, readNodeFiles} from './node-files.ts'
import {type ApplyOutcome, inOrder, requireSound, runApply} from './run.ts'
import {type PlannedNode, planText} from './views.ts'

/** What `hactl cluster apply` was told. */
export interface ApplyOrder {
  readonly nodes: readonly NodeAddress[]
  readonly files: readonly string[]
  readonly confirmWithinSeconds: number
  readonly dryRun: boolean
  readonly yes: boolean
  readonly force: boolean
  readonly tell: (line: string) => void
  /** Ends it: everything is taken back. */
  readonly interrupt: AbortController
}

/** The plan, and what became of it; undefined: it was a dry run, or nothing is to be changed. */
export interface Applied {
  readonly planned: readonly PlannedNode[]
  readonly outcome: ApplyOutcome | undefined
}

/** How long all nodes may take until they have told everything, milliseconds. */
const WHOLE_MS = 15_000
/** A step is watched for so many times the time in which a silent master is replaced, and in these bounds, ms. */
const WATCHED_TIMES = 3
const LEAST_WATCH_MS = 3_000
const LONGEST_WATCH_MS = 60_000

/**
 * Puts configurations to work on all nodes of a cluster, or on none. Throws `HactlError`: INVALID_CONFIGURATION for
 * errors and for a cluster that would lose its addresses by a single fault, REFUSED for one that is not sound.
 */
export async function applyToCluster(order: ApplyOrder): Promise<Applied> {
  const {nodes, tell, yes, dryRun, force} = order
  if (!yes && !dryRun && !canAsk()) {
    throw new HactlError('USAGE', 'nobody can be asked here whether it is to stay', 'say -y, or --dry-run')
  }
  const texts = await readNodeFiles(filesOfNodes(nodes, order.files), configIdOf)
  await requireValid(texts)
  const watch = new ClusterWatch(nodes)
  try {
    const before = await watch.whole({timeoutMs: WHOLE_MS})
    const expected = expectedRouters(texts)
    requireSound(before, expected, {force})
    const [lost] = lostRouters(before, expected)
    if (lost !== undefined && !force) throw new HactlError('REFUSED', lost, '--force, where that is meant')
    const inTurn = inOrder(texts, before)
    const planned = await plansOf(inTurn)
    process.stderr.write(`${planText(planned)}\n`)
    if (lost !== undefined) tell(lost)
    if (dryRun) return {planned, outcome: undefined}
    await confirm(`Put this to work, ${inTurn.map(({address}) => address.name).join(', then ')}?`, {yes})
    const longest = Math.max(0, ...expected.map(({masterDownMs}) => masterDownMs))
    const outcome = await runApply({
      nodes: inTurn,
      expected,
      watch,
      client: clientOf,
      confirmWithinSeconds: yes ? 0 : order.confirmWithinSeconds,
      watchMs: Math.min(LONGEST_WATCH_MS, Math.max(LEAST_WATCH_MS, Math.ceil(WATCHED_TIMES * longest))),
      force,
      tell,
      keep: yes ? async () => true : signal => question(order, signal),
      signal: order.interrupt.signal,
    })
    return {planned, outcome}
  } finally {
    await watch.close()
  }
}

const clientOf = ({target}: NodeAddress): AgentClient => agentClient(target)

const question = ({confirmWithinSeconds, interrupt}: ApplyOrder, signal: AbortSignal): Promise<boolean> =>
  askToKeep({seconds: confirmWithinSeconds, signal, onInterrupt: () => interrupt.abort()})

/** All files beside each other, and every single fault simulated. */
async function requireValid(texts: readonly NodeText[]): Promise<void> {
  const configs = texts.map(({config}) => config)
  const selection = {offline: true, only: undefined, ignore: []}
  const validation = await validateNodes(configs, {simulate: true, selection})
  const lost = lostInSimulation(validation.proof?.result.routers ?? [])
  const first = validation.findings.find(({severity}) => severity === 'error')
  if (lost === undefined && first === undefined) return
  process.stderr.write(`${validationText(validation, {quiet: false})}\n`)
  const {error} = validation.counts
  const errors = first === undefined ? [] : [`${counted(error, 'error')}, the first: ${first.message}`]
  const why = [...(lost === undefined ? [] : [lost]), ...errors].join('; ')
  throw new HactlError('INVALID_CONFIGURATION', `refused: ${why}`, 'nothing was changed on any node')
}

/** Which virtual router nobody or two would hold, and after what; whether a finding says why or not. */
function lostInSimulation(routers: readonly RouterProof[]): string | undefined {
  for (const violation of ['no-holder', 'two-holders'] as const) {
    for (const {name, runs} of routers) {
      const phase = runs.flatMap(({phases}) => phases).find(({violations}) => violations.includes(violation))
      if (phase !== undefined) return `${name}: ${whatHappens(violation, phase)} ${when(phase)}`
    }
  }
  return undefined
}

/** Every virtual router of the new configurations, once. */
function expectedRouters(texts: readonly NodeText[]): readonly ExpectedRouter[] {
  const routers = new Map<string, ExpectedRouter>()
  for (const {address, config} of texts) {
    for (const router of routersOf(config.loaded.config)) {
      const {name, family, vrid, priority, advertIntervalMs} = router
      const downMs = masterDownIntervalMs(router, priority, advertIntervalMs)
      const key = `${family}/${vrid}/${name}`
      const {masterDownMs = 0, nodes = []} = routers.get(key) ?? {}
      const longest = Math.max(masterDownMs, downMs)
      routers.set(key, {name, family, vrid, masterDownMs: longest, nodes: [...nodes, address.name]})
    }
  }
  return [...routers.values()]
}

/** What nobody would hold any more because no file has it. */
function lostRouters({routers}: ClusterPicture, expected: readonly ExpectedRouter[]): readonly string[] {
  const stays = new Set(expected.map(({family, vrid}) => `${family}/${vrid}`))
  return routers
    .filter(({family, vrid}) => !stays.has(`${family}/${vrid}`))
    .map(({name, vrid, vips}) => `${name} (VRID ${vrid}) is in no file: nobody would hold ${vips.join(', ')}`)
}

/** What a reload would do on each node, as its agent says. */
function plansOf(texts: readonly NodeText[]): Promise<readonly PlannedNode[]> {
  return Promise.all(
    texts.map(async ({address, file, text}) => {
      const {item} = await clientOf(address).configDiff({text})
      return {node: address.name, file, plan: item}
    }),
  )
}
