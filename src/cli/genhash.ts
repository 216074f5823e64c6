import type {HttpProbePlan} from '../core/check/plan.ts'
import {ipFamily, parseIp} from '../core/ip.ts'
import {detailLine} from './check-by-hand.ts'
import {latencyText} from './check-views.ts'
import {printable} from './table.ts'

/** What a command line of genhash(1) asks for, or why it cannot be read; an empty reason: something is missing. */
export type GenhashCommand =
  | {readonly type: 'digest'; readonly plan: HttpProbePlan; readonly verbose: boolean}
  | {readonly type: 'help'}
  | {readonly type: 'usage'; readonly why: string}

/**
 * Does what genhash does with the same words, those behind the name of the program; resolves to the exit code. Unlike
 * genhash it fails when there is no page, and says so on standard error; help is no failure. genhash(1)
 */
export async function runGenhash(argv: readonly string[]): Promise<number> {
  const command = readGenhash(argv)
  if (command.type === 'help') {
    process.stdout.write(USAGE)
    return 0
  }
  if (command.type === 'usage') {
    process.stderr.write(command.why === '' ? USAGE : `${command.why}\n${USAGE}`)
    return 1
  }
  const {plan, verbose} = command
  const {pageDigest} = await import('../probe/http.ts')
  const result = await pageDigest(plan, verbose ? {details: detailLine} : {})
  if (!result.ok) {
    process.stderr.write(`genhash: ${result.reason}\n`)
    return 1
  }
  if (verbose) detailLine(`it took ${latencyText(result.latencyMs)}`)
  process.stdout.write(`${result.digest}\n`)
  return 0
}

/** Reads a command line of genhash(1): options as getopt_long(3) has them, long ones also by their beginning. */
export function readGenhash(argv: readonly string[]): GenhashCommand {
  const read = readOptions(argv)
  if (typeof read === 'string') return {type: 'usage', why: read}
  if (read.has('h')) return {type: 'help'}
  const server = parseIp(read.get('s') ?? '')
  const port = readNumber(read.get('p'), {least: 1, most: 65_535})
  const path = read.get('u')
  const fwmark = readNumber(read.get('m') ?? '0', {least: 0, most: 0xffff_ffff})
  const seconds = readNumber(read.get('t') ?? '5', {least: 1, most: 3_600})
  const protocol = PROTOCOLS.get((read.get('P') ?? '1.0').toLowerCase())
  const complaint = firstOf([
    [read.has('s') && !server.ok, `server should be an IP, not ${read.get('s')}`],
    [read.has('p') && port === undefined, `invalid port number '${read.get('p')}'`],
    [fwmark === undefined, `invalid fwmark '${read.get('m')}'`],
    [seconds === undefined, `invalid timeout '${read.get('t')}'`],
    [protocol === undefined, `invalid HTTP protocol version '${read.get('P')}'`],
    [!isWord(path ?? '/'), 'invalid url: blanks and other characters have to be written as %20 and so on'],
    [!isWord(read.get('V') ?? '-'), `invalid virtualhost '${read.get('V')}'`],
  ])
  if (complaint !== undefined) return {type: 'usage', why: printableWords(complaint)}
  const isWhole = server.ok && port !== undefined && path !== undefined
  if (!isWhole || fwmark === undefined || seconds === undefined || protocol === undefined) {
    return {type: 'usage', why: ''}
  }
  const isTls = read.has('S')
  const name = ipFamily(server.value) === 6 ? `[${server.value}]` : server.value
  const host = read.get('V') ?? `${name}:${port}`
  const none = {bindAddress: undefined, bindPort: undefined, bindInterface: undefined}
  const plan: HttpProbePlan = {
    type: 'http',
    connection: {address: server.value, port, ...none, fwmark, timeoutMs: seconds * 1_000},
    tls: isTls ? {serverName: read.has('I') ? read.get('V') : undefined, compliant: false} : undefined,
    protocol,
    fastRecovery: false,
    pages: [{path, host, digest: undefined, status: ANY_STATUS, regex: undefined, tlsCompliant: undefined}],
  }
  return {type: 'digest', plan, verbose: read.has('v')}
}

/** Whatever a page is, it has a digest. */
const ANY_STATUS = [{from: 100, to: 999}]

const PROTOCOLS = new Map<string, HttpProbePlan['protocol']>([
  ['1.0', '1.0'],
  ['1.0c', '1.0C'],
  ['1.1', '1.1'],
])

/** Long options with their short ones; genhash(1). */
const LONG: {readonly [name: string]: string} = {
  'use-ssl': 'S',
  'use-sni': 'I',
  server: 's',
  port: 'p',
  url: 'u',
  'use-virtualhost': 'V',
  verbose: 'v',
  help: 'h',
  fwmark: 'm',
  protocol: 'P',
  timeout: 't',
}
const WITH_VALUE = 'spuVmPt'
const WITHOUT_VALUE = 'SIvh'

/** The options by their letters; a text is why they cannot be read. */
function readOptions(argv: readonly string[]): ReadonlyMap<string, string> | string {
  const options = new Map<string, string>()
  const others: string[] = []
  const words = argv.values()
  for (const word of words) {
    if (word === '--') {
      others.push(...words)
    } else if (word.startsWith('--')) {
      const [name = '', ...value] = word.slice(2).split('=')
      const letter = letterOf(name)
      if (letter === undefined) return printableWords(`Unknown option --${name}`)
      const isAlone = WITHOUT_VALUE.includes(letter)
      if (isAlone && value.length > 0) return printableWords(`Unknown option ${word}`)
      const given = isAlone ? '' : value.length > 0 ? value.join('=') : words.next().value
      if (given === undefined) return ''
      options.set(letter, given)
    } else if (word.startsWith('-') && word !== '-') {
      const failed = readLetters(word, {options, next: () => words.next().value})
      if (failed !== undefined) return failed
    } else {
      others.push(word)
    }
  }
  return others.length === 0 ? options : printableWords(`Unexpected argument(s): ${others.join(' ')}`)
}

/** A word of short options, of which the last may take what follows it. */
function readLetters(
  word: string,
  {options, next}: {readonly options: Map<string, string>; readonly next: () => string | undefined},
): string | undefined {
  for (let at = 1; at < word.length; at++) {
    const letter = word.charAt(at)
    if (WITHOUT_VALUE.includes(letter)) {
      options.set(letter, '')
    } else if (WITH_VALUE.includes(letter)) {
      const value = at + 1 < word.length ? word.slice(at + 1) : next()
      if (value === undefined) return ''
      options.set(letter, value)
      return undefined
    } else {
      return printableWords(`Unknown option -${letter}`)
    }
  }
  return undefined
}

/** The letter of a long option, which may be shortened as far as only one begins so. */
function letterOf(name: string): string | undefined {
  const exact = Object.hasOwn(LONG, name) ? LONG[name] : undefined
  const begun = Object.keys(LONG).filter(known => known.startsWith(name))
  return exact ?? (begun.length === 1 ? LONG[begun[0] ?? ''] : undefined)
}

function readNumber(
  text: string | undefined,
  {least, most}: {readonly least: number; readonly most: number},
): number | undefined {
  const number = /^\d{1,10}$/.test(text ?? '') ? Number(text) : -1
  return number >= least && number <= most ? number : undefined
}

const isWord = (text: string): boolean => /^[\x21-\x7e]{1,2000}$/.test(text)

const firstOf = (complaints: readonly (readonly [applies: boolean, text: string])[]): string | undefined =>
  complaints.find(([applies]) => applies)?.[1]

const printableWords = (text: string): string => printable(text.slice(0, 200))

const USAGE = `Usage: genhash [OPTION ...] -s ADDRESS -p PORT -u PATH
Prints the MD5 digest of a page, as digest of keepalived.conf wants it.
  -s, --server ADDRESS        where to connect
  -p, --port PORT
  -u, --url PATH              which page
  -S, --use-ssl               with TLS
  -I, --use-sni               the name of -V as server name of TLS
  -V, --use-virtualhost NAME  field Host
  -P, --protocol VERSION      1.0, 1.0c (closes the connection) or 1.1; 1.0 unless given
  -m, --fwmark MARK           mark of the packets
  -t, --timeout SECONDS       5 unless given
  -v, --verbose               tell on standard error what happens
  -h, --help                  this text
`
