import {describe, expect, it} from 'vitest'
import {type ExpectedRouter, Guard} from '../../../src/cli/apply/guard.ts'
import type {VirtualRouter} from '../../../src/control/model.ts'
import {clusterPicture} from '../../../src/watch/cluster-picture.ts'
import type {ClusterPicture, NodePicture} from '../../../src/watch/model.ts'
import {agent, NOW_MS, node, router} from '../../watch/nodes.ts'

const VI_1: ExpectedRouter = {name: 'VI_1', family: 4, vrid: 51, masterDownMs: 3_600, nodes: ['lb1', 'lb2']}
const VI_2: ExpectedRouter = {name: 'VI_2', family: 4, vrid: 52, masterDownMs: 3_600, nodes: ['lb2']}

const pictureOf = (...nodes: readonly NodePicture[]): ClusterPicture => clusterPicture(nodes, NOW_MS)

/** Two nodes with VI_1 in these states. */
const states = (one: VirtualRouter['state'], two: VirtualRouter['state'], fields: Partial<VirtualRouter> = {}) =>
  pictureOf(node('lb1', [router(1, one, fields)]), node('lb2', [router(2, two)]))

const SOUND = states('master', 'backup')

/** What is said of a picture that lasts: the first sentence, and after how many milliseconds. */
function verdict(guard: Guard, picture: ClusterPicture): {readonly text: string; readonly afterMs: number} | undefined {
  for (let now = 0; now <= 30_000; now += 100) {
    const text = guard.look(picture, now)
    if (text !== undefined) return {text, afterMs: now}
  }
  return undefined
}

describe('the guard of an application', () => {
  it.each<[string, ClusterPicture, string, number]>([
    ['two holders', states('master', 'master'), 'lb1 and lb2 both hold VI_1 (VRID 51)', 500],
    ['nobody longer than a takeover takes', states('backup', 'backup'), 'nobody holds VI_1 (VRID 51)', 4_200],
    [
      'a fault',
      states('fault', 'master', {faults: ['eth9 is down']}),
      'VI_1 (VRID 51) is in fault on lb1: eth9 is down',
      1_500,
    ],
    [
      'a rival that is no node',
      states('master', 'backup', {splitBrain: [{rival: '10.0.0.9', how: 'advertises'}]}),
      'lb1 holds VI_1 (VRID 51), and so does 10.0.0.9',
      500,
    ],
    [
      'a node that is silent',
      pictureOf(node('lb1', [router(1, 'master')]), node('lb2', [], {state: 'unknown', problem: 'no route'})),
      'lb2 does not answer: no route',
      0,
    ],
    [
      'a process that died',
      pictureOf(node('lb1', [router(1, 'master')], {agent: withRestarts(1)}), node('lb2', [router(2, 'backup')])),
      'a process of the agent on lb1 died',
      0,
    ],
    ['a router that nobody runs', pictureOf(node('lb1'), node('lb2')), 'no node runs VI_1 (VRID 51)', 4_100],
  ])('tells of %s', (_, picture, text, afterMs) => {
    expect(verdict(new Guard([VI_1], SOUND), picture)).toEqual({text, afterMs})
  })

  it.each([
    ['one holder', SOUND],
    ['the other holder', states('backup', 'master')],
    [
      'a node that is late',
      pictureOf(node('lb1', [router(1, 'master')]), node('lb2', [router(2, 'backup')], {state: 'late'})),
    ],
  ])('says nothing of %s', (_, picture) => {
    expect(verdict(new Guard([VI_1], SOUND), picture)).toBeUndefined()
  })

  it('begins anew when a trouble was over in between', () => {
    const guard = new Guard([VI_1], SOUND)
    expect(guard.look(states('master', 'master'), 0)).toBeUndefined()
    expect(guard.look(SOUND, 400)).toBeUndefined()
    expect(guard.look(states('master', 'master'), 800)).toBeUndefined()
    expect(guard.look(states('master', 'master'), 1_300)).toBe('lb1 and lb2 both hold VI_1 (VRID 51)')
  })

  it('does not hold against it what was so before', () => {
    const before = states('fault', 'master')
    expect(verdict(new Guard([VI_1], before), before)).toBeUndefined()
    expect(verdict(new Guard([VI_1], before), states('backup', 'backup'))?.text).toBe('nobody holds VI_1 (VRID 51)')
  })

  it('gives a new virtual router the time to listen first, from when a node has it', () => {
    const guard = new Guard([VI_1, VI_2], SOUND)
    expect(verdict(guard, SOUND)).toBeUndefined()
    guard.applied('lb1')
    expect(verdict(guard, SOUND)).toBeUndefined()
    guard.applied('lb2')
    const added = pictureOf(node('lb1', [router(1, 'master')]), node('lb2', [router(2, 'backup'), second('backup')]))
    const found = verdict(guard, added)
    expect(found?.text).toBe('nobody holds VI_2 (VRID 52)')
    expect(found?.afterMs).toBeGreaterThan(2 * VI_2.masterDownMs)
  })
})

const second = (state: VirtualRouter['state']): VirtualRouter => router(2, state, {name: 'VI_2', vrid: 52, vips: []})

function withRestarts(restarts: number) {
  const well = agent()
  return {...well, processes: well.processes.map(child => ({...child, restarts}))}
}
