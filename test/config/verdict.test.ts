import {readFileSync} from 'node:fs'
import {describe, expect, it} from 'vitest'
import {loadConfig} from '../../src/config/load.ts'
import {CORPUS, corpusName, hasCorpus} from './support.ts'
import {labelsOf, type Standing, standingOf} from './verdict.ts'

const FOLDERS = ['wild', 'devel', 'upstream', 'probes', 'mutants'] as const
const STANDINGS: readonly Standing[] = ['agree', 'elsewhere', 'milder', 'missed', 'stricter']
/** Of the files that keepalived really complains about, so many get an error of ours in the same place. */
const LEAST_FOUND = 0.98

/** The rows of the table in disagreements.md: the file, and how our verdict stands to the real one. */
function disagreements(): ReadonlyMap<string, string> {
  const text = readFileSync(new URL('./disagreements.md', import.meta.url), 'utf8')
  const rows = text.matchAll(/^\| `([^`]+)` *\| *(\w+) *\|/gm)
  return new Map([...rows].map(([, path = '', standing = '']) => [path, standing]))
}

describe.skipIf(!hasCorpus)(corpusName('our verdict beside that of keepalived'), {timeout: 120_000}, () => {
  const verdicts = hasCorpus
    ? FOLDERS.flatMap(folder =>
        labelsOf(folder).map(label => {
          const standing = standingOf(label, loadConfig(CORPUS + label.path, {configId: 'vm'}))
          return {folder, label, standing}
        }),
      )
    : []

  it('differs where disagreements.md says, and nowhere else', () => {
    process.stdout.write(`${table(verdicts)}\n`)
    const found = verdicts
      .filter(({standing}) => standing !== 'agree')
      .map(({label, standing}) => [label.path, standing])
    expect(Object.fromEntries(found)).toEqual(Object.fromEntries(disagreements()))
  })

  it(`finds ${LEAST_FOUND * 100} % of the files with real errors, in the same place`, () => {
    const wrong = verdicts.filter(({label}) => label.complaints.length > 0 && label.exit !== '0')
    const found = wrong.filter(({standing}) => standing === 'agree')
    expect(wrong.length).toBeGreaterThan(500)
    expect(found.length / wrong.length).toBeGreaterThanOrEqual(LEAST_FOUND)
  })
})

/** How many files of each folder stand how. */
function table(verdicts: readonly {readonly folder: string; readonly standing: Standing}[]): string {
  const row = (name: string, cells: readonly (string | number)[]): string =>
    name.padEnd(10) + cells.map(cell => String(cell).padStart(11)).join('')
  const count = (folder: string, standing: Standing): number =>
    verdicts.filter(verdict => verdict.folder === folder && verdict.standing === standing).length
  return [
    row('', STANDINGS),
    ...FOLDERS.map(folder =>
      row(
        folder,
        STANDINGS.map(standing => count(folder, standing)),
      ),
    ),
  ].join('\n')
}
