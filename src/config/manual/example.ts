import type {AnyBlockKind, KeywordFacts} from '../schema/schema.ts'
import {EXAMPLES} from './examples.ts'

/** A line, or the lines of a block, with a keyword and values that it takes. */
export function exampleOf({name, form, defaultText, opens}: KeywordFacts, block: string): string {
  const given = EXAMPLES[`${block}.${name}`] ?? EXAMPLES[name]
  if (given !== undefined) return given
  if (opens) return `${[name, filled(form.replace(/\{.*$/s, ''))].filter(Boolean).join(' ')} {\n${innerLine(opens)}}`
  const data = /^\{ (.*?)( …)? \}$/s.exec(form)
  if (data) return `${name} {\n  ${filled(data[1] ?? '')}\n}`
  return [name, isValueOf(form, defaultText) ? defaultText : filled(form)].filter(Boolean).join(' ')
}

/** A statement that every such block can have. */
function innerLine(kind: AnyBlockKind): string {
  const [line] = Object.values(kind.schema)
    .flatMap(({keywords}) => keywords)
    .filter(({opens, form}) => !opens && !form.startsWith('{'))
    .map(facts => exampleOf(facts, kind.name))
  return line === undefined ? '' : `  ${line}\n`
}

/** A default that is a value, and one that shows more than the bare keyword would. */
function isValueOf(form: string, defaultText: string): boolean {
  if (form === '' || form.startsWith('[')) return false
  if (/^-?[\d.]+$/.test(defaultText)) return inRange(form, Number(defaultText))
  return form.split('|').includes(defaultText)
}

function inRange(form: string, value: number): boolean {
  const range = /^(-?[\d.]+?)\.\.(-?\d[\d.]*)/.exec(form)
  return range !== null && value >= Number(range[1]) && value <= Number(range[2])
}

/** A form with its placeholders filled in; what may be left out is left out, but not if nothing would be left. */
function filled(form: string): string {
  const whole = /^\[([^[\]]*)\]$/.exec(form)?.[1]
  let text = (whole ?? form).replace(/,.*$|\(.*$| \| .*$/s, '')
  for (let before = ''; before !== text; ) {
    before = text
    text = text.replace(/\s*\[[^[\]]*\]/g, '')
  }
  return text
    .trim()
    .split(/\s+/)
    .filter(part => part !== '…' && !UNITS.has(part))
    .map(part => (form.endsWith(' bytes') && /\.\./.test(part) ? '1048576' : filledWord(part)))
    .join(' ')
}

const UNITS = new Set(['seconds', 'milliseconds', 'microseconds', 'bytes'])

function filledWord(part: string): string {
  const [first = ''] = part.split('|')
  const range = /^(-?[\d.]+?)\.\.(-?\d[\d.]*)$/.exec(first)
  if (range) return pleasant(Number(range[1]), Number(range[2]))
  const placeholder = PLACEHOLDERS[first.replaceAll('"', '')]
  return first.startsWith('"') ? `"${placeholder ?? first.replaceAll('"', '')}"` : (placeholder ?? first)
}

/** A number of a range that people would write. */
function pleasant(min: number, max: number): string {
  return String([10, 5, 2, 1, 0.5].find(n => n >= min && n <= max) ?? min)
}

const PLACEHOLDERS: {readonly [word: string]: string} = {
  ADDRESS: '192.0.2.1',
  BFD: 'BFD_1',
  CHAIN: 'VRRP_IN',
  CPU: '1',
  DIRECTORY: '/run/hactl',
  FILE: '/etc/hactl/state',
  HOST: 'www.example.com',
  INSTANCE: 'VI_1',
  INTERFACE: 'eth0',
  'IPV4-MULTICAST-ADDRESS': '224.0.0.18',
  'IPV6-MULTICAST-ADDRESS': 'ff02::12',
  'MULTICAST-ADDRESS': '224.0.0.18',
  NAME: 'NAME',
  NUMBER: '1',
  PATH: '/usr/local/bin/program',
  PORT: '80',
  PREFIX: '192.0.2.0/24',
  PROGRAM: '/usr/local/bin/program',
  SOCKET: 'udp:192.0.2.1:705',
  TABLE: 'hactl',
  TEXT: 'text',
  USER: 'nobody',
}
