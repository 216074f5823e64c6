import type {ProofResult} from '../cluster/proof.ts'
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
import {type NamedConfig, readConfigs} from './config-source.ts'

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
  /** What became of every single fault; undefined where it was not simulated. */
  readonly proof: Proof | undefined
}

/** What a simulation came to, and the same for people. */
export interface Proof {
  readonly result: ProofResult
  readonly text: string
}

/**
 * Reads configurations and finds what is wrong in each and between them. Throws when one cannot be read at all. What a
 * host lacks is looked for when there is one configuration: of several nodes this host can only be one.
 */
export async function validate(names: readonly string[], options: ValidateOptions): Promise<Validation> {
  return validateNodes(await readConfigs(names, options), options)
}

/** The same for configurations that are read already. */
export async function validateNodes(nodes: readonly NamedConfig[], options: ValidateOptions): Promise<Validation> {
  const texts = new Map(nodes.flatMap(({loaded}) => [...loaded.texts]))
  const proof = options.simulate ? await proofOf(nodes) : undefined
  const between = [...(await findingsBetween(nodes)), ...(proof?.result.findings ?? [])]
  const within = [...nodes.flatMap(({loaded}) => loaded.diagnostics), ...(await findingsHere(nodes, options.selection))]
  const files = [...texts.keys()]
  // What is wrong between nodes is what several files are asked about for.
  const found = [...inOrder(between, files).toSorted(bySeverity), ...inOrder(withoutRepeated(within), files)]
  const findings = selectFindings(found, options.selection)
  return {
    findings,
    counts: countFindings(findings),
    nodes: nodes.map(({name}) => name),
    files,
    objects: nodes.reduce((sum, {loaded}) => sum + countObjects(loaded), 0),
    sources: sourceTexts(texts),
    proof,
  }
}

async function findingsHere(nodes: readonly NamedConfig[], {offline}: Selection): Promise<readonly Finding[]> {
  const [node, ...others] = nodes
  if (node === undefined || others.length > 0 || node.elsewhere || offline) return []
  const {checkEnvironment} = await import('../config/environment.ts')
  const {readHost} = await import('../config/host-view.ts')
  const {namesToLookUp} = await import('../config/environment/names.ts')
  const {lookUpNames} = await import('../config/name-lookup.ts')
  const {config} = node.loaded
  return checkEnvironment(config, readHost(config, await lookUpNames(namesToLookUp(config))))
}

async function findingsBetween(nodes: readonly NamedConfig[]): Promise<readonly Finding[]> {
  if (nodes.length < 2) return []
  const {compareNodes} = await import('../cluster/compare-nodes.ts')
  return compareNodes(nodes)
}

async function proofOf(nodes: readonly NamedConfig[]): Promise<Proof | undefined> {
  if (nodes.length < 2) return undefined
  const {proveCluster} = await import('../cluster/prove-cluster.ts')
  const {renderProof} = await import('../cluster/render-proof.ts')
  const result = proveCluster(nodes)
  return {result, text: renderProof(result)}
}

/** Nodes that share a file share what is found in it. */
function withoutRepeated(findings: readonly Finding[]): readonly Finding[] {
  const keyOf = ({code, position: {file, line, column}, message, related}: Finding): string =>
    JSON.stringify([code, file, line, column, message, related])
  const seen = new Set<string>()
  return findings.filter(finding => seen.size < seen.add(keyOf(finding)).size)
}

/** By file and place; findings about the same place stay in the order in which they were made. */
function inOrder(findings: readonly Finding[], files: readonly string[]): readonly Finding[] {
  const rank = new Map(files.map((file, index) => [file, index]))
  const rankOf = ({position}: Finding): number => rank.get(position.file) ?? files.length
  return findings.toSorted(
    (a, b) => rankOf(a) - rankOf(b) || a.position.line - b.position.line || a.position.column - b.position.column,
  )
}

const bySeverity = (a: Finding, b: Finding): number => SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity)

const SEVERITIES = ['error', 'warning', 'info']

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
