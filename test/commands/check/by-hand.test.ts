import {spawn, spawnSync} from 'node:child_process'
import {once} from 'node:events'
import {symlinkSync} from 'node:fs'
import {createServer, type Server} from 'node:http'
import type {AddressInfo} from 'node:net'
import {join} from 'node:path'
import {afterAll, beforeAll, expect, test} from 'vitest'
import {temporaryDirectory} from '../../control/temporary.ts'
import {HACTL, type Outcome, runHactl} from '../run-hactl.ts'

/** MD5 of "hello world\n", as md5sum(1) has it. */
const DIGEST = '6f5902ac237024bdd0c176cb93063dc4'

const requests: string[] = []
let server: Server
let port = 0
let closedPort = 0

beforeAll(async () => {
  server = createServer((request, reply) => {
    requests.push(`${request.url} HTTP/${request.httpVersion} Host: ${request.headers.host}`)
    reply.statusCode = request.url === '/missing' ? 404 : 200
    reply.end('hello world\n')
  }).listen(0, '127.0.0.1')
  const closed = createServer().listen(0, '127.0.0.1')
  await Promise.all([once(server, 'listening'), once(closed, 'listening')])
  port = (server.address() as AddressInfo).port
  closedPort = (closed.address() as AddressInfo).port
  closed.close()
})

afterAll(() => server.close())

const check = (...argv: string[]): Promise<Outcome> => runHactl(['check', ...argv])

test('a good page exits 0, and one line says so', async () => {
  const {code, stdout, stderr} = await check('run', `http://127.0.0.1:${port}/health?x=1`)
  expect({code, stderr}).toEqual({code: 0, stderr: ''})
  expect(stdout).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/health\?x=1: good, status 200, [\d.]+ m?s\n$/)
  expect(requests.at(-1)).toBe(`/health?x=1 HTTP/1.0 Host: 127.0.0.1:${port}`)
})

test('a page is asked for and judged as the flags say', async () => {
  const url = `http://127.0.0.1:${port}/missing`
  const flags = [
    '--status',
    '404',
    '--digest',
    DIGEST.toUpperCase(),
    '--regex',
    '^HELLO',
    '--regex-options',
    'caseless',
  ]
  const {code} = await check('run', url, ...flags, '--virtualhost', 'www.example.org', '--protocol', '1.1')
  expect(code).toBe(0)
  expect(requests.at(-1)).toBe('/missing HTTP/1.1 Host: www.example.org')
})

test.each<[string, readonly string[], string]>([
  ['another status', ['--status', '200'], 'status 404 where 200 is wanted'],
  [
    'another digest',
    ['--status', '404', '--digest', '0'.repeat(32)],
    `digest ${DIGEST} where ${'0'.repeat(32)} is wanted`,
  ],
  ['another text', ['--status', '404', '--regex', 'bye'], 'the body does not match'],
])('%s exits 1 with the reason', async (_what, flags, reason) => {
  const {code, stdout} = await check('run', `http://127.0.0.1:${port}/missing`, ...flags)
  expect(code).toBe(1)
  expect(stdout).toContain(`/missing: failed, ${reason}, `)
})

test('a refused connection exits 1, under --json too', async () => {
  const {code, stdout, stderr} = await check('run', `tcp://127.0.0.1:${closedPort}`, '--json')
  expect({code, stderr}).toEqual({code: 1, stderr: ''})
  const target = `tcp://127.0.0.1:${closedPort}`
  expect(JSON.parse(stdout)).toMatchObject({kind: 'Probe', item: {target, ok: false, text: 'refused'}})
})

test('-v tells on standard error what happens', async () => {
  const {stdout, stderr} = await check('run', `http://127.0.0.1:${port}/`, '-v')
  expect(stdout.split('\n')).toHaveLength(2)
  expect(stderr).toContain('GET / HTTP/1.0')
})

test('a name is looked up, and asked for as it is written', async () => {
  const {code} = await check('run', `http://localhost:${port}/`)
  expect(code).toBe(0)
  expect(requests.at(-1)).toBe(`/ HTTP/1.0 Host: localhost:${port}`)
})

test('the digest is that of md5sum, whatever the status', async () => {
  expect(await check('digest', `http://127.0.0.1:${port}/`)).toEqual({code: 0, stdout: `${DIGEST}\n`, stderr: ''})
  const missing = await check('digest', `http://127.0.0.1:${port}/missing`)
  expect(missing).toMatchObject({code: 0, stdout: `${DIGEST}\n`})
  expect(missing.stderr).toContain('the status of the page is 404')
  const json = JSON.parse((await check('digest', `http://127.0.0.1:${port}/`, '--json')).stdout)
  expect(json.item).toMatchObject({digest: DIGEST, status: 200, lengthBytes: 12})
})

test('no page has no digest', async () => {
  const {code, stdout, stderr} = await check('digest', `http://127.0.0.1:${closedPort}/`)
  expect({code, stdout}).toEqual({code: 1, stdout: ''})
  expect(stderr).toBe(`hactl: http://127.0.0.1:${closedPort}/: refused\n`)
  expect((await check('digest', 'tcp://127.0.0.1:1')).code).toBe(2)
})

test.each<[string, string]>([
  ['run gopher://10.0.0.1/', 'gopher://10.0.0.1/: it begins with none of those that can be checked'],
  ['run http://10.0.0.1:0/', 'http://10.0.0.1:0/: "0" is no port'],
  ['run tcp://10.0.0.1:80 --regex x', '--regex is not for tcp://'],
  ['run http://10.0.0.1/ 10.0.0.1:80', '10.0.0.1:80: a URL says all of where to'],
  ['run http://10.0.0.1/ --bind ::1', '--bind: from ::1 there is no way to 10.0.0.1'],
  ['run http://10.0.0.1/ --timeout 1h', '--timeout: "1h" is no time'],
  ['digest', 'URL is missing'],
])('%s is a usage error', async (line, message) => {
  const {code, stdout, stderr} = await check(...line.split(' '))
  expect({code, stdout}).toEqual({code: 2, stdout: ''})
  expect(stderr.split('\n', 1)[0]).toBe(`hactl: ${message}`)
})

test('hactl genhash, and hactl by a link of that name, print what genhash prints', async () => {
  const options = ['-s', '127.0.0.1', '-p', String(port), '--url', '/', '-V', 'www.example.org']
  expect(await runHactl(['genhash', ...options])).toEqual({code: 0, stdout: `${DIGEST}\n`, stderr: ''})
  expect(requests.at(-1)).toBe('/ HTTP/1.0 Host: www.example.org')
  const link = join(temporaryDirectory(), 'genhash')
  symlinkSync(HACTL, link)
  const {NODE_OPTIONS: _, ...env} = process.env
  const help = spawnSync(process.execPath, [link, '-h'], {encoding: 'utf8', env})
  expect(help).toMatchObject({status: 0, stderr: ''})
  expect(help.stdout).toMatch(/^Usage: genhash /)
})

const hasGenhash = spawnSync('genhash', ['-h']).error === undefined
const asGenhash = hasGenhash ? 'as the real one' : 'as the real one (skipped: there is no genhash)'
test
  .skipIf(!hasGenhash)
  .each([['-P1.1'], ['--url=/missing', '-V', 'x.example.org'], ['--protocol', '1.0c', '--ser=127.0.0.1']])(
  `genhash asks and answers ${asGenhash}: %s %s %s`,
  async (...more) => {
    const options = ['-s', '127.0.0.1', '-p', String(port), '-u', '/', ...more.filter(word => word !== undefined)]
    const real = spawn('genhash', options, {stdio: ['ignore', 'pipe', 'inherit']})
    let stdout = ''
    real.stdout.on('data', (chunk: Buffer) => {
      stdout += chunk
    })
    await once(real, 'close')
    const asked = requests.at(-1)
    expect(asked).toContain(' HTTP/1.')
    requests.length = 0
    expect(await runHactl(['genhash', ...options])).toEqual({code: 0, stdout, stderr: ''})
    expect(requests).toEqual([asked])
  },
)

test('genhash fails without a page, and for what it cannot read', async () => {
  const refused = await runHactl(['genhash', '-s', '127.0.0.1', '-p', String(closedPort), '-u', '/'])
  expect(refused).toEqual({code: 1, stdout: '', stderr: 'genhash: refused\n'})
  const {code, stderr} = await runHactl(['genhash', '-s', 'nonsense', '-p', '80', '-u', '/'])
  expect(code).toBe(1)
  expect(stderr.split('\n', 1)[0]).toBe('server should be an IP, not nonsense')
})

test.each(['ipvsadm', 'genhash'])('help knows %s', async program => {
  const {code, stdout, stderr} = await runHactl(['help', program])
  expect({code, stderr}).toEqual({code: 0, stderr: ''})
  expect(stdout).toContain(`  ${program === 'ipvsadm' ? 'ipvsadm -C' : '-s, --server'}`)
})
