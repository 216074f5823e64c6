import type {Position} from '../config.ts'
import type {Findings} from '../findings.ts'
import {shown} from '../findings.ts'
import {type Piece, splitAtBraces, splitWords, type Word} from './lexer.ts'
import {columnAt, type MappedText} from './mapped-text.ts'
import type {LogicalLine} from './source-lines.ts'
import {lookAlike} from './suggest.ts'

/** A line of a block, with the block that it opens. */
export interface Statement {
  readonly position: Position
  readonly keyword: Word
  /** The words after the keyword. */
  readonly words: readonly Word[]
  /** The text as it stands, for keywords that read their quotes themselves. */
  readonly content: MappedText
  /** True when a quote is not closed, which has been reported: the statement has no effect. */
  readonly broken: boolean
  readonly block?: Block
}

/** What stands between two braces. */
export interface Block {
  readonly opensAt: Position
  readonly statements: readonly Statement[]
}

/** What the structure of a kind of block has to be known for: braces are repaired by it. */
export interface Grammar {
  /** True when lines are data, not keywords. */
  readonly free: boolean
  readonly blocks: ReadonlyMap<string, Grammar>
  readonly words: ReadonlySet<string>
}

/** A block of which nothing is known. */
export const OPAQUE: Grammar = {free: true, blocks: new Map(), words: new Set()}

/**
 * Builds the tree of blocks. Braces are matched as they stand when they balance. When they do not, keywords tell where
 * one is missing or too many, so that one mistake is one finding and the rest keeps its meaning.
 */
export function buildBlocks(lines: Iterable<LogicalLine>, root: Grammar, findings: Findings): Block {
  const pieces = placedPieces(lines, findings)
  const opens = pieces.filter(piece => piece.type === 'open').length
  const closes = pieces.filter(piece => piece.type === 'close').length
  const start: Frame = {grammar: root, statements: [], opensAt: {file: '', line: 1, column: 1}, keyword: undefined}
  const state: Building = {
    pieces,
    findings,
    frames: [start],
    missing: Math.max(0, opens - closes),
    surplus: Math.max(0, closes - opens),
    tooDeep: 0,
  }
  for (let i = 0; i < pieces.length; ) i = takePiece(state, i)
  while (state.frames.length > 1) closeUnclosed(state, 'to the end of the file')
  return start
}

const MAX_DEPTH = 64

interface Frame extends Block {
  readonly statements: Statement[]
  readonly grammar: Grammar
  /** The keyword that opened it; undefined at the root. */
  readonly keyword: Word | undefined
}

interface Building {
  readonly pieces: readonly PlacedPiece[]
  readonly findings: Findings
  readonly frames: Frame[]
  /** How many closing and opening braces are missing, as long as no repair has used them up. */
  missing: number
  surplus: number
  /** Blocks open beyond the deepest that is kept. */
  tooDeep: number
}

type PlacedPiece =
  | {readonly type: 'open' | 'close'; readonly position: Position}
  | {readonly type: 'text'; readonly statement: Statement}

function placedPieces(lines: Iterable<LogicalLine>, findings: Findings): readonly PlacedPiece[] {
  const pieces: PlacedPiece[] = []
  for (const line of lines) {
    for (const piece of splitAtBraces(line.content)) {
      const placed = place(piece, line, findings)
      if (placed) pieces.push(placed)
    }
    reportLookAlike(line, findings)
  }
  return pieces
}

function place(piece: Piece, {file, line}: LogicalLine, findings: Findings): PlacedPiece | undefined {
  if (piece.type !== 'text') return {type: piece.type, position: {file, line, column: piece.column}}
  const {words, unterminatedAt} = splitWords(piece.content)
  if (unterminatedAt !== undefined) {
    const at = {file, line, column: unterminatedAt}
    findings.report('unterminated-quote', at, 'the quote is not closed; the line has no effect', 'close it with "')
  }
  const [keyword, ...rest] = words
  if (!keyword) return undefined
  const position = {file, line, column: keyword.column}
  const broken = unterminatedAt !== undefined
  return {type: 'text', statement: {position, keyword, words: rest, content: piece.content, broken}}
}

function reportLookAlike({file, line, content}: LogicalLine, findings: Findings): void {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: nearly every line is ASCII, and this is the quick test
  if (/^[\u0000-\u007f]*$/.test(content.text)) return
  const outside = content.text.replace(/"[^"]*"/g, quoted => ' '.repeat(quoted.length))
  const found = lookAlike(outside)
  if (!found) return
  const at = {file, line, column: columnAt(content, found.index)}
  findings.report('look-alike', at, 'a character looks like another that would have a meaning here', found.hint)
}

/** Handles the piece at `i` and says which comes next. */
function takePiece(state: Building, i: number): number {
  const piece = state.pieces[i]
  if (!piece) return i + 1
  if (state.tooDeep > 0) {
    state.tooDeep += piece.type === 'open' ? 1 : piece.type === 'close' ? -1 : 0
    return i + 1
  }
  if (piece.type === 'text') return takeStatement(state, piece.statement, i)
  if (piece.type === 'close') takeClose(state, piece.position, i)
  else {
    // A statement takes the brace that follows it, so this one follows another brace.
    state.findings.report('brace-unexpected', piece.position, "'{' follows no keyword; its block is ignored")
    push(state, {keyword: undefined, grammar: OPAQUE, opensAt: piece.position})
  }
  return i + 1
}

function takeStatement(state: Building, statement: Statement, i: number): number {
  const word = statement.keyword.text
  while (state.missing > 0 && belongsFurtherOut(state, word)) {
    state.missing--
    closeUnclosed(state, `before line ${statement.position.line}`)
  }
  const frame = top(state)
  const grammar = frame.grammar.blocks.get(word)
  const next = state.pieces[i + 1]
  if (next?.type === 'open') {
    const unexpected = grammar === undefined && frame.grammar.words.has(word)
    if (unexpected) {
      state.findings.report(
        'brace-unexpected',
        next.position,
        `'{' after ${shown(word)}, which opens no block; what it holds is ignored`,
        'put a value that holds a brace between double quotes',
      )
    }
    const opened = push(state, {keyword: statement.keyword, grammar: grammar ?? OPAQUE, opensAt: next.position})
    frame.statements.push(unexpected || !opened ? statement : {...statement, block: opened})
    return unexpected && opened ? skipRestOfLine(state, i + 2, next.position.line) : i + 2
  }
  if (grammar === undefined) {
    frame.statements.push(statement)
    return i + 1
  }
  const implicit = state.surplus > 0
  state.findings.report(
    'brace-missing',
    statement.position,
    `'{' is missing after ${shown(word)}`,
    implicit ? "put '{' at the end of the line" : `write ${word} { … }`,
  )
  if (!implicit) return i + 1
  state.surplus--
  const opened = push(state, {keyword: statement.keyword, grammar, opensAt: statement.position})
  frame.statements.push(opened ? {...statement, block: opened} : statement)
  return i + 1
}

/** A value with braces in it (`router_id a{b}c`) is one mistake: what follows on its line goes with it. */
function skipRestOfLine(state: Building, from: number, line: number): number {
  let depth = 1
  for (let i = from; i < state.pieces.length; i++) {
    const piece = state.pieces[i]
    if (!piece || lineOf(piece) !== line) return from
    if (piece.type === 'open') depth++
    if (piece.type === 'close' && --depth === 0) {
      state.frames.pop()
      const after = state.pieces[i + 1]
      return after?.type === 'text' && lineOf(after) === line ? i + 2 : i + 1
    }
  }
  return from
}

const lineOf = (piece: PlacedPiece): number =>
  piece.type === 'text' ? piece.statement.position.line : piece.position.line

function takeClose(state: Building, position: Position, i: number): void {
  if (state.frames.length === 1) {
    state.findings.report('brace-extra', position, "'}' closes nothing", 'remove it, or look for a missing {')
    state.surplus--
    return
  }
  const next = state.pieces[i + 1]
  if (state.surplus > 0 && next?.type === 'text' && closesTooEarly(state, next.statement.keyword.text)) {
    state.surplus--
    const name = shown(top(state).keyword?.text ?? '{')
    state.findings.report('brace-extra', position, `'}' closes ${name} too early`, `what follows belongs into ${name}`)
    return
  }
  state.frames.pop()
}

/** True when a keyword has no meaning in the innermost block, but in one around it. */
function belongsFurtherOut(state: Building, word: string): boolean {
  if (knows(top(state).grammar, word)) return false
  return state.frames.slice(0, -1).some(frame => knows(frame.grammar, word))
}

/** True when the next keyword belongs into the block that is about to be closed, and not into the one around it. */
function closesTooEarly(state: Building, word: string): boolean {
  const around = state.frames.at(-2)
  return around !== undefined && !knows(around.grammar, word) && knows(top(state).grammar, word)
}

const knows = (grammar: Grammar, word: string): boolean => grammar.blocks.has(word) || grammar.words.has(word)

function closeUnclosed(state: Building, where: string): void {
  const frame = state.frames.pop()
  const name = shown(frame?.keyword?.text ?? '{')
  const at = frame?.opensAt ?? {file: '', line: 1, column: 1}
  state.findings.report('brace-not-closed', at, `the block of ${name} is not closed ${where}`, "a '}' is missing")
}

function push(state: Building, opened: Omit<Frame, 'statements'>): Frame | undefined {
  if (state.frames.length > MAX_DEPTH) {
    const message = `blocks are nested more than ${MAX_DEPTH} deep; the inner ones are ignored`
    state.findings.report('nested-too-deeply', opened.opensAt, message)
    state.tooDeep = 1
    return undefined
  }
  const frame: Frame = {...opened, statements: []}
  state.frames.push(frame)
  return frame
}

const top = (state: Building): Frame => state.frames.at(-1) as Frame
