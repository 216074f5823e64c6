import type {CodeExplanation, Explanation} from '../config/manual/explain.ts'
import {type BlockManual, type KeywordManual, placeOf} from '../config/manual/keywords.ts'
import {counted} from '../core/format.ts'
import {brokenLines} from '../diagnostics/wrap.ts'
import {paint} from './colour.ts'
import {outputWidth, table} from './table.ts'

/** A keyword in all its places. */
export const explanationsText = (explanations: readonly Explanation[]): string =>
  explanations.map(explanationText).join('\n\n')

/** Every kind of block, in the order of the manual. */
export function blocksText(blocks: readonly BlockManual[]): string {
  const shown = table<BlockManual>(
    [
      {head: 'BLOCK', cell: ({paths, name}) => `${'  '.repeat(paths[0]?.length ?? 0)}${name || '(outside)'}`},
      {head: 'KEYWORDS', cell: ({keywords}) => String(keywords.length)},
      {head: 'WHAT IT IS', cell: ({head}) => head?.doc ?? 'what stands outside of blocks', shrinks: true},
    ],
    blocks,
  )
  return `${shown}\n\n${paint('dim', 'hactl config explain KEYWORD tells everything about a keyword or a block')}`
}

/** What is accepted and not acted on yet. */
export function unsupportedText(keywords: readonly KeywordManual[]): string {
  return table<KeywordManual>(
    [
      {head: 'BLOCK', cell: ({block}) => block || '(outside)'},
      {head: 'KEYWORD', cell: ({keyword}) => keyword},
      {head: 'WHAT THAT CHANGES', cell: ({effect}) => effect ?? '-', shrinks: true},
    ],
    keywords,
  )
}

/** Kinds of findings, one a paragraph. */
export function codesText(codes: readonly CodeExplanation[]): string {
  return codes
    .map(({code, severity, class: kind, meaning}) =>
      wrap(`${paint('bold', code)}  ${severity}, ${kind}: ${meaning}`, 8),
    )
    .join('\n')
}

function explanationText(explanation: Explanation): string {
  const {keyword, form, doc, defaultText, since, example, paths, beside, inside} = explanation
  const rows: (readonly [string, string])[] = [
    ['stands', paths.map(path => (path.length === 0 ? placeOf('') : `in ${path.join(' > ')}`)).join(', or ')],
    ['default', defaultText],
    ['since', `keepalived ${since}`],
    ['given again', REPEATS[explanation.repeats]],
    ['agent', agentText(explanation)],
    ...(explanation.outOfDate === undefined ? [] : [['out of date', explanation.outOfDate] as const]),
    ['example', example.replaceAll('\n', `\n${' '.repeat(NAME_WIDTH)}`)],
    ...(inside.length === 0 ? [] : [['inside', inside.map(entry => entry.keyword).join(', ')] as const]),
    ...(beside.length === 0 ? [] : [['beside it', shortened(beside)] as const]),
  ]
  const head = wrap(`${keyword}${form === '' ? '' : ` ${form}`}`, 4)
  return [paint('bold', head), wrap(`  ${doc}`, 2), ...rows.map(([name, value]) => rowText(name, value))].join('\n')
}

const NAME_WIDTH = 15

function rowText(name: string, value: string): string {
  const label = `  ${name}`.padEnd(NAME_WIDTH)
  const text = value.includes('\n') ? `${label}${value}` : wrap(`${label}${value}`, NAME_WIDTH)
  return text.replace(label, () => paint('dim', label))
}

const wrap = (text: string, indent: number): string => brokenLines(text, {width: outputWidth(), indent})

const REPEATS: {readonly [way in Explanation['repeats']]: string} = {
  'last-wins': 'the later one counts, with a warning',
  'first-wins': 'the first one counts, the others are errors',
  collects: 'each adds to those before',
}

function agentText({actedOn, effect}: Explanation): string {
  if (actedOn) return 'acts on it'
  return effect === undefined ? 'accepts it, and does not act on it yet' : `does not act on it yet: ${effect}`
}

const MOST_NEIGHBOURS = 12

function shortened(names: readonly string[]): string {
  if (names.length <= MOST_NEIGHBOURS || outputWidth() === Number.POSITIVE_INFINITY) return names.join(', ')
  return `${names.slice(0, MOST_NEIGHBOURS).join(', ')} and ${counted(names.length - MOST_NEIGHBOURS, 'more keyword')}`
}
