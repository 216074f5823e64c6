import type {Diagnostic, Position} from './config.ts'
import {DIAGNOSTIC_KINDS, type DiagnosticName} from './diagnostic-codes.ts'

/** Collects what is found while a configuration is read. */
export interface Findings {
  /** How many were reported. */
  readonly count: number
  /** Adds a finding; the message and the hint must not hold a secret. */
  report(name: DiagnosticName, position: Position, message: string, hint?: string): void
  /** Forgets everything found. */
  clear(): void
  /** Everything found, in the order of the text, with a last line that says how many were left off. */
  list(files: readonly string[]): readonly Diagnostic[]
}

/** An empty collection that keeps at most `limit` errors and as many others, and counts the rest. */
export function newFindings(limit = MAX_FINDINGS): Findings {
  const kept: Diagnostic[] = []
  const left = {error: limit, other: limit}
  let dropped = 0
  let firstDropped: Position | undefined
  let count = 0
  return {
    get count() {
      return count
    },
    report(name, position, message, hint) {
      count++
      const {code, severity, class: diagnosticClass} = DIAGNOSTIC_KINDS[name]
      if (left[severity === 'error' ? 'error' : 'other']-- <= 0) {
        dropped++
        firstDropped ??= position
        return
      }
      kept.push({
        code,
        severity,
        class: diagnosticClass,
        position,
        message: oneLine(message),
        ...(hint ? {hint: oneLine(hint)} : {}),
      })
    },
    clear() {
      kept.length = 0
      count = 0
      left.error = limit
      left.other = limit
      dropped = 0
      firstDropped = undefined
    },
    list(files) {
      const rank = new Map(files.map((file, i) => [file, i]))
      const order = (p: Position): number => rank.get(p.file) ?? files.length
      const sorted = kept.toSorted(
        (a, b) =>
          order(a.position) - order(b.position) ||
          a.position.line - b.position.line ||
          a.position.column - b.position.column,
      )
      if (!firstDropped) return sorted
      const {code, severity, class: diagnosticClass} = DIAGNOSTIC_KINDS['too-many-findings']
      return [
        ...sorted,
        {code, severity, class: diagnosticClass, position: firstDropped, message: `and ${dropped} more findings`},
      ]
    },
  }
}

/** A word as it may be shown in a message: short, printable, and without what follows a word like `auth_pass`. */
export function shown(text: string): string {
  const safe = /pass|key/i.test(text) ? (/^[A-Za-z_]+/.exec(text)?.[0] ?? '…') : text
  const printable = oneLine(safe)
  return printable.length > 60 ? `'${printable.slice(0, 60)}…'` : `'${printable}'`
}

const MAX_FINDINGS = 1_000

/** Control characters would let a configuration rewrite the terminal of whoever reads the findings. */
function oneLine(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what has to go
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g, '\ufffd')
}
