import {mkdirSync, readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {expect, test} from 'vitest'
import {temporaryDirectory, temporaryServer} from '../control/temporary.ts'
import {fakeAgent, fakeRouter, SEEN_AT} from '../fake-agent.ts'
import {type Outcome, runHactl} from './run-hactl.ts'
import {hasTerminals, runInTerminal} from './run-in-terminal.ts'

/** Somebody with a home, whose commands run there one after the other. */
function user(): {
  readonly file: string
  readonly env: {readonly XDG_CONFIG_HOME: string}
  readonly run: (line: string, env?: {readonly [name: string]: string}) => Promise<Outcome>
} {
  const env = {XDG_CONFIG_HOME: temporaryDirectory()}
  const file = join(env.XDG_CONFIG_HOME, 'hactl', 'contexts.json')
  return {file, env, run: (line, more) => runHactl(line.split(' '), {...env, ...more})}
}

/** An agent that has one virtual router, of that name. */
async function agentWith(name: string): Promise<string> {
  const value = [fakeRouter({name})]
  const agent = fakeAgent({routers: () => ({observedAt: SEEN_AT, value})})
  return (await temporaryServer({agent})).socketPath
}

test('contexts are added, listed, used, replaced and removed', async () => {
  const {run} = user()
  expect(await run('context list')).toMatchObject({
    code: 0,
    stdout: 'there are no contexts; see: hactl context add --help\n',
  })
  expect(await run('context add prod ssh://root@lb1 ssh://root@lb2')).toEqual({
    code: 0,
    stdout: 'context prod: ssh://root@lb1 ssh://root@lb2\nmake it the current context with: hactl context use prod\n',
    stderr: '',
  })
  expect((await run('context add lab local --use')).stdout).toBe('context lab: local\nthe current context\n')
  expect((await run('context list')).stdout).toBe(
    'CURRENT  NAME  NODES\n*        lab   local\n         prod  ssh://root@lb1 ssh://root@lb2\n',
  )
  expect((await run('context use prod')).stdout).toBe('current context: prod: ssh://root@lb1 ssh://root@lb2\n')
  expect(await run('context add prod ssh://lb3')).toMatchObject({code: 2, stdout: ''})
  expect((await run('context add prod ssh://lb3 -y')).code).toBe(0)
  expect((await run('context remove prod -y')).stdout).toBe(
    'context prod is forgotten; there is no current context now\n',
  )
  const {items} = JSON.parse((await run('context list --json')).stdout)
  expect(items).toEqual([{name: 'lab', current: false, nodes: ['local']}])
  expect((await run('context use lab --json')).code).toBe(0)
  expect((await run('context use --none')).stdout).toBe('no current context\n')
})

test.each([
  ['context add', 2, /Missing|missing/],
  ['context add prod', 2, /Missing|missing/],
  ['context add a/b local', 2, /"a\/b" is no name for a context/],
  ['context add prod lb1', 2, /"lb1" names no node/],
  ['context add prod local local', 2, /local is named twice/],
  ['context use', 2, /either the name of a CONTEXT or --none/],
  ['context use prod --none', 2, /either the name of a CONTEXT or --none/],
  ['context use prod', 5, /no context prod/],
  ['context remove prod -y', 5, /no context prod/],
  ['vrrp status --context prod', 5, /no context prod/],
  ['vrrp status --context prod --host ssh://lb1', 2, /--context and --host/],
  ['lvs list --context prod --direct', 2, /--direct is the kernel of this host/],
])('%s: exit %d and one clear line', async (line, code, message) => {
  const {run, file} = user()
  const outcome = await run(line)
  expect(outcome).toMatchObject({code, stdout: ''})
  expect(outcome.stderr).toMatch(message)
  expect(outcome.stderr.trimEnd().split('\n').length).toBeLessThanOrEqual(2)
  expect(() => readFileSync(file)).toThrow('ENOENT')
})

test('without -y nothing is forgotten where nobody can be asked', async () => {
  const {run} = user()
  await run('context add prod local')
  expect(await run('context remove prod')).toMatchObject({code: 2, stdout: ''})
  expect((await run('context list')).stdout).toContain('prod')
})

test('commands ask the first node of the current context, unless they name another agent', async () => {
  const {run} = user()
  const [one, two, other] = [await agentWith('VI_ONE'), await agentWith('VI_TWO'), await agentWith('VI_OTHER')]
  await run(`context add prod unix:${one} unix:${two} --use`)
  await run(`context add second unix:${two}`)
  const shown = async (line: string, env?: {readonly [name: string]: string}): Promise<string | undefined> =>
    /VI_\w+/.exec((await run(line, env)).stdout)?.[0]
  expect(await shown('vrrp status')).toBe('VI_ONE')
  expect(await shown('vrrp status --context second')).toBe('VI_TWO')
  expect(await shown(`vrrp status --socket ${other}`)).toBe('VI_OTHER')
  expect(await shown('vrrp status', {HACTL_SOCKET: other})).toBe('VI_OTHER')
  expect(await shown('vrrp status --context second', {HACTL_SOCKET: other})).toBe('VI_TWO')
})

test('an agent of a context that does not answer is not replaced by the kernel of this host', async () => {
  const {run} = user()
  await run('context add prod unix:/nonexistent/agent.sock --use')
  for (const line of ['lvs list', 'vrrp status']) {
    const {code, stderr} = await run(line)
    expect({code, stderr}).toEqual({code: 3, stderr: expect.stringContaining('/nonexistent/agent.sock')})
  }
})

test('a damaged file is one clear line, and commands that name an agent do without it', async () => {
  const {run, file, env} = user()
  mkdirSync(join(env.XDG_CONFIG_HOME, 'hactl'))
  writeFileSync(file, '{"contexts": {"prod"')
  for (const line of ['vrrp status', 'context list', 'context add prod local -y', 'context use --none']) {
    const {code, stdout, stderr} = await run(line)
    expect({line, code, stdout}).toEqual({line, code: 1, stdout: ''})
    expect(stderr).toContain(`the file of contexts is damaged: ${file}\n`)
  }
  expect(readFileSync(file, 'utf8')).toBe('{"contexts": {"prod"')
  expect((await run(`vrrp status --socket ${await agentWith('VI_ONE')}`)).stdout).toContain('VI_ONE')
})

test.skipIf(!hasTerminals)('on a terminal the question is asked, and who gets an order is told', async () => {
  const {run, env} = user()
  const socket = await agentWith('VI_ONE')
  await run(`context add prod unix:${socket} --use`)
  const shown = await runInTerminal(['vrrp', 'status'], {env, typed: []})
  expect(shown.shown).toMatch(new RegExp(`^hactl: context prod: unix:${socket}\n`))
  const no = await runInTerminal(['context', 'remove', 'prod'], {env, typed: [[/\[y\/N\] /, 'n\r']]})
  expect(no.code).toBe(7)
  const yes = await runInTerminal(['context', 'remove', 'prod'], {env, typed: [[/\[y\/N\] /, 'y\r']]})
  expect(yes.shown).toContain(`Forget context prod, the current one, of unix:${socket}?`)
  expect(yes.code).toBe(0)
})
