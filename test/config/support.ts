import {existsSync} from 'node:fs'
import {fileURLToPath} from 'node:url'
import type {Config, Diagnostic, LoadedConfig} from '../../src/config/config.ts'
import {parseConfig} from '../../src/config/parse.ts'
import {type RouterConfig, routersOf} from '../../src/config/router-config.ts'
import type {IncludeResult, ReadInclude} from '../../src/config/text/source-lines.ts'

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

/** Everything found that is more than information. */
export const complaints = ({diagnostics}: LoadedConfig): readonly string[] =>
  diagnostics.filter(({severity}) => severity !== 'info').map(brief)

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
