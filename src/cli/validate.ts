import type {ParseOptions} from '../config/parse.ts'
import {
  type Counts,
  countFindings,
  countObjects,
  type Finding,
  type Selection,
  selectFindings,
} from '../diagnostics/finding.ts'
import {type SourceTexts, sourceTexts} from '../diagnostics/source-texts.ts'
import {HactlError} from '../errors.ts'
import {type NamedConfig, readConfig} from './config-source.ts'

/** How configurations are checked. */
export interface ValidateOptions extends ParseOptions {
  readonly selection: Selection
  /** Run the machines of all nodes through every single fault. */
  readonly simulate: boolean
}

/** What was found in configurations, one or several nodes of a cluster. */
export interface Validation {
  readonly findings: readonly Finding[]
  readonly counts: Counts
  readonly nodes: readonly string[]
  /** Every file that was read. */
  readonly files: readonly string[]
  readonly objects: number
  readonly sources: SourceTexts
}

/** Reads configurations and finds what is wrong in each and between them. Throws when one cannot be read at all. */
export async function validate(names: readonly string[], options: ValidateOptions): Promise<Validation> {
  const nodes: NamedConfig[] = []
  for (const name of names) nodes.push(await readConfig(name, options))
  const texts = new Map(nodes.flatMap(({loaded}) => [...loaded.texts]))
  const all = nodes.flatMap(({loaded}): readonly Finding[] => loaded.diagnostics)
  const findings = selectFindings(all, options.selection)
  return {
    findings,
    counts: countFindings(findings),
    nodes: nodes.map(({name}) => name),
    files: [...texts.keys()],
    objects: nodes.reduce((sum, {loaded}) => sum + countObjects(loaded), 0),
    sources: sourceTexts(texts),
  }
}

/** The codes of a list such as `HC1201,hc1304`. Throws `HactlError` USAGE for one that there is not. */
export async function codesOf(list: string | undefined): Promise<readonly string[] | undefined> {
  if (list === undefined) return undefined
  const {DIAGNOSTIC_KINDS} = await import('../config/diagnostic-codes.ts')
  const known = new Set(Object.values(DIAGNOSTIC_KINDS).map(({code}) => code))
  const codes = list.split(',').map(code => code.trim().toUpperCase())
  const unknown = codes.find(code => !known.has(code))
  if (unknown === undefined) return codes
  throw new HactlError('USAGE', `there is no code ${JSON.stringify(unknown)}`, 'see: hactl config explain --codes')
}
