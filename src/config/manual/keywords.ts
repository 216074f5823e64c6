import {NOT_ACTED_ON} from '../not-acted-on.ts'
import type {AnyBlockKind, Entry, KeywordFacts, OptionFacts} from '../schema/schema.ts'
import {ROOT} from '../tables/root.ts'
import {exampleOf} from './example.ts'

/** A kind of block and where it stands. */
export interface BlockManual {
  /** Empty for what stands outside of blocks. */
  readonly name: string
  /** The blocks around it, outermost first; several where it stands in several places. */
  readonly paths: readonly (readonly string[])[]
  /** The keyword that opens it; undefined for what stands outside of blocks. */
  readonly head: KeywordManual | undefined
  readonly keywords: readonly KeywordManual[]
}

/** Everything there is to say about a keyword in one of its places. */
export interface KeywordManual {
  readonly keyword: string
  /** The kind of block it stands in; empty: outside of blocks. */
  readonly block: string
  readonly form: string
  readonly doc: string
  readonly defaultText: string
  /** The first version of keepalived that has it. */
  readonly since: string
  readonly repeats: Entry<unknown>['repeats']
  /** Whether it opens a block that has keywords of its own. */
  readonly opens: boolean
  readonly actedOn: boolean
  /** What happens while it is not acted on, where that changes anything. */
  readonly effect: string | undefined
  /** A line, or the lines of a block, that the agent accepts. */
  readonly example: string
  /** What can stand in the lines of its block, where the form does not say it all. */
  readonly options: readonly OptionManual[]
}

/** One option of a line of data. */
export interface OptionManual extends OptionFacts {
  readonly actedOn: boolean
  /** What happens while it is not acted on, where that changes anything. */
  readonly effect: string | undefined
}

/** Every kind of block, outer ones before inner ones. */
export function blockManuals(): readonly BlockManual[] {
  manuals ??= collect()
  return manuals
}

/** Every keyword by each of its places. */
export const keywordManuals = (): readonly KeywordManual[] => blockManuals().flatMap(({keywords}) => keywords)

/** How a block is named where it has to be told from others: with the one that it stands in. */
export const placeOf = (block: string): string => (block === '' ? 'outside of blocks' : `in ${block}`)

let manuals: readonly BlockManual[] | undefined

interface Found {
  readonly kind: AnyBlockKind
  readonly paths: string[][]
  readonly head: KeywordManual | undefined
}

function collect(): readonly BlockManual[] {
  const found = new Map<AnyBlockKind, Found>()
  visit(ROOT as unknown as AnyBlockKind, [], undefined, found, true)
  return [...found.values()].map(({kind, paths, head}) => ({
    name: kind.name,
    paths,
    head,
    keywords: manualsOf(
      kind,
      paths.some(path => isActedOn([...path, kind.name])),
    ),
  }))
}

function visit(
  kind: AnyBlockKind,
  path: readonly string[],
  head: KeywordManual | undefined,
  found: Map<AnyBlockKind, Found>,
  actedOn: boolean,
): void {
  const earlier = found.get(kind)
  if (earlier) {
    // Two keywords of one block may open it, such as an old name and a new one.
    if (!earlier.paths.some(known => known.join(' ') === path.join(' '))) earlier.paths.push([...path])
    return
  }
  found.set(kind, {kind, paths: [[...path]], head})
  const inner = kind.name === '' ? path : [...path, kind.name]
  const here = actedOn && isActedOn(inner)
  for (const manual of manualsOf(kind, here)) {
    const opened = kind.index.get(manual.keyword)?.facts.opens
    if (opened) visit(opened, inner, manual, found, here)
  }
}

/** Whether nothing around a block is without effect as a whole. */
function isActedOn(path: readonly string[]): boolean {
  return path.every((name, depth) => !NOT_ACTED_ON.get(path[depth - 1] ?? '')?.has(name))
}

function manualsOf(kind: AnyBlockKind, blockActedOn: boolean): readonly KeywordManual[] {
  return Object.values(kind.schema).flatMap(({keywords, repeats}) =>
    keywords.map(facts => keywordManual(kind, facts, repeats, blockActedOn)),
  )
}

function keywordManual(
  kind: AnyBlockKind,
  facts: KeywordFacts,
  repeats: Entry<unknown>['repeats'],
  blockActedOn: boolean,
): KeywordManual {
  const {name, form, doc, defaultText, since, opens, options = []} = facts
  const actedOn = blockActedOn && NOT_ACTED_ON.get(kind.name)?.has(name) !== true
  const notYet = NOT_ACTED_ON.get(kind.name)
  return {
    keyword: name,
    block: kind.name,
    form,
    doc,
    defaultText,
    since: since ?? '2.2.7 or earlier',
    repeats,
    opens: opens !== undefined,
    actedOn,
    effect: notYet?.get(name),
    example: exampleOf(facts, kind.name),
    options: options.map(option => optionManual(option, name, actedOn)),
  }
}

function optionManual({words, form, doc}: OptionFacts, keyword: string, keywordActedOn: boolean): OptionManual {
  const notYet = NOT_ACTED_ON.get(keyword)
  const [word] = words.filter(name => notYet?.has(name))
  const effect = word === undefined ? undefined : notYet?.get(word)
  return {words, form, doc, actedOn: keywordActedOn && word === undefined, effect}
}
