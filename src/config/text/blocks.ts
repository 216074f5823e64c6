import type {Position} from '../config.ts'
import type {Findings} from '../findings.ts'
import {shown} from '../findings.ts'
import type {Word} from './lexer.ts'
import type {Block, Brace, Pieces, Statement} from './pieces.ts'

/** What the structure of a kind of block has to be known for: braces are repaired by it. */
export interface Grammar {
  /** True when lines are data, not keywords. */
  readonly free: boolean
  readonly blocks: ReadonlyMap<string, Grammar>
  readonly words: ReadonlySet<string>
}

/** A block of which nothing is known. */
export const OPAQUE: Grammar = {free: true, blocks: new Map(), words: new Set()}

/** How many braces there are. */
export interface BraceCount {
  readonly opens: number
  readonly closes: number
}

/** As many of one as of the other. */
export const BALANCED: BraceCount = {opens: 0, closes: 0}

/**
 * Builds the tree of blocks, one statement of the root after the other, so that only the one being read is kept.
 * Braces are matched as they stand when they balance. When they do not, keywords tell where one is missing or too many,
 * so that one mistake is one finding and the rest keeps its meaning; how many there are has to be known before.
 */
export function* rootStatements(
  pieces: Pieces,
  root: Grammar,
  {opens, closes}: BraceCount,
  findings: Findings,
): Generator<Statement> {
  const start: Frame = {grammar: root, statements: [], opensAt: {file: '', line: 1, column: 1}, keyword: undefined}
  const state: Building = {
    pieces,
    findings,
    frames: [start],
    missing: Math.max(0, opens - closes),
    surplus: Math.max(0, closes - opens),
    tooDeep: 0,
  }
  for (let i = 0; pieces.at(i) !== undefined; ) {
    i = takePiece(state, i)
    if (state.frames.length > 1) continue
    yield* start.statements.splice(0)
    pieces.forget(i)
  }
  while (state.frames.length > 1) closeUnclosed(state, 'to the end of the file')
  yield* start.statements
}

const MAX_DEPTH = 64

interface Frame extends Block {
  readonly statements: Statement[]
  readonly grammar: Grammar
  /** The keyword that opened it; undefined at the root. */
  readonly keyword: Word | undefined
}

interface Building {
  readonly pieces: Pieces
  readonly findings: Findings
  readonly frames: Frame[]
  /** How many closing and opening braces are missing, as long as no repair has used them up. */
  missing: number
  surplus: number
  /** Blocks open beyond the deepest that is kept. */
  tooDeep: number
}

/** Handles the piece at `i` and says which comes next. */
function takePiece(state: Building, i: number): number {
  const piece = state.pieces.at(i)
  if (!piece) return i + 1
  if (state.tooDeep > 0) {
    state.tooDeep += piece.type === 'open' ? 1 : piece.type === 'close' ? -1 : 0
    return i + 1
  }
  if (piece.type === 'text') return takeStatement(state, piece, i)
  if (piece.type === 'close') takeClose(state, piece, i)
  else {
    // A statement takes the brace that follows it, so this one follows another brace.
    state.findings.report('brace-unexpected', piece.position, "'{' follows no keyword; its block is ignored")
    push(state, undefined, OPAQUE, piece.position)
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
  const next = state.pieces.at(i + 1)
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
    const opened = push(state, statement.keyword, grammar ?? OPAQUE, next.position)
    if (!unexpected) statement.block = opened
    frame.statements.push(statement)
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
  statement.block = push(state, statement.keyword, grammar, statement.position)
  frame.statements.push(statement)
  return i + 1
}

/**
 * A value with braces in it (`router_id a{b}c`) is one mistake: what follows on its line goes with it. A repetition can
 * put a whole configuration on one line, so only the next pieces are looked at.
 */
function skipRestOfLine(state: Building, from: number, line: number): number {
  let depth = 1
  for (let i = from; i < from + MAX_PIECES_OF_VALUE; i++) {
    const piece = state.pieces.at(i)
    if (!piece || piece.line !== line) return from
    if (piece.type === 'open') depth++
    if (piece.type === 'close' && --depth === 0) {
      state.frames.pop()
      const after = state.pieces.at(i + 1)
      return after?.type === 'text' && after.line === line ? i + 2 : i + 1
    }
  }
  return from
}

const MAX_PIECES_OF_VALUE = 64

function takeClose(state: Building, brace: Brace, i: number): void {
  if (state.frames.length === 1) {
    state.findings.report('brace-extra', brace.position, "'}' closes nothing", 'remove it, or look for a missing {')
    state.surplus--
    return
  }
  const next = state.pieces.at(i + 1)
  if (state.surplus > 0 && next?.type === 'text' && closesTooEarly(state, next.keyword.text)) {
    state.surplus--
    const name = shown(top(state).keyword?.text ?? '{')
    state.findings.report(
      'brace-extra',
      brace.position,
      `'}' closes ${name} too early`,
      `what follows belongs into ${name}`,
    )
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

function push(state: Building, keyword: Word | undefined, grammar: Grammar, opensAt: Position): Frame | undefined {
  if (state.frames.length > MAX_DEPTH) {
    const message = `blocks are nested more than ${MAX_DEPTH} deep; the inner ones are ignored`
    state.findings.report('nested-too-deeply', opensAt, message)
    state.tooDeep = 1
    return undefined
  }
  const frame: Frame = {keyword, grammar, opensAt, statements: []}
  state.frames.push(frame)
  return frame
}

const top = (state: Building): Frame => state.frames.at(-1) as Frame
