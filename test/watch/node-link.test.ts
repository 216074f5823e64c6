import {chmodSync, readFileSync, writeFileSync} from 'node:fs'
import {createServer, type Server, type Socket} from 'node:net'
import {delimiter, dirname, join} from 'node:path'
import {afterEach, describe, expect, onTestFinished, test, vi} from 'vitest'
import {MAX_LINE_CHARS} from '../../src/control/stream-lines.ts'
import type {WatchEvent} from '../../src/control/watch-model.ts'
import type {NodePicture} from '../../src/watch/model.ts'
import {parseNodeAddress} from '../../src/watch/node-address.ts'
import {type LinkLimits, NodeLink} from '../../src/watch/node-link.ts'
import {temporaryDirectory, temporaryServer} from '../control/temporary.ts'
import {fakeRouter, fakeStatus, fakeWatch} from '../fake-agent.ts'

afterEach(() => vi.unstubAllEnvs())

const QUICK: LinkLimits = {everyMs: 2_000, firstRetryMs: 5, lastRetryMs: 20}

interface Watched {
  readonly link: NodeLink
  /** Moves the clock of the link. */
  readonly pass: (ms: number) => void
  /** Resolves to the first picture that is like this. */
  readonly until: (isSo: (picture: NodePicture) => boolean) => Promise<NodePicture>
}

/** A link whose clock stands still, closed after the test. */
function watched(given: string, limits: LinkLimits = QUICK): Watched {
  const waiting = new Set<() => void>()
  let nowMs = Date.now()
  const link = new NodeLink(parseNodeAddress(given), {
    clock: {wallMs: () => nowMs, monotonicMs: () => nowMs},
    limits,
    onChange: () => {
      for (const look of [...waiting]) look()
    },
  })
  onTestFinished(() => link.close())
  const until = (isSo: (picture: NodePicture) => boolean): Promise<NodePicture> =>
    new Promise(resolve => {
      const look = (): void => {
        const picture = link.picture()
        if (!isSo(picture)) return
        waiting.delete(look)
        resolve(picture)
      }
      waiting.add(look)
      look()
    })
  const pass = (ms: number): void => {
    nowMs += ms
  }
  return {link, pass, until}
}

const isLive = ({state}: NodePicture): boolean => state === 'live'
const isUnknown = ({state}: NodePicture): boolean => state === 'unknown'

describe('a node that answers', () => {
  test('is live once it has told everything, and follows every change', async () => {
    const {socketPath, agent} = await temporaryServer()
    const {link, until} = watched(`unix:${socketPath}`)
    expect(link.picture()).toMatchObject({state: 'connecting', silentMs: null, problem: null})
    const picture = await until(isLive)
    expect(picture).toMatchObject({isWhole: true, problem: null, isReadOnly: false, agent: {node: 'director-1'}})
    expect([...picture.routers.keys()]).toEqual(['VI_1', 'VI_2'])
    agent.tell({type: 'router', at: new Date().toISOString(), router: fakeRouter({state: 'fault'})})
    await until(({routers}) => routers.get('VI_1')?.state === 'fault')
  })

  test('is late, then unknown, when it says nothing; one line makes it live again', async () => {
    const {socketPath, agent} = await temporaryServer()
    const {link, pass, until} = watched(`unix:${socketPath}`)
    await until(isLive)
    pass(2_900)
    expect(link.picture()).toMatchObject({state: 'live', silentMs: 2_900})
    pass(200)
    expect(link.picture()).toMatchObject({state: 'late'})
    pass(3_000)
    expect(link.picture()).toMatchObject({state: 'unknown', problem: 'it says nothing', isWhole: true})
    agent.tell({type: 'agent', at: new Date().toISOString(), agent: fakeStatus()})
    expect(await until(isLive)).toMatchObject({problem: null, silentMs: 0})
  })

  test('is told from the beginning after a loss, and what was there counts until then', async () => {
    const {socketPath, agent} = await temporaryServer()
    const {until} = watched(`unix:${socketPath}`)
    await until(isLive)
    const at = new Date().toISOString()
    const seen = new Set<string>()
    const whole = until(({routers}) => {
      seen.add([...routers.keys()].join())
      return routers.has('other')
    })
    agent.tell({type: 'lost', at, count: 3})
    const [snapshot, ...rest] = fakeWatch([fakeRouter({name: 'other'})])
    if (snapshot !== undefined) agent.tell(snapshot)
    agent.tell({type: 'router', at, router: fakeRouter({name: 'VI_9'})})
    for (const event of rest) agent.tell(event)
    await whole
    expect([...seen]).toEqual(['VI_1,VI_2', 'other,VI_9'])
  })

  test('has its clock compared with ours', async () => {
    const ahead = {type: 'ready', at: new Date(Date.now() + 90_000).toISOString()} as const
    const {path} = await rawServer(socket => answer(socket, [...fakeWatch([]).slice(0, -1), ahead]))
    const {until} = watched(`unix:${path}`)
    const {clockAheadMs} = await until(isLive)
    expect(Math.abs(clockAheadMs - 90_000)).toBeLessThan(5_000)
  })
})

describe('a node that goes away', () => {
  test('is unknown, with the reason, and is found again when it is back', async () => {
    const {socketPath, server, agent} = await temporaryServer()
    const {until} = watched(`unix:${socketPath}`)
    await until(isLive)
    await server.close()
    const gone = await until(isUnknown)
    expect(gone).toMatchObject({problem: `no agent answers on ${socketPath}`, isWhole: true})
    expect(gone.routers.size).toBe(2)
    await temporaryServer({socketPath, agent})
    expect(await until(isLive)).toMatchObject({problem: null})
  })

  test('counts as before until the next connection has told everything', async () => {
    const connections: Socket[] = []
    const {path} = await rawServer(socket => {
      connections.push(socket)
      const all = fakeWatch([fakeRouter({name: connections.length === 1 ? 'old' : 'new'})])
      answer(socket, connections.length === 1 ? all : all.slice(0, -1))
    })
    const {until, link} = watched(`unix:${path}`)
    await until(isLive)
    connections[0]?.destroy()
    await expect.poll(() => connections.length).toBe(2)
    expect([...link.picture().routers.keys()]).toEqual(['old'])
    connections[1]?.write(`${JSON.stringify({type: 'ready', at: new Date().toISOString()})}\n`)
    expect([...(await until(({routers}) => routers.has('new'))).routers.keys()]).toEqual(['new'])
  })

  test('that was never there: unknown at the first failure, and settled', async () => {
    const path = join(temporaryDirectory(), 'none.sock')
    const {link, until} = watched(`unix:${path}`)
    expect(link.isSettled()).toBe(false)
    expect(await until(isUnknown)).toMatchObject({problem: `no agent answers on ${path}`, silentMs: null})
    expect(link.isSettled()).toBe(true)
  })

  test('is tried less and less often', async () => {
    const tries: number[] = []
    const {path} = await rawServer(socket => {
      tries.push(performance.now())
      socket.destroy()
    })
    const {until} = watched(`unix:${path}`, {...QUICK, firstRetryMs: 1, lastRetryMs: 3_600_000})
    await until(() => tries.length >= 8)
    // One, two, four … 64 ms, each a quarter less at most.
    expect((tries[7] ?? 0) - (tries[0] ?? 0)).toBeGreaterThan(0.75 * 127 - 10)
  })
})

describe('a node that is hostile', () => {
  test('lines that are no events are counted, the others are read', async () => {
    const lines = ['{', '{"type":"router"}', '[]', `"${'x'.repeat(MAX_LINE_CHARS)}"`, '{"type":"nothing"}']
    const {path} = await rawServer(socket => answer(socket, [...lines, ...fakeWatch([fakeRouter()])]))
    const picture = await watched(`unix:${path}`).until(isLive)
    expect(picture).toMatchObject({refusedLines: 5, isWhole: true})
    expect(picture.routers.size).toBe(1)
  })

  test.each([
    ['something else than HTTP', 'SSH-2.0-x\r\n\r\n', 'it is no HTTP/1.1 answer'],
    ['another API', 'HTTP/1.1 200 OK\r\nhactl-api: v9\r\n\r\n', 'speaks API v9'],
    [
      'a refusal',
      'HTTP/1.1 404 x\r\nhactl-api: v1\r\n\r\n{"error":{"code":"NOT_FOUND","message":"no\\n\\u001b[2J such route"}}',
      'no such route',
    ],
  ])('%s is told in one line', async (_, text, expected) => {
    const {path} = await rawServer(socket => socket.end(text))
    const {problem} = await watched(`unix:${path}`).until(isUnknown)
    expect(problem?.replaceAll('?[2J ', '')).toContain(expected)
    expect(problem).not.toMatch(/\p{Cc}/u)
  })
})

const isRoot = process.getuid?.() === 0

test.skipIf(!isRoot)('a node that is reached by its socket for reading is known to be', async () => {
  const {socketPath} = await temporaryServer()
  const readOnly = await temporaryServer({socketPath: socketPath.replace('.sock', '-ro.sock'), mode: 0o666})
  chmodSync(dirname(socketPath), 0o755)
  process.seteuid?.(65_534)
  try {
    expect(await watched(`unix:${socketPath}`).until(isLive)).toMatchObject({isReadOnly: true})
  } finally {
    process.seteuid?.(0)
  }
  expect(await watched(`unix:${readOnly.socketPath}`).until(isLive)).toMatchObject({isReadOnly: true})
})

describe('through ssh', () => {
  test('it asks no questions, has no terminal, and what it says is the problem', async () => {
    const refusal = 'ssh: connect to host lb1 port 22: No route to host'
    const directory = fakeSsh(`printf "%s\\n" "$@" > "$(dirname "$0")/argv"; echo "${refusal}" >&2; exit 255`)
    const {until} = watched('ssh://root@lb1/run/two.sock')
    const {problem} = await until(isUnknown)
    expect(problem).toBe('cannot reach ssh://root@lb1: No route to host')
    const argv = readFileSync(join(directory, 'argv'), 'utf8').split('\n')
    expect(argv).toContain('BatchMode=yes')
    expect(argv.slice(argv.indexOf('--'), -1)).toEqual([
      '--',
      'lb1',
      'hactl',
      'agent',
      'dial-stdio',
      '--socket',
      "'/run/two.sock'",
    ])
  })

  test('its ssh is gone after close', async () => {
    const directory = fakeSsh('echo $$ > "$(dirname "$0")/pid"; exec sleep 1000')
    const {link} = watched('ssh://lb1')
    const pid = await expect
      .poll(() => Number(readFileSync(join(directory, 'pid'), 'utf8')))
      .toBeGreaterThan(0)
      .then(() => Number(readFileSync(join(directory, 'pid'), 'utf8')))
    await link.close()
    expect(() => process.kill(pid, 0)).toThrow('ESRCH')
  })
})

/** Puts a program named ssh first in the PATH; it is run with the arguments that ssh would get. */
function fakeSsh(script: string): string {
  const directory = temporaryDirectory()
  writeFileSync(join(directory, 'ssh'), `#!/bin/sh\n${script}\n`, {mode: 0o755})
  vi.stubEnv('PATH', `${directory}${delimiter}${process.env.PATH}`)
  return directory
}

/** A server that answers as it likes, closed after the test. */
async function rawServer(connected: (socket: Socket) => void): Promise<{readonly path: string}> {
  const path = join(temporaryDirectory(), 'raw.sock')
  const sockets = new Set<Socket>()
  const server: Server = createServer(socket => {
    sockets.add(socket)
    socket.on('error', () => undefined)
    socket.once('data', () => connected(socket))
  })
  await new Promise<void>(resolve => server.listen(path, resolve))
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return {path}
}

function answer(socket: Socket, lines: readonly (WatchEvent | string)[]): void {
  const text = lines.map(line => `${typeof line === 'string' ? line : JSON.stringify(line)}\n`).join('')
  socket.write(`HTTP/1.1 200 OK\r\nhactl-api: v1\r\n\r\n${text}`)
}
