import {readdirSync, readFileSync} from 'node:fs'
import {setImmediate} from 'node:timers/promises'
import {describe, expect, it} from 'vitest'
import type {LoadedConfig} from '../../src/config/config.ts'
import {loadConfig} from '../../src/config/load.ts'
import {parseConfig} from '../../src/config/parse.ts'
import {printBlock, printedText} from '../../src/config/schema/print-block.ts'
import type {PrintMode} from '../../src/config/schema/schema.ts'
import {ROOT} from '../../src/config/tables/root.ts'
import {CORPUS, corpusName, hasCorpus, meaningOf} from './support.ts'

const MODES: readonly PrintMode[] = ['given', 'effective']

/** What is written of a configuration and read again. */
function again({config}: LoadedConfig, mode: PrintMode): {readonly text: string; readonly loaded: LoadedConfig} {
  const text = printedText(printBlock(ROOT, config, mode))
  return {text, loaded: parseConfig({file: 'again.conf', text, configId: 'vm'})}
}

/** Every collected configuration, by its path. */
const files = (folder: string): readonly string[] =>
  readdirSync(CORPUS + folder, {withFileTypes: true}).flatMap(entry => {
    const path = `${folder}/${entry.name}`
    return entry.isDirectory() ? files(path) : entry.name.endsWith('.tsv') ? [] : [path]
  })

describe.skipIf(!hasCorpus)(corpusName('a collected configuration'), {timeout: 120_000}, () => {
  it.each(['wild', 'devel', 'upstream', 'probes', 'mutants'])(
    'of %s means the same when it was written',
    async folder => {
      const paths = files(folder)
      expect(paths.length).toBeGreaterThan(50)
      const wrong: string[] = []
      for (const path of paths) {
        await setImmediate()
        const loaded = loadConfig(CORPUS + path, {configId: 'vm'})
        const before = meaningOf(loaded.config)
        for (const mode of MODES) {
          const {text, loaded: read} = again(loaded, mode)
          if (meaningOf(read.config) !== before) wrong.push(`${path} (${mode})`)
          else if (again(read, mode).text !== text) wrong.push(`${path} (${mode}): written differently`)
        }
      }
      expect(wrong).toEqual([])
    },
  )
})

describe('a configuration', () => {
  it('that was written is read without an error', () => {
    const text = readFileSync(new URL('./fixtures/everything.conf', import.meta.url), 'utf8')
    const loaded = parseConfig({file: 'everything.conf', text})
    for (const mode of MODES) {
      const read = again(loaded, mode).loaded
      expect(read.diagnostics.filter(({severity}) => severity === 'error')).toEqual([])
      expect(meaningOf(read.config)).toBe(meaningOf(loaded.config))
    }
  })
})
