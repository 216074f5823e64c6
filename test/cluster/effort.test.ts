import {describe, expect, it} from 'vitest'
import type {ProofResult} from '../../src/cluster/proof.ts'
import {proveCluster} from '../../src/cluster/prove-cluster.ts'
import {renderProof} from '../../src/cluster/render-proof.ts'
import {edit, nodesOf, UNICAST} from './pairs.ts'

const prove = (...texts: readonly string[]): ProofResult => proveCluster(nodesOf(...texts))

/** So many nodes with so many virtual routers each, on four interfaces; `group`: all in one sync group. */
function clusterOf(nodes: number, instances: number, {group}: {readonly group: boolean}): readonly string[] {
  const numbers = Array.from({length: instances}, (_, i) => i + 1)
  return Array.from({length: nodes}, (_, node) => {
    const blocks = numbers.map(i =>
      instanceOf(`VI_${i}`, [
        `interface eth${i % 4}`,
        `virtual_router_id ${i}`,
        `priority ${250 - 10 * node}`,
        `virtual_ipaddress {\n10.0.${i}.1/24\n}`,
      ]),
    )
    const members = numbers.map(i => `VI_${i}`).join('\n')
    return blocks.join('') + (group ? `vrrp_sync_group G {\ngroup {\n${members}\n}\n}\n` : '')
  })
}

const instanceOf = (name: string, lines: readonly string[]): string =>
  `vrrp_instance ${name} {\n${lines.join('\n')}\n}\n`

describe('the effort of a simulation', () => {
  // The bounds leave room for a slow machine: it takes a tenth of that.
  it.each([
    ['two nodes with 100 virtual routers each', clusterOf(2, 100, {group: false}), 100, 2_000],
    ['ten nodes with 50 virtual routers each', clusterOf(10, 50, {group: false}), 50, 8_000],
    ['two nodes with a sync group of 100', clusterOf(2, 100, {group: true}), 100, 8_000],
  ])('is small: %s', (_, texts, count, atMostMs) => {
    const nodes = nodesOf(...texts)
    const before = performance.now()
    const result = proveCluster(nodes)
    expect(performance.now() - before).toBeLessThan(atMostMs)
    expect(result.routers).toHaveLength(count)
    expect(result.routers.every(({verdict}) => verdict === 'proven')).toBe(true)
    expect(result.leftOut).toEqual([])
    // Those of which the same is to be said share a few lines.
    expect(renderProof(result).split('\n').length).toBeLessThan(8)
  })

  it('is that of one for virtual routers that are alike, and each has its own place and name', () => {
    const [alone, many] = [1, 40].map(count => prove(...clusterOf(2, count, {group: false})))
    expect(many?.steps).toBeLessThanOrEqual(4 * (alone?.steps ?? 0))
    expect(many?.routers.map(({name}) => name)).toEqual(Array.from({length: 40}, (_, i) => `VI_${i + 1}`))
    expect(many?.routers.map(({vrid}) => vrid)).toEqual(Array.from({length: 40}, (_, i) => i + 1))
  })

  it('does not take virtual routers for alike that are not', () => {
    const [a = '', b = ''] = clusterOf(2, 3, {group: false})
    const result = prove(a, edit(b, 'virtual_router_id 2\n', 'virtual_router_id 2\nadvert_int 3\n'))
    expect(result.routers.map(({verdict}) => verdict)).toEqual(['proven', 'violated', 'proven'])
  })

  it('is bounded, whatever the intervals are, and says what it leaves out', () => {
    const groupOf = (priority: number): string => {
      const blocks = ['40.93', '0.01', '0.07'].map((seconds, i) =>
        instanceOf(`VI_${i}`, [
          'version 3',
          'interface eth0',
          `virtual_router_id ${i + 1}`,
          `priority ${priority}`,
          `advert_int ${seconds}`,
          `virtual_ipaddress {\n10.0.0.${i + 1}\n}`,
        ]),
      )
      return `${blocks.join('')}vrrp_sync_group G {\ngroup {\nVI_0\nVI_1\nVI_2\n}\n}\n`
    }
    const result = prove(...[200, 150, 100, 50].map(groupOf))
    const sentence = 'VI_0, VI_1 and VI_2: not every fault was simulated: there are too many steps'
    expect(result.steps).toBeLessThan(1_100_000)
    expect(result.leftOut).toEqual([sentence])
    expect(result.routers.map(({verdict}) => verdict)).toEqual(['left-out', 'left-out', 'left-out'])
    expect(renderProof(result)).toContain(`not simulated: ${sentence}`)
    expect(result.findings.map(({code, message}) => [code, message])).toContainEqual(['HC2107', sentence])
  }, 30_000)

  it('is for ten nodes at most', () => {
    const texts = Array.from({length: 12}, (_, i) => edit(UNICAST[0], 'priority 150', `priority ${100 + i}`))
    const result = prove(...texts.map(text => text.replace(/unicast_(src_ip|peer) [^}]*?\n( {2}})?/g, '')))
    expect(result.nodes).toHaveLength(10)
    expect(result.leftOut).toEqual(['12 nodes are given; only the first 10 were simulated'])
  })

  it('reaches every node that can be master, where nothing is preempted', () => {
    const texts = clusterOf(10, 1, {group: false}).map(text => edit(text, 'interface', 'nopreempt\ninterface'))
    const [router] = prove(...texts).routers
    expect(router?.verdict).toBe('proven')
    const masters = new Set(router?.runs.flatMap(({holdersBefore}) => holdersBefore))
    expect(masters.size).toBeGreaterThan(2)
  })
})
