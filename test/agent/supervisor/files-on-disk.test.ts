import {execFileSync} from 'node:child_process'
import {mkdtempSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterEach, beforeEach, expect, test} from 'vitest'
import {FilesOnDisk} from '../../../src/agent/supervisor/files-on-disk.ts'

let directory: string
let main: string
let included: string
let nowMs: number
let files: FilesOnDisk

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'hactl-on-disk-'))
  main = join(directory, 'main.conf')
  included = join(directory, 'more.conf')
  writeFileSync(main, 'include more.conf\n')
  writeFileSync(included, 'global_defs {\n}\n')
  nowMs = 0
  files = new FilesOnDisk(new Map([main, included].map(path => [path, readFileSync(path, 'utf8')])), main)
})
afterEach(() => rmSync(directory, {recursive: true, force: true}))

/** After the time in which nothing is looked at anew. */
const later = (): string => {
  nowMs += 2_000
  return files.state(nowMs)
}

test('what was read is the same until somebody writes something else, and again when it is put back', () => {
  expect(later()).toBe('same')
  writeFileSync(included, 'global_defs {\n router_id x\n}\n')
  expect(later()).toBe('changed')
  writeFileSync(included, 'global_defs {\n}\n')
  expect(later()).toBe('same')
})

test('the same text of the same size with an old date is told from another one', () => {
  expect(later()).toBe('same')
  const {atime, mtime} = statSync(included)
  writeFileSync(included, 'global_defs {\n}#')
  utimesSync(included, atime, mtime)
  expect(later()).toBe('changed')
})

test('a file that was only touched is the same', () => {
  expect(later()).toBe('same')
  utimesSync(main, 1, 1)
  expect(later()).toBe('same')
})

test('a main file that is gone is missing, an include that is gone a change', () => {
  rmSync(included)
  expect(later()).toBe('changed')
  rmSync(main)
  expect(later()).toBe('missing')
})

test('a pipe in place of a file is a change, and nobody waits for it', () => {
  rmSync(included)
  execFileSync('mkfifo', [included])
  expect(later()).toBe('changed')
})

test('the disk is looked at every two seconds at most', () => {
  expect(files.state(0)).toBe('same')
  rmSync(main)
  expect(files.state(1_999)).toBe('same')
  expect(files.state(2_000)).toBe('missing')
})
