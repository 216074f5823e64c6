import {describe, expect, it} from 'vitest'
import type {CheckNews} from '../../../src/core/check/news.ts'
import type {CheckedVirtualServer} from '../../../src/core/check/plan.ts'
import type {Standing} from '../../../src/core/check/standing.ts'
import {
  initialVirtualServer,
  liveWeight,
  standingsOf,
  type VirtualServerState,
  virtualServerStep,
} from '../../../src/core/check/virtual-server.ts'
import {realServer, sorryServer, virtualServer} from './plans.ts'

const UP = {up: true, addedWeight: 0}
const DOWN = {up: false, addedWeight: 0}

/** "a up", "a down: refused", "quorum up 3": what people are told. */
function told(news: readonly CheckNews[]): string[] {
  return news.map(each => {
    if (each.type === 'quorum') return `quorum ${each.up ? 'up' : 'down'} ${each.weight}`
    if (each.type === 'stopped') return 'stopped'
    return `${each.realServer} ${each.up ? 'up' : 'down'}${each.reason === undefined ? '' : `: ${each.reason}`}`
  })
}

/** "a=1 b=out sorry=inhibited" */
function stands(plan: CheckedVirtualServer, state: VirtualServerState): string {
  const word = (standing: Standing) => (standing.type === 'in' ? standing.weight : standing.type)
  const {realServers, sorryServer: sorry} = standingsOf(plan, state)
  const words = realServers.map((standing, place) => `${plan.realServers[place]?.name}=${word(standing)}`)
  return [...words, ...(sorry ? [`sorry=${word(sorry)}`] : [])].join(' ')
}

/** Plays "a-" (a fails), "a+" (a comes back) and "a5" (5 is added to its weight); one line each of what follows. */
function played(plan: CheckedVirtualServer, start: string, events: string): string[] {
  const names = plan.realServers.map(({name}) => name)
  const realServers = [...start].map(letter => (letter === '+' ? UP : DOWN))
  const initial = initialVirtualServer(plan, {realServers, quorumUp: undefined, tellsOfStart: false})
  let {state} = initial
  const lines = [`${stands(plan, state)} | ${told(initial.news).join(', ')}`]
  for (const event of events.split(' ').filter(Boolean)) {
    const place = names.indexOf(event[0] as string)
    const before = state.realServers[place] as {up: boolean; addedWeight: number}
    const what = event.slice(1)
    const now = what === '+' || what === '-' ? {...before, up: what === '+'} : {...before, addedWeight: Number(what)}
    const reason = what === '-' ? 'refused' : undefined
    const step = virtualServerStep(plan, state, {realServer: place, up: now.up, addedWeight: now.addedWeight, reason})
    state = step.state
    lines.push(`${stands(plan, state)} | ${told(step.news).join(', ')}`)
  }
  return lines
}

const a = realServer('a')
const b = realServer('b')
const c = realServer('c')

// keepalived.conf(5), virtual_server; order of the news and what is told at the start as keepalived 2.2.7 was measured.
describe('a virtual server', () => {
  it('takes out what fails and puts back what recovers, and tells each once', () => {
    expect(played(virtualServer([a, b]), '++', 'a- a- a+ a+')).toEqual([
      'a=1 b=1 | quorum up 2',
      'a=out b=1 | a down: refused',
      'a=out b=1 | ',
      'a=1 b=1 | a up',
      'a=1 b=1 | ',
    ])
  })

  it('uses its sorry server while the quorum is lost, and no real server beside it', () => {
    expect(played(virtualServer([a, b], {quorum: 2, sorryServer: sorryServer()}), '++', 'a- b- b+ a+')).toEqual([
      'a=1 b=1 sorry=out | quorum up 2',
      'a=out b=out sorry=1 | a down: refused, quorum down 1',
      'a=out b=out sorry=1 | b down: refused',
      'a=out b=out sorry=1 | b up',
      'a=1 b=1 sorry=out | a up, quorum up 2',
    ])
  })

  it('leaves what is live in service without a sorry server', () => {
    expect(played(virtualServer([a, b], {quorum: 2}), '++', 'a-')).toEqual([
      'a=1 b=1 | quorum up 2',
      'a=out b=1 | a down: refused, quorum down 1',
    ])
  })

  it('keeps what is inhibited in the table with weight 0', () => {
    const plan = virtualServer([{...a, inhibitOnFailure: true}, b, {...c, inhibitOnFailure: true}], {
      quorum: 2,
      sorryServer: sorryServer({inhibit: true}),
    })
    expect(played(plan, '++-', 'a- a+')).toEqual([
      'a=1 b=1 c=inhibited sorry=inhibited | quorum up 2',
      'a=inhibited b=out c=inhibited sorry=1 | a down: refused, quorum down 1',
      'a=1 b=1 c=inhibited sorry=inhibited | a up, quorum up 2',
    ])
  })

  it('loses its quorum below quorum - hysteresis and gains it at quorum + hysteresis', () => {
    const plan = virtualServer([{...a, weight: 2}, b, c], {quorum: 3, hysteresis: 1})
    expect(played(plan, '+++', 'b- c- a- b+ c+ a+ a- b- b+ a+').map(line => line.split('| ')[1])).toEqual([
      'quorum up 4',
      'b down: refused',
      'c down: refused',
      'a down: refused, quorum down 0',
      'b up',
      'c up',
      'a up, quorum up 4',
      'a down: refused',
      'b down: refused, quorum down 1',
      'b up',
      'a up, quorum up 4',
    ])
  })

  it('loses its quorum when no weight is left, whatever the hysteresis', () => {
    const plan = virtualServer([{...a, weight: 4}], {quorum: 2, hysteresis: 2})
    expect(played(plan, '+', 'a-').at(-1)).toBe('a=out | a down: refused, quorum down 0')
  })

  it('counts dynamic weights, held to what IPVS takes', () => {
    const plan = virtualServer([{...a, weight: 5}, b], {quorum: 5})
    expect(played(plan, '++', 'a7 a-9 a-4 a9999999999')).toEqual([
      'a=5 b=1 | quorum up 6',
      'a=12 b=1 | ',
      'a=0 b=1 | quorum down 1',
      'a=1 b=1 | ',
      'a=2147483647 b=1 | quorum up 2147483648',
    ])
  })

  it('has no quorum where every weight is 0, and its real servers stay in service', () => {
    expect(played(virtualServer([{...a, weight: 0}]), '+', '')).toEqual(['a=0 | '])
  })

  it('of which a real server is down takes a new weight once that is back', () => {
    expect(played(virtualServer([a, b]), '++', 'a- a4 a+').slice(2)).toEqual(['a=out b=1 | ', 'a=5 b=1 | a up'])
  })
})

describe('the start of a virtual server', () => {
  it.each([
    ['quorum up is told', {}, '++', false, ['quorum up 2']],
    ['with rs_init_notifies its real servers are told before', {}, '+-', true, ['a up', 'quorum up 1']],
    ['quorum down is not told', {quorum: 2}, '+-', false, []],
    [
      'quorum down is told with a sorry server',
      {quorum: 2, sorryServer: sorryServer()},
      '+-',
      false,
      ['quorum down 1'],
    ],
    ['quorum + hysteresis are needed', {quorum: 2, hysteresis: 1}, '++', false, []],
  ])('%s', (_, changes, start, tellsOfStart, expected) => {
    const plan = virtualServer([a, b], changes)
    const realServers = [...start].map(letter => (letter === '+' ? UP : DOWN))
    expect(told(initialVirtualServer(plan, {realServers, quorumUp: undefined, tellsOfStart}).news)).toEqual(expected)
  })

  it('tells once, after a checker failed, that a real server that alpha had down is down', () => {
    const plan = virtualServer([a, b])
    let {state} = initialVirtualServer(plan, {realServers: [DOWN, UP], quorumUp: undefined, tellsOfStart: false})
    const news = [undefined, 'refused', 'refused'].map(reason => {
      const step = virtualServerStep(plan, state, {realServer: 0, ...DOWN, reason})
      state = step.state
      return told(step.news)
    })
    expect(news).toEqual([[], ['a down: refused'], []])
  })

  it('keeps that nobody was told where only the weight changes', () => {
    const plan = virtualServer([a, b])
    const {state} = initialVirtualServer(plan, {realServers: [DOWN, UP], quorumUp: undefined, tellsOfStart: false})
    const weighed = virtualServerStep(plan, state, {realServer: 0, up: false, addedWeight: 3, reason: undefined})
    const failed = virtualServerStep(plan, weighed.state, {realServer: 0, up: false, addedWeight: 3, reason: 'reset'})
    expect(told(failed.news)).toEqual(['a down: reset'])
  })
})

describe('a reload of a virtual server', () => {
  const reloaded = (plan: CheckedVirtualServer, quorumUp: boolean, before: string, now: string) =>
    initialVirtualServer(plan, {
      realServers: [...now].map(letter => (letter === '+' ? UP : DOWN)),
      before: [...before].map(letter => (letter === '?' ? undefined : letter === '+' ? UP : DOWN)),
      quorumUp,
      tellsOfStart: false,
    })

  it.each([
    ['that changes nothing tells nothing', {quorum: 2, sorryServer: sorryServer()}, false, '+-', '+-', []],
    ['that brings a real server back tells that', {}, false, '--', '-+', ['b up', 'quorum up 1']],
    ['that asks for more than there is loses the quorum', {quorum: 2}, true, '+-', '+-', ['quorum down 1']],
    ['that leaves the quorum within its hysteresis', {quorum: 2, hysteresis: 1}, true, '+-', '+-', []],
    ['that adds a real server does not tell of it', {}, true, '+?', '++', []],
  ])('%s', (_, changes, quorumUp, before, now, expected) => {
    expect(told(reloaded(virtualServer([a, b], changes), quorumUp, before, now).news)).toEqual(expected)
  })

  it('remembers of whom nobody was told', () => {
    const plan = virtualServer([a])
    const untold = {...DOWN, untold: true}
    const options = {realServers: [DOWN], quorumUp: false, tellsOfStart: false}
    const told1 = initialVirtualServer(plan, {...options, before: [untold]}).state
    const told2 = initialVirtualServer(plan, {...options, before: [DOWN]}).state
    const event = {realServer: 0, ...DOWN, reason: 'refused'}
    expect(told(virtualServerStep(plan, told1, event).news)).toEqual(['a down: refused'])
    expect(told(virtualServerStep(plan, told2, event).news)).toEqual([])
  })
})

describe('a step of a virtual server', () => {
  it('answers the same state where nothing changed, and shares what did not change', () => {
    const plan = virtualServer([a, b])
    const {state} = initialVirtualServer(plan, {realServers: [UP, UP], quorumUp: undefined, tellsOfStart: false})
    expect(virtualServerStep(plan, state, {realServer: 0, ...UP, reason: undefined}).state).toBe(state)
    const after = virtualServerStep(plan, state, {realServer: 0, ...DOWN, reason: 'refused'}).state
    expect(after.realServers[1]).toBe(state.realServers[1])
    expect(liveWeight(plan, after)).toBe(1)
  })

  it('refuses a real server that it does not have', () => {
    const plan = virtualServer([a])
    const {state} = initialVirtualServer(plan, {realServers: [UP], quorumUp: undefined, tellsOfStart: false})
    expect(() => virtualServerStep(plan, state, {realServer: 1, ...UP, reason: undefined})).toThrow('192.0.2.1 80')
  })
})
