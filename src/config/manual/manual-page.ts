import {codeExplanations} from './explain.ts'
import {type BlockManual, blockManuals, type KeywordManual, keywordManuals, type OptionManual} from './keywords.ts'
import {outOfDate} from './placed.ts'
import {BLOCKS, ENDING, FINDINGS, INTRODUCTION, KEYWORDS, OPTIONS, textRules} from './prose.ts'
import {bold, roffExample, roffForm, roffSentences, roffText, tagged} from './roff.ts'

/** The whole of hactl.conf(5), as man(7) has it: what is written by hand, and what the tables say of each keyword. */
export function manualPage(): string {
  const parts = [
    HEAD,
    INTRODUCTION,
    textRules(),
    BLOCKS,
    roffExample(blockTree().join('\n')),
    KEYWORDS,
    ...blockManuals().map(blockSection),
    OPTIONS,
    ...optionLists().map(optionSection),
    FINDINGS,
    ...codeExplanations().map(({code, severity, class: kind, meaning}) =>
      tagged(`${bold(code)} (${severity}, ${kind})`, `${roffText(meaning)}\n`),
    ),
    ENDING,
  ]
  return parts.join('')
}

/** Nothing is hyphenated or spread out: much of the page is to be copied. */
const HEAD = `.\\" Made from the tables of keywords by the build; do not edit.
.nr HY 0
.TH HACTL.CONF 5 "" "hactl" "File Formats"
.nh
.ad l
`

/** Which block stands in which, an indented line each; those out of date are left out. */
function blockTree(name = '', path: readonly string[] = []): readonly string[] {
  const block = blockManuals().find(known => known.name === name && known.paths.some(around => isSame(around, path)))
  const inner = name === '' ? path : [...path, name]
  return (block?.keywords ?? [])
    .filter(manual => manual.form.includes('{') && outOfDate(manual) === undefined)
    .flatMap(manual => [
      `${'  '.repeat(inner.length)}${[manual.keyword, headWords(manual)].filter(Boolean).join(' ')}`,
      ...(manual.opens ? blockTree(manual.keyword, inner) : []),
    ])
}

const isSame = (a: readonly string[], b: readonly string[]): boolean => a.join(' ') === b.join(' ')

function blockSection(block: BlockManual): string {
  const {name, head, paths, keywords} = block
  if (head === undefined) return `.SS Outside of blocks\n${keywords.map(keywordEntry).join('')}`
  const around = paths.filter(path => path.length > 0).map(path => path.join(' > '))
  const within = around.length > 0 ? `stands in ${around.join(', or in ')}` : undefined
  return [
    `.SS ${roffText([name, headWords(head)].filter(Boolean).join(' '))}\n`,
    roffSentences(head.doc, within, sinceText(head), statusText(head)),
    roffExample(head.example),
    keywords.map(keywordEntry).join(''),
  ].join('')
}

/** What stands between the keyword of a block and its brace. */
const headWords = ({form}: KeywordManual): string => form.replace(/\s*\{.*$/s, '')

function keywordEntry(manual: KeywordManual): string {
  const {keyword, form, doc, defaultText, opens, options} = manual
  const tag = form === '' ? bold(keyword) : `${bold(keyword)} ${roffForm(form)}`
  // A block with keywords of its own has a section of its own.
  if (opens) return tagged(tag, roffSentences(doc, outOfDate(manual), 'see below'))
  return tagged(
    tag,
    roffSentences(
      doc,
      `default: ${defaultText}`,
      options.length > 0 ? `the options are listed under ${optionTitle(manual)} below` : undefined,
      sinceText(manual),
      outOfDate(manual),
      statusText(manual),
    ),
  )
}

function sinceText({since}: KeywordManual): string | undefined {
  if (since === '2.2.7 or earlier') return undefined
  return since.startsWith('after') ? `since a version of keepalived ${since}` : `since keepalived ${since}`
}

function statusText({actedOn, effect}: {readonly actedOn: boolean; readonly effect: string | undefined}) {
  if (actedOn) return undefined
  return effect === undefined ? 'not acted on yet' : `not acted on yet: ${effect}`
}

/** Options that several keywords share, with those keywords. */
interface OptionList {
  readonly title: string
  readonly keywords: readonly string[]
  readonly options: readonly (OptionManual & {readonly of: readonly string[]})[]
}

interface GrowingList {
  readonly keywords: string[]
  readonly options: Map<string, OptionManual & {readonly of: string[]}>
}

/** What lines of the same kind are called: their keywords end alike. */
function optionTitle({keyword}: KeywordManual): string {
  if (/_routes$/.test(keyword)) return 'Routes'
  return /_rules$/.test(keyword) ? 'Rules' : 'Addresses'
}

function optionLists(): readonly OptionList[] {
  const lists = new Map<string, GrowingList>()
  for (const manual of keywordManuals().filter(({options}) => options.length > 0)) {
    const title = optionTitle(manual)
    const list: GrowingList = lists.get(title) ?? {keywords: [], options: new Map()}
    lists.set(title, list)
    list.keywords.push(manual.keyword)
    for (const option of manual.options) {
      const [word = ''] = option.words
      const known = list.options.get(word) ?? {...option, of: []}
      known.of.push(manual.keyword)
      // What the agent acts on in one block is told of that block.
      list.options.set(word, manual.actedOn ? {...option, of: known.of} : known)
    }
  }
  return [...lists].map(([title, {keywords, options}]) => ({title, keywords, options: [...options.values()]}))
}

function optionSection({title, keywords, options}: OptionList): string {
  const entries = options.map(({words, form, doc, of, actedOn, effect}) => {
    const only = of.length < keywords.length ? `only in ${of.join(', ')}` : undefined
    const status = of.includes('virtual_ipaddress') ? statusText({actedOn, effect}) : undefined
    const tag = [words.map(bold).join('|'), roffForm(form)].filter(Boolean).join(' ')
    return tagged(tag, roffSentences(doc, only, status))
  })
  return `.SS ${title}\n${roffSentences(`options of lines in ${keywords.join(', ')}`)}${entries.join('')}`
}
