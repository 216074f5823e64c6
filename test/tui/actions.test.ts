import {describe, expect, test} from 'vitest'
import type {VirtualRouter} from '../../src/control/model.ts'
import {type ActionPlan, isSamePlan} from '../../src/tui/action-plan.ts'
import {ACTIONS} from '../../src/tui/actions.ts'
import type {Subject} from '../../src/tui/model.ts'
import {clusterPicture} from '../../src/watch/cluster-picture.ts'
import type {ClusterPicture, NodePicture} from '../../src/watch/model.ts'
import {agent, check, NOW_MS, node, real, realOut, router, service} from '../watch/nodes.ts'

const SERVICE = '10.0.0.10:80/tcp'
const VI_1: Subject = {type: 'router', key: ''}
const WEB_1: Subject = {type: 'real', service: SERVICE, real: '10.0.0.1:80'}
const DRAINED = {type: 'drained', since: '2026-01-31T08:00:00.000Z', reason: 'disk', weight: 3} as const

/** lb1 is master with priority 110, lb2 and lb3 are backups with 100 and 90; two real servers. */
function threeNodes(change: (name: string) => Partial<VirtualRouter> = () => ({})): readonly NodePicture[] {
  return ['lb1', 'lb2', 'lb3'].map((name, at) => {
    const priority = 110 - at * 10
    const fields = {priority: {base: priority, effective: priority}, ...change(name)}
    const has = [service([real('10.0.0.1:80', {weight: 3}), real('10.0.0.2:80')])]
    return node(name, [router(at + 1, at === 0 ? 'master' : 'backup', fields)], {has})
  })
}

const pictureOf = (nodes: readonly NodePicture[]): ClusterPicture => clusterPicture(nodes, NOW_MS)

interface Asked {
  readonly nodes?: readonly NodePicture[]
  readonly subject?: Subject
  readonly node?: number
  readonly where?: number | 'all'
  readonly answers?: {readonly reason?: string; readonly weight?: string}
}

function planned(key: string, {nodes = threeNodes(), subject = WEB_1, ...rest}: Asked): ActionPlan | string {
  const picture = pictureOf(nodes)
  const action = ACTIONS.find(each => each.key === key)
  if (action === undefined) throw new Error(`there is no ${key}`)
  const [first] = picture.routers
  const about = subject === VI_1 && first !== undefined ? {type: 'router' as const, key: first.key} : subject
  return action.plan({
    picture,
    subject: about,
    node: rest.node ?? 0,
    where: rest.where ?? null,
    answers: rest.answers ?? {},
  })
}

function plan(key: string, asked: Asked): ActionPlan {
  const made = planned(key, asked)
  if (typeof made === 'string') throw new Error(made)
  return made
}

const texts = ({effects}: ActionPlan): readonly string[] => effects.map(({text}) => text)
const commands = ({steps}: ActionPlan): readonly string[] => steps.map(({commandLine}) => commandLine)

test('there is one letter for each order, and none twice', () => {
  expect(ACTIONS.map(({key}) => key)).toEqual(['T', 'R', 'D', 'U', 'W', 'P', 'L'])
})

describe('takeover', () => {
  test('goes to the best backup where the holder is chosen, and says who gives up what', () => {
    const made = plan('T', {subject: VI_1})
    expect(made.title).toBe('Take over VI_1 on lb2?')
    expect(commands(made)).toEqual(['hactl vrrp takeover VI_1 --host ssh://lb2'])
    expect(texts(made)).toEqual([
      'lb1 (priority 110) gives it up, lb2 (priority 100) takes it',
      'addresses: 10.0.0.10 and 10.0.0.11',
      '12 active connections to 1 service at them',
      'override on lb2: a priority above that of the master, until U ends it',
    ])
    expect(made.choices).toEqual([1, 2])
  })

  test('goes to the node that is chosen, and to another one where that is asked for', () => {
    expect(plan('T', {subject: VI_1, node: 2}).title).toBe('Take over VI_1 on lb3?')
    expect(plan('T', {subject: VI_1, node: 2, where: 1}).title).toBe('Take over VI_1 on lb2?')
  })

  test('says what moves with it, what the node holds already, and services that would have nobody', () => {
    const nodes = threeNodes(() => ({group: 'G'})).map((each, at) => {
      const vips = (address: string) => [{...(router(1, 'master').vips[0] as VirtualRouter['vips'][number]), address}]
      const others = [
        router(at + 1, at === 0 ? 'master' : 'backup', {name: 'VI_2', vrid: 52, group: 'G', vips: vips('10.0.0.52')}),
        router(at + 1, at === 1 ? 'master' : 'backup', {name: 'VI_3', vrid: 53, vips: vips('10.0.0.53')}),
      ]
      const routers = new Map([...each.routers, ...others.map(other => [other.name, other] as const)])
      const has = service([(at === 1 ? realOut : real)('10.0.0.1:80')])
      return {...each, routers, services: new Map([[SERVICE, has]])}
    })
    const said = texts(plan('T', {subject: VI_1, nodes}))
    expect(said[0]).toBe(`${SERVICE} has no real server in service on lb2`)
    expect(said).toContain('moves with it (sync group G): VI_2')
    expect(said).toContain('lb2 is master already of VI_3')
  })
})

describe('release', () => {
  test('is for the holder, and says who is to take over', () => {
    const made = plan('R', {subject: VI_1, node: 2, answers: {reason: "it's tired"}})
    expect(made.title).toBe('Release VI_1 on lb1?')
    expect(commands(made)).toEqual([`hactl vrrp release VI_1 --host ssh://lb1 --reason 'it'\\''s tired'`])
    expect(texts(made)[0]).toBe('lb2 (priority 100) is to take over')
    expect(made.questions.map(({name}) => name)).toEqual(['reason'])
  })

  test('says loudly when nobody is to take over', () => {
    const nodes = threeNodes(name => (name === 'lb1' ? {} : {state: 'fault', faults: ['eth0 is down']}))
    const [first] = plan('R', {subject: VI_1, nodes}).effects
    expect(first?.tone).toBe('bad')
    expect(first?.text).toMatch(/^NOBODY is to take over \(no known node is fit\): out of service for about 5\.1 s/)
  })
})

test('U ends a release where it is, and the command line says the same', () => {
  const nodes = threeNodes(name => (name === 'lb2' ? {held: 'released by an operator: disk'} : {}))
  const made = plan('U', {subject: VI_1, nodes})
  expect(commands(made)).toEqual(['hactl vrrp resume VI_1 --host ssh://lb2'])
  expect(texts(made)[0]).toBe('ends: released by an operator: disk')
})

describe('drain', () => {
  test('is for all nodes: a drain must hold on each director', () => {
    const made = plan('D', {answers: {reason: 'disk'}})
    expect(made.title).toBe(`Drain 10.0.0.1:80 of ${SERVICE} on lb1, lb2 and lb3?`)
    expect(commands(made)).toEqual(
      ['lb1', 'lb2', 'lb3'].map(
        name => `hactl lvs drain-real ${SERVICE} 10.0.0.1:80 --host ssh://${name} --reason disk`,
      ),
    )
    expect(texts(made)).toEqual([
      `1 of 2 real servers of ${SERVICE} stay in service on lb1`,
      '6 active connections go on until they end',
      ...['lb1', 'lb2', 'lb3'].map(name => `${name}: weight 3 -> 0`),
      'override: drained over reloads and restarts, until U ends it',
    ])
    expect(made.choices).toEqual(['all', 0, 1, 2])
  })

  test('on one node alone says what that means', () => {
    const made = plan('D', {where: 1})
    expect(commands(made)).toHaveLength(1)
    expect(texts(made)).toContain('lb1 stays as it is: after a failover what it says counts')
  })

  test('of the last one says so, and its command line does not ask again', () => {
    const nodes = [node('lb1', [], {has: [service([real('10.0.0.1:80'), realOut('10.0.0.2:80')])]})]
    const made = plan('D', {nodes})
    expect(made.effects[0]).toEqual({
      text: `NO real server of ${SERVICE} is left that gets new connections`,
      tone: 'bad',
    })
    expect(commands(made)[0]).toMatch(/ --yes$/)
  })

  test('leaves out a silent node and a read-only one, and names them', () => {
    const [lb1, lb2, lb3] = threeNodes() as [NodePicture, NodePicture, NodePicture]
    const made = plan('D', {nodes: [lb1, {...lb2, isReadOnly: true}, {...lb3, state: 'unknown'}]})
    expect(commands(made)).toHaveLength(1)
    expect(texts(made)).toContain('lb2 takes no orders from here: it is not drained there')
    expect(texts(made)).toContain('lb3 is UNKNOWN: it is not drained there')
  })

  test('of a real server in a group is one order for all services of the group', () => {
    const services = ['10.0.0.10:80/tcp', '10.0.0.11:80/tcp'].map(name =>
      service([real('10.0.0.1:80'), real('10.0.0.2:80')], {name, configured: 'group web'}),
    )
    const nodes = [node('lb1', [], {has: services})]
    const made = plan('D', {nodes, subject: {type: 'check', service: 'group web', real: '10.0.0.1:80', number: 1}})
    expect(commands(made)).toEqual([`hactl lvs drain-real 'group web' 10.0.0.1:80 --host ssh://lb1`])
    expect(texts(made).filter(text => text.includes('stay in service'))).toHaveLength(2)
  })
})

test.each([
  ['drained', 'undrain-real'],
  ['disabled', 'enable-real'],
] as const)('U on a real server that is %s is %s', (type, verb) => {
  const held = {...DRAINED, type}
  const nodes = [node('lb1', [], {has: [service([real('10.0.0.1:80', {weight: 0, held})])]})]
  const made = plan('U', {nodes})
  expect(commands(made)).toEqual([`hactl lvs ${verb} ${SERVICE} 10.0.0.1:80 --host ssh://lb1`])
  expect(texts(made)).toEqual([`lb1: no longer ${type}, weight 3: new connections go there again`])
})

test('W asks for a weight and judges what is typed', () => {
  const [question] = plan('W', {}).questions
  expect(question?.initial).toBe('3')
  for (const wrong of ['', '-1', '2147483648', '1.5', 'many']) expect(question?.problem(wrong)).not.toBeNull()
  for (const right of ['0', '2147483647']) expect(question?.problem(right)).toBeNull()
  const made = plan('W', {answers: {weight: '7'}, where: 0})
  expect(commands(made)).toEqual([`hactl lvs edit-real ${SERVICE} 10.0.0.1:80 --host ssh://lb1 --weight 7`])
  expect(texts(made)).toContain('lb1: weight 3 -> 7')
  expect(texts(plan('W', {answers: {weight: '0'}}))[0]).toContain('stay in service')
})

test('P pauses where checks run, and resumes where all of them are paused', () => {
  const pause = {id: '7', since: '2026-01-31T08:00:00.000Z', reason: 'disk', until: null}
  const made = plan('P', {subject: {type: 'service', service: SERVICE}, answers: {reason: 'disk'}, where: 0})
  expect(commands(made)).toEqual([`hactl check pause ${SERVICE} --host ssh://lb1 --reason disk`])
  const paused = real('10.0.0.1:80', {checks: [check({state: 'paused', pause})]})
  const resumed = plan('P', {nodes: [node('lb1', [], {has: [service([paused])]})]})
  expect(commands(resumed)).toEqual([`hactl check resume ${SERVICE} 10.0.0.1:80 --host ssh://lb1`])
  expect(texts(resumed)).toEqual(['lb1: 1 check, paused: disk'])
  expect(resumed.questions).toEqual([])
  const down = plan('P', {nodes: [node('lb1', [], {has: [service([realOut('10.0.0.1:80')])]})]})
  expect(down.effects[0]).toMatchObject({tone: 'bad', text: expect.stringContaining('it stays so while it is paused')})
})

test('L says whether the file has changed', () => {
  const nodes = [node('lb1', [], {agent: agent({onDisk: 'changed'})})]
  const made = plan('L', {nodes, subject: {type: 'node', node: 0}})
  expect(commands(made)).toEqual(['hactl agent reload --host ssh://lb1'])
  expect(texts(made)[0]).toBe('/etc/hactl/hactl.conf has changed since it was read')
})

const silent = (nodes: readonly NodePicture[]) =>
  nodes.map(each => ({...each, state: 'unknown' as const, problem: 'connection refused'}))
const twoMasters = threeNodes(name => (name === 'lb2' ? {state: 'master'} : {}))
test.each<[string, string, Asked, RegExp]>([
  ['T', 'for a real server', {}, /^this is for virtual routers/],
  ['D', 'for a virtual router', {subject: VI_1}, /^this is for real servers/],
  ['P', 'for a virtual router', {subject: VI_1}, /^this is for checks/],
  [
    'T',
    'on a node that is unknown',
    {subject: VI_1, nodes: silent(threeNodes())},
    /^lb1 is UNKNOWN \(connection refused\)/,
  ],
  ['L', 'on a node that is unknown', {nodes: silent(threeNodes())}, /^lb1 is UNKNOWN/],
  [
    'D',
    'where nobody answers',
    {nodes: silent(threeNodes())},
    /^no node that answers has .*lb1, lb2 and lb3 are UNKNOWN/,
  ],
  [
    'T',
    'on a node in fault',
    {
      subject: VI_1,
      node: 1,
      nodes: threeNodes(name => (name === 'lb2' ? {state: 'fault', faults: ['eth0 is down']} : {})),
    },
    /^lb2 cannot be master of VI_1: eth0 is down$/,
  ],
  [
    'T',
    'on a node that only observes',
    {subject: VI_1, node: 1, nodes: threeNodes(name => (name === 'lb2' ? {observed: true} : {}))},
    /^VI_1 is only observed on lb2/,
  ],
  ['R', 'of one of two masters', {subject: VI_1, node: 2, nodes: twoMasters}, /held by lb1 and lb2: choose one/],
  [
    'R',
    'without a holder',
    {subject: VI_1, nodes: threeNodes(() => ({state: 'backup'}))},
    /^no node that is known is master/,
  ],
  [
    'R',
    'twice',
    {subject: VI_1, nodes: threeNodes(() => ({held: 'x'}))},
    /^VI_1 is held on lb1 already \(x\): U ends that$/,
  ],
  [
    'U',
    'of a maintenance',
    {subject: VI_1, nodes: threeNodes(() => ({held: 'maintenance: x'}))},
    /^lb1 is in maintenance: end that with hactl agent maintenance off --host ssh:\/\/lb1$/,
  ],
  ['U', 'of nothing', {}, /is neither drained nor disabled$/],
  [
    'D',
    'twice',
    {nodes: [node('lb1', [], {has: [service([real('10.0.0.1:80', {held: DRAINED})])]})]},
    /is drained already: U ends that$/,
  ],
  [
    'P',
    'where nothing is checked',
    {nodes: [node('lb1', [], {has: [service([real('10.0.0.1:80', {checks: []})])]})]},
    /^no node/,
  ],
  ['L', 'without a file', {nodes: [node('lb1', [], {agent: agent({onDisk: 'missing'})})]}, /is not there on lb1$/],
  [
    'L',
    'through a read-only socket',
    {nodes: [node('lb1', [], {isReadOnly: true})]},
    /^lb1 is reached by its read-only socket/,
  ],
])('%s %s is refused in one line', (key, _what, asked, line) => {
  expect(planned(key, asked)).toMatch(line)
})

test('a plan is the same while only figures differ', () => {
  const more = threeNodes().map(each => {
    const has = service([real('10.0.0.1:80', {weight: 3, activeConnections: 99}), real('10.0.0.2:80')])
    return {...each, services: new Map([[SERVICE, has]])}
  })
  expect(isSamePlan(plan('D', {}), plan('D', {nodes: more}))).toBe(true)
  const fewer = threeNodes().map(each => ({...each, services: new Map([[SERVICE, service([real('10.0.0.1:80')])]])}))
  expect(isSamePlan(plan('D', {}), plan('D', {nodes: fewer}))).toBe(false)
})
