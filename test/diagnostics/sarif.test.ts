import {readdirSync} from 'node:fs'
import {describe, expect, it} from 'vitest'
import {DIAGNOSTIC_KINDS} from '../../src/config/diagnostic-codes.ts'
import {loadConfig} from '../../src/config/load.ts'
import type {Finding} from '../../src/diagnostics/finding.ts'
import {sarifLog} from '../../src/diagnostics/sarif.ts'
import {sourceTexts} from '../../src/diagnostics/source-texts.ts'
import {CORPUS, corpusName, hasCorpus, parse} from '../config/support.ts'
import {sarifProblems} from './sarif-schema.ts'

interface Log {
  readonly runs: readonly [
    {
      readonly tool: {readonly driver: {readonly rules: readonly {readonly id: string; readonly name: string}[]}}
      readonly results: readonly object[]
    },
  ]
}

const OPTIONS = {version: '1.2.3', uri: (file: string) => file}
const logOf = (findings: readonly Finding[], texts: ReadonlyMap<string, string> = new Map()): Log =>
  JSON.parse(JSON.stringify(sarifLog(findings, sourceTexts(texts), OPTIONS))) as Log

const finding = (fields: Partial<Finding> = {}): Finding => ({
  code: 'HC1201',
  severity: 'error',
  class: 'syntax',
  message: 'unknown',
  position: {file: 'a.conf', line: 2, column: 3},
  ...fields,
})

describe('a SARIF log', () => {
  it('without findings holds the tool and an empty list of results', () => {
    const log = logOf([])
    expect(sarifProblems(log)).toEqual([])
    expect(log).toMatchObject({
      version: '2.1.0',
      runs: [{tool: {driver: {name: 'hactl', semanticVersion: '1.2.3'}}, results: []}],
    })
  })

  it('has a rule for every code, each once', () => {
    const {rules} = logOf([]).runs[0].tool.driver
    const ids = rules.map(({id}) => id)
    expect(ids.toSorted()).toEqual([...new Set(Object.values(DIAGNOSTIC_KINDS).map(({code}) => code))].toSorted())
    expect(rules.find(({id}) => id === 'HC1201')).toMatchObject({
      name: expect.stringMatching(/^[A-Z][A-Za-z0-9]+$/),
      shortDescription: {text: expect.stringMatching(/\.$/)},
      defaultConfiguration: {level: 'error'},
    })
  })

  it('says where, with the columns of the word and the line around it', () => {
    const text = 'vrrp_instance V {\n  prioritty 7\n}\n'
    const log = logOf([finding({hint: 'did you mean priority?'})], new Map([['a.conf', text]]))
    expect(sarifProblems(log)).toEqual([])
    const {rules} = log.runs[0].tool.driver
    expect(log.runs[0].results).toEqual([
      {
        ruleId: 'HC1201',
        ruleIndex: rules.findIndex(({id}) => id === 'HC1201'),
        level: 'error',
        message: {text: 'unknown\ndid you mean priority?'},
        locations: [
          {
            physicalLocation: {
              artifactLocation: {uri: 'a.conf'},
              region: {startLine: 2, startColumn: 3, endColumn: 12},
              contextRegion: {startLine: 2, snippet: {text: '  prioritty 7'}},
            },
          },
        ],
        relatedLocations: [],
      },
    ])
  })

  it.each([
    ['error', 'error'],
    ['warning', 'warning'],
    ['info', 'note'],
  ] as const)('calls %s %s', (severity, level) => {
    expect(logOf([finding({severity})]).runs[0].results).toMatchObject([{level}])
  })

  it('names the other places of a finding, and has no line of a file that is not at hand', () => {
    const related = [{position: {file: 'b.conf', line: 9, column: 1}, message: 'the same here'}]
    const log = logOf([finding({related})])
    expect(sarifProblems(log)).toEqual([])
    expect(log.runs[0].results).toMatchObject([
      {
        locations: [{physicalLocation: {region: {startLine: 2, startColumn: 3, endColumn: 3}}}],
        relatedLocations: [
          {
            id: 0,
            message: {text: 'the same here'},
            physicalLocation: {artifactLocation: {uri: 'b.conf'}, region: {startLine: 9, startColumn: 1}},
          },
        ],
      },
    ])
    expect(JSON.stringify(log.runs[0].results)).not.toContain('snippet')
  })

  it('masks secrets in the line around a finding', () => {
    const {diagnostics, texts} = parse('vrrp_instance V {\nauthentication {\nauth_pass S3cretX more\n}\n}\n')
    expect(diagnostics.some(({position}) => position.line === 3)).toBe(true)
    const text = JSON.stringify(logOf(diagnostics, texts))
    expect(text).toContain('auth_pass ********')
    expect(text).not.toContain('S3cretX')
  })
})

describe('the checker of SARIF', () => {
  it.each<[string, object]>([
    ['/version: missing', {runs: []}],
    ['/version: not 2.1.0', {version: '2.0.0', runs: []}],
    ['/runs/0/tool: missing', {version: '2.1.0', runs: [{results: []}]}],
    ['/runs/0/more: unknown', {version: '2.1.0', runs: [{tool: {driver: {name: 'x'}}, more: 1}]}],
  ])('finds %s', (problem, log) => expect(sarifProblems(log)).toEqual([problem]))
})

describe.skipIf(!hasCorpus)(corpusName('SARIF of collected configurations'), {timeout: 120_000}, () => {
  it.each(hasCorpus ? ['wild', 'mutants'] : [])('%s', folder => {
    const names = readdirSync(CORPUS + folder).filter(name => name.endsWith('.conf'))
    let results = 0
    for (const name of names) {
      const {diagnostics, texts} = loadConfig(`${CORPUS}${folder}/${name}`)
      const log = logOf(diagnostics, texts)
      expect(sarifProblems(log), name).toEqual([])
      results += log.runs[0].results.length
    }
    expect(results).toBeGreaterThan(names.length)
  })
})
