import type {Component, SimRouter} from './component.ts'

/**
 * Equal for components that the simulation takes through the same, and of which the same can be said in the same
 * words, so that one of them stands for all.
 */
export function likenessOf({routers, units, nodes, virtualRouters}: Component): string {
  // The faults of one member are told of the others by its name.
  const named = units.some(unit => unit.routers.length > 1)
  const parts = routers.map(router => [...partsOf(router), named ? router.member.instance.name : ''])
  return JSON.stringify([virtualRouters.length, nodes, units, parts])
}

function partsOf({router, member, config, source, link, watched, tracks, hearers}: SimRouter): readonly unknown[] {
  const {version, initialState, priority, advertIntervalMs, preempt, preemptDelayMs, downTimerAdverts} = config
  const {lowerPriorityNoAdvert, higherPrioritySendAdvert, ownerIgnoreAdverts} = config
  return [
    [router, member.node, member.group !== undefined],
    [version, initialState, priority, advertIntervalMs, preempt, preemptDelayMs, downTimerAdverts],
    [lowerPriorityNoAdvert, higherPrioritySendAdvert, ownerIgnoreAdverts],
    [source, link, watched, hearers],
    tracks.map(({track: {kind, name, weight, reverse}, healthy}) => [kind, name, weight, reverse, healthy]),
  ]
}
