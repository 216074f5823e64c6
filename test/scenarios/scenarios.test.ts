import {readdirSync, readFileSync, writeFileSync} from 'node:fs'
import {fileURLToPath} from 'node:url'
import {describe, expect, it} from 'vitest'
import type {IpAddress} from '../../src/core/ip.ts'
import {centiseconds, centisecondsToMs, monotonicMs, priority} from '../../src/core/units.ts'
import type {VrrpConfig} from '../../src/core/vrrp/config.ts'
import {Segment, type SimRouter, simConfig} from '../sim/segment.ts'

const DIRECTORY = fileURLToPath(new URL('.', import.meta.url))

/** `router a priority 150 version 2 interval 1000 nopreempt`: the words after the name change the defaults. */
function readConfig(words: readonly string[]): VrrpConfig {
  const over: {-readonly [Key in keyof VrrpConfig]?: VrrpConfig[Key]} = {}
  for (let i = 0; i < words.length; i++) {
    const value = Number(words[i + 1])
    if (words[i] === 'nopreempt') over.preempt = false
    else if (words[i] === 'master') over.initialState = 'master'
    else {
      i++
      if (words[i - 1] === 'priority') over.priority = priority(value)
      else if (words[i - 1] === 'version') over.version = value === 2 ? 2 : 3
      else if (words[i - 1] === 'interval') over.advertIntervalMs = centisecondsToMs(centiseconds(value / 10))
      else if (words[i - 1] === 'delay') over.preemptDelayMs = value
      else if (words[i - 1] === 'refresh') over.garp = {...simConfig().garp, refreshMs: value}
      else throw new Error(`unknown word ${words[i - 1]}`)
    }
  }
  return simConfig(over)
}

type Verb = (segment: Segment, router: SimRouter, words: readonly string[]) => void

/** What can be done to a router. */
const VERBS: {readonly [name: string]: Verb} = {
  start: (segment, router, [word, until]) =>
    segment.start(router, word === 'resume' ? monotonicMs(Number(until)) : undefined),
  crash: (_, router) => {
    router.alive = false
  },
  stop: (segment, router) => {
    segment.event(router, {type: 'stopped'})
    router.alive = false
  },
  down: (segment, router) => segment.change(router, {faults: ['eth0 is down']}),
  up: (segment, router) => segment.change(router, {faults: []}),
  wait: (segment, router, scripts) => segment.change(router, {waitingFor: scripts}),
  priority: (segment, router, [value]) => segment.change(router, {priority: priority(Number(value))}),
  cut: (_, router) => {
    router.connected = false
  },
  mend: (_, router) => {
    router.connected = true
  },
  lose: (segment, router) => segment.event(router, {type: 'addresses-lost'}),
  hear: (segment, router, [source, value, intervalMs]) =>
    segment.event(router, {
      type: 'advertisement-received',
      source: source as IpAddress,
      priority: priority(Number(value)),
      intervalMs: Number(intervalMs ?? router.config.advertIntervalMs),
    }),
  configure: (segment, router, words) => {
    const previous = router.config
    router.config = readConfig(words)
    router.conditions = {...router.conditions, priority: router.config.priority}
    segment.event(router, {type: 'configuration-changed', previous, conditions: router.conditions})
  },
  expect: (segment, router, [state]) => expect(router.state.name, `${router.name} at ${segment.now} ms`).toBe(state),
}

function perform(segment: Segment, line: string): void {
  const [verb = '', name = '', ...words] = line.split(/\s+/)
  if (verb === 'advance') segment.run(monotonicMs(segment.now + Number(name)))
  else if (verb === 'router') segment.add(name, readConfig(words))
  else {
    const act = VERBS[verb]
    if (!act) throw new Error(`unknown command ${verb}`)
    act(segment, segment.router(name), words)
  }
}

/** Blocks of commands above `----` and expected lines below, one segment a file. `UPDATE=1` rewrites what is below. */
function runFile(text: string): string {
  const segment = new Segment()
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
