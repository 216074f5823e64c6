import {API_VERSION, type ConfigDiffReply, type ItemReply} from '../../control/model.ts'
import {paintOn} from '../colour.ts'
import {reloadText} from '../reload-views.ts'
import type {ApplyOutcome, NodeOutcome} from './run.ts'

/** What a node would get, and what that changes there. */
export interface PlannedNode {
  readonly node: string
  readonly file: string
  readonly plan: ConfigDiffReply
}

/** What `hactl cluster apply --json` prints. */
export interface ClusterApplyReport {
  /** `planned`: a dry run; `kept`: all nodes have it for good; `partly`: some have. */
  readonly result: 'planned' | ApplyOutcome['result']
  readonly reason: string | null
  /** In the order in which they get it: backups first. */
  readonly nodes: readonly (PlannedNode & Omit<NodeOutcome, 'node'>)[]
}

/** The plan of all nodes, and what became of it; without an outcome nothing was done. */
export function applyReply(
  planned: readonly PlannedNode[],
  outcome?: ApplyOutcome,
): ItemReply<'ClusterApply', ClusterApplyReport> {
  const nodes = planned.map(plan => {
    const {state = 'untouched', until = null} = outcome?.nodes.find(({node}) => node === plan.node) ?? {}
    return {...plan, state, until}
  })
  const item = {result: outcome?.result ?? 'planned', reason: outcome?.reason ?? null, nodes} as const
  return {apiVersion: API_VERSION, kind: 'ClusterApply', observedAt: new Date().toISOString(), item}
}

/** What each node would do, in the order in which they get their files. */
export function planText(planned: readonly PlannedNode[]): string {
  const {paint} = {paint: paintOn(process.stderr)}
  return planned
    .map(({node, file, plan}, i) => {
      const text = reloadText(plan)
      const body = text.split('\n').map(line => `  ${line}`)
      return [paint('bold', `${i + 1}. ${node} <- ${file}`), ...body].join('\n')
    })
    .join('\n')
}

/** What became of it, a line a node. */
export function outcomeText({result, reason, nodes}: ApplyOutcome): string {
  const why = reason === null ? '' : `: ${reason}`
  const first = {
    kept: 'every node has its new configuration',
    'taken-back': `nothing was changed${why}`,
    partly: `only some nodes have their new configuration${why}`,
  }[result]
  const byItself = nodes.some(({state}) => state === 'by-itself')
  const head = result === 'taken-back' && byItself ? `not every node has taken it back yet${why}` : first
  return [
    head,
    ...nodes.map(({node, state, until}) => `${node}: ${STATES[state]}${until === null ? '' : ` (${until})`}`),
  ].join('\n')
}

const STATES: {readonly [state in NodeOutcome['state']]: string} = {
  untouched: 'not touched',
  kept: 'keeps it',
  'taken-back': 'has the configuration from before',
  'by-itself': 'takes it back by itself, at the latest at the time that stands here',
}
