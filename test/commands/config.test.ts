import {execFileSync} from 'node:child_process'
import {once} from 'node:events'
import {
  chmodSync,
  chownSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, it, test} from 'vitest'
import {parseConfig} from '../../src/config/parse.ts'
import {meaningOf} from '../config/support.ts'
import {temporaryServer} from '../control/temporary.ts'
import {fakeAgent} from '../fake-agent.ts'
import {BAD, GOOD, OTHER, placeWith, SECRET, WITH_SECRET} from './configs.ts'
import {startHactl} from './run-hactl.ts'

const isRoot = process.getuid?.() === 0
const meaning = (text: string): string => meaningOf(parseConfig({file: 'a.conf', text}).config)

describe('config show FILE', () => {
  it.each(['', ' --effective'])('%s prints text that means the same', async flags => {
    const {run} = placeWith({'a.conf': GOOD})
    const {code, stdout, stderr} = await run(`config show a.conf${flags}`)
    expect({code, stderr}).toEqual({code: 0, stderr: ''})
    expect(meaning(stdout)).toBe(meaning(GOOD))
    expect(stdout.includes('preempt_delay 0')).toBe(flags !== '')
  })

  it('prints typed values under --json, and with --effective what is not written, too', async () => {
    const {run} = placeWith({'a.conf': GOOD})
    const {item, kind} = JSON.parse((await run('config show a.conf --json')).stdout)
    expect(kind).toBe('Config')
    expect(item.config.instances).toEqual([
      {
        name: 'VI_1',
        initialState: 'backup',
        interface: 'eth0',
        vrid: 77,
        priority: 110,
        advertIntervalMs: 1000,
        vips: [{address: '10.1.2.3', prefixLength: 24}],
      },
    ])
    const effective = JSON.parse((await run('config show a.conf --effective --json')).stdout)
    expect(effective.item.config.instances[0]).toMatchObject({preempt: true, preemptDelayMs: 0, version: 2})
  })

  it.each([
    ['', false],
    [' --effective', false],
    [' --json', false],
    [' --secrets', true],
    [' --secrets --json', true],
    [' --files', true],
  ])('%s masks secrets unless they are asked for', async (flags, tells) => {
    const {run} = placeWith({'a.conf': WITH_SECRET})
    const {code, stdout, stderr} = await run(`config show a.conf${flags}`)
    expect(code).toBe(0)
    expect(stdout.includes(SECRET)).toBe(tells)
    expect(stderr).toBe(tells ? '' : 'secrets are shown as ********; --secrets prints them\n')
  })

  it('says that a file has errors', async () => {
    const {run} = placeWith({'a.conf': BAD})
    const {code, stderr} = await run('config show a.conf')
    const see = 'see: hactl validate config a.conf'
    expect(stderr).toBe(`a.conf has 1 error: what has no effect is not shown; ${see}\n`)
    expect(code).toBe(0)
  })

  it('reads standard input', async () => {
    const {run} = placeWith({})
    const {code, stdout} = await run('config show -', {input: GOOD})
    expect({code, same: meaning(stdout) === meaning(GOOD)}).toEqual({code: 0, same: true})
  })

  it.each([
    ['nothing.conf', 5],
    ['.', 6],
    ["''", 2],
    ['--files -', 2],
    ['--secrets', 2],
    ['--files --effective a.conf', 2],
    ['a.conf b.conf', 2],
  ])('%s: exit code %i and a line that says why', async (words, code) => {
    const {run} = placeWith({'a.conf': GOOD, 'b.conf': GOOD})
    const outcome = await run(`config show ${words}`)
    expect(outcome).toMatchObject({code, stdout: ''})
    expect(outcome.stderr).toMatch(/^hactl: [^\n]+\n( {2}[^\n]+\n)?$/)
  })
})

describe('of an agent', () => {
  it('config show prints what it runs', async () => {
    const {socketPath, agent} = await temporaryServer()
    const {run} = placeWith({})
    const {code, stdout} = await run('config show --effective', {env: {HACTL_SOCKET: socketPath}})
    expect({code, stdout}).toEqual({code: 0, stdout: 'global_defs {\n  router_id director-1\n}\n'})
    expect(agent.calls).toEqual(['config --effective'])
  })

  it('config diff sends the file, secrets and includes too, and tells what a reload would do', async () => {
    let sent = ''
    const reason = 'it runs on another interface'
    const change = {object: 'vrrp_instance VI_1', change: 'changed', effect: 'restart', reason} as const
    const {socketPath} = await temporaryServer({
      agent: fakeAgent({
        configDiff: ({text = ''}) => {
          sent = text
          const changes = [{...change, lines: ['interface eth0 -> eth1']}]
          return {observedAt: '', value: {kept: 2, changes, overrides: ['VI_1: priority 150']}}
        },
      }),
    })
    const {run} = placeWith({'a.conf': 'include b.conf\n', 'b.conf': WITH_SECRET})
    const {code, stdout, stderr} = await run('config diff a.conf', {env: {HACTL_SOCKET: socketPath}})
    expect(stdout).toBe(
      `vrrp_instance VI_1: restarted: ${reason}\n  interface eth0 -> eth1\n2 objects stay as they are\n` +
        'changed by an operator, and stays: VI_1: priority 150\n',
    )
    expect({code, stderr}).toEqual({code: 1, stderr: ''})
    expect(meaning(sent)).toBe(meaning(WITH_SECRET))
  })

  it.each(['config show', 'config diff', 'config diff a.conf'])('that does not run: %s exits 3', async line => {
    const {run, directory} = placeWith({'a.conf': GOOD})
    const socket = join(directory, 'none.sock')
    const {code, stdout, stderr} = await run(`${line} --socket ${socket}`)
    expect({code, stdout}).toEqual({code: 3, stdout: ''})
    expect(stderr).toMatch(/^hactl: no agent answers on .*none\.sock\n {2}start it with: hactl agent run/)
  })
})

describe('config diff of two files', () => {
  it.each<[string, string, string, number, string]>([
    ['nothing differs', GOOD, `# comment\n${GOOD}`, 0, 'no difference: 2 objects stay as they are\n'],
    [
      'a priority differs',
      GOOD,
      OTHER.replace('router_id two', 'router_id one'),
      1,
      'vrrp_instance VI_1: changed in place\n  priority 110 -> 100\n1 object stays as it is\n',
    ],
    [
      'the interface differs',
      GOOD,
      GOOD.replace('eth0', 'eth1'),
      1,
      'vrrp_instance VI_1: restarted: it runs on another interface\n  interface eth0 -> eth1\n1 object stays as it is\n',
    ],
    [
      'one is gone',
      GOOD,
      'global_defs {\n  router_id one\n}\n',
      1,
      'vrrp_instance VI_1: stopped\n  removed\n1 object stays as it is\n',
    ],
    [
      'one is new',
      'global_defs {\n  router_id one\n}\n',
      GOOD,
      1,
      'vrrp_instance VI_1: started\n  added\n1 object stays as it is\n',
    ],
    [
      'a secret differs',
      WITH_SECRET,
      WITH_SECRET.replace(SECRET, 'T4cretX2'),
      1,
      'vrrp_instance VI_1: changed in place\n  authentication changed\n1 object stays as it is\n',
    ],
  ])('%s', async (_, before, after, code, expected) => {
    const {run} = placeWith({'a.conf': before, 'b.conf': after})
    expect(await run('config diff a.conf b.conf')).toEqual({code, stdout: expected, stderr: ''})
  })

  it('exits 6 where a reload would refuse the second', async () => {
    const {run} = placeWith({'a.conf': GOOD, 'b.conf': BAD})
    const {code, stderr} = await run('config diff a.conf b.conf')
    const see = 'see: hactl validate config b.conf'
    expect({code, stderr}).toEqual({code: 6, stderr: `b.conf has 1 error: a reload would refuse it; ${see}\n`})
  })

  it('is an item under --json', async () => {
    const {run} = placeWith({'a.conf': GOOD, 'b.conf': OTHER})
    const {kind, item} = JSON.parse((await run('config diff a.conf b.conf --json')).stdout)
    expect(kind).toBe('ConfigDiff')
    expect(item).toMatchObject({
      kept: 0,
      changes: [
        {object: 'global_defs', change: 'changed', lines: ['router_id one -> two']},
        {object: 'vrrp_instance VI_1', change: 'changed', effect: 'in-place', reason: null},
      ],
    })
  })
})

const UGLY = 'vrrp_instance A\n{\ninterface eth0 # c\n   virtual_router_id 5\n}\n'
const NEAT = 'vrrp_instance A {\n  interface eth0 # c\n  virtual_router_id 5\n}\n'

describe('config format', () => {
  it.each<[string, string, number, string, string]>([
    ['prints', 'ugly.conf', 0, NEAT, ''],
    ['prints several one after the other', 'ugly.conf neat.conf', 0, NEAT + NEAT, ''],
    ['prints standard input', '-', 0, NEAT, ''],
    ['checks one that is neat', '--check neat.conf', 0, '', ''],
    ['checks one that is not', '--check neat.conf ugly.conf', 1, 'ugly.conf\n', ''],
    ['checks standard input', '--check -', 1, 'stdin\n', ''],
    [
      'leaves one that is not well formed',
      'open.conf',
      6,
      'a {\n',
      'open.conf:1: left as it is: a block is not closed\n',
    ],
    ['checks that one', '--check open.conf', 6, '', 'open.conf:1: left as it is: a block is not closed\n'],
    ['prints nothing of nothing', 'empty.conf', 0, '', ''],
  ])('%s', async (_, words, code, stdout, stderr) => {
    const {run} = placeWith({'ugly.conf': UGLY, 'neat.conf': NEAT, 'open.conf': 'a {\n', 'empty.conf': ''})
    expect(await run(`config format ${words}`, {input: UGLY})).toEqual({code, stdout, stderr})
  })

  it.each<[string, number]>([
    ['nothing.conf', 5],
    ['.', 6],
    ['latin.conf', 6],
    ['--write -', 2],
    ['--write --check ugly.conf', 2],
  ])('refuses %s: %i', async (words, code) => {
    const {run, directory} = placeWith({'ugly.conf': UGLY})
    writeFileSync(join(directory, 'latin.conf'), Buffer.from([0x61, 0xff, 0x0a]))
    const outcome = await run(`config format ${words}`)
    expect(outcome).toMatchObject({code, stdout: '', stderr: expect.stringMatching(/^hactl: /)})
  })

  it('--json says of each file what it would become', async () => {
    const {run} = placeWith({'ugly.conf': UGLY, 'open.conf': 'a {\n'})
    const {code, stdout, stderr} = await run('config format ugly.conf open.conf --json')
    expect({code, stderr}).toEqual({code: 6, stderr: ''})
    expect(JSON.parse(stdout).items).toEqual([
      {file: 'ugly.conf', text: NEAT, changed: true, leftAlone: null},
      {file: 'open.conf', text: 'a {\n', changed: false, leftAlone: {line: 1, reason: 'a block is not closed'}},
    ])
  })
})

describe('config format --write', () => {
  it('writes what changes and names it, through a link that stays one, and keeps mode and owner', async () => {
    const {run, directory} = placeWith({'ugly.conf': UGLY, 'neat.conf': NEAT})
    const path = join(directory, 'ugly.conf')
    chmodSync(path, 0o640)
    if (isRoot) chownSync(path, 1, 4)
    symlinkSync('ugly.conf', join(directory, 'link.conf'))
    const untouched = statSync(join(directory, 'neat.conf')).ino
    const outcome = await run('config format --write link.conf neat.conf')
    expect(outcome).toEqual({code: 0, stdout: 'link.conf\n', stderr: ''})
    expect(readFileSync(path, 'utf8')).toBe(NEAT)
    expect(lstatSync(join(directory, 'link.conf')).isSymbolicLink()).toBe(true)
    const {mode, uid, gid} = statSync(path)
    expect(mode & 0o7777).toBe(0o640)
    if (isRoot) expect([uid, gid]).toEqual([1, 4])
    expect(statSync(join(directory, 'neat.conf')).ino).toBe(untouched)
    expect(readdirSync(directory).toSorted()).toEqual(['link.conf', 'neat.conf', 'ugly.conf'])
    expect(await run('config format --write link.conf')).toEqual({code: 0, stdout: '', stderr: ''})
  })

  it.skipIf(!isRoot)('on a full disk leaves the file as it was, and nothing beside it (root)', async () => {
    const {run, directory} = placeWith({})
    const disk = join(directory, 'disk')
    mkdirSync(disk)
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'none', disk])
    } catch {
      return
    }
    try {
      const text = `vrrp_instance A\n{\n${'notify_master "/bin/true"\n'.repeat(1_500)}}\n`
      writeFileSync(join(disk, 'a.conf'), text)
      const {code, stdout, stderr} = await run('config format --write disk/a.conf')
      expect({code, stdout}).toEqual({code: 1, stdout: ''})
      expect(stderr).toMatch(/^hactl: disk\/a\.conf stays as it was: ENOSPC/)
      expect(readFileSync(join(disk, 'a.conf'), 'utf8')).toBe(text)
      expect(readdirSync(disk)).toEqual(['a.conf'])
    } finally {
      execFileSync('umount', [disk])
    }
  })
})

describe('a full disk behind the output', () => {
  it.each([
    'validate config a.conf',
    'validate config a.conf --json',
    'validate config a.conf --format sarif',
    'config show a.conf',
    'config format a.conf',
    'config diff a.conf b.conf',
    'config completion bash',
  ])('fails %s', line => {
    const {directory} = placeWith({'a.conf': BAD, 'b.conf': GOOD})
    const script = `'${process.execPath}' '${join(import.meta.dirname, '../../bin/run.cjs')}' ${line} >/dev/full`
    let stderr = ''
    let status = 0
    try {
      execFileSync('sh', ['-c', script], {cwd: directory, stdio: ['ignore', 'pipe', 'pipe']})
    } catch (error) {
      const failed = error as {readonly stderr: Buffer; readonly status: number}
      stderr = String(failed.stderr)
      status = failed.status
    }
    expect(status).toBe(1)
    expect(stderr).toContain('hactl: standard output cannot be written: ENOSPC')
  })
})

test('Ctrl-C while standard input is awaited exits 130', async () => {
  const child = startHactl(['config', 'format', '-'])
  const closed = once(child, 'close')
  // More than fits between the two: when it is gone the command reads, and takes the signal itself.
  await new Promise<unknown>(resolve => child.stdin?.write('! a comment\n'.repeat(200_000), resolve))
  child.kill('SIGINT')
  expect((await closed)[0]).toBe(130)
})

test('config completion prints a script that bash takes and that completes', () => {
  const script = [
    'source <(node bin/run.cjs config completion bash)',
    `try() { COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _hactl; echo "\${COMPREPLY[*]}"; }`,
    'try hactl val',
    'try hactl config sh',
    'try hactl validate config --format s',
    'try hactl validate config --no-s',
    'try hactl config explain virtual_router_',
  ]
  const answer = execFileSync('bash', ['-c', script.join('\n')], {cwd: join(import.meta.dirname, '../..')})
  expect(String(answer).split('\n')).toEqual(['validate', 'show', 'sarif', '--no-simulate', 'virtual_router_id', ''])
})
