import {readFileSync} from 'node:fs'
import {describe, expect, it} from 'vitest'
import {loadConfig} from '../../../src/config/load.ts'
import {CORPUS, corpusName, hasCorpus} from '../support.ts'

/** What takes a look at the host to be seen. */
const ENVIRONMENT = new Map([
  ['routes/10.9.0.0_16_dev_nope.conf', 'there is no such interface'],
  ['routes/10.9.0.0_16_via_10.1.0.1_table_nosuch.conf', 'the tables of the host do not know the name'],
  ['routes/10.9.0.0_16_via_10.1.0.1_vrf_blue.conf', 'there is no such VRF'],
])
/** Files with a finding of keepalived that other parts of the reader make. */
const FOLDERS = ['routes', 'vips', 'vip6', 'misc']

interface Probe {
  readonly name: string
  /** What keepalived 2.4.3 made of it. */
  readonly exit: number
  readonly line: number | undefined
}

function probes(): readonly Probe[] {
  const rows = readFileSync(`${CORPUS}probes/labels.tsv`, 'utf8').trim().split('\n').slice(1)
  return rows.flatMap(row => {
    const [name = '', , , exit = '', , messages = ''] = row.split('\t')
    if (!FOLDERS.includes(name.split('/')[0] ?? '')) return []
    const line = /Line (\d+)\)/.exec(messages)?.[1]
    return [{name, exit: Number(exit), line: line === undefined ? undefined : Number(line)}]
  })
}

describe.skipIf(!hasCorpus)(corpusName('one address or route a file'), () => {
  const all = hasCorpus ? probes() : []
  const errorsOf = (name: string) =>
    loadConfig(`${CORPUS}probes/${name}`, {configId: 'vm'}).diagnostics.filter(({severity}) => severity === 'error')

  it('is there', () => {
    expect(all.length).toBeGreaterThan(55)
    for (const name of ENVIRONMENT.keys()) expect(all.map(probe => probe.name)).toContain(name)
  })

  it.each(all.filter(({exit}) => exit === 0))('$name has no error', ({name}) => {
    expect(errorsOf(name)).toEqual([])
  })

  it.each(all.filter(({name, exit}) => exit !== 0 && !ENVIRONMENT.has(name)))('$name has one there', ({name, line}) => {
    const lines = errorsOf(name).map(({position}) => position.line)
    expect(lines).not.toEqual([])
    if (line !== undefined) expect(lines).toContain(line)
  })
})
