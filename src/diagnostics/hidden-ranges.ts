import {isHarmless, type SecretBlock, secretBlocks} from '../config/secrets.ts'
import {closest} from '../config/text/suggest.ts'

/** Part of a line that must not be shown: from a character, counted from 0, up to another. */
export interface HiddenRange {
  readonly from: number
  readonly to: number
}

/**
 * What of the lines of a file is secret, by the number of the line, from 1. It errs on the side of hiding: the file may
 * be broken, so that nothing but words like `auth_pass` tells. What defines a `$NAME` that stands for a secret is
 * hidden, too.
 */
export function hiddenRanges(lines: readonly string[]): ReadonlyMap<number, readonly HiddenRange[]> {
  const found = new Map<number, HiddenRange[]>()
  const scan: Scan = {
    blocks: secretBlocks(),
    keywords: secretKeywords(),
    inside: undefined,
    depth: 0,
    opening: undefined,
  }
  const names = new Set<string>()
  for (const [index, line] of lines.entries()) {
    const ranges = scanLine(line, scan)
    if (ranges.length > 0) found.set(index + 1, ranges)
    for (const {from, to} of ranges) collectNames(line.slice(from, to), names)
  }
  if (names.size > 0) hideDefinitions(lines, names, found)
  return found
}

interface Token {
  readonly text: string
  readonly from: number
  readonly to: number
}

interface Scan {
  readonly blocks: ReadonlyMap<string, SecretBlock>
  /** Keywords that a secret follows, wherever they stand. */
  readonly keywords: ReadonlySet<string>
  inside: SecretBlock | undefined
  /** Braces open since that block began. */
  depth: number
  /** The secret block whose brace comes next. */
  opening: SecretBlock | undefined
}

/** `pass` wherever it stands, and what ends like a password. */
const TELLTALE = /pass|secret/i

function secretKeywords(): ReadonlySet<string> {
  const blocks = [...secretBlocks().values()]
  return new Set(blocks.flatMap(({keywords}) => [...keywords].filter(([, rest]) => !rest).map(([name]) => name)))
}

function scanLine(line: string, scan: Scan): HiddenRange[] {
  const ranges: HiddenRange[] = []
  let head: string | undefined
  let comment = false
  for (const token of tokensOf(line)) {
    const {text, from, to} = token
    if (!comment && /^[#!]/.test(text)) comment = true
    if (!comment && (text === '{' || text === '}')) {
      takeBrace(text, scan)
      head = undefined
      continue
    }
    const bare = text.replace(/^[#!$"]+/, '')
    if (TELLTALE.test(text) || (head === undefined && scan.keywords.has(bare))) {
      const shown = /^\W*[A-Za-z_-]*/.exec(text)?.[0].length ?? 0
      const rest = line.slice(from + shown)
      ranges.push(...rangeTo(from + shown + rest.search(/\S|$/), line.trimEnd().length))
      return settled(line, to, comment, scan, ranges)
    }
    if (scan.inside && !mayBeShown(scan.inside, head, bare)) ranges.push({from, to})
    else if (!comment && !scan.inside) scan.opening = blockNamed(text, scan.blocks)
    head ??= bare
  }
  return ranges
}

/** The rest of a line is hidden, but its braces still count. */
function settled(line: string, from: number, comment: boolean, scan: Scan, ranges: HiddenRange[]): HiddenRange[] {
  if (comment) return ranges
  for (const {text} of tokensOf(line.slice(from))) {
    if (/^[#!]/.test(text)) break
    if (text === '{' || text === '}') takeBrace(text, scan)
  }
  return ranges
}

const rangeTo = (from: number, to: number): HiddenRange[] => (to > from ? [{from, to}] : [])

function mayBeShown(block: SecretBlock, head: string | undefined, word: string): boolean {
  return head === undefined ? block.keywords.has(word) : isHarmless(block, head, word)
}

/** A misspelt `authentication` holds a password all the same. */
function blockNamed(word: string, blocks: ReadonlyMap<string, SecretBlock>): SecretBlock | undefined {
  return blocks.get(word) ?? blocks.get(closest(word, blocks.keys()) ?? '')
}

function takeBrace(brace: string, scan: Scan): void {
  if (scan.inside === undefined) {
    if (brace === '{' && scan.opening) {
      scan.inside = scan.opening
      scan.depth = 1
    }
    scan.opening = undefined
    return
  }
  scan.depth += brace === '{' ? 1 : -1
  if (scan.depth === 0) scan.inside = undefined
}

/** Quoted texts, braces, and runs of anything else. */
function* tokensOf(line: string): Generator<Token> {
  for (const match of line.matchAll(/"[^"]*"?|[{}]|[^\s{}"]+/g)) {
    yield {text: match[0], from: match.index, to: match.index + match[0].length}
  }
}

function collectNames(hidden: string, names: Set<string>): void {
  for (const match of hidden.matchAll(/\$\{?(\w+)/g)) if (match[1]) names.add(match[1])
}

/** Hides the values of `$NAME=…` for the names of secrets, and for the names that those values hold. */
function hideDefinitions(lines: readonly string[], names: Set<string>, found: Map<number, HiddenRange[]>): void {
  for (let before = -1; before !== names.size; ) {
    before = names.size
    let continued = false
    for (const [index, line] of lines.entries()) {
      const start: number | undefined = continued ? 0 : definedFrom(line, names)
      continued = start !== undefined && /\\\s*$/.test(line)
      if (start === undefined) continue
      found.set(index + 1, rangeTo(start, line.trimEnd().length))
      collectNames(line.slice(start), names)
    }
  }
}

/** Where the value of a secret name begins in a line; undefined where none is given one. */
function definedFrom(line: string, names: ReadonlySet<string>): number | undefined {
  const definition = /^\s*\$(\w+)\s*=/.exec(line)
  if (definition?.[1] !== undefined) return names.has(definition[1]) ? definition[0].length : undefined
  const repetition = /^\s*~(SEQ|LST)\(([^,)]*)/.exec(line)
  const named = [...(repetition?.[2] ?? '').matchAll(/\w+/g)].some(([name]) => names.has(name))
  return named ? repetition?.[0].length : undefined
}
