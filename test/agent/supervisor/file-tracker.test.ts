import {execFileSync} from 'node:child_process'
import {
  appendFileSync,
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterEach, beforeEach, describe, expect, it} from 'vitest'
import type {TrackerStanding} from '../../../src/agent/channel.ts'
import {FileTracker} from '../../../src/agent/supervisor/file-tracker.ts'
import type {TrackFileConfig} from '../../../src/config/config.ts'
import {parseConfig} from '../../../src/config/parse.ts'

let directory: string
let changes: TrackerStanding[]
let troubles: string[]
let tracker: FileTracker
let awaited: (() => void) | undefined

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'hactl-files-'))
  changes = []
  troubles = []
  tracker = new FileTracker({
    onChange: standing => {
      changes.push(standing)
      awaited?.()
    },
    onTrouble: text => troubles.push(text),
  })
})
afterEach(() => {
  tracker.stop()
  rmSync(directory, {recursive: true, force: true})
})

const at = (name: string): string => join(directory, name)

function files(
  ...blocks: readonly (readonly [name: string, path: string, more?: string])[]
): readonly TrackFileConfig[] {
  const text = blocks
    .map(([name, path, more = '']) => `track_file ${name} {\n file ${at(path)}\n ${more}\n}\n`)
    .join('')
  return parseConfig({file: 'test.conf', text}).config.trackFiles
}

/** Watches one file, `f`, at a path. */
const watchOne = (path: string): void => tracker.configure(files(['f', path]), new Set(['f']))
const valueNow = (): number | undefined => tracker.standings[0]?.value

/** Resolves when the file counts as so much. */
function counts(value: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`it counts as ${valueNow()}, not ${value}`)), 10_000)
    awaited = () => {
      if (valueNow() !== value) return
      clearTimeout(timer)
      awaited = undefined
      resolve()
    }
    awaited()
  })
}

describe('a tracked file', () => {
  it('is known as soon as it is watched', () => {
    writeFileSync(at('number'), '42\n')
    watchOne('number')
    expect(tracker.standings).toEqual([{kind: 'file', name: 'f', verdict: 'good', value: 42, detail: 'it holds 42'}])
    expect(changes).toEqual([])
  })

  it('is seen when it is made, rewritten, replaced, appended to and removed', async () => {
    watchOne('number')
    expect(tracker.standings).toMatchObject([{verdict: 'good', value: 0, detail: 'it is not there'}])
    writeFileSync(at('number'), '1')
    await counts(1)
    writeFileSync(at('number'), '2')
    await counts(2)
    appendFileSync(at('number'), '5')
    await counts(25)
    writeFileSync(at('other'), '-3')
    renameSync(at('other'), at('number'))
    await counts(-3)
    rmSync(at('number'))
    await counts(0)
    expect(changes.map(({value}) => value)).toEqual([1, 2, 25, -3, 0])
  })

  it('does not count as 0 while somebody rewrites it', async () => {
    writeFileSync(at('number'), '7')
    watchOne('number')
    const fd = openSync(at('number'), 'w')
    writeSync(fd, '8')
    closeSync(fd)
    await counts(8)
    expect(changes.map(({value}) => value)).toEqual([8])
  })

  it('counts as 0 when it stays empty', async () => {
    writeFileSync(at('number'), '7')
    watchOne('number')
    writeFileSync(at('number'), '')
    await counts(0)
    expect(tracker.standings).toMatchObject([{verdict: 'good', detail: 'it is empty'}])
  })

  it('is found in a directory that is made later, and in one that takes its place', async () => {
    watchOne('later/number')
    mkdirSync(at('later'))
    writeFileSync(at('later/number'), '3')
    await counts(3)
    renameSync(at('later'), at('earlier'))
    mkdirSync(at('later'))
    writeFileSync(at('later/number'), '4')
    await counts(4)
    writeFileSync(at('later/number'), '5')
    await counts(5)
  })

  it('keeps what it held while it holds something that is too great', async () => {
    writeFileSync(at('number'), '9')
    watchOne('number')
    writeFileSync(at('number'), '99999999999')
    await new Promise<void>(resolve => {
      awaited = resolve
    })
    const detail = '99999999999 is beyond 32 bits, what it held before counts'
    expect(changes).toEqual([{kind: 'file', name: 'f', verdict: 'bad', value: 9, detail}])
  })

  it.each([
    ['a directory', () => mkdirSync(at('number')), 'it is no regular file'],
    ['a pipe', () => execFileSync('mkfifo', [at('number')]), 'it is no regular file'],
    ['a device', () => symlinkSync('/dev/zero', at('number')), 'it is no regular file'],
    ['a huge file', () => execFileSync('truncate', ['-s', '1T', at('number')]), 'it holds no number'],
    ['no text', () => writeFileSync(at('number'), Buffer.alloc(100_000, 0xff)), 'it holds no number'],
    ['a loop of links', () => symlinkSync(at('number'), at('number')), 'it cannot be read: ELOOP'],
  ])('counts as 0 when it is %s, and says so', (_what, make, detail) => {
    make()
    watchOne('number')
    expect(tracker.standings).toMatchObject([{verdict: 'bad', value: 0, detail}])
  })

  it('is left alone when it is not tracked, and keeps its standing over a reload when it is', async () => {
    writeFileSync(at('one'), '1')
    writeFileSync(at('two'), '2')
    const both = files(['f', 'one'], ['g', 'two'])
    tracker.configure(both, new Set(['f']))
    expect(tracker.standings.map(({name}) => name)).toEqual(['f'])
    writeFileSync(at('one'), '5')
    await counts(5)
    tracker.configure(both, new Set(['f', 'g']))
    expect(tracker.standings.map(({value}) => value)).toEqual([5, 2])
    tracker.configure(both, new Set())
    expect(tracker.standings).toEqual([])
  })
})

// keepalived.conf(5), track_file.
describe('init_file', () => {
  it('makes files that are not there, tracked or not, and overwrites only where it says so', () => {
    for (const name of ['kept', 'over']) writeFileSync(at(name), '1\n')
    const all = files(
      ['a', 'new', 'init_file'],
      ['b', 'kept', 'init_file 5'],
      ['c', 'over', 'init_file 6 overwrite'],
      ['d', 'untouched'],
    )
    tracker.configure(all, new Set(['c']))
    expect(['new', 'kept', 'over'].map(name => readFileSync(at(name), 'utf8'))).toEqual(['0\n', '1\n', '6\n'])
    expect(valueNow()).toBe(6)
    expect(() => readFileSync(at('untouched'))).toThrow('ENOENT')
    expect(troubles).toEqual([])
  })

  it('overwrites at the start and not at a reload, which makes what is gone', () => {
    const all = files(['a', 'one', 'init_file 6 overwrite'], ['b', 'two', 'init_file 7'])
    tracker.configure(all, new Set(['a', 'b']))
    writeFileSync(at('one'), '9\n')
    rmSync(at('two'))
    tracker.configure(all, new Set(['a', 'b']))
    expect(['one', 'two'].map(name => readFileSync(at(name), 'utf8'))).toEqual(['9\n', '7\n'])
  })

  it('follows no link and writes nothing but a file, and says so', () => {
    writeFileSync(at('target'), 'precious')
    symlinkSync(at('target'), at('link'))
    execFileSync('mkfifo', [at('pipe')])
    const over = 'init_file 1 overwrite'
    tracker.configure(files(['a', 'link', over], ['b', 'pipe', over], ['c', 'no/where', over]), new Set())
    expect(readFileSync(at('target'), 'utf8')).toBe('precious')
    expect(troubles).toHaveLength(3)
    expect(troubles[0]).toMatch(/^track_file a: .*link is not initialised: ELOOP/)
  })
})
