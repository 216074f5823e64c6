import {mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterEach, beforeEach, expect, test} from 'vitest'
import {readChangedSysctls, writeChangedSysctls} from '../../../src/agent/supervisor/changed-sysctls.ts'

const CHANGED = [
  {family: 4, interface: 'eth0', name: 'arp_ignore', index: 3, value: '1', original: '0'},
  {family: 4, interface: 'all', name: 'rp_filter', index: undefined, value: '0', original: '1'},
] as const

let directory = ''
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'hactl-sysctls-'))
})
afterEach(() => rmSync(directory, {recursive: true, force: true}))

const path = () => join(directory, 'changed-sysctls.json')

test('what was changed is read as it was written', () => {
  expect(readChangedSysctls(directory)).toEqual({changed: [], problem: undefined})
  writeChangedSysctls(directory, CHANGED)
  expect(readChangedSysctls(directory)).toEqual({changed: CHANGED, problem: undefined})
})

test('what another boot or another namespace changed counts as nothing', () => {
  writeChangedSysctls(directory, CHANGED)
  writeFileSync(path(), readFileSync(path(), 'utf8').replace(/net:\[\d+\]/, 'net:[1]'))
  expect(readChangedSysctls(directory)).toEqual({changed: [], problem: undefined})
})

test.each(['', '{', '[]', 'null', '{"changed": 1}'])('a file that holds %j is a problem and no more', text => {
  writeFileSync(path(), text)
  expect(readChangedSysctls(directory)).toMatchObject({changed: [], problem: expect.stringContaining(path())})
})

test('entries that are none are left out', () => {
  writeChangedSysctls(directory, CHANGED)
  const text = readFileSync(path(), 'utf8').replace('"changed":[', '"changed":[null,7,{"family":5},')
  writeFileSync(path(), text)
  expect(readChangedSysctls(directory).changed).toEqual(CHANGED)
})
