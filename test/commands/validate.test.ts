import {once} from 'node:events'
import {mkdirSync, readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, it, test} from 'vitest'
import {sarifProblems} from '../diagnostics/sarif-schema.ts'
import {BAD, fakeSsh, GOOD, OTHER, placeWith, SECRET, WITH_SECRET} from './configs.ts'
import {HACTL, runHactl, startHactl} from './run-hactl.ts'

const FILES = {
  'good.conf': GOOD,
  'other.conf': OTHER,
  'bad.conf': BAD,
  'warned.conf': `${GOOD}vrrp_script unused {\n  script "/bin/true"\n}\n`,
  'empty.conf': '',
  'binary.conf': `\u0000\u0001\ufffd${'\u0000{'.repeat(50)}\n`,
}

describe('validate config says by its exit code', () => {
  it.each<[string, number, RegExp]>([
    ['good.conf --offline', 0, /^nothing found in good\.conf \(1 file, 2 objects\)\n$/],
    ['empty.conf', 0, /^nothing found in empty\.conf \(1 file, 0 objects\)\n$/],
    ['bad.conf --offline', 6, /^bad\.conf:9:3: error: unknown keyword 'prioritty'.*\n\n1 error in bad\.conf/s],
    ['bad.conf --offline -q', 6, /^1 error in bad\.conf \(1 file, 2 objects\)\n$/],
    ['warned.conf --offline', 0, /warning: .*unused/],
    ['warned.conf --offline --strict', 6, /warning: .*unused/],
    ['bad.conf --ignore hc1201 --offline', 0, /^nothing found/],
    ['bad.conf --only HC1201,HC1304 --offline', 6, /HC1201/],
    ['good.conf other.conf --ignore HC2106', 0, /VI_1: \d+ faults.*\n\nnothing found in good\.conf, other\.conf/s],
    ['good.conf other.conf --no-simulate', 0, /^nothing found in good\.conf, other\.conf \(2 files, 4 objects\)\n$/],
    ['good.conf bad.conf --no-simulate', 6, /bad\.conf:9:3: error/],
    ['binary.conf --offline', 6, /error: .*NUL byte/],
  ])('%s: %i', async (words, code, text) => {
    const {run} = placeWith(FILES)
    const outcome = await run(`validate config ${words}`)
    expect(outcome.stdout).toMatch(text)
    expect({code: outcome.code, stderr: outcome.stderr}).toEqual({code, stderr: ''})
  })
})

describe('validate config refuses', () => {
  it.each<[string, number, RegExp]>([
    ['nothing.conf', 5, /^hactl: there is no configuration .*\/nothing\.conf\n/],
    ['good.conf nothing.conf', 5, /nothing\.conf/],
    ['folder', 6, /^hactl: cannot read .*\/folder: it is a directory\n/],
    ['good.conf/x', 5, /^hactl: there is no configuration/],
    ["''", 2, /^hactl: the name of a file is empty\n/],
    ['- -', 2, /^hactl: standard input can be read only once\n/],
    ['--format xml good.conf', 2, /^hactl: expected --format=xml to be one of: human, json, sarif\n/],
    ['--json --format sarif good.conf', 2, /^$/],
    ['--compat 1.0 good.conf', 2, /^hactl: expected --compat=1\.0 to be one of: 2\.2\.7\n/],
    ['--only HC9999 good.conf', 2, /^hactl: there is no code "HC9999"\n {2}see: hactl config explain --codes\n$/],
    ['--nonsense good.conf', 2, /^hactl: nonexistent flag: --nonsense\n {2}see: hactl validate config --help\n$/],
    ['ssh://', 2, /^hactl: "ssh:\/\/" names no host\n/],
    ['ssh://-oProxyCommand=x/', 2, /names no host\n/],
  ])('%s: %i', async (words, code, text) => {
    const {run, directory} = placeWith(FILES)
    mkdirSync(join(directory, 'folder'))
    const outcome = await run(`validate config ${words}`, {input: ''})
    expect(outcome.stderr).toMatch(text)
    expect(outcome.code).toBe(code)
  })
})

describe('validate config reads', () => {
  it('standard input, and includes from where it stands', async () => {
    const {run} = placeWith({'more/x.conf': BAD, 'more/y.conf': OTHER.replaceAll('VI_1', 'VI_2').replace('77', '78')})
    const {code, stdout} = await run('validate config - --offline', {input: 'include more/*.conf\n'})
    expect(stdout).toMatch(/^more\/x\.conf:9:3: error/)
    expect(stdout).toContain('in stdin (3 files, ')
    expect(code).toBe(6)
  })

  it('an include that two nodes share, and tells once what is wrong in it', async () => {
    const {run} = placeWith({
      'a.conf': `${GOOD}include shared.conf\n`,
      'b.conf': `${OTHER}include shared.conf\n`,
      'shared.conf': 'virtual_server 10.9.9.9 80 {\n  nonsense 1\n}\n',
    })
    const {stdout} = await run('validate config a.conf b.conf --only HC1201')
    expect(stdout.match(/shared\.conf:2:3/g)).toHaveLength(1)
    expect(stdout).toContain('1 error in a.conf, b.conf (3 files, ')
  })

  it('what another host has, through ssh', async () => {
    const place = placeWith({'there/main.conf': `${OTHER}include more.conf\n`, 'there/more.conf': 'nonsense 1\n'})
    writeFileSync(join(place.directory, 'here.conf'), GOOD)
    const env = fakeSsh(place, HACTL)
    const there = `ssh://root@two:2222${place.directory}/there/main.conf`
    const {code, stdout, stderr} = await place.run(`validate config here.conf ${there}`, {env})
    expect(stderr).toBe('')
    expect(stdout).toContain(`ssh://root@two:2222${place.directory}/there/more.conf:1:1: error: unknown keyword`)
    expect(stdout).toContain('VI_1: ')
    expect(code).toBe(6)
    const host = await place.run(`config show ${there} --files`, {env})
    expect(host).toMatchObject({code: 0, stdout: `${OTHER}include more.conf\nnonsense 1\n`, stderr: ''})
    const none = await place.run('validate config ssh://two/nothing.conf', {env})
    expect(none.code).toBe(5)
    expect(none.stderr).toContain('hactl: there is no such configuration on ssh://two\n')
    for (const line of ['validate config', 'config show --files']) {
      await place.run(line, {env: {...env, HACTL_HOST: 'ssh://three'}})
      expect(readFileSync(join(place.directory, 'asked'), 'utf8').trim().split('\n').at(-1)).toBe(
        "-T -- three hactl 'config' 'show' '--files' '--json' '--host='",
      )
    }
  })
})

describe('validate config --json', () => {
  it('prints one object with all findings and counts, the same for --format json', async () => {
    const {run, directory} = placeWith(FILES)
    const {code, stdout, stderr} = await run('validate config bad.conf --offline --json')
    expect({code, stderr}).toEqual({code: 6, stderr: ''})
    const reply = JSON.parse(stdout)
    expect(reply).toEqual({
      apiVersion: 'v1',
      kind: 'ConfigValidation',
      observedAt: expect.stringMatching(/^\d{4}-/),
      nodes: ['bad.conf'],
      files: [join(directory, 'bad.conf')],
      objects: 2,
      errors: 1,
      warnings: 0,
      remarks: 0,
      items: [
        {
          class: expect.stringMatching(/./),
          code: 'HC1201',
          severity: 'error',
          file: join(directory, 'bad.conf'),
          line: 9,
          column: 3,
          endColumn: 12,
          message: "unknown keyword 'prioritty' in vrrp_instance; it is ignored",
          hint: 'did you mean priority?',
          source: '  prioritty 7',
          related: [],
        },
      ],
      simulation: null,
    })
    const other = JSON.parse((await run('validate config bad.conf --offline --format json')).stdout)
    expect({...other, observedAt: ''}).toEqual({...reply, observedAt: ''})
    const equals = await run('validate config bad.conf --offline --format=json')
    expect(JSON.parse(equals.stdout).items).toHaveLength(1)
  })

  it('holds the simulation of several nodes', async () => {
    const {run} = placeWith(FILES)
    const reply = JSON.parse((await run('validate config good.conf other.conf --json')).stdout)
    expect(reply).toMatchObject({nodes: ['good.conf', 'other.conf'], simulation: {routers: [{name: 'VI_1'}]}})
    const without = JSON.parse((await run('validate config good.conf other.conf --json --no-simulate')).stdout)
    expect(without.simulation).toBeNull()
  })

  it('prints a failure as JSON, too', async () => {
    const {run} = placeWith({})
    const {code, stdout, stderr} = await run('validate config nothing.conf --json')
    expect({code, stderr}).toEqual({code: 5, stderr: ''})
    expect(JSON.parse(stdout).error).toMatchObject({code: 'NOT_FOUND'})
  })
})

describe('validate config --format sarif', () => {
  const uriOf = (log: {runs: {results: {locations: {physicalLocation: {artifactLocation: object}}[]}[]}[]}) =>
    log.runs[0]?.results[0]?.locations[0]?.physicalLocation.artifactLocation

  it.each([
    ['below where it was asked for by its path from there', 'sub dir/ä#.conf', '', 'sub%20dir/%C3%A4%23.conf'],
    ['elsewhere by a whole URI', 'a b.conf', '/', 'file://DIRECTORY/a%20b.conf'],
  ])('names a file %s', async (_, name, cwd, uri) => {
    const {directory} = placeWith({[name]: BAD})
    const path = join(directory, name)
    const outcome = await runHactl(['validate', 'config', path, '--format', 'sarif'], {}, {cwd: cwd || directory})
    expect(outcome).toMatchObject({code: 6, stderr: ''})
    const log = JSON.parse(outcome.stdout)
    expect(sarifProblems(log)).toEqual([])
    expect(uriOf(log)).toEqual({uri: uri.replace('DIRECTORY', directory)})
  })

  it('is a log without results where nothing is wrong, and no log where a file cannot be read', async () => {
    const {run} = placeWith(FILES)
    const good = await run('validate config good.conf --offline --format sarif')
    expect(good).toMatchObject({code: 0, stderr: ''})
    expect(JSON.parse(good.stdout).runs[0].results).toEqual([])
    expect(await run('validate config nothing.conf --format sarif')).toMatchObject({code: 5, stdout: ''})
  })
})

test.each(['', '--json', '--format sarif'])('validate config %s: no secret in what it prints', async flags => {
  const {run} = placeWith({'a.conf': WITH_SECRET.replace(SECRET, `${SECRET} toomuch`)})
  const {stdout, stderr} = await run(`validate config a.conf ${flags}`.trim())
  expect(stdout).toContain('auth_pass ********')
  expect(stdout + stderr).not.toContain(SECRET)
})

describe('validate config --compat 2.2.7', () => {
  const text = GOOD.replace('  advert_int 1\n', '  advert_int 1\n  nopreempt\n  timer_expired_backup\n')

  it.each([
    ['', 0, 'nothing found in'],
    ['--compat 2.2.7', 6, 'error: keepalived 2.2.7 does not know timer_expired_backup'],
  ])('%s', async (flags, code, said) => {
    const {run} = placeWith({'a.conf': text})
    const outcome = await run(`validate config a.conf --offline ${flags}`.trim())
    expect(outcome.stdout).toContain(said)
    expect(outcome.code).toBe(code)
  })
})

describe('validate config ends well', () => {
  it('when nobody reads its output', async () => {
    const {directory} = placeWith({'a.conf': 'nonsense\n'.repeat(900)})
    const child = startHactl(['validate', 'config', 'a.conf'], {}, {cwd: directory})
    child.stdout?.destroy()
    let stderr = ''
    child.stderr?.on('data', chunk => {
      stderr += chunk
    })
    const [code] = await once(child, 'close')
    expect({code, stderr}).toEqual({code: 6, stderr: ''})
  })
})
