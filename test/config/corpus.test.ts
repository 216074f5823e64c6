import {readdirSync, readFileSync} from 'node:fs'
import {describe, expect, it} from 'vitest'
import type {LoadedConfig} from '../../src/config/config.ts'
import {loadConfig} from '../../src/config/load.ts'
import {CORPUS, corpusName, hasCorpus} from './support.ts'

const rows = (path: string): readonly (readonly string[])[] =>
  readFileSync(CORPUS + path, 'utf8')
    .trim()
    .split('\n')
    .slice(1)
    .map(line => line.split('\t'))

/** The host that the labels were made on. */
const load = (path: string): LoadedConfig => loadConfig(CORPUS + path, {configId: 'vm'})
function expectSane({config, diagnostics}: LoadedConfig): void {
  expect(diagnostics.length).toBeLessThanOrEqual(2_001)
  for (const {code, position, message} of diagnostics) {
    expect(code).toMatch(/^HC1\d{3}$/)
    expect(position.line).toBeGreaterThan(0)
    expect(position.column).toBeGreaterThan(0)
    expect(message).not.toBe('')
  }
  for (const instance of config.instances) {
    expect(instance.vrid).toBeGreaterThan(0)
    expect(instance.interface).not.toBe('')
    for (const track of instance.trackScripts) {
      expect(config.scripts.some(({name}) => name === track.name)).toBe(true)
    }
  }
}

describe.skipIf(!hasCorpus)(corpusName('collected configurations'), {timeout: 60_000}, () => {
  it.each(['wild', 'devel', 'upstream', 'mutants'])('of %s are all read', set => {
    const names = readdirSync(CORPUS + set).filter(name => !name.endsWith('.tsv'))
    expect(names.length).toBeGreaterThan(50)
    for (const name of names) {
      const before = performance.now()
      expectSane(load(`${set}/${name}`))
      expect(performance.now() - before, name).toBeLessThan(15_000)
    }
  })

  it('of one feature each are all read', () => {
    for (const [name = ''] of rows('probes/labels.tsv')) expectSane(load(`probes/${name}`))
  })
})

/** Mistakes that take a kernel, a user database, the file system or an unsupported block to see, or that are none. */
const NOT_SEEN = new Set(
  `brace-glued-to-name missing-priority missing-state unknown-interface vip-on-unknown-device script-missing-file
  script-user-unknown script-non-root-user same-vip-in-two-instances keyword-in-wrong-block`.split(/\s+/),
)
/** Mistakes that are reported at another line that tells more: the block that lacks something, or its brace. */
const ELSEWHERE = new Map([
  ['unclosed-brace-at-eof', 12],
  ['closing-brace-after-value', 22],
  ['missing-virtual_router_id', 12],
  ['missing-interface', 12],
  ['missing-virtual_ipaddress', 12],
  ['empty-virtual_ipaddress', 23],
  ['priority-255-owner', 18],
  ['auth_pass-missing', 20],
  ['vrrp_script-never-used', 19],
  ['authentication-block-twice', 24],
])

describe.skipIf(!hasCorpus)(corpusName('one mistake a file'), () => {
  const mutants = hasCorpus ? rows('mutants/labels.tsv') : []
  const handled = mutants.filter(([name = '', , kind = '']) => !NOT_SEEN.has(kind) && !inUnsupportedBlock(name))
  it('covers most kinds', () => {
    expect(handled.length).toBeGreaterThan(75)
  })

  it.each(handled.map(([name = '', , kind = '', line]) => [kind, name, Number(line)] as const))(
    '%s',
    (kind, name, line) => {
      const found = load(`mutants/${name}`).diagnostics.filter(({severity}) => severity !== 'info')
      const at = ELSEWHERE.get(kind) ?? line
      const told = found.some(({position, message}) => position.line === at || message.endsWith(` line ${at}`))
      expect(told, JSON.stringify(found.map(({position, message}) => `${position.line} ${message}`))).toBe(true)
    },
  )
})

/** Mistakes within virtual_server are seen when it is supported. */
const inUnsupportedBlock = (name: string): boolean => Number(name.slice(1, 4)) >= 107
