import type {WatchedReal, WatchedService} from '../control/watch-model.ts'
import type {ClusterPicture, ClusterService, NodePicture} from '../watch/model.ts'
import {type ActionRequest, type Effect, type Where, whyNoOrders} from './action-plan.ts'
import {listed} from './numbers.ts'
import {isInService} from './views/real-state.ts'

/** A real server that was asked for, and where it is known. */
export interface FoundReal {
  readonly picture: ClusterPicture
  /** For commands and calls: the name of the service, or of the group. */
  readonly service: string
  readonly real: string
  readonly services: readonly ClusterService[]
  /** Every node that is known and has it. */
  readonly targets: readonly RealTarget[]
}

/** A real server on one node: in each of the services meant that have it. */
export interface RealTarget {
  readonly position: number
  readonly node: NodePicture
  readonly reals: readonly WatchedReal[]
}

/** Finds the real server that the cursor is on, or whose checker it is on; or says why there is none. */
export function realAsked({picture, subject}: ActionRequest): FoundReal | string {
  if (subject.type !== 'real' && subject.type !== 'check')
    return 'this is for real servers: view 2, and Enter on a service'
  const {service, real} = subject
  const services = servicesNamed(picture, service)
  const targets = picture.nodes.flatMap((node, position): readonly RealTarget[] => {
    const reals = services.flatMap(each => each.onNodes[position]?.realServers.filter(({name}) => name === real) ?? [])
    return reals.length === 0 || !isHeard(node) ? [] : [{position, node, reals}]
  })
  if (targets.length > 0) return {picture, service, real, services, targets}
  const silent = picture.nodes.filter(node => !isHeard(node)).map(({address}) => address.name)
  const because = silent.length === 0 ? '' : `; ${listed(silent)} ${silent.length === 1 ? 'is' : 'are'} UNKNOWN`
  return `no node that answers has ${real} of ${service}${because}`
}

/** One service by its own name, or all of a group. */
export function servicesNamed({services}: ClusterPicture, name: string): readonly ClusterService[] {
  const own = services.filter(service => service.name === name)
  return own.length > 0 ? own : services.filter(({configured}) => configured === name)
}

/** Those that are meant and take orders; or why there is none. */
export function chosenTargets<Target extends {readonly position: number; readonly node: NodePicture}>(
  targets: readonly Target[],
  where: Where | null,
): readonly Target[] | string {
  const meant = targets.filter(({position}) => where === null || where === 'all' || where === position)
  const able = meant.filter(({node}) => whyNoOrders(node) === null)
  if (able.length > 0) return able
  return whyNoOrders(meant[0]?.node) ?? 'there is nothing to do'
}

/** "lb1, lb2 and lb3" */
export const namesOf = (targets: readonly {readonly node: NodePicture}[]): string =>
  listed(targets.map(({node}) => node.address.name))

/** Active connections that nodes have to it. */
export const connectionsOf = (targets: readonly RealTarget[]): number =>
  targets.reduce((sum, {reals}) => sum + reals.reduce((of, {activeConnections}) => of + activeConnections, 0), 0)

/** How many real servers of each service are left in service without this one; the worst over the nodes. */
export function inServiceText({services, real}: FoundReal, targets: readonly RealTarget[]): readonly Effect[] {
  return services.flatMap(({name, onNodes}): readonly Effect[] => {
    const left = targets.flatMap(target => {
      const there = onNodes[target.position]
      return there === null || there === undefined ? [] : [{target, ...leftIn(there, real, target.node)}]
    })
    const worst = left.reduce<(typeof left)[number] | undefined>(
      (least, each) => (least === undefined || each.live < least.live ? each : least),
      undefined,
    )
    if (worst === undefined) return []
    const on = targets.length === 1 ? '' : ` on ${worst.target.node.address.name}`
    if (worst.live === 0) {
      return [{text: `NO real server of ${name} is left that gets new connections${on}`, tone: 'bad'}]
    }
    return [{text: `${worst.live} of ${worst.all} real servers of ${name} stay in service${on}`}]
  })
}

/** Whether no other real server of one of its services gets new connections there. */
export function isLastOn({services, real}: FoundReal, {position, node}: RealTarget): boolean {
  return services.some(({onNodes}) => {
    const there = onNodes[position]
    return there !== null && there !== undefined && leftIn(there, real, node).live === 0
  })
}

/** Where it is not done although it is there, or may be. */
export function elsewhere(
  {picture, targets}: Pick<FoundReal, 'picture'> & {readonly targets: readonly {readonly position: number}[]},
  meant: readonly {readonly position: number}[],
  done: string,
): readonly Effect[] {
  const has = new Set(targets.map(({position}) => position))
  const isMeant = new Set(meant.map(({position}) => position))
  return picture.nodes.flatMap((node, i): readonly Effect[] => {
    const {name} = node.address
    if (isMeant.has(i)) return []
    if (!isHeard(node)) {
      return [{text: `${name} is UNKNOWN: it is not ${done} there`, tone: 'warning'}]
    }
    if (!has.has(i)) return []
    if (node.isReadOnly) return [{text: `${name} takes no orders from here: it is not ${done} there`, tone: 'warning'}]
    return [{text: `${name} stays as it is: after a failover what it says counts`, tone: 'warning'}]
  })
}

const isHeard = ({state}: NodePicture): boolean => state === 'live' || state === 'late'

function leftIn({realServers}: WatchedService, real: string, {servicesProblem}: NodePicture) {
  const others = realServers.filter(({name, isSorryServer}) => name !== real && !isSorryServer)
  const live = others.filter(other => isInService(other, servicesProblem)).length
  return {live, all: others.length + 1}
}
