import {readdirSync, readFileSync, writeFileSync} from 'node:fs'
import {fileURLToPath} from 'node:url'
import {describe, expect, it} from 'vitest'
import type {IpAddress} from '../../src/core/ip.ts'
import {centiseconds, centisecondsToMs, monotonicMs, priority} from '../../src/core/units.ts'
import type {VrrpConfig} from '../../src/core/vrrp/config.ts'
import {memberOf, Segment, type SimRouter, simConfig, stateOf} from '../sim/segment.ts'

const DIRECTORY = fileURLToPath(new URL('.', import.meta.url))

/** Words that take no value, and words that take a number. */
const FLAGS: {readonly [word: string]: Partial<VrrpConfig>} = {
  nopreempt: {preempt: false},
  master: {initialState: 'master'},
  lower_prio_no_advert: {lowerPriorityNoAdvert: true},
  higher_prio_send_advert: {higherPrioritySendAdvert: true},
  owner_ignore_adverts: {ownerIgnoreAdverts: true},
}
const VALUES: {readonly [word: string]: (value: number) => Partial<VrrpConfig>} = {
  priority: value => ({priority: priority(value)}),
  version: value => ({version: value === 2 ? 2 : 3}),
  interval: value => ({advertIntervalMs: centisecondsToMs(centiseconds(value / 10))}),
  delay: value => ({preemptDelayMs: value}),
  down: value => ({downTimerAdverts: value}),
  timer_expired_backup: value => ({timerExpiredBackup: priority(value)}),
  refresh: value => ({garp: {...simConfig().garp, refreshMs: value}}),
}

/** `router a priority 150 version 2 interval 1000 nopreempt`: the words after the name change the defaults. */
function readConfig(words: readonly string[]): VrrpConfig {
  let over: Partial<VrrpConfig> = {}
  for (let i = 0; i < words.length; i++) {
    const word = words[i] as string
    const more = FLAGS[word] ?? VALUES[word]?.(Number(words[++i]))
    if (!more) throw new Error(`unknown word ${word}`)
    over = {...over, ...more}
  }
  return simConfig(over)
}

type Verb = (segment: Segment, router: SimRouter, words: readonly string[]) => void

/** What can be done to a router, or to the node that it is on. */
const VERBS: {readonly [name: string]: Verb} = {
  start: (segment, {unit}, [word, until]) =>
    segment.start(unit.node, word === 'resume' ? () => monotonicMs(Number(until)) : undefined),
  crash: (segment, {unit}) => segment.crash(unit.node),
  stop: (segment, {unit}) => segment.stop(unit.node),
  stall: (segment, {unit}, [durationMs]) => segment.stall(unit.node, Number(durationMs)),
  down: (segment, router) => segment.change(router, {faults: ['eth0 is down']}),
  up: (segment, router) => segment.change(router, {faults: []}),
  wait: (segment, router, scripts) => segment.change(router, {waitingFor: scripts}),
  hold: (segment, router, words) => segment.change(router, {held: words.join(' ')}),
  free: (segment, router) => segment.change(router, {held: undefined}),
  takeover: (segment, {unit}) => segment.unitEvent(unit, {type: 'take-over-ordered'}),
  priority: (segment, router, [value]) => segment.change(router, {priority: priority(Number(value))}),
  cut: (_, {unit}) => {
    unit.node.connected = false
  },
  mend: (_, {unit}) => {
    unit.node.connected = true
  },
  lose: (segment, router) => segment.event(router, {type: 'addresses-lost'}),
  hear: (segment, router, [source, value, intervalMs]) =>
    segment.event(router, {
      type: 'advertisement-received',
      source: source as IpAddress,
      priority: priority(Number(value)),
      intervalMs: Number(intervalMs ?? memberOf(router).config.advertIntervalMs),
    }),
  configure: (segment, {unit, index}, words) => {
    const config = readConfig(words)
    const own = unit.members.map((member, i) => (i === index ? {...member.own, priority: config.priority} : member.own))
    segment.configure(
      unit,
      unit.members.map((member, i) => (i === index ? config : member.config)),
      own,
    )
  },
  /** `join a b`: a reload puts a and b of one node into one sync group, which goes on from that of a. */
  join: (segment, router, names) => {
    const {node} = router.unit
    const moved = new Set(names.map(name => segment.router(name)))
    const groups = node.units.map(unit => unit.routers.filter(other => !moved.has(other)))
    const all = groups.map(group => (group.includes(router) ? [...group, ...moved] : group))
    segment.regroup(
      node,
      all.filter(group => group.length > 0),
    )
  },
  /** `part a`: a reload takes a out of its sync group. */
  part: (segment, router) => {
    const {node} = router.unit
    const groups = node.units.map(unit => unit.routers.filter(other => other !== router))
    segment.regroup(node, [...groups.filter(group => group.length > 0), [router]])
  },
  expect: (segment, router, [state]) => expect(stateOf(router).name, `${router.name} at ${segment.now} ms`).toBe(state),
}

/**
 * `router a ...` is a node of that name with one virtual router. `group n x 1 y 2 ...` is a node n with a sync group of
 * the virtual routers 1 and 2, which are named x and y there; the words after them are those of `router`. `node` is the
 * same without a sync group.
 */
function addNode(segment: Segment, verb: string, name: string, words: readonly string[]): void {
  const node = segment.addNode(name)
  if (verb === 'router') {
    segment.addRouter(name, readConfig(words), {node, domain: 1})
    return
  }
  const members: [string, number][] = []
  let rest = words
  for (; Number(rest[1]) > 0 && !VALUES[rest[0] as string]; rest = rest.slice(2)) {
    members.push([rest[0] as string, Number(rest[1])])
  }
  const config = readConfig(rest)
  for (const [member, domain] of members) {
    const [unit] = verb === 'group' ? node.units : []
    segment.addRouter(member, config, {node, domain, ...(unit ? {unit} : {})})
  }
}

function perform(segment: Segment, line: string): void {
  const [verb = '', name = '', ...words] = line.split(/\s+/)
  if (verb === 'advance') segment.run(monotonicMs(segment.now + Number(name)))
  else if (verb === 'router' || verb === 'group' || verb === 'node') addNode(segment, verb, name, words)
  else {
    const act = VERBS[verb]
    if (!act) throw new Error(`unknown command ${verb}`)
    act(segment, segment.router(name), words)
  }
}

/** Blocks of commands above `----` and expected lines below, one segment a file. `UPDATE=1` rewrites what is below. */
function runFile(text: string): string {
  const segment = new Segment({writes: true})
  const blocks = text.split(/\n(?=# )/)
  return blocks
    .map(block =>
      block
        .split(/\n\n(?!-)/)
        .map(part => {
          const [commands = '', expected] = part.split(/\n----\n?/)
          if (expected === undefined && !part.includes('\n----')) return part
          const before = segment.log.length
          for (const line of commands.split('\n')) if (line && !line.startsWith('#')) perform(segment, line)
          return `${commands}\n----\n${segment.log.slice(before).join('\n')}`.trimEnd()
        })
        .join('\n\n')
        .trimEnd(),
    )
    .join('\n\n')
}

describe('scenarios under simulated time', () => {
  for (const file of readdirSync(DIRECTORY).filter(name => name.endsWith('.txt'))) {
    it(file, () => {
      const path = `${DIRECTORY}${file}`
      const text = readFileSync(path, 'utf8')
      const actual = runFile(text.trimEnd())
      if (process.env.UPDATE) writeFileSync(path, `${actual}\n`)
      else expect(actual).toBe(text.trimEnd())
    })
  }
})
