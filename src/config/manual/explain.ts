import {DIAGNOSTIC_KINDS} from '../diagnostic-codes.ts'
import {closest} from '../text/suggest.ts'
import {type BlockManual, blockManuals, type KeywordManual, keywordManuals} from './keywords.ts'
import {outOfDate} from './placed.ts'

/** A keyword in one of its places, with what stands beside it. */
export interface Explanation extends KeywordManual {
  /** The blocks around that block, outermost first; several where it stands in several places. */
  readonly paths: BlockManual['paths']
  /** What is said of it where it is out of date. */
  readonly outOfDate: string | undefined
  /** The other keywords of the block. */
  readonly beside: readonly string[]
  /** The keywords of the block that it opens. */
  readonly inside: readonly KeywordManual[]
}

/** A kind of finding. */
export interface CodeExplanation {
  readonly code: string
  readonly name: string
  readonly severity: string
  readonly class: string
  readonly meaning: string
}

/** Every place of a keyword, or with `BLOCK.KEYWORD` the one in a block. */
export function explainKeyword(word: string): readonly Explanation[] {
  const [block, keyword] = split(word)
  return blockManuals()
    .filter(({name}) => block === undefined || name === block)
    .flatMap(manual =>
      manual.keywords.filter(entry => entry.keyword === keyword).map(entry => explanation(entry, manual)),
    )
}

/** A keyword or a code that was probably meant. */
export function suggestion(word: string): string | undefined {
  const [block, keyword] = split(word)
  const known = keywordManuals().filter(manual => block === undefined || manual.block === block)
  const names = new Set((known.length > 0 ? known : keywordManuals()).map(manual => manual.keyword))
  const meant = closest(keyword, names)
  if (meant === undefined) return undefined
  return known.length > 0 && block !== undefined ? `${block}.${meant}` : meant
}

/** Every kind of finding, by its code. */
export function codeExplanations(): readonly CodeExplanation[] {
  return Object.entries(DIAGNOSTIC_KINDS)
    .map(([name, kind]) => ({name, ...kind}))
    .toSorted((a, b) => a.code.localeCompare(b.code))
}

/** Every keyword that is accepted and not acted on yet; of a block that is not acted on as a whole, its head alone. */
export function unsupportedKeywords(): readonly KeywordManual[] {
  const without = new Set(
    keywordManuals()
      .filter(({actedOn, opens}) => opens && !actedOn)
      .map(({keyword}) => keyword),
  )
  return keywordManuals().filter(({actedOn, block}) => !actedOn && !without.has(block))
}

function split(word: string): readonly [string | undefined, string] {
  const dot = word.indexOf('.')
  return dot < 0 ? [undefined, word] : [word.slice(0, dot), word.slice(dot + 1)]
}

function explanation(manual: KeywordManual, block: BlockManual): Explanation {
  const opened = manual.opens
    ? blockManuals().find(
        ({name, paths}) => name === manual.keyword && paths.some(path => (path.at(-1) ?? '') === block.name),
      )
    : undefined
  return {
    ...manual,
    paths: block.paths.map(path => [...path, ...(block.name === '' ? [] : [block.name])]),
    outOfDate: outOfDate(manual),
    beside: block.keywords.map(({keyword}) => keyword).filter(keyword => keyword !== manual.keyword),
    inside: opened?.keywords ?? [],
  }
}
