// biome-ignore-all lint/suspicious/noTemplateCurlyInString: it is what the text under test says
import {chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync} from 'node:fs'
import {hostname, tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterEach, beforeEach, describe, expect, it} from 'vitest'
import {type LoadOptions, loadConfig} from '../../src/config/load.ts'
import {complaints} from './support.ts'

let directory = ''
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'hactl-config-'))
})
afterEach(() => rmSync(directory, {recursive: true, force: true}))

function write(name: string, text: string | Buffer): string {
  const path = join(directory, name)
  writeFileSync(path, text)
  return path
}

const script = (name: string): string => `vrrp_script ${name} { script "/bin/x" }\n`

describe('loading', () => {
  it.each([
    ['what is not there', (): string => join(directory, 'none.conf'), 'NOT_FOUND'],
    ['a file as a directory', (): string => join(write('a.conf', ''), 'b.conf'), 'NOT_FOUND'],
    ['a directory', (): string => directory, 'INVALID_CONFIGURATION'],
    ['a device', (): string => '/dev/null', 'INVALID_CONFIGURATION'],
    [
      'what is too big',
      (): string => write('big.conf', Buffer.alloc(64 * 1024 * 1024 + 1, '\n')),
      'INVALID_CONFIGURATION',
    ],
  ])('%s fails', (_what, path, code) => {
    expect(() => loadConfig(path())).toThrow(expect.objectContaining({name: 'HactlError', code}))
  })

  it.skipIf(process.getuid?.() === 0)('what may not be read fails', () => {
    const path = write('a.conf', '')
    chmodSync(path, 0)
    expect(() => loadConfig(path)).toThrow(expect.objectContaining({code: 'PERMISSION'}))
  })

  it('gives a configuration the environment and the name of the host', () => {
    const text = 'global_defs {\nrouter_id ${_INSTANCE}-${_ENV HOME}\n}\n'
    const main = write('a.conf', text)
    const id = (options: LoadOptions): string | undefined => loadConfig(main, options).config.global.routerId
    expect(id({})).toBe(`${hostname().split('.')[0]}-${process.env.HOME ?? ''}`)
    expect(id({configId: 'left', environment: name => name.toLowerCase()})).toBe('left-home')
  })

  it('takes includes from the directory of the file that names them, in order', () => {
    mkdirSync(join(directory, 'sub'))
    const main = write('a.conf', 'include sub/*.conf\ninclude {z,y}.conf\n')
    write('sub/2.conf', `include inner.txt\n${script('two')}`)
    write('sub/1.conf', script('one'))
    write('sub/.hidden.conf', script('hidden'))
    write('sub/inner.txt', script('inner'))
    write('y.conf', script('y'))
    write('z.conf', script('z'))
    const loaded = loadConfig(main)
    expect(loaded.config.scripts.map(({name}) => name)).toEqual(['one', 'inner', 'two', 'z', 'y'])
    expect(loaded.files).toHaveLength(6)
    expect(loaded.config.scripts[1]?.position).toEqual({file: join(directory, 'sub/inner.txt'), line: 1, column: 1})
  })

  it('reports what it skips', () => {
    const main = write('a.conf', 'include x.conf\ninclude sub\ninclude none.conf\ninclude {y,none}.conf\n')
    chmodSync(write('x.conf', script('x')), 0o755)
    mkdirSync(join(directory, 'sub'))
    write('y.conf', '')
    const found = complaints(loadConfig(main))
    expect(found).toEqual(['HC1010 warning 1:9', 'HC1010 warning 2:9', 'HC1002 warning 3:9', 'HC1002 warning 4:9'])
  })

  it('sees a loop through a symbolic link', () => {
    const main = write('a.conf', 'include b.conf\n')
    symlinkSync(main, join(directory, 'b.conf'))
    expect(complaints(loadConfig(main))).toEqual(['HC1005 error 1:9'])
  })

  it('warns of a main file that keepalived would not read', () => {
    const main = write('a.conf', script('s'))
    chmodSync(main, 0o755)
    const loaded = loadConfig(main)
    expect(complaints(loaded)).toEqual(['HC1008 warning 1:1', 'HC1304 warning 1:1'])
    expect(loaded.config.scripts).toHaveLength(1)
  })

  it('reads bytes that are no text', () => {
    const bytes = Buffer.from(Array.from({length: 4_096}, (_, i) => (i * 7_919) & 0xff))
    expect(loadConfig(write('a.conf', bytes)).diagnostics.length).toBeGreaterThan(0)
  })

  it('compares @id lines with what it is told', () => {
    const main = write('a.conf', `@a ${script('one')}@b ${script('two')}`)
    expect(loadConfig(main, {configId: 'b'}).config.scripts.map(({name}) => name)).toEqual(['two'])
  })
})
