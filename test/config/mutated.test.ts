import {readdirSync, readFileSync} from 'node:fs'
import {describe, expect, it} from 'vitest'
import {seededRandom} from '../sim/random.ts'
import {mutate, SEED, survives} from './mutation.ts'
import {CORPUS, corpusName, hasCorpus} from './support.ts'

const EVERYTHING = readFileSync(new URL('./fixtures/everything.conf', import.meta.url), 'utf8')
/** Their mutants are more of the same, only slower. */
const MAX_TEXT = 4_000

/** Reads so many mutants of some texts; how many findings and virtual routers came out of them. */
function readMutants(texts: readonly string[], count: number, seed: number): {findings: number; instances: number} {
  const random = seededRandom(seed)
  const total = {findings: 0, instances: 0}
  for (let i = 0; i < count; i++) {
    const {findings, instances} = survives(mutate(texts[random(texts.length)] ?? '', random))
    total.findings += findings
    total.instances += instances
  }
  return total
}

/** The collected configurations of a folder that are not long. */
const collected = (folder: string): readonly string[] =>
  readdirSync(CORPUS + folder)
    .filter(name => name.endsWith('.conf'))
    .map(name => readFileSync(`${CORPUS}${folder}/${name}`, 'utf8'))
    .filter(text => text.length <= MAX_TEXT)

// 200,000 files in all; without the collected ones, 110,000.
describe('a mutated file gives findings, within bounds, and what is left of it', {timeout: 600_000}, () => {
  it('made of a small one', () => {
    const {findings, instances} = readMutants([SEED], 100_000, 20_261_121)
    expect(findings).toBeGreaterThan(100_000)
    expect(instances).toBeGreaterThan(25_000)
  })

  it('made of one with every keyword', () => {
    expect(readMutants([EVERYTHING], 10_000, 5).findings).toBeGreaterThan(10_000)
  })

  it.skipIf(!hasCorpus).each(['wild', 'devel', 'mutants'])(corpusName('made of those collected in %s'), folder => {
    expect(readMutants(collected(folder), 30_000, 7).findings).toBeGreaterThan(30_000)
  })
})
