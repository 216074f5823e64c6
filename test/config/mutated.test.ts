import {readFileSync} from 'node:fs'
import {describe, expect, it} from 'vitest'
import {readMutants, SEED, someOf} from './mutation.ts'

const EVERYTHING = readFileSync(new URL('./fixtures/everything.conf', import.meta.url), 'utf8')

// 200,000 files together with those of mutated-corpus.test.ts, where all are asked for.
describe('a mutated file gives findings, within bounds, and what is left of it', {timeout: 600_000}, () => {
  it('made of a small one', async () => {
    const {findings, instances} = await readMutants([SEED], someOf(100_000), 20_261_121)
    expect(findings).toBeGreaterThan(someOf(100_000))
    expect(instances).toBeGreaterThan(someOf(25_000))
  })

  it('made of one with every keyword', async () => {
    expect((await readMutants([EVERYTHING], someOf(10_000), 5)).findings).toBeGreaterThan(someOf(10_000))
  })
})
