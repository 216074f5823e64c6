import type {Position} from '../config.ts'
import {shown} from '../findings.ts'
import type {Block, Grammar, Statement} from '../text/blocks.ts'
import {closest} from '../text/suggest.ts'
import {type BlockKind, type BlockValue, type Entry, type NotActedOn, REFUSED, type ReadContext} from './schema.ts'

/** Reads the statements of a block by its table; `before` is the value of an earlier block to go on from. */
export function readBlock<Settings>(
  kind: BlockKind<Settings>,
  block: Block,
  head: {readonly name: string; readonly position: Position},
  outer: ReadContext,
  before?: BlockValue<Settings>,
): BlockValue<Settings> {
  const notActedOn: NotActedOn[] = [...(before?.notActedOn ?? [])]
  const context: ReadContext = {
    ...outer,
    secret: outer.secret || kind.secret,
    notActedOn: use => {
      notActedOn.push(use)
      outer.notActedOn(use)
    },
  }
  const settings: Settings = {...(before?.settings ?? initialSettings(kind))}
  const at: {[Field in keyof Settings]?: Position} = {...before?.at}
  const here = new Map<keyof Settings, Earlier>()
  for (const statement of block.statements) {
    const found = kind.index.get(statement.keyword.text)
    if (!found) {
      reportKeyword(kind, statement, head.name, context)
      continue
    }
    const {field, entry} = found as {field: keyof Settings; entry: Entry<Settings[keyof Settings]>}
    if (!repeatPermitted(statement, here.get(field) ?? earlierIn(before, field), entry.repeats, context)) continue
    const value = entry.read(statement, settings[field], context)
    if (value === REFUSED) continue
    settings[field] = value
    at[field] = statement.position
    here.set(field, {keyword: statement.keyword.text, position: statement.position})
  }
  return {name: head.name, position: head.position, settings, at, order: outer.nextOrder(), notActedOn}
}

/** Every field with what it starts with. */
export function initialSettings<Settings>(kind: BlockKind<Settings>): Settings {
  const entries = Object.entries(kind.schema) as [string, Entry<unknown>][]
  return Object.fromEntries(entries.map(([field, entry]) => [field, entry.initial])) as Settings
}

/** A statement that set the same field before; its keyword is not known where it stands in an earlier block. */
interface Earlier {
  readonly keyword?: string
  readonly position: Position
}

function earlierIn<Settings>(before: BlockValue<Settings> | undefined, field: keyof Settings): Earlier | undefined {
  const position = before?.at[field]
  return position && {position}
}

function repeatPermitted(
  statement: Statement,
  earlier: Earlier | undefined,
  repeats: Entry<unknown>['repeats'],
  {findings}: ReadContext,
): boolean {
  if (!earlier || repeats === 'collects') return true
  const keyword = statement.keyword.text
  const {file, line: number} = earlier.position
  const line = `line ${number}${file === statement.position.file ? '' : ` of ${file}`}`
  if (repeats === 'first-wins') {
    findings.report('given-again-ignored', statement.position, `${keyword} is given again; that of ${line} counts`)
    return false
  }
  const same = earlier.keyword === undefined || earlier.keyword === keyword
  const what = same ? `that of ${line}` : `${earlier.keyword} of ${line}`
  findings.report('given-again', statement.position, `${keyword} overrides ${what}`, 'give it once')
  return true
}

function reportKeyword<Settings>(
  kind: BlockKind<Settings>,
  statement: Statement,
  owner: string,
  context: ReadContext,
): void {
  const {findings, secret} = context
  const {position} = statement
  const word = statement.keyword.text
  if (kind.known.words.has(word) || kind.known.blocks.has(word)) {
    context.notActedOn({keyword: word, within: kind.name, owner, statement})
    const grammar = kind.known.blocks.get(word)
    if (grammar && statement.block) checkNames(word, grammar, statement.block, context)
    return
  }
  const where = kind.name === '' ? 'outside of blocks' : `in ${kind.name}`
  const withBlock = statement.block ? ', and so is its block' : ''
  const homes = context.homesOf(word)
  if (homes.length > 0 && !secret) {
    const places = homes.slice(0, 3).map(home => (home === '' ? 'outside of blocks' : `in ${home}`))
    const message = `${word} does not stand ${where}; it is ignored${withBlock}`
    findings.report('misplaced-keyword', position, message, `it stands ${places.join(' or ')}`)
    return
  }
  const meant = closest(word, [...kind.grammar.words, ...kind.grammar.blocks.keys()])
  const name = secret ? 'a keyword is unknown' : `unknown keyword ${shown(word)}`
  const hint = meant ? `did you mean ${meant}?` : hintFor(word)
  findings.report('unknown-keyword', position, `${name} ${where}; it is ignored${withBlock}`, hint)
}

/** A block that is not acted on yet still has to consist of keywords that somebody knows. */
function checkNames(name: string, grammar: Grammar, block: Block, context: ReadContext): void {
  if (grammar.free) return
  for (const {keyword, position, block: inner} of block.statements) {
    const word = keyword.text
    const innerGrammar = grammar.blocks.get(word)
    if (innerGrammar && inner) checkNames(word, innerGrammar, inner, context)
    if (innerGrammar || grammar.words.has(word)) continue
    const meant = closest(word, [...grammar.words, ...grammar.blocks.keys()])
    const message = `unknown keyword ${shown(word)} in ${name}; it is ignored${inner ? ', and so is its block' : ''}`
    context.findings.report('unknown-keyword', position, message, meant ? `did you mean ${meant}?` : hintFor(word))
  }
}

function hintFor(word: string): string | undefined {
  if (/[:=]$/.test(word)) return "write the value after a space, without ':' or '='"
  if (word.includes('=')) return "write KEYWORD VALUE, without '='"
  return undefined
}
