import {execFile} from 'node:child_process'
import {promisify} from 'node:util'
import {expect, test} from 'vitest'
import {beginAction} from '../../src/tui/action-dialog.ts'
import {carryOut} from '../../src/tui/action-plan.ts'
import {ACTIONS} from '../../src/tui/actions.ts'
import {ASCII_GLYPHS} from '../../src/tui/glyphs.ts'
import {plainText} from '../../src/tui/lines.ts'
import type {Drawing, Subject} from '../../src/tui/model.ts'
import type {Dialog} from '../../src/tui/state.ts'
import {clusterPicture} from '../../src/watch/cluster-picture.ts'
import type {ClusterPicture, NodePicture} from '../../src/watch/model.ts'
import {HACTL} from '../commands/run-hactl.ts'
import {temporaryServer} from '../control/temporary.ts'
import {fakeAgent} from '../fake-agent.ts'
import {NOW_MS, node, real, router, service} from '../watch/nodes.ts'

const SERVICE = '192.0.2.1:80/tcp'
const REAL: Subject = {type: 'real', service: SERVICE, real: '10.0.0.1:80'}
const ROUTER: Subject = {type: 'router', key: ''}
const DRAWING: Drawing = {width: 120, glyphs: ASCII_GLYPHS, node: 0, history: () => []}

/** Orders that change something, as an agent hears them. */
const ORDERS = [
  'takeover',
  'release',
  'resume',
  'drainReal',
  'undrainReal',
  'enableReal',
  'editReal',
  'pauseChecks',
  'resumeChecks',
  'reload',
] as const

/** An agent on a socket that remembers each order with what it was given. */
async function agentThat() {
  const {handlers} = fakeAgent()
  const calls: string[] = []
  const recorded = ORDERS.map(name => [
    name,
    (input: {readonly [field: string]: unknown}) => {
      const given = Object.entries(input).filter(([, value]) => value !== undefined && value !== false)
      calls.push(`${name} ${JSON.stringify(Object.fromEntries(given.sort()))}`)

      return (handlers[name] as (input: object) => unknown)(input)
    },
  ])
  const {socketPath} = await temporaryServer({agent: fakeAgent(Object.fromEntries(recorded))})
  return {socketPath, calls}
}

function pictureOf(
  sockets: readonly string[],
  change: (node: NodePicture) => NodePicture = each => each,
): ClusterPicture {
  const nodes = sockets.map((socket, at) => {
    const has = [service([real('10.0.0.1:80'), real('10.0.0.2:80')], {name: SERVICE, configured: 'group web'})]
    const made = node(`lb${at + 1}`, [router(at + 1, at === 0 ? 'master' : 'backup')], {has})
    return change({...made, address: {name: `lb${at + 1}`, given: `unix:${socket}`, target: {socket}}})
  })
  return clusterPicture(nodes, NOW_MS)
}

interface Played {
  readonly commandLines: readonly string[]
  readonly shown: string
}

/** Types these keys into the dialog of an order, to its end. */
async function play(key: string, picture: ClusterPicture, subject: Subject, keys: readonly string[]): Promise<Played> {
  const action = ACTIONS.find(each => each.key === key)
  const first = picture.routers[0]
  const about = subject === ROUTER && first !== undefined ? {type: 'router' as const, key: first.key} : subject
  if (action === undefined) throw new Error(`there is no ${key}`)
  const commandLines: string[] = []
  const begun = beginAction(action, {picture, subject: about, node: 0}, steps => {
    commandLines.push(...steps.map(({commandLine}) => commandLine))
    return carryOut(steps)
  })
  if (typeof begun === 'string') throw new Error(begun)
  let dialog: Dialog | null = begun
  const ended = new Promise<Dialog | null>(resolve => {
    for (const name of keys) {
      dialog =
        dialog?.key(
          {name, text: name.length === 1 ? name : ''},
          {picture, dispatch: each => each.type === 'replace-dialog' && resolve(each.to)},
        ) ?? null
    }
  })
  const end = await ended
  return {commandLines, shown: (end?.lines(picture, DRAWING, 30) ?? []).map(plainText).join('\n')}
}

const run = promisify(execFile)

/** Runs a command line in a shell that knows hactl. */
async function inShell(line: string): Promise<void> {
  const {HACTL_SOCKET: _, HACTL_HOST: __, NODE_OPTIONS: ___, ...env} = process.env
  const quoted = (path: string): string => `'${path}'`
  await run('/bin/sh', ['-c', `hactl() { ${quoted(process.execPath)} ${quoted(HACTL)} "$@"; }\n${line}`], {env})
}

const hold = (type: 'drained' | 'disabled') => (each: NodePicture) => {
  const held = {type, since: '2026-01-31T08:00:00.000Z', reason: null, weight: 3}
  const services = new Map([[SERVICE, service([real('10.0.0.1:80', {held}), real('10.0.0.2:80')], {name: SERVICE})]])
  return {...each, services}
}
const paused = (each: NodePicture) => {
  const pause = {id: '7', since: '2026-01-31T08:00:00.000Z', reason: null, until: null}
  const checks = real('').checks.map(check => ({...check, state: 'paused' as const, pause}))
  return {...each, services: new Map([[SERVICE, service([real('10.0.0.1:80', {checks})], {name: SERVICE})]])}
}
const same = (each: NodePicture) => each
/** As the fake agent has it: the other real server is drained already. */
const last = (each: NodePicture) => {
  const other = real('10.0.0.2:80', {weight: 0})
  return {...each, services: new Map([[SERVICE, service([real('10.0.0.1:80'), other], {name: SERVICE})]])}
}

const REASON = "don't $HOME"
const TYPED = [...REASON, 'enter', 'y']
const ON_REAL = {real: '10.0.0.1:80', service: SERVICE}

test.each<[string, string, Subject, readonly string[], (each: NodePicture) => NodePicture, readonly string[]]>([
  ['takeover', 'T', ROUTER, ['y'], same, ['', 'takeover {"name":"VI_1"}']],
  ['release', 'R', ROUTER, TYPED, same, [`release {"name":"VI_1","reason":"${REASON}"}`, '']],
  ['resume', 'U', ROUTER, ['y'], same, ['resume {"name":"VI_1"}', '']],
  [
    'drain',
    'D',
    REAL,
    TYPED,
    last,
    Array(2).fill(`drainReal ${JSON.stringify({real: '10.0.0.1:80', reason: REASON, service: SERVICE})}`),
  ],
  ['undrain', 'U', REAL, ['y'], hold('drained'), Array(2).fill(`undrainReal ${JSON.stringify(ON_REAL)}`)],
  ['enable', 'U', REAL, ['y'], hold('disabled'), Array(2).fill(`enableReal ${JSON.stringify(ON_REAL)}`)],
  [
    'weight',
    'W',
    REAL,
    ['ctrl-u', '5', 'enter', 'y'],
    same,
    Array(2).fill(`editReal ${JSON.stringify({...ON_REAL, weight: 5})}`),
  ],
  ['pause', 'P', REAL, ['enter', 'y'], same, Array(2).fill(`pauseChecks ${JSON.stringify(ON_REAL)}`)],
  ['resume of checks', 'P', REAL, ['y'], paused, Array(2).fill(`resumeChecks ${JSON.stringify(ON_REAL)}`)],
  ['reload', 'L', {type: 'node', node: 0}, ['y'], same, ['reload {}', '']],
])(
  '%s reaches the agents, and the command lines that are shown do the same',
  async (_what, key, subject, keys, change, wanted) => {
    const agents = [await agentThat(), await agentThat()]
    const sockets = agents.map(({socketPath}) => socketPath)
    const {commandLines, shown} = await play(key, pictureOf(sockets, change), subject, keys)
    expect(shown).toMatch(/^\+ DONE {2}lb[12]\n {2}\S/)
    const heard = (): readonly string[] => agents.map(({calls}) => calls.join())
    expect(heard()).toEqual(wanted)
    for (const {calls} of agents) calls.length = 0
    for (const line of commandLines) await inShell(line)
    expect(heard()).toEqual(wanted)
  },
)

test('what fails on one node does not keep it from the other, and the hint is shown', async () => {
  const {socketPath, calls} = await agentThat()
  const {shown} = await play('D', pictureOf(['/nonexistent/agent.sock', socketPath]), REAL, ['enter', 'y'])
  expect(shown).toContain(
    'X FAILED  lb1\n  no agent answers on /nonexistent/agent.sock\n  hint: start it with: hactl agent run',
  )
  expect(shown).toContain('+ DONE  lb2')
  expect(calls).toHaveLength(1)
})

test('a configuration that is refused is a failure with its place and its reason', async () => {
  const diagnostics = [
    {
      code: 'X',
      class: 'syntax',
      severity: 'error',
      file: '/etc/hactl/hactl.conf',
      line: 7,
      column: 1,
      message: 'unknown word',
      hint: null,
    },
  ] as const
  const value = {applied: false, diagnostics, changes: []}
  const agent = fakeAgent({reload: () => ({observedAt: '2026-01-31T08:05:09.123Z', value})})
  const {socketPath} = await temporaryServer({agent})
  const {shown} = await play('L', pictureOf([socketPath]), {type: 'node', node: 0}, ['y'])
  expect(shown).toContain('X FAILED  lb1\n  refused, what ran goes on: /etc/hactl/hactl.conf:7: unknown word')
})
