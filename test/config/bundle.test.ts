import {mkdirSync, rmSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, it, onTestFinished, test, vi} from 'vitest'
import {bundleConfig, isBundle, loadBundle} from '../../src/config/bundle.ts'
import {loadConfig} from '../../src/config/load.ts'
import {temporaryDirectory} from '../control/temporary.ts'
import {instanceText, meaningOf} from './support.ts'

/** A configuration of several files, with everything that what it means depends on. */
function manyFiles(): {readonly directory: string; readonly main: string} {
  const directory = temporaryDirectory()
  mkdirSync(join(directory, 'more'))
  const instance = instanceText('priority $ENV').replace('$ENV', '$' + '{_ENV HACTL_TEST}')
  const files = {
    'main.conf': `include more/*.conf\ninclude nothing.conf\n${instance}\n`,
    'more/a.conf': 'include deeper.conf\nrouter_id x\n',
    'more/b.conf': 'nonsense 1\n',
    'more/deeper.conf': 'global_defs {\nrouter_id deep\n}\n',
  }
  for (const [name, text] of Object.entries(files)) writeFileSync(join(directory, name), text)
  return {directory, main: join(directory, 'main.conf')}
}

describe('a bundle of files', () => {
  it('means elsewhere what the files mean here, and names them by their host', () => {
    vi.stubEnv('HACTL_TEST', '93')
    onTestFinished(() => {
      vi.unstubAllEnvs()
    })
    const {directory, main} = manyFiles()
    const here = loadConfig(main)
    const sent: unknown = JSON.parse(JSON.stringify(bundleConfig(main)))
    rmSync(directory, {recursive: true})
    vi.stubEnv('HACTL_TEST', '1')
    if (!isBundle(sent)) throw new Error('no bundle')
    const there = loadBundle(sent, 'ssh://two')
    expect(there.config.instances[0]?.priority).toBe(93)
    expect(meaningOf(there.config)).toBe(meaningOf(here.config))
    expect(there.files).toEqual(here.files.map(file => `ssh://two${file}`))
    expect(there.files.length).toBeGreaterThan(3)
    expect(there.diagnostics.map(({code, message}) => `${code} ${message}`)).toEqual(
      here.diagnostics.map(({code, message}) => `${code} ${message}`),
    )
    expect(there.diagnostics.every(({position}) => position.file.startsWith('ssh://two/'))).toBe(true)
  })

  it('says that a file is not there as reading does', () => {
    expect(() => bundleConfig('/nothing/there.conf')).toThrow('there is no configuration /nothing/there.conf')
  })
})

test.each<[string, unknown]>([
  ['nothing', undefined],
  ['null', null],
  ['a text', 'x'],
  ['an empty object', {}],
  ['an error', {error: {code: 'FAILED'}}],
  ['texts that are none', {main: 'a', configId: '', environment: {}, texts: {a: 1}, includes: []}],
  ['includes that are none', {main: 'a', configId: '', environment: {}, texts: {a: ''}, includes: [{}]}],
  ['an environment that is none', {main: 'a', configId: '', environment: null, texts: {}, includes: []}],
])('%s is no bundle', (_, value) => expect(isBundle(value)).toBe(false))
