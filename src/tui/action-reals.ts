import type {LvsChangeReply} from '../control/lvs-model.ts'
import {LVS_ROUTES} from '../control/lvs-routes.ts'
import type {WatchedReal} from '../control/watch-model.ts'
import {
  type ActionPlan,
  type ActionRequest,
  type ActionStep,
  type Effect,
  type Question,
  REASON,
  reasonOf,
  whyNoOrders,
} from './action-plan.ts'
import {
  chosenTargets,
  connectionsOf,
  elsewhere,
  inServiceText,
  isLastOn,
  namesOf,
  type RealTarget,
  realAsked,
} from './action-targets.ts'
import {commandLine} from './command-words.ts'
import {countedMany} from './numbers.ts'

/** D: no new connections to a real server. */
export function planDrain(request: ActionRequest): ActionPlan | string {
  const found = realAsked(request)
  if (typeof found === 'string') return found
  const {real, service} = found
  const open = found.targets.filter(({reals}) => reals.some(({held}) => held === null))
  if (open.length === 0) return `${real} of ${service} is ${heldWord(found.targets)} already: U ends that`
  const targets = chosenTargets(open, request.where)
  if (typeof targets === 'string') return targets
  const reason = reasonOf(request.answers)
  const steps = targets.map((target): ActionStep => {
    const {address} = target.node
    // Asked for there, but this question is already the answer.
    const flags = {...reason, ...(isLastOn(found, target) ? {yes: true as const} : {})}
    return {
      node: address,
      commandLine: commandLine({verb: ['lvs', 'drain-real'], args: [service, real], flags}, address),
      send: async agent => changeLines((await agent.drainReal({service, real, ...reason})).item),
    }
  })
  return {
    ...common(`Drain ${real} of ${service} on ${namesOf(targets)}?`, request, {open, steps}),
    effects: [
      ...inServiceText(found, targets),
      {text: `${countedMany(connectionsOf(targets), 'active connection')} go on until they end`, isFigure: true},
      ...targets.map(({node, reals}) => ({text: `${node.address.name}: weight ${weights(reals)} -> 0`})),
      ...elsewhere(found, targets, 'drained'),
      {text: 'override: drained over reloads and restarts, until U ends it'},
    ],
    questions: [REASON],
  }
}

/** U on a real server: ends a drain, or puts one that was disabled back. */
export function planUndrain(request: ActionRequest): ActionPlan | string {
  const found = realAsked(request)
  if (typeof found === 'string') return found
  const {real, service} = found
  const open = found.targets.filter(({reals}) => reals.some(({held}) => held !== null))
  if (open.length === 0) return `${real} of ${service} is neither drained nor disabled`
  const targets = chosenTargets(open, request.where)
  if (typeof targets === 'string') return targets
  const steps = targets.map(({node: {address}, reals}): ActionStep => {
    // Putting one back ends a drain as well.
    const isDisabled = reals.some(({held}) => held?.type === 'disabled')
    return {
      node: address,
      commandLine: commandLine(
        {verb: ['lvs', isDisabled ? 'enable-real' : 'undrain-real'], args: [service, real]},
        address,
      ),
      send: async agent => {
        const input = {service, real}
        return changeLines((await (isDisabled ? agent.enableReal(input) : agent.undrainReal(input))).item)
      },
    }
  })
  return {
    ...common(`Give ${real} of ${service} its weight again on ${namesOf(targets)}?`, request, {open, steps}),
    effects: [
      ...targets.flatMap(({node, reals}) => reals.flatMap(each => undrained(node.address.name, each))),
      ...elsewhere(found, targets, 'changed'),
    ],
    questions: [],
  }
}

/** W: another weight of a real server. */
export function planWeight(request: ActionRequest): ActionPlan | string {
  const found = realAsked(request)
  if (typeof found === 'string') return found
  const {real, service} = found
  const targets = chosenTargets(found.targets, request.where)
  if (typeof targets === 'string') return targets
  const first = targets[0]?.reals[0]
  const now = first === undefined ? 1 : (first.held?.weight ?? first.weight)
  const weight = Number(request.answers.weight ?? now)
  const steps = targets.map(
    ({node: {address}}): ActionStep => ({
      node: address,
      commandLine: commandLine(
        {verb: ['lvs', 'edit-real'], args: [service, real], flags: {weight: String(weight)}},
        address,
      ),
      send: async agent => changeLines((await agent.editReal({service, real, weight})).item),
    }),
  )
  const stops: readonly Effect[] =
    weight === 0
      ? [
          ...inServiceText(found, targets),
          {text: `${countedMany(connectionsOf(targets), 'active connection')} go on until they end`, isFigure: true},
        ]
      : []
  return {
    ...common(`Give ${real} of ${service} weight ${weight} on ${namesOf(targets)}?`, request, {
      open: found.targets,
      steps,
    }),
    effects: [
      ...stops,
      ...targets.map(({node, reals}) => ({text: `${node.address.name}: ${weightChange(reals, weight)}`})),
      ...elsewhere(found, targets, 'changed'),
      {text: 'override: in place of the configured weight, over reloads and restarts'},
    ],
    questions: [weightQuestion(now)],
  }
}

interface Made {
  /** Where it could be done. */
  readonly open: readonly RealTarget[]
  readonly steps: readonly ActionStep[]
}

function common(title: string, {where}: ActionRequest, {open, steps}: Made) {
  const able = open.filter(({node}) => whyNoOrders(node) === null).map(({position}) => position)
  return {title, steps, where: where ?? 'all', choices: able.length > 1 ? (['all', ...able] as const) : able}
}

const weights = (reals: readonly WatchedReal[]): string => [...new Set(reals.map(({weight}) => weight))].join('/')

const heldWord = (targets: readonly RealTarget[]): string =>
  targets.some(({reals}) => reals.some(({held}) => held?.type === 'drained')) ? 'drained' : 'disabled'

function weightChange(reals: readonly WatchedReal[], weight: number): string {
  const isHeld = reals.some(({held}) => held !== null)
  if (isHeld) return `weight ${weight} when its hold ends; until then it gets no new connections`
  return reals.every(each => each.weight === weight)
    ? `weight ${weight} already`
    : `weight ${weights(reals)} -> ${weight}`
}

function undrained(node: string, {held, standing}: WatchedReal): readonly Effect[] {
  if (held === null) return []
  const text = `${node}: no longer ${held.type}, weight ${held.weight}`
  if (standing === 'out') return [{text: `${text}, but out by its checks: no connections yet`, tone: 'warning'}]
  if (standing === 'inhibited') return [{text: `${text}, but its checks keep it at weight 0`, tone: 'warning'}]
  return [{text: `${text}: new connections go there again`}]
}

function weightQuestion(now: number): Question {
  const {min, max} = LVS_ROUTES.editReal.body.weight
  return {
    name: 'weight',
    text: 'weight; 0: no new connections',
    initial: String(now),
    problem: answer =>
      /^\d{1,10}$/.test(answer) && Number(answer) >= min && Number(answer) <= max
        ? null
        : `a whole number from ${min} to ${max}`,
  }
}

/** As many as a dialog shows. */
const MOST_CHANGES = 6

function changeLines({changes, moreChanges}: LvsChangeReply): readonly string[] {
  if (changes.length === 0) return ['nothing was changed: it is so already']
  const shown = changes.slice(0, MOST_CHANGES)
  const more = changes.length - shown.length + moreChanges
  return more === 0 ? shown : [...shown, `and ${more} more`]
}
