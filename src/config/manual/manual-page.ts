import {codeExplanations} from './explain.ts'
import {type BlockManual, blockManuals, type KeywordManual} from './keywords.ts'
import {outOfDate} from './placed.ts'
import {ENDING, FINDINGS, INTRODUCTION, KEYWORDS, RULES} from './prose.ts'
import {bold, roffExample, roffForm, roffText} from './roff.ts'

/** The whole of hactl.conf(5), as man(7) has it: what is written by hand, and what the tables say of each keyword. */
export function manualPage(): string {
  const parts = [
    `.\\" Made from the tables of keywords by the build; do not edit.\n.TH HACTL.CONF 5 "" "hactl" "File Formats"\n`,
    INTRODUCTION,
    RULES,
    KEYWORDS,
    ...blockManuals().map(blockSection),
    FINDINGS,
    ...codeExplanations().map(
      ({code, severity, class: kind, meaning}) => `.TP\n${bold(code)} (${severity}, ${kind})\n${roffText(meaning)}\n`,
    ),
    ENDING,
  ]
  return parts.join('')
}

function blockSection(block: BlockManual): string {
  const {name, head, paths, keywords} = block
  if (head === undefined) return `.SS Outside of blocks\n${keywords.map(keywordEntry).join('')}`
  const around = paths.filter(path => path.length > 0).map(path => path.at(-1))
  const where = around.length > 0 ? ` Stands in ${around.join(', ')}.` : ''
  const text = `${sentence(head.doc)}${where}${statusText(head)}`
  return [
    `.SS "${roffText([name, headWords(head)].filter(Boolean).join(' '))}"\n`,
    `${roffText(text)}\n`,
    `${roffExample(head.example)}\n`,
    keywords.map(keywordEntry).join(''),
  ].join('')
}

/** What stands between the keyword of a block and its brace. */
const headWords = ({form}: KeywordManual): string => form.replace(/\s*\{.*$/s, '')

function keywordEntry(manual: KeywordManual): string {
  const {keyword, form, doc, defaultText, since, opens} = manual
  // A block with keywords of its own has a section of its own.
  if (opens) return `.TP\n${bold(keyword)} ${roffForm(form)}\n${roffText(`${sentence(doc)} See below.`)}\n`
  const shown = form === '' ? bold(keyword) : `${bold(keyword)} ${roffForm(form)}`
  const later = since === '2.2.7 or earlier' ? '' : ` Since keepalived ${since}.`
  const old = outOfDate(manual)
  const status = `${later}${old === undefined ? '' : ` ${sentence(old)}`}${statusText(manual)}`
  return `.TP\n${shown}\n${roffText(`${sentence(doc)} Default: ${defaultText}.${status}`)}\n`
}

function statusText({actedOn, effect}: KeywordManual): string {
  if (actedOn) return ''
  return effect === undefined ? ' Not acted on yet.' : ` Not acted on yet: ${effect}.`
}

const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`
