import {existsSync} from 'node:fs'
import {fileURLToPath} from 'node:url'
import type {Config, Diagnostic, LoadedConfig} from '../../src/config/config.ts'
import {newFindings} from '../../src/config/findings.ts'
import {parseConfig} from '../../src/config/parse.ts'
import {type RouterConfig, routersOf} from '../../src/config/router-config.ts'
import {ROOT} from '../../src/config/tables/root.ts'
import {BALANCED, rootStatements} from '../../src/config/text/blocks.ts'
import type {Statement} from '../../src/config/text/pieces.ts'
import {piecesOf} from '../../src/config/text/pieces.ts'
import {type IncludeResult, logicalLines, type ReadInclude, type Source} from '../../src/config/text/source-lines.ts'

/** Where collected configurations lie beside the repository, if they are there. */
export const CORPUS = fileURLToPath(new URL('../../../shared/corpus/', import.meta.url))
export const hasCorpus = existsSync(CORPUS)
/** Marks a suite that needs them. */
export const corpusName = (name: string): string =>
  hasCorpus ? name : `${name} (skipped: ../shared/corpus is not there)`

/** Parses text as the file `a.conf`; `files` can be included by name. */
export function parse(text: string, files: {readonly [name: string]: string} = {}, configId = 'here'): LoadedConfig {
  const readInclude: ReadInclude = (pattern): IncludeResult => {
    const content = files[pattern]
    return {files: content === undefined ? [] : [{file: pattern, text: content}], problems: []}
  }
  return parseConfig({file: 'a.conf', text, configId}, readInclude)
}

/** A finding as `CODE severity line:column`. */
export const brief = ({code, severity, position}: Diagnostic): string =>
  `${code} ${severity} ${position.line}:${position.column}`

/** Everything found that is more than information or judgement (18xx), which has tests of its own. */
export const complaints = ({diagnostics}: LoadedConfig): readonly string[] =>
  diagnostics.filter(({severity, code}) => severity !== 'info' && !code.startsWith('HC18')).map(brief)

/** A virtual router that works, with lines of the test's own from line 5 on. */
export const instanceText = (...lines: string[]): string =>
  [
    'vrrp_instance V {',
    ' interface eth0',
    ' virtual_router_id 7',
    ' virtual_ipaddress { 10.0.0.1/24 }',
    ...lines,
    '}',
  ].join('\n')

/** The only virtual router of a configuration. */
export function onlyInstance(config: Config): RouterConfig {
  const [instance, ...others] = routersOf(config)
  if (!instance || others.length > 0) throw new Error(`${routersOf(config).length} virtual routers, not 1`)
  return instance
}

/** The statements outside of blocks, without judging keywords; braces have to balance. */
export function statementsOf(source: Source, readInclude: ReadInclude): readonly Statement[] {
  const findings = newFindings()
  const pieces = piecesOf(logicalLines(source, readInclude, findings, new Map()), findings)
  return [...rootStatements(pieces, ROOT.grammar, BALANCED, findings)]
}

/** What a configuration means, without where it says so. */
export const meaningOf = (config: Config): string =>
  JSON.stringify(
    config,
    (key, value: unknown) => {
      if (key === 'position' || key === 'at' || key === 'order') return undefined
      const plain = typeof value === 'object' && value !== null && !Array.isArray(value)
      return plain ? Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1))) : value
    },
    1,
  )
