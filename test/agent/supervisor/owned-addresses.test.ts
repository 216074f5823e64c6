import {mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterEach, beforeEach, expect, it} from 'vitest'
import {readOwnedAddresses, writeOwnedAddresses} from '../../../src/agent/supervisor/owned-addresses.ts'

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'hactl-owned-'))
})
afterEach(() => rmSync(directory, {recursive: true}))

const OWNED = {interface: 'eth0', address: '10.0.0.1', prefixLength: 32}

it('reads what it wrote, and nothing where nothing was written', () => {
  expect(readOwnedAddresses(directory)).toEqual({owned: [], problem: undefined})
  writeOwnedAddresses(directory, [OWNED])
  expect(readOwnedAddresses(directory)).toEqual({owned: [OWNED], problem: undefined})
})

it.each(['', '{', '{}', '"x"'])('says that a file with %j is of no use', content => {
  writeFileSync(join(directory, 'owned-addresses.json'), content)
  const {owned, problem} = readOwnedAddresses(directory)
  expect(owned).toEqual([])
  expect(problem).toContain('could not be used')
})

it('takes only entries that can be addresses', () => {
  const odd = [
    null,
    1,
    {},
    {...OWNED, address: 'x'},
    {...OWNED, interface: 'x'.repeat(16)},
    {...OWNED, prefixLength: '1'},
  ]
  writeFileSync(join(directory, 'owned-addresses.json'), JSON.stringify([...odd, OWNED]))
  expect(readOwnedAddresses(directory).owned).toEqual([OWNED])
})
