import {readFileSync} from 'node:fs'
import {describe, expect, it} from 'vitest'
import {loadConfig} from '../../../src/config/load.ts'
import {CORPUS, corpusName, hasCorpus, statementsOf} from '../support.ts'
import {type Said, saidBy} from './lvs-sayings.ts'
import {expectSameAgain} from './table-support.ts'

const FOLDERS = ['virtual_server', 'real_server', 'checker', 'vsg', 'ssl']

/** Where only the host can tell, or where we see more than keepalived does. */
const EXCEPTIONS: {readonly [name: string]: string} = {
  'virtual_server/head_group_nope.conf': 'keepalived drops the service without a word',
  'checker/MISC_CHECK_misc_path__usr_bin_true+_user_nosuchuser.conf': 'a user of the host',
}

/** What keepalived loads and then does not use, by field; the probe alone does not say so. */
const UNUSED: {readonly [name: string]: readonly string[]} = {
  'checker/HTTP_GET_url__+_path__+_regex_x+_regex_min_offset_5+_regex_max_offset_4+__.conf': ['regexM'],
  'checker/SSL_GET_url__+_path__+_regex_x+_regex_min_offset_5+_regex_max_offset_4+__.conf': ['regexM'],
  'checker/MISC_CHECK_misc_path__usr_bin_true+_misc_timeout_0.conf': ['timeoutMs'],
}

interface Probe {
  readonly name: string
  /** Whether keepalived 2.4.3 had something to say besides that scripts are run as root. */
  readonly accepted: boolean
  /** The lines that it named. */
  readonly lines: readonly number[]
}

const probes = (): readonly Probe[] =>
  readFileSync(`${CORPUS}probes/labels.tsv`, 'utf8')
    .trim()
    .split('\n')
    .slice(1)
    .map(row => row.split('\t'))
    .filter(([name = '']) => FOLDERS.includes(name.split('/')[0] ?? '') && EXCEPTIONS[name] === undefined)
    .map(([name = '', , , exit = '', , messages = '']) => {
      const lines = [...messages.matchAll(/Line (\d+)\)/g)].map(([, line]) => Number(line))
      return {name, accepted: exit === '0' || (exit === '6' && lines.length === 0), lines}
    })

const load = (name: string) => loadConfig(`${CORPUS}probes/${name}`, {configId: 'vm'})
const textOf = (name: string): string => readFileSync(`${CORPUS}probes/${name}`, 'utf8')

/** What the text of a probe says, less what does not come to use. */
function saidIn(name: string): readonly Said[] {
  const noInclude = () => ({files: [], problems: []})
  const statements = statementsOf({file: name, text: textOf(name)}, noInclude)
  const unused = UNUSED[name] ?? []
  return saidBy(statements).filter(({path}) => !unused.some(field => path.includes(`.${field}`)))
}

/** The number of the line whose block a line closes; the line itself if it closes none. */
function openingOf(line: number, text: string): number {
  const lines = text.split('\n')
  if (!lines[line - 1]?.includes('}')) return line
  let depth = 0
  for (let i = line; i >= 1; i--) {
    depth += (lines[i - 1] ?? '').split('}').length - (lines[i - 1] ?? '').split('{').length
    if (depth <= 0) return i
  }
  return line
}

describe.skipIf(!hasCorpus)(corpusName('files with one feature of LVS each'), () => {
  const all = hasCorpus ? probes() : []
  const accepted = all.filter(probe => probe.accepted).map(({name}) => name)
  const refused = all.filter(probe => !probe.accepted)

  it('are nearly all there', () => {
    expect(accepted.length).toBeGreaterThan(190)
    expect(refused.length).toBeGreaterThan(135)
    expect(Object.keys(UNUSED).filter(name => !accepted.includes(name))).toEqual([])
  })

  it.each(accepted)('%s is loaded as it says', name => {
    const loaded = load(name)
    expect(loaded.diagnostics.filter(({severity}) => severity === 'error')).toEqual([])
    const said = saidIn(name)
    expect(said.length).toBeGreaterThan(0)
    for (const {path, value} of said) expect(loaded.config, name).toHaveProperty(path, value)
    expectSameAgain(loaded)
  })

  it.each(refused.map(probe => [probe.name, probe] as const))('%s has an error there', (name, {lines}) => {
    const errors = load(name).diagnostics.filter(({severity}) => severity === 'error')
    expect(errors).not.toEqual([])
    if (lines.length === 0) return
    const text = textOf(name)
    const isThere = (found: number) => lines.some(line => found <= line && found >= openingOf(line, text))
    const found = errors.map(({position}) => position.line)
    expect(found.some(isThere), `${found} at ${lines}`).toBe(true)
  })
})
