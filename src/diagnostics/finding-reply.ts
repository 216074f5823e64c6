import {maskedLine} from './excerpt.ts'
import type {Finding} from './finding.ts'
import {endOfWord, type SourceTexts} from './source-texts.ts'

/** One finding as JSON. Columns count UTF-16 code units from 1; `endColumn` is the one after the word. */
export interface FindingReply {
  readonly class: Finding['class']
  readonly code: string
  readonly severity: Finding['severity']
  readonly file: string
  readonly line: number
  readonly column: number
  readonly endColumn: number
  readonly message: string
  readonly hint: string | null
  /** The line it is about with every secret masked; null where the file is not at hand. */
  readonly source: string | null
  readonly related: readonly {
    readonly file: string
    readonly line: number
    readonly column: number
    readonly message: string
  }[]
}

/** A finding as JSON. */
export function findingReply(finding: Finding, sources: SourceTexts): FindingReply {
  const {code, severity, message, position, hint, related} = finding
  const source = sources.line(position.file, position.line)
  return {
    class: finding.class,
    code,
    severity,
    ...position,
    endColumn: source ? endOfWord(source.text, position.column) : position.column,
    message,
    hint: hint ?? null,
    source: source ? maskedLine(source) : null,
    related: (related ?? []).map(other => ({...other.position, message: other.message})),
  }
}
