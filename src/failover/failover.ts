import {counted} from '../core/format.ts'
import {errorText, HactlError} from '../errors.ts'
import {monotonicNow} from '../kernel/clock.ts'
import {ClusterWatch} from '../watch/cluster-watch.ts'
import type {ClusterRouter, NodeAddress} from '../watch/model.ts'
import {type ClusterFacts, clientOf, gatherFacts, movingNames} from './facts.ts'
import {addressIn, findRouter} from './find-router.ts'
import {type Measure, type StartedMeasure, startMeasure} from './measure.ts'
import type {FailoverReport, Measurement, MoveReport, ProbeKind} from './model.ts'
import {isMove, type MoveContext, type MoveOrder, move, moveBack, type Side} from './move.ts'
import {type Preflight, preflight, refusals} from './preflight.ts'

/** What a failover is about. */
export interface FailoverWish {
  readonly addresses: readonly NodeAddress[]
  /** A virtual router by name or VRID, or a virtual address. */
  readonly name: string
  /** The node to move it to; undefined: the best backup. */
  readonly to: string | undefined
  readonly drill: boolean
  /** How long nodes may take to tell what there is, milliseconds. */
  readonly timeoutMs: number
}

/** How it is carried out. */
export interface FailoverOptions {
  readonly probe: ProbeKind
  /** A drill stays there so long, milliseconds. */
  readonly stayMs: number
  readonly force: boolean
  readonly progress: (text: string) => void
  /** Called right before the order is given: until then nothing has changed. */
  readonly ordering: () => void
  /** A move that is under way is finished all the same; a drill goes back at once. */
  readonly signal: AbortSignal
}

/** After a move the address has to answer again in this time for its outage to be known, milliseconds. */
const BACK_WITHIN_MS = 15_000

/** Connects to all nodes and looks whether a virtual router can move. Throws `HactlError`; `close` ends it. */
export async function prepareFailover(wish: FailoverWish): Promise<Failover> {
  const watch = new ClusterWatch(wish.addresses)
  try {
    const picture = await watch.whole({timeoutMs: wish.timeoutMs})
    const silent = picture.nodes.every(({state}) => state === 'unknown' || state === 'connecting')
    const [node] = picture.nodes
    if (silent) {
      const message = `no node answers: ${node?.problem ?? 'nothing was heard in time'}`
      throw new HactlError('AGENT_NOT_RUNNING', message, 'name the nodes with --node, or see: hactl context')
    }
    const router = findRouter(picture.routers, wish.name)
    const facts = await gatherFacts(picture, router)
    const to = wish.to === undefined ? undefined : nodeNamed(facts, wish)
    return new Failover({watch, router, facts, wish, before: preflight(facts, {to, drill: wish.drill})})
  } catch (error) {
    await watch.close()
    throw error
  }
}

interface FailoverParts {
  readonly watch: ClusterWatch
  readonly router: ClusterRouter
  readonly facts: ClusterFacts
  readonly wish: FailoverWish
  readonly before: Preflight
}

/** One failover: looked at, and perhaps carried out. */
export class Failover {
  readonly #parts: FailoverParts

  constructor(parts: FailoverParts) {
    this.#parts = parts
  }

  /** What was looked at. */
  get before(): Preflight {
    return this.#parts.before
  }

  /** What somebody has to agree to: what moves, from where to where, and who notices. */
  get question(): string {
    const {facts, router, before, wish} = this.#parts
    const names = movingNames(facts)
    const what = names.length > 1 ? `${names.join(', ')} (one sync group)` : router.name
    const from = before.from === null ? '' : ` from ${this.#nameOf(before.from)}`
    const again = wish.drill ? ', and back' : ''
    const vips = facts.vips.slice(0, 3).join(', ') + (facts.vips.length > 3 ? ', …' : '')
    return `Move ${what} (${vips})${from} to ${this.#nameOf(before.to ?? -1)}${again}? ${this.#whoNotices()}.`
  }

  /** What was looked at, without a move. */
  get report(): FailoverReport {
    const {router, facts, before} = this.#parts
    return {
      router: router.name,
      vrid: router.vrid,
      family: router.family,
      moved: movingNames(facts),
      from: before.from === null ? null : this.#nameOf(before.from),
      to: before.to === null ? '' : this.#nameOf(before.to),
      preflight: before.lines,
      forced: false,
      move: null,
      back: null,
      changes: [],
      notes: [],
      interrupted: false,
    }
  }

  /** Throws REFUSED where the pre-flight says no, and where even force cannot help. */
  requireFit(force: boolean): void {
    const {before, wish} = this.#parts
    const whys = before.lines.filter(({ok}) => !ok).map(({text}) => text)
    const isPossible = before.to !== null && (!wish.drill || (before.from !== null && canDrill(before)))
    if (whys.length === 0 || (force && isPossible)) return
    const message = `the pre-flight says no: ${whys.join('; ')}`
    throw new HactlError('REFUSED', message, isPossible ? 'mend that, or use --force' : 'mend that first')
  }

  /** Moves it, and with a drill back. Throws `HactlError` when it did not come to where it should be. */
  async run(options: FailoverOptions): Promise<FailoverReport> {
    this.requireFit(options.force)
    const {watch, router, facts, before, wish} = this.#parts
    const to = this.#side(before.to as number)
    const from = before.from === null ? undefined : this.#side(before.from)
    const order: MoveOrder = {from, to, way: before.way}
    const context: MoveContext = {pictures: watch, key: router.key, progress: options.progress}
    const started = await startMeasure({addresses: addressesToProbe(facts, wish.name), kind: options.probe})
    options.progress(started.ok ? `probes go to ${started.measure.address}` : `outage not measured: ${started.why}`)
    try {
      options.ordering()
      const there = await this.#measured(order, started, () => move(order, context))
      tell(options, there)
      const forced = refusals(before.lines) > 0
      const base = {...this.report, forced, move: there}
      if (!wish.drill || from === undefined) {
        const notes = await this.#afterwards(order)
        return {...base, notes, interrupted: options.signal.aborted}
      }
      await stay(options)
      const home = {...order, from}
      const back = await this.#measured({from: to, to: from, way: 'takeover'}, started, () =>
        moveBack(home, context).catch((error: unknown) => {
          throw stuck(home, error, router)
        }),
      )
      tell(options, back)
      const changes = (await Promise.all([changesOf(from), changesOf(to)])).flat()
      return {...base, back, changes, interrupted: options.signal.aborted}
    } finally {
      if (started.ok) await started.measure.stop()
    }
  }

  /** Ends all connections. */
  close(): Promise<void> {
    return this.#parts.watch.close()
  }

  async #measured(
    {from, to, way}: MoveOrder,
    started: StartedMeasure,
    work: () => ReturnType<typeof move>,
  ): Promise<MoveReport> {
    const fromMs = monotonicNow()
    const {orderedAtMs, tookMs, twoHoldersMs} = await work()
    const measurement = started.ok ? await measurementOf(started.measure, fromMs) : notMeasured(started.why)
    return {
      from: from?.name ?? null,
      to: to.name,
      way,
      orderedAt: new Date(orderedAtMs).toISOString(),
      tookMs,
      twoHoldersMs: Math.round(twoHoldersMs),
      outageMs: measurement.measured ? measurement.outageMs : null,
      measurement,
    }
  }

  /** A takeover on the node that held it means nothing more; a release there stays until somebody ends it. */
  async #afterwards({from, to, way}: MoveOrder): Promise<readonly string[]> {
    const notes: string[] = []
    if (from === undefined) return notes
    if (way === 'release') {
      notes.push(`${from.name} is not to be master again until: ${resumeCommand(from, this.#parts.wish)}`)
      return notes
    }
    const old = from.overrides.filter(each => each.kind === 'takeover' && isMove(each, from.group))
    for (const {id} of old) await from.client.cancelOverride({id}).catch(() => undefined)
    if (old.length > 0) notes.push(`the earlier takeover on ${from.name} is over`)
    const {items} = await to.client.overrides()
    const stands = items.some(each => each.kind === 'takeover' && isMove(each, to.group))
    if (stands) notes.push(`${to.name} keeps its raised priority until: ${resumeCommand(to, this.#parts.wish)}`)
    return notes
  }

  #whoNotices(): string {
    const {facts, before} = this.#parts
    if (before.from === null) return 'Nobody that is known holds it now'
    const holder = before.from
    const ours = facts.services.filter(({onNodes}) => onNodes[holder])
    if (ours.length === 0) return 'It has no virtual services: open connections to the addresses themselves break'
    const reals = ours.flatMap(({onNodes}) => onNodes[holder]?.realServers ?? [])
    const connections = reals.reduce((sum, real) => sum + real.activeConnections, 0)
    const sends = facts.nodes[holder]?.syncDaemons?.some(({role}) => role === 'master') === true
    const takes = facts.nodes[before.to ?? -1]?.syncDaemons?.some(({role}) => role === 'backup') === true
    const fate = sends && takes ? 'sync daemons have passed them on' : 'no sync daemons pass them on: they break'
    return `${counted(connections, 'active connection')} on ${counted(ours.length, 'virtual service')}; ${fate}`
  }

  #side(index: number): Side {
    const {watch, facts} = this.#parts
    const {name, router, group, overrides} = facts.nodes[index] as ClusterFacts['nodes'][number]
    const node = watch.picture().nodes[index]
    if (node === undefined || router === null) throw new TypeError(`node ${index} has no such virtual router`)
    return {index, name, client: clientOf(node, router), router, group, overrides}
  }

  #nameOf(index: number): string {
    return this.#parts.facts.nodes[index]?.name ?? 'no node'
  }
}

/** Everything but the question whether it can be put back may be forced. */
const canDrill = ({lines}: Preflight): boolean => lines.every(({check, ok}) => ok || check !== 'drill')

/** The position of a node by the name of its column, by how it was given, or by what its agent calls itself. */
function nodeNamed({nodes}: ClusterFacts, {to, addresses}: FailoverWish): number {
  const exact = nodes.findIndex(({name}, i) => name === to || addresses[i]?.given === to)
  const found = exact >= 0 ? exact : nodes.findIndex(({agent}) => agent?.node === to)
  if (found >= 0) return found
  const hint = `there is ${nodes.map(({name}) => name).join(', ')}`
  throw new HactlError('NOT_FOUND', `no node ${to?.slice(0, 80)}`, hint)
}

/** The address that was named is the one somebody wants to know about. */
function addressesToProbe({vips}: ClusterFacts, name: string): readonly string[] {
  const named = addressIn(name)
  return named !== undefined && vips.includes(named) ? [named] : vips
}

const notMeasured = (why: string): Measurement => ({measured: false, why})

async function measurementOf(measure: Measure, fromMs: number): Promise<Measurement> {
  await measure.steady(BACK_WITHIN_MS)
  return measure.since(fromMs)
}

function tell({progress}: FailoverOptions, {measurement}: MoveReport): void {
  if (!measurement.measured) return
  progress(measurement.lost === 0 ? 'no outage seen' : `outage ${measurement.outageMs.toFixed(1)} ms`)
}

function stay({stayMs, signal, progress}: FailoverOptions): Promise<void> {
  if (signal.aborted) return Promise.resolve()
  progress(`it stays there for ${stayMs / 1000} s`)
  return new Promise(resolve => {
    const done = (): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, stayMs)
    signal.addEventListener('abort', done)
  })
}

function stuck(
  {from, to}: {readonly from: Side; readonly to: Side},
  error: unknown,
  {name}: ClusterRouter,
): HactlError {
  const message = `THE DRILL COULD NOT GO BACK: ${name} stays on ${to.name}: ${errorText(error)}`
  return new HactlError('FAILED', message, `on ${from.name}: hactl vrrp takeover ${from.router.name}`, {cause: error})
}

/** What stands otherwise than before; both moves are over. */
async function changesOf({name, client, overrides: before}: Side): Promise<readonly string[]> {
  const {items} = await client.overrides()
  const key = ({kind, instance, text}: (typeof items)[number]): string => `${kind} ${instance ?? ''} ${text}`
  const was = new Set(before.map(key))
  const is = new Set(items.map(key))
  return [
    ...before
      .filter(each => !is.has(key(each)))
      .map(({instance, text}) => `${name}: gone: ${instance ?? 'all'}: ${text}`),
    ...items
      .filter(each => !was.has(key(each)))
      .map(({instance, text}) => `${name}: new: ${instance ?? 'all'}: ${text}`),
  ]
}

/** The command that lets the configuration decide again. */
function resumeCommand({index, router}: Side, {addresses}: FailoverWish): string {
  const {host, socket} = addresses[index]?.target ?? {}
  const where = [...(host === undefined ? [] : ['--host', host]), ...(socket === undefined ? [] : ['--socket', socket])]
  return ['hactl vrrp resume', router.name, ...where].join(' ')
}
