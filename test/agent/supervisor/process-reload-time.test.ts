import {execFileSync} from 'node:child_process'
import {existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterEach, beforeEach, describe, expect, test} from 'vitest'
import {ReloadClock, reloadMoment} from '../../../src/agent/supervisor/process-reload-time.ts'
import {until} from '../../lab/wait.ts'

const NOW = Date.UTC(2026, 10, 21, 18, 0, 0)
const iso = (text: string): string => {
  const moment = reloadMoment(text, NOW)
  return moment.ok ? `${new Date(moment.at).toISOString()}${moment.daily ? ' daily' : ''}` : moment.reason
}

// keepalived.conf(5), reload_time_file: "the permitted formats are precisely" these.
test.each([
  ['18:00:01Z', '2026-11-21T18:00:01.000Z daily'],
  ['18:00:00Z', '2026-11-22T18:00:00.000Z daily'],
  ['00:00:00Z', '2026-11-22T00:00:00.000Z daily'],
  ['26-12-31 10:00:00Z', '2026-12-31T10:00:00.000Z'],
  ['2026-12-31 10:00:00Z', '2026-12-31T10:00:00.000Z'],
  ['2020-01-01 00:00:00Z', 'it is in the past'],
  ['25:00:00Z', 'there is no such time'],
  ['26-13-41 00:00:00Z', 'there is no such day'],
  ['2027-02-29 00:00:00Z', 'there is no such day'],
  [' 12:00:00', 'it is not a time such as 23:59:59 or 2030-12-31 23:59:59Z'],
  ['12:00:00 ', 'it is not a time such as 23:59:59 or 2030-12-31 23:59:59Z'],
  ['2026-12-31  10:00:00', 'it is not a time such as 23:59:59 or 2030-12-31 23:59:59Z'],
  ['', 'it is not a time such as 23:59:59 or 2030-12-31 23:59:59Z'],
])('%j means %s', (text, meaning) => {
  expect(iso(text)).toBe(meaning)
})

test('without a Z it is local time, also where the clock is put back', () => {
  const source = new URL('../../../src/agent/supervisor/process-reload-time.ts', import.meta.url).pathname
  // Berlin puts its clock back on 25 October 2026 at 03:00: from 12:00 to 12:00 it is 25 hours.
  const script = `import {reloadMoment} from ${JSON.stringify(source)}
    const now = Date.UTC(2026, 9, 24, 10, 0, 0)
    console.log(['12:00:00', '2026-12-24 12:00:00'].map(text => new Date(reloadMoment(text, now).at).toISOString()).join())`
  const bundled = execFileSync(
    join(import.meta.dirname, '../../../node_modules/.bin/esbuild'),
    ['--bundle', '--platform=node', '--format=cjs', '--loader=ts'],
    {input: script, encoding: 'utf8', cwd: import.meta.dirname},
  )
  const env = {...process.env, TZ: 'Europe/Berlin'}
  const said = execFileSync(process.execPath, ['-'], {input: bundled, encoding: 'utf8', env})
  expect(said.trim()).toBe('2026-10-25T11:00:00.000Z,2026-12-24T11:00:00.000Z')
})

describe('a clock', () => {
  let directory: string
  let file: string
  let due: number
  let notes: string[]
  let clock: ReloadClock
  const noted = (text: string): Promise<unknown> =>
    until(`"${text}" in ${notes.join(' | ')}`, () => notes.some(note => note.includes(text)), {timeoutMs: 5_000})
  const inMs = (ms: number): string =>
    new Date(Date.now() + ms)
      .toISOString()
      .replace('T', ' ')
      .replace(/\.\d+Z/, 'Z')

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'hactl-clock-'))
    file = join(directory, 'when')
    due = 0
    notes = []
    clock = new ReloadClock({onDue: () => due++, onNote: text => notes.push(text)})
  })

  afterEach(() => {
    clock.stop()
    rmSync(directory, {recursive: true, force: true})
  })

  test('reloads at the moment that a new file names, and removes the file', async () => {
    clock.configure(file, false)
    writeFileSync(file, `${inMs(3_000).slice(11)}\n`)
    await noted('reload at ')
    await until('the reload', () => due === 1, {timeoutMs: 10_000})
    expect(existsSync(file)).toBe(false)
  })

  test('with reload_repeat keeps a file without a date, and removes one with a date', async () => {
    writeFileSync(file, inMs(3_000).slice(11))
    clock.configure(file, true)
    await until('the first reload', () => due === 1, {timeoutMs: 10_000})
    expect(existsSync(file)).toBe(true)
    // The next is tomorrow.
    expect(notes.filter(note => note.includes('reload at '))).toHaveLength(2)
    writeFileSync(`${file}2`, inMs(3_000))
    renameSync(`${file}2`, file)
    await until('the second reload', () => due === 2, {timeoutMs: 10_000})
    expect(existsSync(file)).toBe(false)
  })

  test('says what it cannot use, and forgets a reload whose file is gone', async () => {
    writeFileSync(file, 'garbage')
    clock.configure(file, false)
    await noted('"garbage" is ignored')
    writeFileSync(file, '2099-01-01 00:00:00Z\nmore')
    await noted('reload at 2099-01-01T00:00:00.000Z')
    rmSync(file)
    await noted('it is gone')
    execFileSync('mkfifo', [file])
    await noted('not a regular file')
    expect(due).toBe(0)
  })

  test('says that it cannot watch where there is no folder', () => {
    clock.configure(join(directory, 'none', 'when'), false)
    expect(notes.join()).toContain('cannot be watched')
    mkdirSync(join(directory, 'none'))
    clock.configure(join(directory, 'none', 'when'), false)
    expect(notes).toHaveLength(1)
  })
})
