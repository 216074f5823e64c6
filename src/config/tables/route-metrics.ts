import {REFUSED, type Refused} from '../schema/schema.ts'
import type {Word} from '../text/lexer.ts'
import {writtenWord} from '../text/written.ts'
import {fieldsOf, type LineOption, type LineReader, readNumber} from './line-options.ts'

/** What a route tells the transport protocols above it: RTAX_* of <linux/rtnetlink.h>, in the kernel's units. */
export interface RouteMetrics {
  readonly mtu?: RouteMetric
  readonly advmss?: RouteMetric
  readonly hoplimit?: RouteMetric
  /** Eighths of a millisecond. */
  readonly rtt?: RouteMetric
  /** Quarters of a millisecond. */
  readonly rttvar?: RouteMetric
  /** Milliseconds. */
  readonly rtoMin?: RouteMetric
  readonly reordering?: RouteMetric
  readonly window?: RouteMetric
  readonly cwnd?: RouteMetric
  readonly ssthresh?: RouteMetric
  readonly initcwnd?: RouteMetric
  readonly initrwnd?: RouteMetric
  readonly quickack?: RouteMetric
  readonly fastopenNoCookie?: RouteMetric
  /** RTAX_FEATURE_ECN. */
  readonly ecn?: boolean
  readonly congestionControl?: {readonly name: string; readonly locked: boolean}
}

/** A number, and whether the kernel is to leave it as it is. */
export interface RouteMetric {
  readonly value: number
  readonly locked: boolean
}

type Draft = {-readonly [Name in keyof RouteMetrics]: RouteMetrics[Name]}

const UINT32 = 0xffff_ffff
/** More than the kernel has room for. */
const LONGEST_CONGCTL = 255
/** TCP_RTO_MIN and TCP_RTO_MAX of <net/tcp.h>. */
const MIN_MS = 200
const MAX_MS = 120_000

const writtenMetric = ({value, locked}: RouteMetric): string => `${locked ? 'lock ' : ''}${value}`

function takeLock(line: LineReader): boolean {
  if (line.peek()?.text !== 'lock') return false
  line.next()
  return true
}

const number = (max = UINT32) => ({
  form: `0..${max}`,
  take: (line: LineReader, option: Word): RouteMetric | Refused => {
    const value = readNumber(line, option, {max})
    return value === REFUSED ? REFUSED : {value, locked: false}
  },
  write: writtenMetric,
})

const lockable = (take: (line: LineReader, option: Word) => number | Refused, form: string) => ({
  form: `[lock] ${form}`,
  take: (line: LineReader, option: Word): RouteMetric | Refused => {
    const locked = takeLock(line)
    const value = take(line, option)
    return value === REFUSED ? REFUSED : {value, locked}
  },
  write: writtenMetric,
})

const locks = lockable((line, option) => readNumber(line, option, {max: UINT32}), `0..${UINT32}`)

/** A time with a unit, or without one in the kernel's own, of which `perMs` make a millisecond. */
const times = (perMs: number) =>
  lockable((line, option) => readTime(line, option, perMs), `${MIN_MS / 1_000}s..${MAX_MS / 1_000}s`)

const CONGESTION_CONTROL = {
  form: '[lock] NAME',
  take: (line: LineReader, option: Word): NonNullable<RouteMetrics['congestionControl']> | Refused => {
    const locked = takeLock(line)
    const name = line.value(option, '[lock] NAME')
    if (name === REFUSED) return REFUSED
    if (name.text !== '' && Buffer.byteLength(name.text) <= LONGEST_CONGCTL) return {name: name.text, locked}
    return line.refuse(name, `${line.show(name)} cannot be a congestion control`, `1 to ${LONGEST_CONGCTL} bytes`)
  },
  write: ({name, locked}: NonNullable<RouteMetrics['congestionControl']>) =>
    `${locked ? 'lock ' : ''}${writtenWord(name)}`,
}

const FEATURES: LineOption<Draft> = {
  words: ['features'],
  form: 'ecn',
  doc: 'ecn: use explicit congestion notification',
  repeats: true,
  read: (line, metrics, option) => {
    const given = line.value(option, 'ecn')
    if (given === REFUSED) return REFUSED
    if (given.text === 'ecn') metrics.ecn = true
    else line.correct(given, `${line.show(given)} is no feature; it is ignored`, 'ecn')
    return undefined
  },
  print: ({ecn}) => (ecn ? 'features ecn' : undefined),
}

const field = fieldsOf<Draft>()

/** The options of a route that set metrics. */
export const METRIC_OPTIONS: readonly LineOption<Draft>[] = [
  field('mtu', {words: ['mtu'], doc: 'greatest size of packets in bytes; lock: no path MTU discovery', ...locks}),
  field('hoplimit', {words: ['hoplimit'], doc: 'hop limit of packets that start here; 0: the usual', ...number(255)}),
  field('advmss', {words: ['advmss'], doc: 'greatest segment that TCP announces, in bytes', ...locks}),
  field('rtt', {words: ['rtt'], doc: 'guess at the round-trip time; a bare number is in 1/8 ms', ...times(8)}),
  field('rttvar', {words: ['rttvar'], doc: 'guess at its variance; a bare number is in 1/4 ms', ...times(4)}),
  field('reordering', {words: ['reordering'], doc: 'how many packets may overtake one another', ...locks}),
  field('window', {words: ['window'], doc: 'greatest window that TCP announces, in bytes', ...number()}),
  field('cwnd', {words: ['cwnd'], doc: 'bound of the congestion window in segments; needs lock', ...locks}),
  field('ssthresh', {words: ['ssthresh'], doc: 'first slow start threshold', ...locks}),
  field('rtoMin', {words: ['rto_min'], doc: 'least retransmission timeout; a bare number is in ms', ...times(1)}),
  field('initcwnd', {words: ['initcwnd'], doc: 'first congestion window in segments', ...number()}),
  field('initrwnd', {words: ['initrwnd'], doc: 'first receive window in segments', ...number()}),
  FEATURES,
  field('quickack', {words: ['quickack'], doc: '1: acknowledge at once', ...number(1)}),
  field('congestionControl', {
    words: ['congctl'],
    doc: 'congestion control of TCP; lock: programs cannot choose another',
    ...CONGESTION_CONTROL,
  }),
  field('fastopenNoCookie', {words: ['fastopen_no_cookie'], doc: '1: TCP fast open without a cookie', ...number(1)}),
]

function readTime(line: LineReader, option: Word, perMs: number): number | Refused {
  const hint = `${option.text} ${MIN_MS}ms to ${MAX_MS / 1_000}s`
  const given = line.value(option, '300ms')
  if (given === REFUSED) return REFUSED
  const match = /^\+?(\d{1,15}(?:\.\d{0,15})?)(m?s|m?secs?)?$/i.exec(given.text)
  if (!match) return line.refuse(given, `${line.show(given)} is not a time`, hint)
  const [, amount, unit] = match
  const units = Number(amount) * (unit !== undefined && !/^m/i.test(unit) ? 1_000 : 1)
  // With a unit, keepalived compares before it converts.
  if (units > MAX_MS * perMs) return line.refuse(given, `${line.show(given)} is longer than ${MAX_MS / 1_000}s`, hint)
  const exact = unit === undefined ? units : units * perMs
  const held = Math.min(MAX_MS * perMs, Math.max(MIN_MS * perMs, Math.round(exact)))
  if (held !== exact)
    line.correct(given, `${option.text} ${line.show(given)} is not possible; ${held / perMs}ms is used`, hint)
  return held
}
