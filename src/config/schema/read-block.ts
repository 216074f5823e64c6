import type {Position} from '../config.ts'
import {shown} from '../findings.ts'
import {NOT_ACTED_ON} from '../not-acted-on.ts'
import type {Block, Statement} from '../text/pieces.ts'
import {closest} from '../text/suggest.ts'
import type {ItemHead} from './item-maker.ts'
import {noteRefused} from './refused.ts'
import {type BlockKind, type Entry, type Item, type KeywordFacts, REFUSED, type ReadContext} from './schema.ts'

/**
 * Reads the statements of a block by its table; `head` is its name, where it stands and what its first line says;
 * `before` is an earlier block to go on from.
 */
export function readBlock<Settings>(
  kind: BlockKind<Settings>,
  block: Pick<Block, 'opensAt'> & {readonly statements: Iterable<Statement>},
  head: ItemHead,
  outer: ReadContext,
  before?: Item<Settings>,
): Item<Settings> {
  const context = kind.secret && !outer.secret ? {...outer, secret: true} : outer
  const notYet = context.quiet ? undefined : NOT_ACTED_ON.get(kind.name)
  const at: {[Field in keyof Settings]?: Position} = {...before?.at}
  const item = kind.newItem(before ?? kind.initial, head, at)
  const settings: Settings = item
  let earlier: Map<keyof Settings, string> | undefined
  for (const statement of block.statements) {
    const keyword = statement.keyword.text
    const found = kind.index.get(keyword)
    if (!found) {
      reportKeyword(kind, statement, context)
      continue
    }
    const {field, entry} = found as {field: keyof Settings; entry: Entry<Settings[keyof Settings]>}
    const previous = at[field]
    if (previous && entry.repeats !== 'collects') {
      if (!repeatPermitted(statement, previous, earlier?.get(field), entry.repeats, context)) continue
    }
    if (context.compat && found.facts.since) reportTooNew(statement, found.facts, context)
    const quiet = notYet?.has(keyword) ?? false
    if (quiet) context.notActedOn({keyword, within: kind.name, owner: head.name, position: statement.position})
    const value = entry.read(statement, settings[field], quiet ? {...context, quiet} : context)
    if (value === REFUSED) {
      noteRefused(item, field, statement.position)
      continue
    }
    settings[field] = value
    at[field] = statement.position
    if (entry.keywords.length > 1) {
      earlier ??= new Map()
      earlier.set(field, keyword)
    }
  }
  item.order = outer.nextOrder()
  return item
}

function repeatPermitted(
  statement: Statement,
  earlier: Position,
  earlierKeyword: string | undefined,
  repeats: Entry<unknown>['repeats'],
  {findings}: ReadContext,
): boolean {
  const keyword = statement.keyword.text
  const {file, line: number} = earlier
  const line = `line ${number}${file === statement.position.file ? '' : ` of ${file}`}`
  if (repeats === 'first-wins') {
    findings.report('given-again-ignored', statement.position, `${keyword} is given again; that of ${line} counts`)
    return false
  }
  const same = earlierKeyword === undefined || earlierKeyword === keyword
  const what = same ? `that of ${line}` : `${earlierKeyword} of ${line}`
  findings.report('given-again', statement.position, `${keyword} overrides ${what}`, 'give it once')
  return true
}

function reportTooNew(statement: Statement, {name, since}: KeywordFacts, {findings, compat}: ReadContext): void {
  const message = `keepalived ${compat} does not know ${name}: it came with ${since}`
  findings.report('keyword-too-new', statement.position, message)
}

function reportKeyword<Settings>(kind: BlockKind<Settings>, statement: Statement, context: ReadContext): void {
  const {findings, secret} = context
  const {position} = statement
  const word = statement.keyword.text
  const where = kind.name === '' ? 'outside of blocks' : `in ${kind.name}`
  const withBlock = statement.block ? ', and so is its block' : ''
  const homes = context.homesOf(word)
  if (homes.length > 0 && !secret) {
    const places = homes.slice(0, 3).map(home => (home === '' ? 'outside of blocks' : `in ${home}`))
    const message = `${word} does not stand ${where}; it is ignored${withBlock}`
    findings.report('misplaced-keyword', position, message, `it stands ${places.join(' or ')}`)
    return
  }
  const meant = closest(word, kind.index.keys())
  const name = secret ? 'a keyword is unknown' : `unknown keyword ${shown(word)}`
  const hint = meant ? `did you mean ${meant}?` : hintFor(word)
  findings.report('unknown-keyword', position, `${name} ${where}; it is ignored${withBlock}`, hint)
}

function hintFor(word: string): string | undefined {
  if (/[:=]$/.test(word)) return "write the value after a space, without ':' or '='"
  if (word.includes('=')) return "write KEYWORD VALUE, without '='"
  return undefined
}
