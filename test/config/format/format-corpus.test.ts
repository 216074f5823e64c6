import {readdirSync, readFileSync} from 'node:fs'
import {setImmediate} from 'node:timers/promises'
import {describe, expect, it} from 'vitest'
import type {LoadedConfig} from '../../../src/config/config.ts'
import {formatConfig} from '../../../src/config/format/format.ts'
import {parseConfig} from '../../../src/config/parse.ts'
import type {ReadInclude} from '../../../src/config/text/source-lines.ts'
import {mutate, seededRandom} from '../../sim/random.ts'
import {CORPUS, corpusName, hasCorpus, meaningOf} from '../support.ts'

/** Every include brings the same small file. */
const readInclude: ReadInclude = pattern => ({
  files: pattern.includes('/') ? [] : [{file: 'included.conf', text: '# included\n'}],
  problems: [],
})
const read = (text: string): LoadedConfig => parseConfig({file: 'a.conf', text, configId: 'vm'}, readInclude)
/** Everything found, without where. */
const found = ({diagnostics}: LoadedConfig): readonly string[] =>
  diagnostics
    .map(({code, severity, message, hint}) => `${code} ${severity} ${message} ${hint ?? ''}`)
    .map(text => text.replace(/\blines? \d+/g, 'line N'))
    .toSorted()

function expectSame(text: string): boolean {
  const {text: formatted, changed, leftAlone} = formatConfig(text)
  if (leftAlone) {
    expect(formatted).toBe(text)
    expect(changed).toBe(false)
    return false
  }
  expect(formatConfig(formatted)).toEqual({text: formatted, changed: false})
  if (!changed) return true
  const [before, after] = [read(text), read(formatted)]
  expect(meaningOf(after.config)).toBe(meaningOf(before.config))
  expect(found(after)).toEqual(found(before))
  return true
}

describe.skipIf(!hasCorpus)(corpusName('collected configurations mean the same'), {timeout: 120_000}, () => {
  const folders = hasCorpus ? ['wild', 'devel', 'upstream', 'mutants', ...probeFolders()] : []

  it.each(folders)('%s', async folder => {
    const names = readdirSync(CORPUS + folder).filter(name => !name.endsWith('.tsv'))
    const formatted: string[] = []
    for (const name of names) {
      await setImmediate()
      try {
        if (expectSame(readFileSync(`${CORPUS}${folder}/${name}`, 'utf8'))) formatted.push(name)
      } catch (error) {
        throw new Error(`${folder}/${name}`, {cause: error})
      }
    }
    expect(formatted.length).toBeGreaterThan(names.length * 0.7)
  })

  it('and so do damaged ones', () => {
    const random = seededRandom(11)
    const names = readdirSync(`${CORPUS}wild`).filter(name => name.endsWith('.conf'))
    let formatted = 0
    for (let round = 0; round < 400; round++) {
      const bytes = readFileSync(`${CORPUS}wild/${names[random(names.length)]}`)
      if (bytes.length > 8_000) continue
      const text = mutate(bytes, random).toString()
      if (expectSame(text)) formatted++
    }
    expect(formatted).toBeGreaterThan(50)
  })
})

const probeFolders = (): readonly string[] =>
  readdirSync(`${CORPUS}probes`, {withFileTypes: true})
    .filter(entry => entry.isDirectory())
    .map(({name}) => `probes/${name}`)
