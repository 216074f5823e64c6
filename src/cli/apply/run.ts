import type {AgentClient} from '../../control/client.ts'
import type {Trial} from '../../control/config-model.ts'
import {formatTime} from '../../core/format.ts'
import {errorText, HactlError} from '../../errors.ts'
import type {ClusterWatch} from '../../watch/cluster-watch.ts'
import type {ClusterPicture, NodeAddress} from '../../watch/model.ts'
import {type ExpectedRouter, Guard, runningOf, troublesOf} from './guard.ts'

/** What a node is to get. */
export interface NodeApplication {
  readonly address: NodeAddress
  readonly text: string
}

/** How an application to a whole cluster is carried out. */
export interface ApplyOptions {
  readonly nodes: readonly NodeApplication[]
  /** The virtual routers of the new configurations. */
  readonly expected: readonly ExpectedRouter[]
  readonly watch: Pick<ClusterWatch, 'picture' | 'subscribe'>
  readonly client: (address: NodeAddress) => Pick<AgentClient, (typeof CALLS)[number]>
  /** How long somebody has for the answer whether it is to stay. */
  readonly confirmWithinSeconds: number
  /** How long each step is watched, milliseconds. */
  readonly watchMs: number
  readonly force: boolean
  /** One line of progress. */
  readonly tell: (line: string) => void
  /** Asks whether it is to stay; `broken` aborts when that is no question any more. */
  readonly keep: (broken: AbortSignal) => Promise<boolean>
  /** Aborts when this program is to end. */
  readonly signal: AbortSignal
}

/** What became of one node. `by-itself`: it could not be told, and takes the configuration back at `until`. */
export interface NodeOutcome {
  readonly node: string
  readonly state: 'untouched' | 'kept' | 'taken-back' | 'by-itself'
  /** ISO 8601; null where nothing is on trial there. */
  readonly until: string | null
}

/** What became of it all. */
export interface ApplyOutcome {
  readonly result: 'kept' | 'taken-back' | 'partly'
  /** Why it was not kept; null when it was. */
  readonly reason: string | null
  readonly nodes: readonly NodeOutcome[]
}

/** What is asked of each agent. */
export const CALLS = ['applyConfig', 'confirmConfig', 'rollbackConfig', 'status'] as const

/** What an agent may take to put a configuration to work, seconds. */
const APPLY_SECONDS = 10
/** A trial that is this close to its end is not confirmed any more, milliseconds. */
const TOO_LATE_MS = 2_000
/** An agent that begins or ends a trial has told it by then, milliseconds. */
const TOLD_WITHIN_MS = 5_000
/** How often it is looked at although nothing is told, milliseconds. */
const LOOK_EVERY_MS = 100

/** Throws REFUSED for a cluster that is not as it should be before anything is changed; `force`: for nodes alone. */
export function requireSound(
  picture: ClusterPicture,
  expected: readonly ExpectedRouter[],
  {force}: {readonly force: boolean},
): void {
  for (const {address, state, problem, agent, isReadOnly} of picture.nodes) {
    if (state === 'connecting' || state === 'unknown' || agent === null) {
      throw new HactlError('AGENT_NOT_RUNNING', `${address.name} does not answer: ${problem ?? 'it says nothing'}`)
    }
    if (isReadOnly) {
      throw new HactlError('PERMISSION', `${address.name} is reached by its socket for reading`, 'be root there')
    }
    const {trial, file, onDisk} = agent.configuration
    if (trial !== null) {
      const message = `a configuration is on trial on ${address.name} until ${formatTime(trial.until)}`
      throw new HactlError('REFUSED', message, 'wait for its end')
    }
    if (onDisk !== 'same' && !force) {
      const message = `${file} of ${address.name} was edited and is not what runs there`
      throw new HactlError('REFUSED', message, 'reload it there or put it back; --force: go on')
    }
  }
  // A fault may be what the new configuration mends.
  const trouble = troublesOf(picture, runningOf(expected, picture)).find(({key}) => !key.startsWith('fault '))
  if (trouble === undefined || force) return
  throw new HactlError('REFUSED', `the cluster is not sound before anything is changed: ${trouble.text}`, '--force')
}

/** Backups first: the nodes in the order of how many virtual routers they hold. */
export function inOrder<Node extends {readonly address: NodeAddress}>(
  nodes: readonly Node[],
  {nodes: known, routers}: ClusterPicture,
): readonly Node[] {
  const held = ({address}: Node): number => {
    const at = known.findIndex(node => node.address.name === address.name)
    return routers.filter(({holders}) => holders.includes(at)).length
  }
  return nodes.toSorted((a, b) => held(a) - held(b))
}

/**
 * Puts configurations to work one node after the other, each on trial, and watches over the whole cluster after each.
 * Takes everything back in the reverse order when an invariant breaks, a node refuses or falls silent, nobody wants it,
 * or the program is to end. Where the program itself dies the agents do that when their time is over.
 */
export async function runApply(options: ApplyOptions): Promise<ApplyOutcome> {
  const {nodes, expected, watch, watchMs, tell, keep} = options
  const run: Run = {options, guard: new Guard(expected, watch.picture()), trials: new Map()}
  try {
    for (const [i, node] of nodes.entries()) {
      options.signal.throwIfAborted()
      const trial = await applyTo(node, run, trialSeconds(options, i))
      run.trials.set(node, {...trial, seenAt: performance.now()})
      run.guard.applied(node.address.name)
      tell(`${node.address.name}: put to work, on trial until ${formatTime(trial.until)}`)
      await watched(run, watchMs)
      tell(`${node.address.name}: watched for ${watchMs / 1_000} s, everything holds`)
    }
    await stillWanted(run, keep)
  } catch (error) {
    return takenBack(run, reasonOf(error, options.signal))
  }
  return confirmAll(run)
}

interface Run {
  readonly options: ApplyOptions
  readonly guard: Guard
  /** In the order in which they began. */
  readonly trials: Map<NodeApplication, SeenTrial>
}

/** `seenAt`: when this program heard of it, milliseconds of its own clock. */
type SeenTrial = Trial & {readonly seenAt: number}

/** Long enough for all that is to come, so that no agent takes it back while others have yet to get it. */
function trialSeconds({nodes, watchMs, confirmWithinSeconds}: ApplyOptions, done: number): number {
  return confirmWithinSeconds + (nodes.length - done) * (APPLY_SECONDS + Math.ceil(watchMs / 1_000)) + APPLY_SECONDS
}

async function applyTo(node: NodeApplication, {options}: Run, seconds: number): Promise<Trial> {
  const {address, text} = node
  const client = options.client(address)
  try {
    const {item} = await client.applyConfig({text, confirmWithinSeconds: seconds, force: options.force})
    if (item.trial !== null) return item.trial
    throw new HactlError('REFUSED', `${address.name} refused it: ${item.refused ?? 'it was not put on trial'}`)
  } catch (error) {
    // The answer may be lost and the order carried out.
    const left = isLost(error) ? await trialOn(client) : null
    if (left !== null) return left
    throw new HactlError('REFUSED', `${address.name} did not take it: ${errorText(error)}`, undefined, {cause: error})
  }
}

const isLost = (error: unknown): boolean =>
  error instanceof HactlError && ['AGENT_NOT_RUNNING', 'TIMED_OUT', 'FAILED'].includes(error.code)

const trialOn = (client: Pick<AgentClient, 'status'>): Promise<Trial | null> =>
  client.status().then(
    ({item}) => item.configuration.trial,
    () => null,
  )

/** Resolves when everything has held for so long and nothing is under way any more; rejects when something breaks. */
function watched(run: Run, forMs: number, enough?: AbortSignal): Promise<void> {
  const {watch, signal} = run.options
  return new Promise((resolve, reject) => {
    const from = performance.now()
    const end = (finish: () => void): void => {
      clearInterval(timer)
      unsubscribe()
      signal.removeEventListener('abort', look)
      enough?.removeEventListener('abort', look)
      finish()
    }
    const look = (): void => {
      if (signal.aborted) {
        end(() => reject(new HactlError('FAILED', INTERRUPTED_TEXT)))
        return
      }
      if (enough?.aborted) {
        end(resolve)
        return
      }
      const now = performance.now()
      const broken = run.guard.look(watch.picture(), now) ?? trialGone(run, now)
      if (broken !== undefined) end(() => reject(new HactlError('REFUSED', broken)))
      else if (now - from >= forMs && run.guard.pending(watch.picture()).length === 0) end(resolve)
    }
    const timer = setInterval(look, LOOK_EVERY_MS)
    const unsubscribe = watch.subscribe(look)
    signal.addEventListener('abort', look)
    enough?.addEventListener('abort', look)
    look()
  })
}

/** A node that has ended its trial by itself runs something else than the others. */
function trialGone({options: {watch}, trials}: Run, now: number): string | undefined {
  const {nodes} = watch.picture()
  const gone = [...trials].find(([{address}, {id, seenAt}]) => {
    const agent = nodes.find(node => node.address.name === address.name)?.agent
    return now - seenAt > TOLD_WITHIN_MS && agent?.configuration.trial?.id !== id
  })
  return gone && `${gone[0].address.name} has nothing on trial any more`
}

/** What is told when a signal ended it. */
const INTERRUPTED_TEXT = 'it was interrupted'

/** Asks whether it is to stay, and goes on watching until somebody has answered. */
async function stillWanted(run: Run, keep: ApplyOptions['keep']): Promise<void> {
  const asking = new AbortController()
  const answered = keep(asking.signal)
  const watching = watched(run, Number.POSITIVE_INFINITY, asking.signal)
  try {
    const kept = await Promise.race([answered, watching])
    if (kept !== true) throw new HactlError('REFUSED', 'nobody confirmed it')
  } finally {
    asking.abort()
    answered.catch(() => {})
    watching.catch(() => {})
  }
}

async function confirmAll(run: Run): Promise<ApplyOutcome> {
  const {options, trials} = run
  const late = [...trials].find(([{address}, {until}]) => Date.parse(until) - clockOf(address, run) < TOO_LATE_MS)
  if (late !== undefined) return takenBack(run, `the time of ${late[0].address.name} is over`)
  const kept: NodeOutcome[] = []
  for (const [node, trial] of trials) {
    try {
      await options.client(node.address).confirmConfig({id: trial.id})
    } catch (error) {
      const {name} = node.address
      const reason = `${name} did not confirm it: ${errorText(error)}`
      if (kept.length === 0) return takenBack(run, reason)
      const rest = new Map([...trials].filter(([each]) => !kept.some(({node: done}) => done === each.address.name)))
      const {nodes} = await takenBack({...run, trials: rest}, reason)
      return {
        result: 'partly',
        reason,
        nodes: nodes.map(each => kept.find(({node: done}) => done === each.node) ?? each),
      }
    }
    kept.push({node: node.address.name, state: 'kept', until: null})
    options.tell(`${node.address.name}: kept`)
  }
  return {result: 'kept', reason: null, nodes: kept}
}

/** What time it is on a node, by which its trial ends; milliseconds since 1970. */
function clockOf({name}: NodeAddress, {options: {watch}}: Run): number {
  const node = watch.picture().nodes.find(({address}) => address.name === name)
  return Date.now() + (node?.clockAheadMs ?? 0)
}

async function takenBack({options, trials}: Run, reason: string): Promise<ApplyOutcome> {
  options.tell(`${reason}: taking it back`)
  const outcomes = new Map<NodeApplication, NodeOutcome>()
  for (const [node, trial] of [...trials].toReversed()) {
    const {name} = node.address
    const client = options.client(node.address)
    try {
      await client.rollbackConfig({id: trial.id})
      options.tell(`${name}: taken back`)
      outcomes.set(node, {node: name, state: 'taken-back', until: null})
    } catch (error) {
      const isGone = error instanceof HactlError && error.code === 'NOT_FOUND'
      outcomes.set(node, {node: name, state: isGone ? 'taken-back' : 'by-itself', until: isGone ? null : trial.until})
      if (isGone) options.tell(`${name}: had taken it back by itself`)
      else options.tell(`${name}: ${errorText(error)}; it takes it back by itself at ${formatTime(trial.until)}`)
    }
  }
  const nodes = options.nodes.map(
    node => outcomes.get(node) ?? {node: node.address.name, state: 'untouched' as const, until: null},
  )
  return {result: 'taken-back', reason, nodes}
}

function reasonOf(error: unknown, signal: AbortSignal): string {
  return signal.aborted ? INTERRUPTED_TEXT : errorText(error)
}
