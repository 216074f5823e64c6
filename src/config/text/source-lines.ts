import type {Position} from '../config.ts'
import type {Findings} from '../findings.ts'
import {shown} from '../findings.ts'
import {type Definitions, newDefinitions} from './definitions.ts'
import {applyIncludeCheck, CHECKS_OF_INCLUDE, type IncludeCheck} from './include-check.ts'
import {reportInclude} from './include-findings.ts'
import {type KnownLines, newKnownLines} from './known-lines.ts'
import {stripComment} from './lexer.ts'
import {isConditionAlone, reportCommentInWord, reportConditionAlone, reportContinued} from './line-findings.ts'
import {blankStart, columnAt, type MappedText, mapped, sliceMapped} from './mapped-text.ts'
import {findPlainLine, type PlainLine} from './plain-line.ts'
import {newPredefined, type Predefined, type Surroundings} from './predefined.ts'
import {isRepetition, readRepetition} from './repetition.ts'

/** A line after comments, conditions, definitions and includes were dealt with; where it came from is kept. */
export type LogicalLine = {readonly file: string; readonly line: number} & (
  | {readonly plain: false; readonly content: MappedText}
  /** It holds no quote and nothing beyond ASCII, and stands in the file as it is here. */
  | {readonly plain: true; readonly content: string}
)

/** One file that an include brought. */
export interface IncludedFile {
  readonly file: string
  readonly text: string
}

/** Why a file that an include names was not read. */
export interface IncludeProblem {
  readonly file: string
  readonly kind: 'unreadable' | 'skipped' | 'too-big'
  readonly reason: string
}

/** What an include brought; nothing at all means that nothing matched. */
export interface IncludeResult {
  readonly files: readonly IncludedFile[]
  readonly problems: readonly IncludeProblem[]
  /** True when a part of the pattern in braces (`{a,b}`) that is no wildcard matched no file. */
  readonly partly?: boolean
}

/** How much an include may still bring. */
export interface IncludeBudget {
  readonly files: number
  readonly bytes: number
}

/** Reads the files that a pattern matches; relative patterns start at the directory of the including file. */
export type ReadInclude = (pattern: string, from: string, budget: IncludeBudget) => IncludeResult

/** The main file, and what decides about `@id` lines and predefined names. */
export interface Source extends Surroundings {
  readonly file: string
  readonly text: string
}

/** Bounds on what is read: they stop a hostile configuration, not an honest one. */
export const LIMITS = {
  files: 4_096,
  bytes: 64 * 1024 * 1024,
  includeDepth: 32,
  lines: 1_000_000,
  /** Lines that definitions and repetitions make. */
  madeLines: 150_000,
  /** Definitions in definitions and repetitions in repetitions. */
  definitionDepth: 64,
  lineBytes: 1_023,
} as const

/** Everything the reading of lines carries along. */
interface Reading {
  readonly findings: Findings
  readonly readInclude: ReadInclude
  readonly definitions: Definitions
  readonly predefined: Predefined
  readonly configId: string | undefined
  /** What the files hold, in the order in which they were read. */
  readonly texts: Map<string, string>
  filesLeft: number
  bytesLeft: number
  linesLeft: number
  madeLeft: number
  /** What `include_check` says here; each file begins with what holds where it is included. */
  checks: readonly IncludeCheck[]
  /** The last line whose definitions did not end: nothing more is taken out of it. */
  endlessAt: Position | undefined
}

/** Lines one after the other; undefined after the last. */
export interface LogicalLines {
  next(): LogicalLine | undefined
}

/** Every line of a configuration with its includes, lazily; `texts` grows by each file read. */
export function logicalLines(
  source: Source,
  readInclude: ReadInclude,
  findings: Findings,
  texts: Map<string, string>,
): LogicalLines {
  const predefined = newPredefined(source, findings)
  const reading: Reading = {
    findings,
    readInclude,
    definitions: newDefinitions(findings, predefined),
    predefined,
    configId: source.configId,
    texts,
    filesLeft: LIMITS.files,
    bytesLeft: LIMITS.bytes,
    linesLeft: LIMITS.lines,
    madeLeft: LIMITS.madeLines,
    checks: [],
    endlessAt: undefined,
  }
  return new FileLines(source, [], reading)
}

/** The lines of one file. Plain ones pass without a generator, which would take as long as all the rest. */
class FileLines implements LogicalLines {
  readonly #file: string
  readonly #text: string
  readonly #stack: readonly string[]
  readonly #reading: Reading
  readonly #known: KnownLines
  readonly #found: PlainLine = {start: 0, end: 0, next: 0, hash: 0}
  #start: number
  #line = 0
  /** The lines that the last one came to. */
  #made: Generator<LogicalLine> | undefined

  constructor({file, text}: IncludedFile, above: readonly string[], reading: Reading) {
    reading.texts.set(file, text)
    reading.filesLeft--
    reading.bytesLeft -= text.length
    this.#file = file
    this.#text = text
    this.#known = newKnownLines(text.length)
    this.#stack = [...above, file]
    this.#reading = reading
    this.#start = text.charCodeAt(0) === 0xfeff ? 1 : 0
  }

  next(): LogicalLine | undefined {
    for (;;) {
      const made = this.#made?.next()
      if (made && !made.done) return made.value
      this.#made = undefined
      if (this.#start > this.#text.length) return undefined
      this.#line++
      if (!this.#isPlain()) this.#made = this.#anyLine()
      else {
        const {start, end, next} = this.#found
        const from = this.#start
        this.#start = next
        this.#reading.linesLeft--
        if (end > start) {
          const content = this.#known.text(this.#text, from, this.#found)
          return {file: this.#file, line: this.#line, content, plain: true}
        }
      }
    }
  }

  #isPlain(): boolean {
    const {definitions, linesLeft} = this.#reading
    if (linesLeft <= 0 || definitions.isOpen()) return false
    return findPlainLine(this.#text, this.#start, LIMITS.lineBytes, this.#found)
  }

  #anyLine(): Generator<LogicalLine> | undefined {
    const end = this.#text.indexOf('\n', this.#start)
    const position = {file: this.#file, line: this.#line, column: 1}
    const reading = this.#reading
    if (reading.linesLeft-- <= 0) {
      if (reading.linesLeft === -1) {
        reading.findings.report('too-many-lines', position, 'too many lines; the rest is not read')
      }
      this.#start = this.#text.length + 1
      return undefined
    }
    const raw = physicalLine(this.#text.slice(this.#start, end < 0 ? undefined : end), position, reading.findings)
    this.#start = end < 0 ? this.#text.length + 1 : end + 1
    return raw === undefined ? undefined : linesOfLine(mapped(raw), position, this.#stack, reading)
  }
}

function physicalLine(raw: string, position: Position, findings: Findings): string | undefined {
  const longest = LIMITS.lineBytes
  if (raw.length >= longest || (raw.length * 3 >= longest && Buffer.byteLength(raw) >= longest)) {
    findings.report(
      'line-too-long',
      position,
      `the line is longer than ${longest - 1} bytes and is ignored`,
      'split it',
    )
    return undefined
  }
  const nul = raw.indexOf('\0')
  if (nul < 0) return raw.endsWith('\r') ? raw.slice(0, -1) : raw
  findings.report(
    'control-character',
    {...position, column: nul + 1},
    'the line holds a NUL byte; the rest of it is ignored',
    'the file is damaged, or is not text in UTF-8',
  )
  return raw.slice(0, nul)
}

function* linesOfLine(
  raw: MappedText,
  position: Position,
  stack: readonly string[],
  reading: Reading,
): Generator<LogicalLine> {
  const {definitions} = reading
  if (definitions.continues(raw)) return
  const bare = stripComment(raw)
  reportCommentInWord(raw, bare, position, reading.findings)
  const line = conditional(bare, reading.configId)
  if (!line) reportConditionAlone(bare, position, reading.findings)
  if (!line || (line.text.trim() !== '' && definitions.define(line, raw))) return
  reportContinued(raw, bare, position, reading.findings)
  if (bare.text.trim() === '') return
  yield* expandedLines(line, {position, stack, depth: 0}, reading)
}

/** Where a line came from, and how many definitions and repetitions it was taken out of. */
interface Origin {
  readonly position: Position
  readonly stack: readonly string[]
  readonly depth: number
}

/** Repetitions and definitions of several lines are taken apart first: names get their value where they stand. */
function* expandedLines(line: MappedText, origin: Origin, reading: Reading): Generator<LogicalLine> {
  const {position} = origin
  const {definitions, findings} = reading
  if (line.text.trim() === '' || reading.endlessAt === position) return
  if (origin.depth > 0 && !mayMake(position, reading)) return
  if (origin.depth > LIMITS.definitionDepth) {
    reading.endlessAt = position
    findings.report(
      'definition-endless',
      position,
      'a definition refers to itself, or definitions are nested too deeply',
    )
    return
  }
  const inner = {...origin, depth: origin.depth + 1}
  if (isRepetition(line.text)) {
    yield* repeatedLines(line, inner, reading)
    return
  }
  const parts = definitions.takeApart(line)
  if (parts) {
    for (const part of parts) {
      const kept = parts.length === 1 ? part : conditional(part, reading.configId)
      if (!kept) continue
      const bare = stripComment(kept)
      if (parts.length === 1 && isRepetition(bare.text)) {
        const message = 'a repetition comes out of a definition: keepalived 2.4 takes it as it stands'
        findings.report('repetition-in-definition', position, message, 'write it out where it is used')
      }
      if (!definitions.define(bare, bare)) yield* expandedLines(bare, inner, reading)
    }
    return
  }
  const content = definitions.expand(line, position)
  if (!content || content.text.trim() === '') return
  const include = /^\s*(include[rmwba]?)(\s+|$)/.exec(content.text)
  if (!include) {
    obey(content.text, reading)
    yield {file: position.file, line: position.line, content, plain: false}
  } else yield* included(sliceMapped(content, include[0].length), include[1] ?? 'include', origin, reading)
}

/** Two keywords of `global_defs` change how what stands below them is read. */
function obey(text: string, reading: Reading): void {
  const match = /(?:^|[{}])\s*(include_check|random_seed)(?=[\s{}]|$)([^{}]*)/.exec(text)
  if (!match) return
  const words = (match[2] ?? '').trim().split(/\s+/)
  if (match[1] === 'random_seed') {
    if (/^\d{1,10}$/.test(words[0] ?? '')) reading.predefined.seed(Number(words[0]))
  } else reading.checks = applyIncludeCheck(words[0] === '' ? [] : words, reading.checks).checks
}

function* repeatedLines(line: MappedText, origin: Origin, reading: Reading): Generator<LogicalLine> {
  const {definitions, findings} = reading
  const {position} = origin
  const repetition = readRepetition(line, text => definitions.expand(mapped(text), position)?.text)
  if ('failure' in repetition) {
    const at = {...position, column: columnAt(line, line.text.indexOf('~'))}
    const message = `the repetition is not used: ${repetition.failure}`
    findings.report('repetition-malformed', at, message, '~SEQ(NAME,1,3) …')
    return
  }
  const before = definitions.save(repetition.names)
  for (const row of repetition.rows) {
    if (reading.endlessAt === position || !mayMake(position, reading)) break
    repetition.names.forEach((name, i) => {
      definitions.set(name, row[i] ?? '')
    })
    if (!definesRepeatedly(repetition.rest, position, reading)) yield* expandedLines(repetition.rest, origin, reading)
  }
  before()
}

/** `~SEQ(N, 1, 2) $ROUTER_${N}=VI_${N}`: the names of the repetition have their values at once. */
function definesRepeatedly(line: MappedText, position: Position, {definitions}: Reading): boolean {
  if (!/^\s*\$[A-Za-z0-9_${}]+=/.test(line.text)) return false
  const definition = definitions.expand(line, position)
  return definition !== undefined && definitions.define(definition, definition)
}

/** Counts a line that a definition or a repetition makes; false, and reported once, when there are too many. */
function mayMake(position: Position, reading: Reading): boolean {
  if (reading.madeLeft-- > 0) return true
  if (reading.madeLeft === -1) {
    const message = `definitions and repetitions make more than ${LIMITS.madeLines} lines; the rest is ignored`
    reading.findings.report('definition-endless', position, message)
  }
  return false
}

/** `@id text` stays if the id is ours, `@^id text` if it is not. */
function conditional(line: MappedText, configId: string | undefined): MappedText | undefined {
  if (!line.text.includes('@')) return line
  if (isConditionAlone(line.text)) return undefined
  const match = /^\s*@(\^?)([^\s]+)[ \t]/.exec(line.text)
  if (!match) return line
  const same = match[2] === configId
  if (same === (match[1] === '^')) return undefined
  return blankStart(line, match[0].length)
}

function* included(
  argument: MappedText,
  keyword: string,
  {position, stack}: Origin,
  reading: Reading,
): Generator<LogicalLine> {
  const {findings} = reading
  const pattern = argument.text.trim()
  const at = {...position, column: columnAt(argument, Math.max(0, argument.text.search(/\S/)))}
  if (pattern === '') return findings.report('argument-missing', at, `${keyword} names no file`)
  if (stack.length > LIMITS.includeDepth) {
    return findings.report('include-limit', at, `includes are nested more than ${LIMITS.includeDepth} deep`)
  }
  const budget = {files: Math.max(0, reading.filesLeft), bytes: Math.max(0, reading.bytesLeft)}
  const result = reading.readInclude(pattern, position.file, budget)
  const before = reading.checks
  reportInclude(pattern, result, new Set([...before, ...(CHECKS_OF_INCLUDE[keyword] ?? [])]), at, findings)
  for (const file of result.files) {
    if (stack.includes(file.file)) {
      findings.report('include-loop', at, `${shown(file.file)} includes itself`)
    } else if (reading.filesLeft <= 0 || reading.bytesLeft <= 0) {
      findings.report('include-limit', at, 'too many files or too much text; the rest is not read')
      return
    } else {
      const lines = new FileLines(file, stack, reading)
      for (let line = lines.next(); line; line = lines.next()) yield line
      reading.checks = before
    }
  }
}
