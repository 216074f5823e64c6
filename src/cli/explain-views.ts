import type {CodeExplanation, Explanation, OptionExplanation, Unsupported} from '../config/manual/explain.ts'
import {type BlockManual, type OptionManual, placeOf} from '../config/manual/keywords.ts'
import type {TextWord} from '../config/manual/text-words.ts'
import {brokenLines} from '../diagnostics/wrap.ts'
import {paint} from './colour.ts'
import {outputWidth, table} from './table.ts'

/** A keyword in all its places; where it is the same in several, those are named together. */
export const explanationsText = (explanations: readonly Explanation[]): string =>
  together(explanations).map(explanationText).join('\n\n')

/** Options of lines of data. */
export const optionsText = (options: readonly OptionExplanation[]): string =>
  options
    .map(option =>
      entryText(headOf(option.words.join('|'), option.form), option.doc, [
        ['stands', `in lines of ${option.blocks.join(', ')}`],
        ['agent', agentText(option)],
      ]),
    )
    .join('\n\n')

/** Words that the text itself has. */
export const textWordsText = (words: readonly TextWord[]): string =>
  words
    .map(({written, doc, since, example}) =>
      entryText(written, doc, [
        ['stands', 'in the text, before it is read as keywords'],
        ['since', sinceText(since)],
        ['agent', 'acts on it'],
        ['example', example],
      ]),
    )
    .join('\n\n')

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
  const more = wrap('hactl config explain WORD tells everything about a block, a keyword, an option or a code', 0)
  return `${shown}\n\n${paint('dim', more)}`
}

/** What is accepted and not acted on yet. */
export function unsupportedText(keywords: readonly Unsupported[]): string {
  return table<Unsupported>(
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

/** One kind of finding, with what its severity and class mean. */
export function codeText({code, severity, class: kind, meaning, name}: CodeExplanation): string {
  return entryText(code, meaning, [
    ['name', name],
    ['severity', `${severity}: ${SEVERITIES[severity] ?? ''}`],
    ['class', `${kind}: ${CLASSES[kind] ?? ''}`],
    ['left out by', `hactl validate config --ignore ${code}`],
  ])
}

const SEVERITIES: {readonly [severity: string]: string} = {
  error: 'the line has no effect, or another than it says; keepalived complains too',
  warning: 'it works, but perhaps not as it was meant',
  info: 'nothing has to be done',
}

const CLASSES: {readonly [kind: string]: string} = {
  syntax: 'how it is written',
  semantic: 'what it says',
  environment: 'what this host lacks; --offline leaves it out',
  security: 'who can read or change what',
}

type Rows = readonly (readonly [string, string])[]

function together(explanations: readonly Explanation[]): readonly Explanation[] {
  const merged = new Map<string, Explanation>()
  for (const explanation of explanations) {
    const {block: _, paths, beside: __, ...same} = explanation
    const key = JSON.stringify(same)
    merged.set(key, {...explanation, paths: [...(merged.get(key)?.paths ?? []), ...paths]})
  }
  return [...merged.values()]
}

function explanationText(explanation: Explanation): string {
  const {keyword, form, doc, defaultText, since, example, paths, inside, options, repeats, outOfDate} = explanation
  const rows: Rows = [
    ['stands', paths.map(path => (path.length === 0 ? placeOf('') : `in ${path.join(' > ')}`)).join(', or ')],
    ['default', defaultText],
    ['since', sinceText(since)],
    ['given again', REPEATS[repeats]],
    ['agent', agentText(explanation)],
    ...(outOfDate === undefined ? [] : [['out of date', outOfDate] as const]),
    ['example', example],
  ]
  const parts = [entryText(headOf(keyword, form), doc, rows)]
  if (options.length > 0)
    parts.push(paint('dim', '  options'), ...options.map(option => optionText(option, explanation.actedOn)))
  if (inside.length > 0)
    parts.push(
      listText(
        'inside',
        inside.map(entry => [entry.keyword, entry.doc]),
      ),
    )
  return parts.join('\n')
}

const headOf = (word: string, form: string): string => (form === '' ? word : `${word} ${form}`)

const sinceText = (since: string | undefined): string => `keepalived ${since ?? '2.2.7 or earlier'}`

const NAME_WIDTH = 15
const LEAST_TEXT = 20

function entryText(head: string, doc: string, rows: Rows): string {
  return [paint('bold', wrap(head, 4)), wrap(`  ${doc}`, 2), ...rows.map(rowText)].join('\n')
}

/** A name and its value beside it, or below it where there is no room beside it. */
function rowText([name, value]: readonly [string, string]): string {
  const narrow = outputWidth() < NAME_WIDTH + LEAST_TEXT
  const label = paint('dim', narrow ? `  ${name}` : `  ${name}`.padEnd(NAME_WIDTH))
  const indent = narrow ? 4 : NAME_WIDTH
  const width = Math.max(LEAST_TEXT, outputWidth() - indent)
  const lines = value.split('\n').map(line => (value.includes('\n') ? line : brokenLines(line, {width, indent: 0})))
  const text = lines.join('\n').replaceAll('\n', `\n${' '.repeat(indent)}`)
  return narrow ? `${label}\n${' '.repeat(indent)}${text}` : `${label}${text}`
}

/** Words and what they are, a line each, the words in one column. */
function listText(name: string, entries: Rows): string {
  const longest = Math.max(...entries.map(([word]) => word.length))
  const lines = entries.map(([word, doc]) => wrap(`    ${word.padEnd(longest)}  ${doc}`, longest + 6))
  return [paint('dim', `  ${name}`), ...lines].join('\n')
}

/** One option in a list; that nothing comes of the whole block, the block says. */
function optionText(option: OptionManual, blockActedOn: boolean): string {
  const {actedOn, effect} = option
  const status = effect === undefined ? 'not acted on yet' : `not acted on yet: ${effect}`
  const doc = actedOn || !blockActedOn ? option.doc : `${option.doc} (${status})`
  return [wrap(`    ${headOf(option.words.join('|'), option.form)}`, 8), wrap(`      ${doc}`, 6)].join('\n')
}

const wrap = (text: string, indent: number): string => brokenLines(text, {width: outputWidth(), indent})

const REPEATS: {readonly [way in Explanation['repeats']]: string} = {
  'last-wins': 'the later one counts, with a warning',
  'first-wins': 'the first one counts, the others are errors',
  collects: 'each adds to those before',
}

function agentText({actedOn, effect}: {readonly actedOn: boolean; readonly effect: string | undefined}): string {
  if (actedOn) return 'acts on it'
  return effect === undefined ? 'accepts it, and does not act on it yet' : `does not act on it yet: ${effect}`
}
