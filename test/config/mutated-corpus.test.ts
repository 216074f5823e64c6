import {readdirSync, readFileSync} from 'node:fs'
import {describe, expect, it} from 'vitest'
import {readMutants, someOf} from './mutation.ts'
import {CORPUS, corpusName, hasCorpus} from './support.ts'

/** The mutants of longer ones are more of the same, only slower. */
const MAX_TEXT = 4_000

/** The collected configurations of a folder that are not long. */
const collected = (folder: string): readonly string[] =>
  readdirSync(CORPUS + folder)
    .filter(name => name.endsWith('.conf'))
    .map(name => readFileSync(`${CORPUS}${folder}/${name}`, 'utf8'))
    .filter(text => text.length <= MAX_TEXT)

/** A repetition makes thousands of lines out of one. */
const repeats = (text: string): boolean => text.includes('~SEQ') || text.includes('~LST')

describe.skipIf(!hasCorpus)(corpusName('a mutated file that was collected'), {timeout: 600_000}, () => {
  it.each(['wild', 'devel', 'mutants'])('in %s gives findings, within bounds', async folder => {
    const texts = collected(folder).filter(text => !repeats(text))
    expect((await readMutants(texts, someOf(30_000), 7)).findings).toBeGreaterThan(someOf(30_000))
  })

  it('with repetitions in it gives findings, within bounds', async () => {
    const texts = collected('devel').filter(repeats)
    expect((await readMutants(texts, someOf(500), 8)).findings).toBeGreaterThan(someOf(500))
  })
})
