import type {CheckReply} from '../control/check-model.ts'
import type {ReloadReply} from '../control/model.ts'
import type {WatchedCheck} from '../control/watch-model.ts'
import {HactlError} from '../errors.ts'
import type {NodePicture} from '../watch/model.ts'
import {
  type ActionPlan,
  type ActionRequest,
  type ActionStep,
  type Effect,
  REASON,
  reasonOf,
  whyNoOrders,
} from './action-plan.ts'
import {chosenTargets, elsewhere, namesOf, servicesNamed} from './action-targets.ts'
import {commandLine} from './command-words.ts'
import {countedMany, listed} from './numbers.ts'
import {pausedText} from './views/real-state.ts'

/** P: pauses checks, or resumes them where all of them are paused. */
export function planPause(request: ActionRequest): ActionPlan | string {
  const {picture, subject} = request
  if (subject.type !== 'service' && subject.type !== 'real' && subject.type !== 'check') {
    return 'this is for checks: views 2 and 3'
  }
  const {service} = subject
  const real = subject.type === 'service' ? undefined : subject.real
  const named = real === undefined ? service : `${real} of ${service}`
  const targets = checkTargets(request, service, real)
  if (targets.length === 0) return `no node that answers checks ${named}`
  const isResume = targets.every(target => isPaused(target))
  const open = targets.filter(target => isResume || !isPaused(target))
  const meant = chosenTargets(open, request.where)
  if (typeof meant === 'string') return meant
  const reason = isResume ? {} : reasonOf(request.answers)
  const which = {service, ...(real === undefined ? {} : {real})}
  const steps = meant.map(({node: {address}}): ActionStep => {
    const words = {
      verb: ['check', isResume ? 'resume' : 'pause'],
      args: real === undefined ? [service] : [service, real],
      flags: reason,
    }
    return {
      node: address,
      commandLine: commandLine(words, address),
      send: async agent => {
        const reply = await (isResume ? agent.resumeChecks(which) : agent.pauseChecks({...which, ...reason}))
        return checkLines(reply.item)
      },
    }
  })
  const able = open.filter(({node}) => whyNoOrders(node) === null).map(({position}) => position)
  return {
    title: `${isResume ? 'Check' : 'Stop checking'} ${named}${isResume ? ' again' : ''} on ${namesOf(meant)}?`,
    effects: isResume ? resumed(meant) : [...paused(meant), ...elsewhere({picture, targets}, meant, 'paused')],
    steps,
    where: request.where ?? 'all',
    choices: able.length > 1 ? ['all', ...able] : able,
    questions: isResume ? [] : [REASON],
  }
}

/** L: an agent reads its configuration again. */
export function planReload({picture, subject, node: chosen, where}: ActionRequest): ActionPlan | string {
  const target = typeof where === 'number' ? where : subject.type === 'node' ? subject.node : chosen
  const node = picture.nodes[target]
  const refused = whyNoOrders(node)
  if (refused !== null || node === undefined) return refused ?? 'there is no such node'
  const {address, agent} = node
  if (agent?.configuration.onDisk === 'missing') return `${agent.configuration.file} is not there on ${address.name}`
  return {
    title: `Let ${address.name} read its configuration again?`,
    effects:
      agent === null
        ? []
        : reloadEffects(
            node,
            picture.routers.filter(({holders}) => holders.includes(target)),
          ),
    steps: [
      {
        node: address,
        commandLine: commandLine({verb: ['agent', 'reload'], args: []}, address),
        send: async client => reloadLines((await client.reload({})).item),
      },
    ],
    where: target,
    choices: picture.nodes.flatMap((each, i) => (whyNoOrders(each) === null ? [i] : [])),
    questions: [],
  }
}

/** The checkers that an order concerns on one node. */
interface CheckTarget {
  readonly position: number
  readonly node: NodePicture
  readonly checks: readonly WatchedCheck[]
}

function checkTargets({picture}: ActionRequest, service: string, real: string | undefined): readonly CheckTarget[] {
  const services = servicesNamed(picture, service)
  // All services of a group have the same checkers.
  const [first] = services
  return picture.nodes.flatMap((node, position): readonly CheckTarget[] => {
    const reals = first?.onNodes[position]?.realServers ?? []
    const checks = reals.filter(({name}) => real === undefined || name === real).flatMap(each => each.checks)
    const isHeard = node.state === 'live' || node.state === 'late'
    return checks.length === 0 || !isHeard ? [] : [{position, node, checks}]
  })
}

const isPaused = ({checks}: CheckTarget): boolean => checks.every(({pause}) => pause !== null)

function paused(targets: readonly CheckTarget[]): readonly Effect[] {
  const down = targets.filter(({checks}) => checks.some(({counts}) => counts === 'down'))
  return [
    ...down.map(({node, checks}): Effect => {
      const count = checks.filter(({counts}) => counts === 'down').length
      const found = `on ${node.address.name} ${countedMany(count, 'check')} found it down`
      return {text: `${found}: it stays so while it is paused`, tone: 'bad'}
    }),
    {text: 'a real server that fails from now on stays in service', tone: 'warning'},
    ...targets.map(({node, checks}) => ({
      text: `${node.address.name}: ${countedMany(checks.length, 'check')}; what was found last counts on`,
    })),
    {text: 'override: paused over reloads and restarts, until P resumes it'},
  ]
}

function resumed(targets: readonly CheckTarget[]): readonly Effect[] {
  return targets.map(({node, checks}) => {
    const pauses = new Set(checks.flatMap(({pause}) => (pause === null ? [] : pausedText(pause))))
    return {text: `${node.address.name}: ${countedMany(checks.length, 'check')}, ${listed([...pauses])}`}
  })
}

function reloadEffects({agent, address}: NodePicture, held: readonly {readonly name: string}[]): readonly Effect[] {
  if (agent === null) return []
  const {file, onDisk, errors, trial, refused} = agent.configuration
  const same = onDisk === 'same'
  return [
    ...(trial === null ? [] : [{text: `a configuration is on trial there until ${trial.until}`, tone: 'bad'} as const]),
    {
      text: same ? `${file} is as it was read: nothing is to change` : `${file} has changed since it was read`,
      ...(same ? {} : {tone: 'warning' as const}),
    },
    ...(refused === null ? [] : [{text: `it was refused last: ${refused}`, tone: 'warning'} as const]),
    ...(errors === 0 ? [] : [{text: `what runs has ${countedMany(errors, 'error')}`, tone: 'warning'} as const]),
    ...(same || held.length === 0
      ? []
      : [{text: `${address.name} is master of ${listed(held.map(({name}) => name))}: one that has changed may move`}]),
    {text: 'a file with errors is refused, and what runs goes on; overrides stay'},
  ]
}

/** As many as a dialog shows. */
const MOST_LINES = 8

function reloadLines({applied, changes, diagnostics}: ReloadReply): readonly string[] {
  if (!applied) {
    const [first, ...others] = diagnostics.filter(({severity}) => severity === 'error')
    const why = first === undefined ? 'no reason was given' : `${first.file}:${first.line}: ${first.message}`
    const more = others.length === 0 ? '' : ` (and ${countedMany(others.length, 'more error')})`
    throw new HactlError('INVALID_CONFIGURATION', `refused, what ran goes on: ${why}${more}`, first?.hint ?? undefined)
  }
  if (changes.length === 0) return ['nothing changed']
  return changes.length <= MOST_LINES
    ? changes
    : [...changes.slice(0, MOST_LINES), `and ${changes.length - MOST_LINES} more`]
}

function checkLines({checks}: CheckReply): readonly string[] {
  const lines = checks.map(({realServer, kind, number, state, counts}) => {
    const name = number > 1 ? `${kind} ${number}` : kind
    return `${realServer} ${name}: ${state}${state === counts ? '' : `, counts as ${counts}`}`
  })
  return lines.length <= MOST_LINES ? lines : [...lines.slice(0, MOST_LINES), `and ${lines.length - MOST_LINES} more`]
}
