import {expect, test} from 'vitest'
import type {VirtualRouter} from '../../src/control/model.ts'
import {clusterPicture} from '../../src/watch/cluster-picture.ts'
import {matchRouters} from '../../src/watch/match-routers.ts'
import {fakeVip} from '../fake-agent.ts'
import {NOW_MS, node, router} from './nodes.ts'

const vips = (...addresses: readonly string[]) => addresses.map(address => fakeVip({address}))
const peer = (address: string) => {
  const never = {priority: 100, intervalMs: 1_000, firstHeard: '', lastHeard: '', advertisements: 1, rejected: {}}
  return [{address, ...never}]
}

test.each<[string, Partial<VirtualRouter>, Partial<VirtualRouter>, boolean]>([
  ['the same name', {name: 'a', vips: vips('192.0.2.1')}, {name: 'a', vips: vips('192.0.2.2')}, true],
  ['a common address', {name: 'a', vips: vips('192.0.2.1', '192.0.2.3')}, {name: 'b', vips: vips('192.0.2.3')}, true],
  ['one hears the other', {name: 'a', vips: []}, {name: 'b', vips: [], peers: peer('10.0.0.1')}, true],
  [
    'one hears the other as master',
    {name: 'a', vips: []},
    {name: 'b', vips: [], heard: {address: '10.0.0.1', priority: 1, lastSeen: ''}},
    true,
  ],
  ['nothing but the VRID', {name: 'a', vips: vips('192.0.2.1')}, {name: 'b', vips: vips('192.0.2.2')}, false],
  ['another VRID', {name: 'a', vrid: 1}, {name: 'a', vrid: 2}, false],
  ['another family', {name: 'a', family: 4}, {name: 'a', family: 6}, false],
])('%s: one virtual router or two', (_, first, second, isOne) => {
  const nodes = [node('lb1', [router(1, 'master', first)]), node('lb2', [router(2, 'backup', second)])]
  expect(matchRouters(nodes.map(({routers}) => routers))).toHaveLength(isOne ? 1 : 2)
})

test('of two of one VRID on different links, each finds its own', () => {
  const on = (host: number, names: readonly string[]) =>
    names.map((name, link) =>
      router(host, 'backup', {name, vips: vips(`192.0.${name.at(-1)}.1`), interface: `e${link}`}),
    )
  const nodes = [node('lb1', on(1, ['a1', 'a2'])), node('lb2', on(2, ['b2', 'b1', 'b3']))]
  const names = matchRouters(nodes.map(({routers}) => routers)).map(set => set.map(found => found?.name))
  expect(names).toEqual([
    ['a1', 'b1'],
    ['a2', 'b2'],
    [undefined, 'b3'],
  ])
})

test('a key stays when another node that calls it otherwise comes', () => {
  const second = node('lb2', [router(2, 'backup', {name: 'B'})])
  const third = node('lb3', [router(3, 'backup', {name: 'A'})])
  const empty = node('lb1', [], {state: 'connecting'})
  const first = clusterPicture([empty, second, third], NOW_MS)
  const whole = [node('lb1', [router(1, 'master', {name: 'A'})]), second, third]
  expect(first.routers.map(({key, name}) => [key, name])).toEqual([['4/51/B', 'B']])
  expect(clusterPicture(whole, NOW_MS, first).routers.map(({key, name}) => [key, name])).toEqual([['4/51/B', 'A']])
})
