import {describe, expect, it} from 'vitest'
import {compareNodes} from '../../src/cluster/compare-nodes.ts'
import {proveCluster} from '../../src/cluster/prove-cluster.ts'
import {priority} from '../../src/core/units.ts'
import {masterDownIntervalMs} from '../../src/core/vrrp/timing.ts'
import {seededRandom} from '../sim/random.ts'
import {codesOf, complaintsOf, nodesOf, violationsOf} from './pairs.ts'

type Random = (below: number) => number

/** Two to five texts of one cluster that is right: the same on all nodes but for priorities and addresses. */
function goodCluster(random: Random): readonly string[] {
  const size = 2 + random(4)
  const version = 2 + random(2)
  const advertIntervalSeconds = version === 2 ? 1 + random(3) : (1 + random(300)) / 100
  const options = {
    unicast: random(2) === 0,
    nopreempt: random(3) === 0,
    preemptDelaySeconds: random(3) === 0 ? 1 + random(20) : 0,
    password: version === 2 && random(2) === 0,
    script: (['none', 'weighted', 'plain'] as const)[random(3)],
    interfaces: random(2) === 0 ? ['eth0', 'eth1'] : ['eth0'],
  }
  const grouped = options.interfaces.length > 1 && random(2) === 0
  // Weights work one way only: with nopreempt a failure has to be a fault, and in a group none count.
  const script = options.script === 'weighted' && (options.nopreempt || grouped) ? 'plain' : options.script
  const step = 1 + random(20)
  const numbers = Array.from({length: size}, (_, i) => i)
  const peersOf = (node: number, network: number): readonly string[] =>
    numbers.filter(other => other !== node).map(other => `10.${network}.0.${other + 1}`)
  return numbers.map(node => {
    const own = 120 + step * (size - node)
    const lines = options.interfaces.map((name, i) =>
      [
        `vrrp_instance VI_${i} {`,
        `version ${version}`,
        `interface ${name}`,
        `virtual_router_id ${10 + i}`,
        `priority ${Math.min(254, own)}`,
        `advert_int ${advertIntervalSeconds}`,
        ...(options.nopreempt ? ['nopreempt'] : []),
        ...(options.preemptDelaySeconds > 0 && !options.nopreempt
          ? [`preempt_delay ${options.preemptDelaySeconds}`]
          : []),
        ...(options.password ? ['authentication {\nauth_type PASS\nauth_pass x7-kQ2p\n}'] : []),
        ...(options.unicast
          ? [`unicast_src_ip 10.${i}.0.${node + 1}`, `unicast_peer {\n${peersOf(node, i).join('\n')}\n}`]
          : []),
        `virtual_ipaddress {\n10.${i}.0.100/24\n}`,
        ...(script === 'none' ? [] : ['track_script {\nchk\n}']),
        '}',
      ].join('\n'),
    )
    const weight = script === 'weighted' ? `weight -${step * size + 1}\n` : ''
    return [
      `global_defs {\nrouter_id n${node}\n}`,
      ...(script === 'none' ? [] : [`vrrp_script chk {\nscript "/usr/bin/true"\ninterval 2\n${weight}}`]),
      ...lines,
      ...(grouped ? ['vrrp_sync_group G {\ngroup {\nVI_0\nVI_1\n}\n}'] : []),
    ].join('\n')
  })
}

const RUNS = 150

describe('clusters that are right', () => {
  it('are clean, whatever they look like, and every fault of them is survived', () => {
    const random = seededRandom(20_240_817)
    let groups = 0
    for (let run = 0; run < RUNS; run++) {
      const texts = goodCluster(random)
      const nodes = nodesOf(...texts)
      const message = `run ${run}:\n${texts.join('\n--\n')}`
      const errors = nodes.flatMap(({loaded}) => loaded.diagnostics.filter(({severity}) => severity === 'error'))
      expect(errors, message).toEqual([])
      expect(complaintsOf(nodes), message).toEqual([])
      const proof = proveCluster(nodes)
      expect(violationsOf(proof), message).toEqual([])
      expect(codesOf(proof.findings), message).toEqual([])
      expect(
        proof.routers.map(({verdict}) => verdict),
        message,
      ).toEqual(proof.routers.map(() => 'proven'))
      groups += nodes.filter(({loaded}) => loaded.config.syncGroups.length > 0).length
    }
    expect(groups).toBeGreaterThan(20)
  }, 60_000)

  // RFC 9568 section 6.1: nobody waits longer for a silent master than the lowest priority does.
  it('are never without a holder for longer than the master down interval, when a node dies', () => {
    const random = seededRandom(77)
    for (let run = 0; run < RUNS / 3; run++) {
      const texts = goodCluster(random)
      const nodes = nodesOf(...texts)
      const [instance] = nodes[0]?.loaded.config.instances ?? []
      if (!instance) throw new Error('an instance')
      const bound = masterDownIntervalMs(instance, priority(120), instance.advertIntervalMs)
      for (const router of proveCluster(nodes).routers) {
        const deaths = router.runs.filter(({kind}) => kind === 'node-dies').flatMap(({phases}) => phases.slice(0, 1))
        expect(deaths.length).toBeGreaterThan(1)
        for (const {withoutHolderMs} of deaths) expect(withoutHolderMs, texts[0]).toBeLessThanOrEqual(bound + 1)
      }
    }
  }, 60_000)

  it('come to the same every time', () => {
    const random = seededRandom(5)
    for (let run = 0; run < 10; run++) {
      const texts = goodCluster(random)
      const [one, two] = [nodesOf(...texts), nodesOf(...texts)]
      expect(JSON.stringify(proveCluster(two))).toBe(JSON.stringify(proveCluster(one)))
      expect(compareNodes(two)).toEqual(compareNodes(one))
    }
  })
})

describe('clusters with one thing wrong', () => {
  const mistakes: readonly (readonly [string, RegExp, string])[] = [
    ['another virtual_router_id', /virtual_router_id 10/, 'virtual_router_id 99'],
    ['another interval', /advert_int [\d.]+/, 'advert_int 7'],
    ['another address', /10\.0\.0\.100/, '10.0.0.101'],
    ['another version', /version \d/, 'version 0'],
  ]

  it.each(mistakes)('are never clean: %s on the last node', (_, from, to) => {
    const random = seededRandom(4_711)
    for (let run = 0; run < 30; run++) {
      const texts = goodCluster(random)
      const last = texts.at(-1) ?? ''
      const changed =
        to === 'version 0'
          ? last.replace(from, found => (found.endsWith('2') ? 'version 3' : 'version 2'))
          : last.replace(from, to)
      expect(changed).not.toBe(last)
      expect(complaintsOf(nodesOf(...texts.slice(0, -1), changed)).length, changed).toBeGreaterThan(0)
    }
  })
})
