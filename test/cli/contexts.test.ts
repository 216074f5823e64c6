import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import {dirname, join} from 'node:path'
import {afterEach, beforeEach, describe, expect, test, vi} from 'vitest'
import {
  contextsFile,
  nodesOf,
  readContexts,
  requireContextName,
  targetOf,
  writeContexts,
} from '../../src/cli/contexts.ts'
import {HactlError} from '../../src/errors.ts'
import {temporaryDirectory} from '../control/temporary.ts'

const PROD = ['ssh://root@lb1', 'ssh://root@lb2:2222', 'unix:/run/lb3/agent.sock']
let file = ''

beforeEach(() => {
  const directory = temporaryDirectory()
  vi.stubEnv('XDG_CONFIG_HOME', directory)
  vi.stubEnv('HACTL_HOST', undefined)
  vi.stubEnv('HACTL_SOCKET', undefined)
  file = join(directory, 'hactl', 'contexts.json')
})
afterEach(() => {
  vi.unstubAllEnvs()
})

/** Puts a text where the contexts are. */
function put(text: string): void {
  mkdirSync(dirname(file), {recursive: true})
  writeFileSync(file, text)
}

function keep(current: string | null, nodes: {readonly [name: string]: readonly string[]}): void {
  writeContexts({current, nodes: new Map(Object.entries(nodes))})
}

/** The code of the failure and what it says; undefined without one. */
function failure(act: () => unknown): string | undefined {
  try {
    act()
    return undefined
  } catch (error) {
    if (!(error instanceof HactlError)) throw error
    return `${error.code}: ${error.message}`
  }
}

describe('the file', () => {
  // XDG Base Directory Specification: a path that is not absolute is ignored.
  test.each([
    ['/etc/xdg', '/etc/xdg/hactl/contexts.json'],
    ['settings', '/srv/one/.config/hactl/contexts.json'],
    ['', '/srv/one/.config/hactl/contexts.json'],
    [undefined, '/srv/one/.config/hactl/contexts.json'],
  ])('with XDG_CONFIG_HOME %j it is %s', (given, path) => {
    vi.stubEnv('HOME', '/srv/one')
    vi.stubEnv('XDG_CONFIG_HOME', given)
    expect(contextsFile()).toBe(path)
  })

  test('is written for its user alone, and reads back as it was', () => {
    keep('prod', {prod: PROD, test: ['local']})
    expect(readContexts()).toEqual({current: 'prod', nodes: new Map(Object.entries({prod: PROD, test: ['local']}))})
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect(statSync(dirname(file)).mode & 0o777).toBe(0o700)
    keep(null, {})
    expect(readContexts()).toEqual({current: null, nodes: new Map()})
    expect(readdirSync(dirname(file))).toEqual(['contexts.json'])
  })

  test('gets its own mode even where an earlier attempt left a file', () => {
    put('{"contexts": {}}')
    const left = `${file}.${process.pid}.new`
    writeFileSync(left, 'half')
    chmodSync(left, 0o666)
    keep(null, {a: ['local']})
    expect(statSync(file).mode & 0o777).toBe(0o600)
  })

  test('may be a symbolic link, and stays one', () => {
    const kept = join(dirname(dirname(file)), 'kept.json')
    writeFileSync(kept, '{"contexts": {}}')
    mkdirSync(dirname(file))
    symlinkSync(kept, file)
    keep(null, {a: ['local']})
    expect(readlinkSync(file)).toBe(kept)
    expect(JSON.parse(readFileSync(kept, 'utf8'))).toEqual({current: null, contexts: {a: {nodes: ['local']}}})
  })

  test('that cannot be written is one clear failure', () => {
    mkdirSync(file, {recursive: true})
    expect(failure(() => keep(null, {}))).toMatch(/^FAILED: .*contexts\.json cannot be written: /)
    expect(readdirSync(dirname(file))).toEqual(['contexts.json'])
  })

  test.each([
    ['no JSON', '{"current": nu'],
    ['empty', ''],
    ['a list', '[]'],
    ['without contexts', '{"current": null}'],
    ['a list of contexts', '{"contexts": []}'],
    ['a name that is none', '{"contexts": {"a b": {"nodes": ["local"]}}}'],
    ['the prototype', '{"contexts": {"__proto__": {"nodes": ["local"]}}}'],
    ['a context without nodes', '{"contexts": {"a": {}}}'],
    ['a context with no node', '{"contexts": {"a": {"nodes": []}}}'],
    ['a node that is a number', '{"contexts": {"a": {"nodes": [1]}}}'],
    ['a current one that is not there', '{"current": "b", "contexts": {"a": {"nodes": ["local"]}}}'],
    ['far too long', `{"contexts": {}, "x": "${'x'.repeat(1024 * 1024)}"}`],
  ])('with %s is damaged: said, never taken for none, never written over', (_, text) => {
    put(text)
    expect(failure(readContexts)).toBe(`FAILED: the file of contexts is damaged: ${file}`)
    expect(failure(() => targetOf({}))).toMatch(/^FAILED/)
    expect(failure(() => targetOf({host: ''}))).toBeUndefined()
    expect(readFileSync(file, 'utf8')).toBe(text)
  })

  test.each(['a', 'prod', '0', 'lb.example-1_x', 'a'.repeat(64)])('%s is a name', name => {
    expect(failure(() => requireContextName(name))).toBeUndefined()
  })

  test.each(['', '-a', '.a', 'a b', 'a/b', 'ä', 'a"', '__proto__', 'a'.repeat(65)])('%j is no name', name => {
    expect(failure(() => requireContextName(name))).toMatch(/^USAGE/)
  })
})

describe('whom flags name', () => {
  beforeEach(() => keep('prod', {prod: PROD, here: ['local', 'ssh://lb9'], bad: ['nonsense']}))

  test.each([
    ['nothing', {}, {host: 'ssh://root@lb1'}],
    ['a socket', {socket: '/run/a.sock'}, {socket: '/run/a.sock'}],
    ['a host', {host: 'ssh://lb5'}, {host: 'ssh://lb5'}],
    ['both', {host: 'ssh://lb5', socket: '/s'}, {host: 'ssh://lb5', socket: '/s'}],
    ['an empty host: this one', {host: ''}, {}],
    ['an empty socket: the usual one', {socket: ''}, {}],
    ['a context of which this host is the first', {context: 'here'}, {}],
    ['a context', {context: 'prod'}, {host: 'ssh://root@lb1'}],
  ])('%s', (_, flags, target) => {
    expect(targetOf(flags)).toEqual(target)
  })

  test('without a current context it is this host', () => {
    keep(null, {prod: PROD})
    expect(targetOf({})).toEqual({})
    expect(nodesOf({}).map(({given}) => given)).toEqual(['local'])
  })

  test.each([
    ['nothing', {}, PROD],
    ['nodes', {node: ['local', 'ssh://lb5']}, ['local', 'ssh://lb5']],
    ['a context', {context: 'here'}, ['local', 'ssh://lb9']],
    ['a socket', {socket: '/run/a.sock'}, ['unix:/run/a.sock']],
    ['a host', {host: 'ssh://lb5'}, ['ssh://lb5']],
    ['an empty host', {host: ''}, ['local']],
  ])('of several nodes: %s', (_, flags, given) => {
    expect(nodesOf(flags).map(node => node.given)).toEqual(given)
  })

  test('a socket on a host is kept for both', () => {
    expect(nodesOf({host: 'ssh://lb5', socket: '/s'})).toEqual([
      {name: 'lb5', given: 'ssh://lb5', target: {host: 'ssh://lb5', socket: '/s'}},
    ])
  })

  test('a context on the command line counts more than the environment', () => {
    vi.stubEnv('HACTL_HOST', 'ssh://lb5')
    vi.stubEnv('HACTL_SOCKET', '/s')
    const flags = {host: 'ssh://lb5', socket: '/s', context: 'prod'}
    expect(targetOf(flags)).toEqual({host: 'ssh://root@lb1'})
    expect(nodesOf(flags).map(({given}) => given)).toEqual(PROD)
    expect(nodesOf({...flags, context: undefined}).map(({given}) => given)).toEqual(['ssh://lb5'])
  })

  test.each([
    ['a context and a host', () => targetOf({context: 'prod', host: 'ssh://lb5'}), 'USAGE: --context and --host'],
    ['a context and a socket', () => nodesOf({context: 'prod', socket: '/s'}), 'USAGE: --context and --socket'],
    ['a context and nodes', () => nodesOf({context: 'prod', node: ['local']}), 'USAGE: --node and --context'],
    ['a context that is not there', () => targetOf({context: 'nope'}), 'NOT_FOUND: no context nope'],
    ['a context that is a member of every object', () => targetOf({context: 'toString'}), 'NOT_FOUND'],
    ['a node that is none', () => nodesOf({node: ['lb1']}), 'USAGE: "lb1" names no node'],
    ['a context with a node that is none', () => targetOf({context: 'bad'}), 'FAILED: context bad: "nonsense"'],
  ])('%s: refused', (_, act, message) => {
    expect(failure(act)).toContain(message)
  })
})
