import type {DiagnosticClass, Severity} from '../config.ts'

/** One kind of finding: its stable code, how grave it is, and a sentence for the list of codes. */
export interface DiagnosticKind {
  readonly code: string
  readonly severity: Severity
  readonly class: DiagnosticClass
  readonly meaning: string
}

/** Kinds of findings by name. */
export interface DiagnosticKinds {
  readonly [name: string]: DiagnosticKind
}

/** One kind of finding, as the tables of codes list them. */
export function kind(
  code: string,
  severity: Severity,
  diagnosticClass: DiagnosticClass,
  meaning: string,
): DiagnosticKind {
  return {code, severity, class: diagnosticClass, meaning}
}
