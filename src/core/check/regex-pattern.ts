/** A regular expression of JavaScript, or what of the one of PCRE2 JavaScript does not have, in words. */
export type Translated = {readonly ok: true; readonly regex: RegExp} | {readonly ok: false; readonly reason: string}

/**
 * The regular expression of JavaScript that matches what one of PCRE2 matches; pcre2pattern(3), pcre2api(3). The
 * subject is text of one character a byte, or with the option `utf` decoded. It has the flag `g`, so that `lastIndex`
 * says where a match may begin.
 */
export function translateRegex(pattern: string, options: readonly string[]): Translated {
  const given = new Set(options)
  if (given.has('ucp')) return unsupported('the option ucp')
  const start = /^\(\?([imsxU]+)\)/.exec(pattern)
  for (const letter of start?.[1] ?? '') given.add(LETTERS[letter] ?? letter)
  // Without `utf` PCRE2 compares bytes, and the file of the configuration holds UTF-8.
  const text = given.has('utf') ? pattern : Buffer.from(pattern, 'utf8').toString('latin1')
  const scan: Scan = {text, at: start?.[0].length ?? 0, has: option => given.has(option), quantifiable: false}
  let source = ''
  while (scan.at < scan.text.length) {
    const piece = nextPiece(scan)
    if (typeof piece !== 'string') return unsupported(piece.lacks)
    source += piece
  }
  try {
    const flags = `g${given.has('caseless') ? 'i' : ''}${given.has('utf') ? 'u' : ''}`
    return {ok: true, regex: new RegExp(source, flags)}
  } catch {
    return unsupported('its form')
  }
}

interface Scan {
  readonly text: string
  at: number
  readonly has: (option: string) => boolean
  /** Whether a quantifier may follow what was read last. */
  quantifiable: boolean
}

interface Lacking {
  readonly lacks: string
}

const unsupported = (what: string): Translated => ({
  ok: false,
  reason: `the regular expression is not supported: ${what}`,
})

function nextPiece(scan: Scan): string | Lacking {
  const character = scan.text[scan.at] ?? ''
  const quantifier = quantifierAt(scan)
  if (quantifier !== undefined) return quantifier
  scan.quantifiable = true
  if (character === '\\') return escapeAt(scan)
  if (character === '[') return classAt(scan)
  if (character === '(') return groupAt(scan)
  scan.at++
  if (scan.has('extended') && /[\t-\r #]/.test(character)) return skipExtended(scan, character)
  switch (character) {
    case '.':
      return scan.has('dotall') ? '[^]' : '[^\\n]'
    case '^':
      return lineStart(scan)
    case '$':
      return lineEnd(scan)
    case '|':
      scan.quantifiable = false
      return character
    case '{':
    case '}':
    case ']':
      return `\\${character}`
    default:
      return character
  }
}

/** In PCRE2 a line ends with \n alone, where JavaScript knows three more ends. */
function lineStart(scan: Scan): string {
  if (!scan.has('multiline')) return SUBJECT_START
  return scan.has('alt_circumflex') ? '(?<![^\\n])' : '(?:(?<![^])|(?<=\\n)(?=[^]))'
}

function lineEnd(scan: Scan): string {
  if (scan.has('multiline')) return '(?![^\\n])'
  return scan.has('dollar_endonly') ? SUBJECT_END : BEFORE_LAST_NEWLINE
}

function skipExtended(scan: Scan, character: string): string {
  scan.quantifiable = false
  if (character !== '#') return ''
  const end = scan.text.indexOf('\n', scan.at)
  scan.at = end === -1 ? scan.text.length : end + 1
  return ''
}

/** A quantifier with what makes it lazy; undefined where there is none, and `{` is an ordinary character. */
function quantifierAt(scan: Scan): string | Lacking | undefined {
  const found = QUANTIFIER.exec(scan.text.slice(scan.at, scan.at + QUANTIFIER_CHARACTERS))
  if (!found || !scan.quantifiable) return undefined
  scan.at += found[0].length
  scan.quantifiable = false
  if (found[2] === '+') return {lacks: `${found[0]}, a possessive quantifier`}
  const lazy = (found[2] === '?') !== scan.has('ungreedy')
  return `${found[1]}${lazy ? '?' : ''}`
}

function groupAt(scan: Scan): string | Lacking {
  const rest = scan.text.slice(scan.at, scan.at + GROUP_CHARACTERS)
  if (rest.startsWith('(?#')) {
    const end = scan.text.indexOf(')', scan.at)
    scan.at = end === -1 ? scan.text.length : end + 1
    scan.quantifiable = false
    return ''
  }
  scan.quantifiable = false
  const reference = /^\(\?P=(\w+)\)/.exec(rest)
  if (reference) {
    scan.at += reference[0].length
    scan.quantifiable = true
    return `\\k<${reference[1]}>`
  }
  const named = /^\(\?P?<(\w+)>|^\(\?'(\w+)'/.exec(rest)
  if (named) {
    scan.at += named[0].length
    return `(?<${named[1] ?? named[2]}>`
  }
  const plain = /^\((?:\?(?::|=|!|<=|<!))/.exec(rest)
  if (plain) {
    scan.at += plain[0].length
    return plain[0]
  }
  if (rest.startsWith('(?') || rest.startsWith('(*')) return {lacks: `"${rest.slice(0, 3)}"`}
  scan.at++
  return scan.has('no_auto_capture') ? '(?:' : '('
}

function escapeAt(scan: Scan): string | Lacking {
  const letter = scan.text[scan.at + 1] ?? ''
  if (letter === 'Q') return quoted(scan)
  if (letter === 'E') {
    scan.at += 2
    scan.quantifiable = false
    return ''
  }
  const code = codeAt(scan)
  if (code !== undefined) return code
  const reference = /^\\(?:k[<{'](\w+)[>}']|g\{?([1-9]\d?)\}?)/.exec(
    scan.text.slice(scan.at, scan.at + GROUP_CHARACTERS),
  )
  if (reference) {
    scan.at += reference[0].length
    return reference[1] === undefined ? `\\${reference[2]}(?:)` : `\\k<${reference[1]}>`
  }
  scan.at += 2
  const outside = ESCAPES[letter]
  if (outside !== undefined) return outside
  if (/[1-9dDwWbBfnrt]/.test(letter)) return `\\${letter}`
  if (/[\da-z]/i.test(letter) || letter === '') return {lacks: `"\\${letter}"`}
  return literal(letter)
}

/** \xHH, \x{H…}, \uHHHH with `alt_bsux`, \0OO. */
function codeAt(scan: Scan): string | undefined {
  const rest = scan.text.slice(scan.at, scan.at + GROUP_CHARACTERS)
  const found = (scan.has('alt_bsux') ? ALT_CODE : CODE).exec(rest)
  if (!found) return undefined
  scan.at += found[0].length
  const [, braced, hexadecimal, octal] = found
  const value = octal === undefined ? Number.parseInt(braced ?? hexadecimal ?? '0', 16) : Number.parseInt(octal, 8)
  if (value > 0xffff) return scan.has('utf') && value <= 0x10_ffff ? `\\u{${value.toString(16)}}` : '[]'
  return `\\u${value.toString(16).padStart(4, '0')}`
}

/** \Q…\E: all of it stands for itself. */
function quoted(scan: Scan): string {
  const end = scan.text.indexOf('\\E', scan.at + 2)
  const text = scan.text.slice(scan.at + 2, end === -1 ? undefined : end)
  scan.at = end === -1 ? scan.text.length : end + 2
  return [...text].map(literal).join('')
}

const literal = (character: string): string => (/[$()*+./?[\\\]^{|}]/.test(character) ? `\\${character}` : character)

/** A class in brackets: "]" right after its beginning is one of its characters. */
function classAt(scan: Scan): string | Lacking {
  let source = '['
  scan.at++
  if (scan.text[scan.at] === '^') {
    source += '^'
    scan.at++
  }
  const first = scan.at
  for (;;) {
    const character = scan.text[scan.at]
    if (character === undefined) return {lacks: 'a class without an end'}
    if (character === ']' && (scan.at > first || scan.has('allow_empty_class'))) break
    const piece = memberAt(scan, character)
    if (typeof piece !== 'string') return piece
    source += piece
  }
  scan.at++
  return `${source}]`
}

function memberAt(scan: Scan, character: string): string | Lacking {
  const posix = /^\[:(\^?)(\w+):\]/.exec(scan.text.slice(scan.at, scan.at + GROUP_CHARACTERS))
  if (posix) {
    const members = posix[1] === '' ? POSIX[posix[2] ?? ''] : undefined
    scan.at += posix[0].length
    return members ?? {lacks: `"${posix[0]}"`}
  }
  if (character === '\\') {
    const letter = scan.text[scan.at + 1] ?? ''
    const code = codeAt(scan)
    if (code !== undefined) return code
    scan.at += 2
    const inside = CLASS_ESCAPES[letter]
    if (inside !== undefined) return inside
    if (/[dDwWbfnrt]/.test(letter)) return `\\${letter}`
    if (/[\da-z]/i.test(letter) || letter === '') return {lacks: `"\\${letter}" in a class`}
    return /[$()*+./?[\\\]^{|}-]/.test(letter) ? `\\${letter}` : letter
  }
  scan.at++
  return character === '[' || character === ']' ? `\\${character}` : character
}

const SUBJECT_START = '(?<![^])'
const SUBJECT_END = '(?![^])'
const BEFORE_LAST_NEWLINE = '(?=\\n?(?![^]))'
const QUANTIFIER = /^([*+?]|\{\d{1,5}(?:,\d{0,5})?\})([?+]?)/
const QUANTIFIER_CHARACTERS = 16
const GROUP_CHARACTERS = 64
const CODE = /^\\(?:x\{([\da-fA-F]{1,6})\}|x([\da-fA-F]{0,2})|(0[0-7]{0,2}))/
/** Without two or four digits after them, `x` and `u` stand for themselves. */
const ALT_CODE = /^\\(?:x\{([\da-fA-F]{1,6})\}|(?:x|u(?=[\da-fA-F]{4})[\da-fA-F]{2})([\da-fA-F]{2})|(0[0-7]{0,2}))/

const LETTERS: {readonly [letter: string]: string} = {
  i: 'caseless',
  m: 'multiline',
  s: 'dotall',
  x: 'extended',
  U: 'ungreedy',
}

/** What JavaScript writes in another way, or takes for something else. */
const ESCAPES: {readonly [letter: string]: string} = {
  A: SUBJECT_START,
  z: SUBJECT_END,
  Z: BEFORE_LAST_NEWLINE,
  a: '\\u0007',
  e: '\\u001b',
  s: '[\\t-\\r ]',
  S: '[^\\t-\\r ]',
  h: '[\\t \\u00a0]',
  H: '[^\\t \\u00a0]',
  v: '[\\n-\\r\\u0085]',
  V: '[^\\n-\\r\\u0085]',
  R: '(?:\\r\\n|(?!\\r\\n)[\\n-\\r\\u0085])',
  N: '[^\\n]',
}

const CLASS_ESCAPES: {readonly [letter: string]: string} = {
  a: '\\u0007',
  e: '\\u001b',
  s: '\\t-\\r ',
  S: '\\u0000-\\u0008\\u000e-\\u001f!-\\uffff',
  h: '\\t \\u00a0',
  v: '\\n-\\r\\u0085',
}

/** Of the characters of ASCII, as in the locale C. */
const POSIX: {readonly [name: string]: string} = {
  alnum: 'A-Za-z0-9',
  alpha: 'A-Za-z',
  ascii: '\\u0000-\\u007f',
  blank: '\\t ',
  cntrl: '\\u0000-\\u001f\\u007f',
  digit: '0-9',
  graph: '!-~',
  lower: 'a-z',
  print: ' -~',
  punct: '!-\\/:-@\\[-`{-~',
  space: '\\t-\\r ',
  upper: 'A-Z',
  word: '\\w',
  xdigit: 'A-Fa-f0-9',
}
