import {expect, test} from 'vitest'
import type {VirtualRouter} from '../../src/control/model.ts'
import {clusterPicture} from '../../src/watch/cluster-picture.ts'
import type {ClusterPicture, NodePicture} from '../../src/watch/model.ts'
import {seededRandom} from '../sim/random.ts'
import {NOW_MS, node, router} from './nodes.ts'

type Random = (below: number) => number
const pick = <Item>(random: Random, items: readonly [Item, ...Item[]]): Item => items[random(items.length)] ?? items[0]

/** Times that a picture has to wait for: graces, what is told with delay, and long ones. */
const PAUSES_MS: readonly [number, ...number[]] = [0, 50, 400, 3_500, 20_000]
const ADDRESSES = ['10.0.0.1', '10.0.0.2', '10.0.0.3', '10.0.0.9'] as const

/** Another virtual router in place of one, as an agent tells it at `nowMs`. */
function changed(before: VirtualRouter, nowMs: number, random: Random): VirtualRouter {
  const since = new Date(nowMs - pick(random, [0, 1_000])).toISOString()
  const state = pick(random, ['master', 'backup', 'fault', 'init'] as const)
  const vips = before.vips.map(vip => ({...vip, wanted: state === 'master', present: pick(random, [true, false])}))
  const heard = {address: pick(random, ADDRESSES), priority: 100, lastSeen: since}
  return pick<VirtualRouter>(random, [
    {...before, state, since, vips, reason: `turn ${nowMs}`},
    {...before, heard: pick(random, [heard, null])},
    {...before, source: pick(random, ADDRESSES)},
    {...before, priority: {...before.priority, effective: 1 + random(254)}},
    {...before, observed: !before.observed},
    {...before, held: pick(random, [null, 'it was told so'])},
  ])
}

function changedNode(before: NodePicture, nowMs: number, random: Random): NodePicture {
  const kind = random(10)
  if (kind === 0) return {...before, state: pick(random, ['live', 'late', 'unknown', 'connecting'] as const)}
  if (kind === 1) return {...before, clockAheadMs: random(7) - 3}
  const routers = new Map(before.routers)
  const one = [...routers.values()][random(routers.size)] ?? router(1, 'init')
  // One that goes comes back as the last.
  if (kind === 2) routers.delete(one.name)
  if (kind === 2 || kind === 3) routers.set(one.name, one)
  if (kind > 3) routers.set(one.name, changed(one, nowMs, random))
  return {...before, routers}
}

/** But for what a fresh look has no memory of. */
const contents = ({routers, problems, services}: ClusterPicture): unknown => ({routers, problems, services})

test('a picture made out of the one before is the one that would be made of nothing', () => {
  const random = seededRandom(1_255)
  for (let round = 0; round < 40; round++) {
    let nowMs = NOW_MS
    let nodes = ['lb1', 'lb2', 'lb3'].map((name, i) => {
      const state = i === 0 ? 'master' : 'backup'
      const routers = [1, 2, 3].map(vrid => router(i + 1, state, {name: `VI_${vrid}`, vrid}))
      return node(name, routers)
    })
    let picture = clusterPicture(nodes, nowMs)
    for (let step = 0; step < 40; step++) {
      nowMs += pick(random, PAUSES_MS)
      const at = random(nodes.length)
      // Often nothing but time goes by.
      if (random(2) === 0) nodes = nodes.map((each, i) => (i === at ? changedNode(each, nowMs, random) : each))
      picture = clusterPicture(nodes, nowMs, picture)
      expect(contents(picture)).toEqual(contents(clusterPicture(nodes, nowMs)))
    }
  }
})

test('rows in which nothing changed stay the same objects, and those of a master with its addresses over time too', () => {
  const routers = (host: number, state: 'master' | 'backup') =>
    ['VI_1', 'VI_2'].map((name, i) => router(host, state, {name, vrid: 51 + i}))
  const [first, second] = [node('lb1', routers(1, 'master')), node('lb2', routers(2, 'backup'))]
  const before = clusterPicture([first, second], NOW_MS)
  const changedOne = router(2, 'backup', {name: 'VI_1', vrid: 51, reason: 'another'})
  const other = {...second, routers: new Map([...second.routers, ['VI_1', changedOne]])}
  const after = clusterPicture([first, other], NOW_MS + 1_000, before)
  expect(after.routers[0]).not.toBe(before.routers[0])
  expect(after.routers[0]?.onNodes[1]?.router).toBe(changedOne)
  expect(after.routers[1]).toBe(before.routers[1])
})

test('a row that only waits for time to pass is judged again', () => {
  const heard = {address: '10.0.0.9', priority: 120, lastSeen: new Date(NOW_MS).toISOString()}
  const nodes = [
    node('lb1', [router(1, 'master', {since: new Date(NOW_MS - 100).toISOString()})]),
    node('lb2', [router(2, 'backup', {heard})]),
  ]
  const before = clusterPicture(nodes, NOW_MS)
  expect(before.problems).toEqual([])
  expect(clusterPicture(nodes, NOW_MS + 10_000, before).problems).toMatchObject([{kind: 'split-brain'}])
})
