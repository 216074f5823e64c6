import {describe, expect, it} from 'vitest'
import type {Phase, ProofResult, Violation} from '../../src/cluster/proof.ts'
import {proveCluster} from '../../src/cluster/prove-cluster.ts'
import {renderProof} from '../../src/cluster/render-proof.ts'
import type {Fault} from '../../src/cluster/simulation/fault.ts'
import {codesOf, edit, GROUPED, nodesOf, PLAIN, UNICAST, violationsOf} from './pairs.ts'

const prove = (...texts: readonly string[]): ProofResult => proveCluster(nodesOf(...texts))
const both = (pair: readonly [string, string], change: (text: string) => string): readonly [string, string] => [
  change(pair[0]),
  change(pair[1]),
]

/** Of the first virtual router, the first phase of every run of a kind of fault with these words in its title. */
function phasesOf({routers}: ProofResult, kind: Fault['kind'], words: string): readonly Phase[] {
  const runs = routers[0]?.runs.filter(run => run.kind === kind && new RegExp(`\\b${words}\\b`).test(run.title)) ?? []
  return runs.flatMap(({phases}) => phases.slice(0, 1))
}

/** Three nodes: the third has only the inner virtual router, with the given priority. */
function withThirdInner(priority: number): readonly string[] {
  const inner = /vrrp_instance INNER \{[\s\S]*?\n\}/.exec(GROUPED[1])?.[0] ?? ''
  return [...GROUPED, edit(inner, 'priority 100', `priority ${priority}`)]
}

describe('after each kind of fault', () => {
  const weak = both(PLAIN, text => edit(text, '-60', '-20'))
  const deaf = [PLAIN[0], edit(PLAIN[1], 's3cret', 'other')] as const
  const tracking = (line: string): readonly [string, string] =>
    both(PLAIN, text => edit(text, 'track_script {', `track_interface {\n    ${line}\n  }\n  track_script {`))

  it.each<readonly [Fault['kind'], string, readonly string[], readonly string[]]>([
    ['node-dies', 'another node holds the addresses', PLAIN, ['b']],
    ['node-stops', 'another node holds the addresses', PLAIN, ['b']],
    ['link-down', 'another node holds the addresses', PLAIN, ['b']],
    ['link-down', 'the node keeps them where nothing watches the link', both(PLAIN, unwatched), ['b', 'a']],
    ['link-cut', 'another node holds the addresses, and the one that is cut off keeps them', PLAIN, ['b', 'a']],
    ['tracked-fails', 'another node holds the addresses', PLAIN, ['b']],
    ['tracked-fails', 'the node keeps them where the weight is too small', weak, ['a']],
  ])('%s: %s', (kind, _, texts, holders) => {
    const phases = phasesOf(prove(...texts), kind, 'a')
    expect(phases.length).toBeGreaterThan(0)
    for (const phase of phases) expect(phase.holders).toEqual(holders)
  })

  it('of a tracked interface the addresses move where its weight is enough, and stay where it is not', () => {
    const held = (line: string): readonly string[] =>
      phasesOf(prove(...tracking(line)), 'link-down', 'eth7 of a').flatMap(({holders}) => holders)
    expect(held('eth7')).toEqual(['b'])
    expect(held('eth7 weight -60')).toEqual(['b'])
    expect(held('eth7 weight -20')).toEqual(['a'])
  })

  it('nothing is complained of where losing an interface raises the priority', () => {
    const result = prove(...tracking('eth7 weight 20 reverse'))
    expect(violationsOf(result)).toEqual([])
  })

  it('a script without a weight takes the node out at once', () => {
    const result = prove(...both(PLAIN, text => edit(text, 'weight -60', 'fall 3')))
    const [phase] = phasesOf(result, 'tracked-fails', 'a')
    // Three runs in a row, 2 s apart, and the skew of priority 100, since the node says that it leaves.
    expect(phase?.takeoverMs).toBeGreaterThan(6_609)
    expect(phase?.takeoverMs).toBeLessThan(6_611)
  })

  it('what returns takes the addresses back, after preempt_delay if there is one', () => {
    const plain = prove(...PLAIN)
    const delayed = prove(...both(PLAIN, text => edit(text, 'advert_int 1', 'advert_int 1\n  preempt_delay 60')))
    const back = ({routers}: ProofResult): Phase | undefined =>
      routers[0]?.runs.find(({title}) => title === 'a dies')?.phases[1]
    expect([back(plain)?.holders, back(delayed)?.holders]).toEqual([['a'], ['a']])
    expect(back(plain)?.takeoverMs).toBeLessThan(5_000)
    expect(back(delayed)?.takeoverMs).toBeGreaterThan(60_000)
    expect(violationsOf(delayed)).toEqual([])
  })

  it('everything goes wrong at once where nobody hears anybody, and no fault is tried', () => {
    const {routers} = prove(...deaf)
    expect(routers[0]).toMatchObject({verdict: 'violated', faults: 0})
    expect(routers[0]?.runs.map(({kind}) => kind)).toEqual(['start', 'start', 'start'])
  })
})

function unwatched(text: string): string {
  return edit(text, 'interface eth0', 'interface eth0\n  dont_track_primary')
}

interface Verdict {
  readonly violation: Violation
  /** The code of what only the simulation finds. */
  readonly code: string
  readonly name: string
  readonly wrong: readonly string[]
  /** The same without what makes it go wrong. */
  readonly right: readonly string[]
}

const deafTo = (ttl: number): readonly [string, string] => [
  edit(UNICAST[0], 'unicast_src_ip', `unicast_ttl ${ttl}\n  unicast_src_ip`),
  edit(UNICAST[1], '10.0.0.1\n', '10.0.0.1 min_ttl 200\n'),
]

const VERDICTS: readonly Verdict[] = [
  {
    violation: 'no-holder',
    code: 'HC2101',
    name: 'a node that has one member of a sync group only, with the highest priority',
    wrong: withThirdInner(200),
    right: withThirdInner(50),
  },
  {
    violation: 'two-holders',
    code: 'HC2102',
    name: 'a master whose packets arrive with too small a TTL',
    wrong: deafTo(100),
    right: deafTo(220),
  },
  {
    violation: 'failed-node-wins',
    code: 'HC2105',
    name: 'a script with a weight, and nopreempt on the other node',
    wrong: both(PLAIN, text => edit(text, 'advert_int 1', 'advert_int 1\n  nopreempt')),
    right: PLAIN,
  },
]

describe('the simulation alone finds', () => {
  it.each(VERDICTS)('$violation: $name', ({violation, code, wrong, right}) => {
    const result = prove(...wrong)
    expect(violationsOf(result)).toEqual([violation])
    expect(codesOf(result.findings)).toEqual([code])
    expect(renderProof(result)).toMatch(/\d m?s {2}/)
    const repaired = prove(...right)
    expect(violationsOf(repaired)).toEqual([])
    expect(codesOf(repaired.findings)).toEqual([])
  })

  it('that a sync group is torn apart where a node has the members and no group', () => {
    const ungrouped = (text: string): string => text.replace(/vrrp_sync_group G \{[\s\S]*\}\n\}\n?$/, '')
    const third = GROUPED[1].replaceAll('priority 100', 'priority 50')
    const result = prove(ungrouped(GROUPED[0]), ungrouped(GROUPED[1]), third)
    expect(violationsOf(result)).toContain('group-split')
    expect(result.findings.map(({message}) => message)).toContainEqual(
      expect.stringContaining('simulated, the members of its sync group are on different nodes after eth0 of a goes'),
    )
    expect(violationsOf(prove(...GROUPED, third))).toEqual([])
  })

  it('why a node keeps the addresses: nopreempt on the other', () => {
    const [verdict] = VERDICTS.filter(({violation}) => violation === 'failed-node-wins')
    const [finding] = prove(...(verdict?.wrong ?? [])).findings
    expect(finding?.message).toContain('its priority is 90 and that of b 100, but nopreempt there leaves it alone')
  })
})

describe('the output says what was not simulated', () => {
  it('unicast_fault_no_peer', () => {
    const sentence = 'VI_1: unicast_fault_no_peer: it advertises by multicast'
    const result = prove(...both(PLAIN, text => edit(text, 'advert_int 1', 'advert_int 1\n  unicast_fault_no_peer')))
    expect(result.leftOut).toEqual([sentence])
    expect(renderProof(result)).toContain(`not simulated: ${sentence}\n`)
    expect(prove(...PLAIN).leftOut).toEqual([])
  })

  it.each(['down_timer_adverts 5', 'lower_prio_no_advert', 'higher_prio_send_advert', 'owner_ignore_adverts'])(
    'and nothing of %s, which is',
    line => {
      const result = prove(...both(PLAIN, text => edit(text, 'advert_int 1', `advert_int 1\n  ${line}`)))
      expect(result.leftOut).toEqual([])
      expect(violationsOf(result)).toEqual(violationsOf(prove(...PLAIN)))
    },
  )

  it('two owners are two holders where they do not read advertisements, and one where they do', () => {
    const own = (line: string): readonly [string, string] =>
      both(PLAIN, text =>
        edit(text, 'advert_int 1', `advert_int 1\n  ${line}`)
          .replace(/priority \d+/, 'priority 255')
          .replace('state BACKUP', 'state MASTER'),
      )
    expect(violationsOf(prove(...own('owner_ignore_adverts')))).toContain('two-holders')
    expect(violationsOf(prove(...own('')))).not.toContain('two-holders')
  })

  it('who wins between equal priorities, where no address is known', () => {
    const guess = 'VI_1: who wins between equal priorities was guessed: the addresses of the nodes are not known'
    const equal = (text: string): string => text.replace(/priority \d+/, 'priority 100')
    expect(prove(...both(PLAIN, equal)).leftOut).toEqual([guess])
    expect(prove(...both(UNICAST, equal)).leftOut).toEqual([])
  })

  it('and what the agent does not do yet, though it was', () => {
    const result = prove(...GROUPED)
    const words = result.asKeepalived
    const line = 'simulated as keepalived does it, while this agent does not yet: '
    expect(renderProof(result).includes(line)).toBe(words.length > 0)
    expect(prove(...PLAIN).asKeepalived).toEqual([])
  })
})
