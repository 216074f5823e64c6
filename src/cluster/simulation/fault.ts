import type {TrackedKind} from '../../config/router-config.ts'
import {after} from '../../core/units.ts'
import {noticedAfterMs} from '../tracks.ts'
import {type Component, thingOf} from './component.ts'
import {endNode, type Scheduled, setLink, setThing, startNode, type World} from './world.ts'

/** One thing that goes wrong on one node, and is put right again. */
export type Fault =
  | {readonly kind: 'node-dies' | 'node-stops'; readonly node: number}
  /** `down`: the link goes; `cut`: it stays up, and nothing passes. An empty name: the only network of the node. */
  | {readonly kind: 'link-down' | 'link-cut'; readonly node: number; readonly interface: string}
  | {
      readonly kind: 'tracked-fails'
      readonly node: number
      readonly tracked: Exclude<TrackedKind, 'interface'>
      readonly name: string
    }

/** Every single fault that matters to a component. */
export function faultsOf({nodes, routers}: Component): readonly Fault[] {
  const faults: Fault[] = []
  for (const node of nodes) {
    const own = routers.filter(({member}) => member.node === node)
    faults.push({kind: 'node-dies', node}, {kind: 'node-stops', node})
    const carrying = new Set(own.map(({link}) => link))
    const tracks = own.flatMap(router => router.tracks.map(({track}) => track))
    const noticed = [
      ...own.flatMap(({watched}) => watched),
      ...tracks.flatMap(({kind, name}) => (kind === 'interface' ? name : [])),
    ]
    for (const name of new Set([...carrying, ...noticed])) {
      if (name !== '') faults.push({kind: 'link-down', node, interface: name})
      if (carrying.has(name)) faults.push({kind: 'link-cut', node, interface: name})
    }
    const things = new Map(tracks.map(track => [thingOf(node, track), track]))
    for (const {kind: tracked, name} of things.values()) {
      if (tracked !== 'interface') faults.push({kind: 'tracked-fails', node, tracked, name})
    }
  }
  return faults
}

/** The fault, or what puts it right, in words: "a.conf dies", "a.conf starts again". */
export function describeFault(fault: Fault, {cluster}: Component, phase: 'fault' | 'repair'): string {
  const name = cluster.nodes[fault.node]?.name ?? ''
  const breaks = phase === 'fault'
  switch (fault.kind) {
    case 'node-dies':
      return breaks ? `${name} dies` : `${name} starts again`
    case 'node-stops':
      return breaks ? `${name} is stopped` : `${name} is started again`
    case 'link-down':
      return `${fault.interface} of ${name} ${breaks ? 'goes down' : 'comes up again'}`
    case 'link-cut': {
      const link = fault.interface === '' ? 'the network' : fault.interface
      return breaks ? `${link} of ${name} is cut while its link stays up` : `${link} of ${name} works again`
    }
    case 'tracked-fails':
      return `${fault.tracked} ${fault.name} ${breaks ? 'fails' : 'works again'} on ${name}`
  }
}

/** How long it takes until the node notices, at most, milliseconds. */
export function noticeMs(fault: Fault, {cluster}: Component, phase: 'fault' | 'repair'): number {
  const config = cluster.nodes[fault.node]?.loaded.config
  const change = phase === 'fault' ? 'fails' : 'returns'
  if (!config) return 0
  if (fault.kind === 'tracked-fails') return noticedAfterMs({kind: fault.tracked, name: fault.name}, config, change)
  if (fault.kind === 'link-down') return noticedAfterMs({kind: 'interface', name: fault.interface}, config, change)
  return 0
}

/** What is to happen to the world, and when. */
export function schedule(fault: Fault, world: World, phase: 'fault' | 'repair'): readonly Scheduled[] {
  const {now, component} = world
  const later = after(now, noticeMs(fault, component, phase))
  const breaks = phase === 'fault'
  const {node} = fault
  switch (fault.kind) {
    case 'node-dies':
    case 'node-stops':
      return [
        {
          at: now,
          apply: changed => {
            if (breaks) endNode(changed, node, {orderly: fault.kind === 'node-stops'})
            else startNode(changed, node)
          },
        },
      ]
    case 'link-cut':
      return [{at: now, apply: changed => setLink(changed, node, fault.interface, breaks ? 'cut' : undefined)}]
    case 'link-down': {
      const change: Scheduled = {
        at: later,
        apply: changed => setLink(changed, node, fault.interface, breaks ? 'down' : undefined),
      }
      if (!breaks || later === now) return [change]
      // Until the node admits that the link is down, it is cut.
      return [{at: now, apply: changed => setLink(changed, node, fault.interface, 'cut')}, change]
    }
    case 'tracked-fails': {
      const thing = thingOf(node, {kind: fault.tracked, name: fault.name})
      return [{at: later, apply: changed => setThing(changed, node, thing, breaks)}]
    }
  }
}
