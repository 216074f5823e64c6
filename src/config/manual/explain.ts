import {DIAGNOSTIC_KINDS} from '../diagnostic-codes.ts'
import {closest} from '../text/suggest.ts'
import {type BlockManual, blockManuals, type KeywordManual, keywordManuals, type OptionManual} from './keywords.ts'
import {outOfDate} from './placed.ts'
import {TEXT_WORDS} from './text-words.ts'

/** A keyword in one of its places, with what stands beside it. */
export interface Explanation extends KeywordManual {
  /** The blocks around it, outermost first; several where it stands in several places. */
  readonly paths: BlockManual['paths']
  /** What is said of it where it is out of date. */
  readonly outOfDate: string | undefined
  /** The other keywords of the block. */
  readonly beside: readonly string[]
  /** The keywords of the block that it opens. */
  readonly inside: readonly KeywordManual[]
}

/** An option of lines of data, and the blocks whose lines have it. */
export interface OptionExplanation extends OptionManual {
  readonly blocks: readonly string[]
}

/** A kind of finding. */
export interface CodeExplanation {
  readonly code: string
  readonly name: string
  readonly severity: string
  readonly class: string
  readonly meaning: string
}

/** What `--unsupported` lists: a keyword, or an option of the lines of a block, that nothing comes of yet. */
export interface Unsupported {
  readonly block: string
  readonly keyword: string
  /** What happens because of that, where it changes anything. */
  readonly effect: string | undefined
}

/** Every place of a keyword, or with the blocks around it and a dot before it the one in such a block. */
export function explainKeyword(given: string): readonly Explanation[] {
  const {around, keyword} = split(given)
  return blockManuals().flatMap(manual => {
    const paths = pathsOf(manual).filter(path => endsWith(path, around))
    if (paths.length === 0) return []
    return manual.keywords
      .filter(entry => entry.keyword === keyword)
      .map(entry => explanation(entry, {...manual, paths}))
  })
}

/** Every option of that name of lines of data; those that say the same in several blocks are one. */
export function explainOption(given: string): readonly OptionExplanation[] {
  const {around, keyword} = split(given)
  const found = new Map<string, {readonly option: OptionManual; readonly blocks: string[]}>()
  for (const {keyword: block, options} of keywordManuals()) {
    if (around.length > 0 && around.at(-1) !== block) continue
    for (const option of options.filter(({words}) => words.includes(keyword))) {
      const key = JSON.stringify(option)
      const same = found.get(key)
      if (!same) found.set(key, {option, blocks: [block]})
      else if (!same.blocks.includes(block)) same.blocks.push(block)
    }
  }
  return [...found.values()].map(({option, blocks}) => ({...option, blocks}))
}

/** What was probably meant by a word that nobody knows, as a whole sentence; undefined when nothing is like it. */
export function suggestion(given: string): string | undefined {
  const {around, keyword} = split(given)
  if (/^HC\d*$/i.test(keyword)) return 'see the codes: hactl config explain --codes'
  if (around.length > 0) {
    const elsewhere = explainKeyword(keyword).flatMap(({paths}) => paths.map(path => path.at(-1)))
    const [home] = elsewhere
    if (home !== undefined) {
      const block = elsewhere.length === 1 ? home : (closest(around.at(-1) ?? '', new Set(homes(elsewhere))) ?? home)
      return block === '' ? `did you mean ${keyword}?` : `did you mean ${block}.${keyword}?`
    }
    const known = keywordManuals().filter(({block}) => block === around.at(-1))
    const meant = closest(keyword, new Set(known.map(manual => manual.keyword)))
    if (meant !== undefined) return `did you mean ${[...around, meant].join('.')}?`
  }
  const meant = closest(keyword, new Set(explainableWords()))
  return meant === undefined ? undefined : `did you mean ${meant}?`
}

/** Every word that can be explained: keywords, options of lines, and the words of the text. */
export function explainableWords(): readonly string[] {
  const manuals = keywordManuals()
  return [
    ...new Set([
      ...manuals.map(({keyword}) => keyword),
      ...manuals.flatMap(({options}) => options.flatMap(({words}) => words)),
      ...TEXT_WORDS.map(({word}) => word),
    ]),
  ]
}

/** Every kind of finding, by its code. */
export function codeExplanations(): readonly CodeExplanation[] {
  return Object.entries(DIAGNOSTIC_KINDS)
    .map(([name, kind]) => ({name, ...kind}))
    .toSorted((a, b) => a.code.localeCompare(b.code))
}

/** What is accepted and not acted on yet; of a block that is not acted on as a whole, its head alone. */
export function unsupportedKeywords(): readonly Unsupported[] {
  const manuals = keywordManuals()
  const without = new Set(manuals.filter(({actedOn, opens}) => opens && !actedOn).map(({keyword}) => keyword))
  return manuals
    .filter(({block}) => !without.has(block))
    .flatMap(({block, keyword, actedOn, effect, options}) => [
      ...(actedOn ? [] : [{block, keyword, effect}]),
      ...(actedOn ? options.filter(option => !option.actedOn) : []).map(option => ({
        block: keyword,
        keyword: option.words.join('|'),
        effect: option.effect,
      })),
    ])
}

const homes = (blocks: readonly (string | undefined)[]): string[] =>
  blocks.filter((block): block is string => block !== undefined && block !== '')

/** `a.b.keyword`: the blocks around a keyword, the innermost last. */
function split(given: string): {readonly around: readonly string[]; readonly keyword: string} {
  const around = given.split('.')
  const keyword = around.pop() ?? ''
  return {around, keyword}
}

/** Where the keywords of a block stand. */
const pathsOf = ({name, paths}: BlockManual): readonly (readonly string[])[] =>
  paths.map(path => [...path, ...(name === '' ? [] : [name])])

const endsWith = (path: readonly string[], end: readonly string[]): boolean =>
  end.every((name, at) => path[path.length - end.length + at] === name)

function explanation(manual: KeywordManual, block: BlockManual): Explanation {
  const opened = manual.opens
    ? blockManuals().find(
        ({name, paths, head}) =>
          (name === manual.keyword || head?.doc === manual.doc) &&
          paths.some(path => (path.at(-1) ?? '') === block.name),
      )
    : undefined
  return {
    ...manual,
    paths: block.paths,
    outOfDate: outOfDate(manual),
    beside: block.keywords.map(({keyword}) => keyword).filter(keyword => keyword !== manual.keyword),
    inside: opened?.keywords ?? [],
  }
}
