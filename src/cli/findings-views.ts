import type {ProofResult} from '../cluster/proof.ts'
import {API_VERSION} from '../control/model.ts'
import {counted} from '../core/format.ts'
import {countFindings} from '../diagnostics/finding.ts'
import {type FindingReply, findingReply} from '../diagnostics/finding-reply.ts'
import {countsText, findingsText, type Look} from '../diagnostics/human.ts'
import {sarifLog} from '../diagnostics/sarif.ts'
import {brokenLines} from '../diagnostics/wrap.ts'
import {VERSION} from '../version.ts'
import {paintOn, streamWidth} from './colour.ts'
import {type NamedConfig, STDIN} from './config-source.ts'
import type {Validation} from './validate.ts'

/** What `hactl validate config --json` prints. */
export interface ValidationReply {
  readonly apiVersion: typeof API_VERSION
  readonly kind: 'ConfigValidation'
  readonly observedAt: string
  readonly nodes: readonly string[]
  readonly files: readonly string[]
  readonly objects: number
  readonly errors: number
  readonly warnings: number
  readonly remarks: number
  readonly items: readonly FindingReply[]
  /** What became of every single fault; null where it was not simulated. */
  readonly simulation: Omit<ProofResult, 'findings'> | null
}

/** How findings look on a stream: coloured and broken to its width where it is a terminal. */
export function lookOn(stream: NodeJS.WriteStream): Look {
  return {paint: paintOn(stream), width: streamWidth(stream), fileName}
}

/** A file below the present directory by its name from there; harmless to a terminal. */
export function fileName(file: string): string {
  const here = `${process.cwd()}/`
  const name = file.startsWith(here) && file.length > here.length ? file.slice(here.length) : file
  return name.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '\ufffd')
}

/** How many errors a configuration has, what that means, and where they are told; undefined: it has none. */
export function errorsIn({name, loaded}: NamedConfig, meaning: string): string | undefined {
  const {error} = countFindings(loaded.diagnostics)
  const file = fileName(name)
  if (error === 0) return undefined
  const see = name === STDIN ? '' : `; see: hactl validate config ${file}`
  return `${file} has ${counted(error, 'error')}: ${meaning}${see}`
}

/** Everything found, and a line that sums it up. */
export function validationText(validation: Validation, {quiet}: {readonly quiet: boolean}): string {
  const look = lookOn(process.stdout)
  const {findings, sources, proof} = validation
  const summary = summaryText(validation, look)
  if (quiet) return summary
  const simulated = proof?.text && `${look.paint('bold', SIMULATED)}\n${brokenText(proof.text, look)}`
  const found = findings.length > 0 ? findingsText(findings, sources, look) : undefined
  return [found, simulated, summary].filter(part => part).join('\n\n')
}

const SIMULATED = 'Every start and every single fault, simulated:'

/** The same as JSON. */
export function validationReply(validation: Validation): ValidationReply {
  const {counts, findings, nodes, files, objects, sources, proof} = validation
  return {
    apiVersion: API_VERSION,
    kind: 'ConfigValidation',
    observedAt: new Date().toISOString(),
    nodes,
    files,
    objects,
    errors: counts.error,
    warnings: counts.warning,
    remarks: counts.info,
    items: findings.map(finding => findingReply(finding, sources)),
    simulation: proof === undefined ? null : withoutFindings(proof.result),
  }
}

/** Lines that are too long go on below where they begin. */
function brokenText(text: string, {width}: Look): string {
  const indented = (line: string): string => brokenLines(line, {width, indent: line.search(/\S|$/) + 2})
  return text.trimEnd().split('\n').map(indented).join('\n')
}

function withoutFindings({findings: _, ...proof}: ProofResult): Omit<ProofResult, 'findings'> {
  return proof
}

function summaryText({counts, nodes, files, objects}: Validation, {paint, width}: Look): string {
  const hue = counts.error > 0 ? 'red' : counts.warning > 0 ? 'yellow' : 'green'
  const where = nodes.map(name => fileName(name)).join(', ')
  const size = `${counted(files.length, 'file')}, ${counted(objects, 'object')}`
  const total = countsText(counts)
  const text = brokenLines(`${total} in ${where} (${size})`, {width, indent: 2})
  return text.startsWith(total) ? paint(hue, total) + text.slice(total.length) : text
}

/** The same as SARIF; files are named from the present directory where they lie below it. */
export function sarifText({findings, sources}: Validation): string {
  const log = sarifLog(findings, sources, {version: VERSION, uri: uriOf})
  return JSON.stringify(log, null, 2)
}

/** RFC 3986: a relative path, or the `file:` or `ssh:` URI of an absolute one. */
function uriOf(file: string): string {
  const name = fileName(file)
  const [, host = '', path = name] = /^(ssh:\/\/[^/]*)(.*)$/s.exec(name) ?? []
  const escaped = path.split('/').map(encodeURIComponent).join('/')
  if (host !== '') return encodeURI(host) + escaped
  return escaped.startsWith('/') ? `file://${escaped}` : escaped
}
