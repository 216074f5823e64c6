import type {Position} from '../config.ts'
import type {Findings} from '../findings.ts'
import {stripComment} from './lexer.ts'
import {columnAt, type MappedText} from './mapped-text.ts'
import {isPredefined, type Predefined} from './predefined.ts'
import {isRepetition} from './repetition.ts'

/** `$NAME=VALUE` definitions and their use; a value may hold several lines. keepalived.conf(5). */
export interface Definitions {
  /** True when the line belongs to a definition of several lines that an earlier line began. */
  continues(raw: MappedText): boolean
  /** True while a definition of several lines goes on. */
  isOpen(): boolean
  /** True when the line, here without its comment and as it stands, defines something. */
  define(line: MappedText, raw: MappedText): boolean
  /** The lines that a line becomes where it names a value of several lines or a repetition; undefined otherwise. */
  takeApart(line: MappedText): readonly MappedText[] | undefined
  /** The line with every name replaced by its value; undefined when that does not end. */
  expand(line: MappedText, position: Position): MappedText | undefined
  /** Gives a name a value. */
  set(name: string, value: string): void
  /** Remembers what some names mean; the result gives it back to them. */
  save(names: readonly string[]): () => void
}

/** No definitions but the predefined ones, which a definition may hide. */
export function newDefinitions(findings: Findings, predefined: Predefined): Definitions {
  const values = new Map<string, string>()
  const holds = new Map<string, boolean>()
  const assign = (name: string, value: string | undefined): void => {
    // What is plain before and after changes nothing for the names that refer to it.
    if (/[\n$~]/.test(value ?? '') || /[\n$~]/.test(values.get(name) ?? '')) holds.clear()
    if (value === undefined) values.delete(name)
    else values.set(name, value)
  }
  let open: {readonly name: string; readonly lines: string[]} | undefined
  let total = 0
  return {
    continues(raw) {
      if (!open) return false
      // The backslash counts even in a comment.
      const text = withoutContinuation(stripComment(raw).text)
      if (text.trim() !== '' && open.lines.length < MAX_DEFINITION_LINES) open.lines.push(text)
      if (isContinued(raw)) return true
      assign(open.name, open.lines.join('\n'))
      open = undefined
      return true
    },
    isOpen: () => open !== undefined,
    define(line, raw) {
      const match = /^\s*\$([A-Za-z_][A-Za-z0-9_]*)=(.*)$/s.exec(line.text)
      if (!match) return false
      const name = match[1] ?? ''
      const text = withoutContinuation(match[2] ?? '').trim()
      assign(name, text)
      open = isContinued(raw) ? {name, lines: text === '' ? [] : [text]} : undefined
      return true
    },
    takeApart(line) {
      if (!line.text.includes('$') || total > MAX_TOTAL) return undefined
      const parts = takeApart(line, values, holds)
      for (const {text} of parts ?? []) total += text.length
      return parts
    },
    expand(line, position) {
      if (!line.text.includes('$')) return line
      if (total > MAX_TOTAL) return undefined
      const expanded = expandLine(line, {values, predefined}, position, findings)
      total += expanded?.text.length ?? 0
      if (total > MAX_TOTAL)
        findings.report('definition-endless', position, 'the definitions grow too long; the rest is ignored')
      return expanded
    },
    set: assign,
    save(names) {
      const before = names.map(name => [name, values.get(name)] as const)
      return () => {
        for (const [name, value] of before) {
          assign(name, value)
        }
      }
    },
  }
}

const MAX_DEFINITION_LINES = 1_000
const MAX_EXPANDED = 1_000_000
/** Characters that all lines together may grow to. */
const MAX_TOTAL = 32_000_000
const MAX_REPLACEMENTS = 2_000
/** Names that one value is looked through for. */
const MAX_NAMES = 200

/** A name in use: `${NAME}`, or `$NAME` before a space, a comma, `)` or the end. */
const USE = /\$(?:\{([A-Za-z_][A-Za-z0-9_]*)([^{}\n]*)\}|([A-Za-z_][A-Za-z0-9_]*)(?=[\s,)]|$))/g

/** The backslash counts at the end of a comment, and before one. */
const isContinued = (raw: MappedText): boolean =>
  raw.text.trimEnd().endsWith('\\') || stripComment(raw).text.trimEnd().endsWith('\\')

/** Puts the first value of several lines, or that is a repetition, in place of its name, as it was defined. */
function takeApart(
  line: MappedText,
  values: ReadonlyMap<string, string>,
  holds: Map<string, boolean>,
): readonly MappedText[] | undefined {
  for (const use of line.text.matchAll(USE)) {
    const name = use[1] ?? use[3] ?? ''
    const value = values.get(name)
    if (value === undefined) continue
    const atStart = line.text.slice(0, use.index).trim() === ''
    const key = `${name} ${atStart}`
    const apart = holds.get(key) ?? holdsLines(value, atStart, values, new Set())
    holds.set(key, apart)
    if (!apart) continue
    const at = columnAt(line, use.index)
    const after = use.index + use[0].length
    const text = line.text.slice(0, use.index) + value + line.text.slice(after)
    const columns = Array.from({length: text.length}, (_, i) => {
      if (i < use.index) return columnAt(line, i)
      return i < use.index + value.length ? at : columnAt(line, i - value.length + use[0].length)
    })
    return splitLines({text, columns, offset: 0})
  }
  return undefined
}

function withoutContinuation(text: string): string {
  const trimmed = text.trimEnd()
  return trimmed.endsWith('\\') ? trimmed.slice(0, -1) : trimmed
}

interface Meanings {
  readonly values: ReadonlyMap<string, string>
  readonly predefined: Predefined
}

function expandLine(
  line: MappedText,
  {values, predefined}: Meanings,
  position: Position,
  findings: Findings,
): MappedText | undefined {
  let text = ''
  const columns: number[] = []
  let replacements = 0
  let failed = false
  const emit = (part: string, column: (i: number) => number): void => {
    text += part
    for (let i = 0; i < part.length; i++) columns.push(column(i))
  }
  const replace = (part: string, column: (i: number) => number, within: readonly string[]): void => {
    let last = 0
    for (const use of part.matchAll(USE)) {
      if (failed) return
      const name = use[1] ?? use[3] ?? ''
      emit(part.slice(last, use.index), i => column(last + i))
      last = use.index + use[0].length
      const at = column(use.index)
      const place = {...position, column: at}
      const known = values.get(name) ?? predefined.value(name, {position: place, parameters: use[2]})
      if (known === undefined) {
        // Between quotes, braces split nothing and stay.
        const quoted = text.split('"').length % 2 === 0
        if (!isPredefined(name)) reportUnknown(name, use[1] !== undefined && !quoted, place, findings)
        emit(quoted ? use[0] : `$${name}`, () => at)
      } else if (within.includes(name) || replacements++ > MAX_REPLACEMENTS || text.length > MAX_EXPANDED) {
        failed = true
        findings.report('definition-endless', place, `$${name} refers to itself or grows too long`)
      } else replace(known, () => at, [...within, name])
    }
    if (!failed) emit(part.slice(last), i => column(last + i))
  }
  replace(line.text, i => columnAt(line, i), [])
  return failed ? undefined : stripComment({text, columns, offset: 0})
}

function reportUnknown(name: string, splits: boolean, at: Position, findings: Findings): void {
  if (splits) {
    findings.report('definition-braces-unknown', at, `\${${name}} is not defined`, `define it first: $${name}=VALUE`)
  } else {
    findings.report('definition-unknown', at, `$${name} is not defined and stays as it is`, `define it: $${name}=VALUE`)
  }
}

/** True when a value has several lines or is a repetition, itself or through the names in it. */
function holdsLines(value: string, atStart: boolean, values: ReadonlyMap<string, string>, seen: Set<string>): boolean {
  if (value.includes('\n') || (atStart && isRepetition(value))) return true
  for (const use of value.matchAll(USE)) {
    const name = use[1] ?? use[3] ?? ''
    const inner = values.get(name)
    if (inner === undefined || seen.has(name) || seen.size > MAX_NAMES) continue
    seen.add(name)
    if (holdsLines(inner, atStart && value.slice(0, use.index).trim() === '', values, seen)) return true
  }
  return false
}

function splitLines(line: MappedText): readonly MappedText[] {
  const parts: MappedText[] = []
  let start = 0
  for (const text of line.text.split('\n')) {
    parts.push({text, columns: line.columns?.slice(start, start + text.length), offset: line.offset + start})
    start += text.length + 1
  }
  return parts
}
