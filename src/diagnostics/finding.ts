import type {Diagnostic, LoadedConfig, Position, Severity} from '../config/config.ts'

/** Where else something is that a finding is about. */
export interface Related {
  readonly position: Position
  readonly message: string
}

/** A finding as it is shown: those about several places name the others. */
export interface Finding extends Diagnostic {
  readonly related?: readonly Related[]
}

/** How many findings of each severity there are. */
export type Counts = {readonly [severity in Severity]: number}

/** Counts findings by severity. */
export function countFindings(findings: readonly Pick<Diagnostic, 'severity'>[]): Counts {
  const counts = {error: 0, warning: 0, info: 0}
  for (const {severity} of findings) counts[severity]++
  return counts
}

/** What is asked for of all findings. */
export interface Selection {
  /** Leave out what this host lacks. */
  readonly offline: boolean
  /** Codes; undefined: all. */
  readonly only: readonly string[] | undefined
  readonly ignore: readonly string[]
}

/** Keeps the findings that are asked for. */
export function selectFindings<F extends Diagnostic>(findings: readonly F[], selection: Selection): readonly F[] {
  const {offline, only, ignore} = selection
  return findings.filter(
    finding =>
      !(offline && finding.class === 'environment') &&
      (only === undefined || only.includes(finding.code)) &&
      !ignore.includes(finding.code),
  )
}

/** How many objects the text of a configuration defines: blocks, and settings outside of blocks. */
export function countObjects({config}: LoadedConfig): number {
  let count = 0
  for (const field of Object.keys(config.at)) {
    const value: unknown = Object.entries(config).find(([name]) => name === field)?.[1]
    count += Array.isArray(value) ? value.length : 1
  }
  return count
}
