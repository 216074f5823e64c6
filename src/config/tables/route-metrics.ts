import {REFUSED, type Refused} from '../schema/schema.ts'
import type {Word} from '../text/lexer.ts'
import {writtenWord} from '../text/written.ts'
import {type LineOption, type LineReader, readNumber} from './line-options.ts'

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

/** Something that has metrics while it is read. */
export interface MetricsDraft {
  readonly metrics: {-readonly [Name in keyof RouteMetrics]: RouteMetrics[Name]}
}

const UINT32 = 0xffff_ffff

/** The options of a route that set metrics. */
export const METRIC_OPTIONS: readonly LineOption<MetricsDraft>[] = [
  metric('mtu', 'mtu', {locks: true, max: UINT32, doc: 'greatest size of packets in bytes; lock: no path MTU discovery'}),
  metric('hoplimit', 'hoplimit', {max: 255, doc: 'hop limit of packets that start here; 0 for the usual one'}),
  metric('advmss', 'advmss', {locks: true, max: UINT32, doc: 'greatest segment that TCP announces, in bytes'}),
  time('rtt', 'rtt', 8, 'first guess at the round-trip time; a bare number is in eighths of a millisecond'),
  time('rttvar', 'rttvar', 4, 'first guess at its variance; a bare number is in quarters of a millisecond'),
  metric('reordering', 'reordering', {locks: true, max: UINT32, doc: 'how many packets may overtake one another'}),
  metric('window', 'window', {max: UINT32, doc: 'greatest window that TCP announces, in bytes'}),
  metric('cwnd', 'cwnd', {locks: true, max: UINT32, doc: 'bound of the congestion window in segments; needs lock'}),
  metric('ssthresh', 'ssthresh', {locks: true, max: UINT32, doc: 'first slow start threshold'}),
  time('rtoMin', 'rto_min', 1, 'least retransmission timeout; a bare number is in milliseconds'),
  metric('initcwnd', 'initcwnd', {max: UINT32, doc: 'first congestion window in segments'}),
  metric('initrwnd', 'initrwnd', {max: UINT32, doc: 'first receive window in segments'}),
  {
    words: ['features'],
    form: 'ecn',
    doc: 'ecn: use explicit congestion notification',
    repeats: true,
    read: (line, {metrics}, option) => {
      const given = line.value(option, 'ecn')
      if (given === REFUSED) return REFUSED
      if (given.text === 'ecn') metrics.ecn = true
      else line.correct(given, `${line.show(given)} is no feature; it is ignored`, 'ecn')
    },
    print: ({metrics}) => (metrics.ecn ? 'features ecn' : undefined),
  },
  metric('quickack', 'quickack', {max: 1, doc: '1: acknowledge at once'}),
  {
    words: ['congctl'],
    form: '[lock] NAME',
    doc: 'congestion control of TCP; lock: programs cannot choose another',
    read: (line, {metrics}, option) => {
      const locked = takeLock(line)
      const name = line.value(option, '[lock] NAME')
      if (name === REFUSED) return REFUSED
      if (Buffer.byteLength(name.text) > LONGEST_CONGCTL || name.text === '') {
        return line.refuse(name, `${line.show(name)} cannot be a congestion control`, `1 to ${LONGEST_CONGCTL} bytes`)
      }
      metrics.congestionControl = {name: name.text, locked}
    },
    print: ({metrics: {congestionControl: given}}) =>
      given && `congctl ${given.locked ? 'lock ' : ''}${writtenWord(given.name)}`,
  },
  metric('fastopenNoCookie', 'fastopen_no_cookie', {max: 1, doc: '1: TCP fast open without a cookie'}),
]

/** TCP_CA_NAME_MAX of <net/tcp.h> with its end, generously: the kernel knows no longer name. */
const LONGEST_CONGCTL = 255

type NumberName = Exclude<keyof RouteMetrics, 'ecn' | 'congestionControl'>

function metric(
  name: NumberName,
  word: string,
  {locks = false, max, doc}: {readonly locks?: boolean; readonly max: number; readonly doc: string},
): LineOption<MetricsDraft> {
  return {
    words: [word],
    form: `${locks ? '[lock] ' : ''}0..${max}`,
    doc,
    read: (line, {metrics}, option) => {
      const locked = locks && takeLock(line)
      const value = readNumber(line, option, {max})
      if (value === REFUSED) return REFUSED
      metrics[name] = {value, locked}
    },
    print: ({metrics}) => writtenMetric(word, metrics[name]),
  }
}

function time(name: NumberName, word: string, perMs: number, doc: string): LineOption<MetricsDraft> {
  return {
    words: [word],
    form: `[lock] ${MIN_MS / 1_000}s..${MAX_MS / 1_000}s`,
    doc,
    read: (line, {metrics}, option) => {
      const locked = takeLock(line)
      const value = readTime(line, option, perMs)
      if (value === REFUSED) return REFUSED
      metrics[name] = {value, locked}
    },
    print: ({metrics}) => writtenMetric(word, metrics[name]),
  }
}

const writtenMetric = (word: string, given: RouteMetric | undefined): string | undefined =>
  given && `${word} ${given.locked ? 'lock ' : ''}${given.value}`

function takeLock(line: LineReader): boolean {
  if (line.peek()?.text !== 'lock') return false
  line.next()
  return true
}

/** TCP_RTO_MIN and TCP_RTO_MAX of <net/tcp.h>. */
const MIN_MS = 200
const MAX_MS = 120_000

/** Takes a time: with a unit, or without one in the kernel's own, of which `perMs` make a millisecond. */
function readTime(line: LineReader, option: Word, perMs: number): number | Refused {
  const hint = `${option.text} ${MIN_MS}ms to ${MAX_MS / 1_000}s`
  const given = line.value(option, '300ms')
  if (given === REFUSED) return REFUSED
  const match = /^\+?(\d{1,15})(\.\d{0,15})?(m?s|m?secs?)?$/i.exec(given.text)
  if (!match) return line.refuse(given, `${line.show(given)} is not a time`, hint)
  const [, whole = '', fraction = '', unit] = match
  const inSeconds = unit !== undefined && !/^m/i.test(unit)
  const units = Number(whole + fraction) * (inSeconds ? 1_000 : 1)
  if (units > MAX_MS * perMs) return line.refuse(given, `${line.show(given)} is longer than ${MAX_MS / 1_000}s`, hint)
  const exact = unit === undefined ? units : units * perMs
  const held = Math.min(MAX_MS * perMs, Math.max(MIN_MS * perMs, Math.round(exact)))
  if (held !== exact) {
    const message = `${line.show(given)} is not possible; ${held / perMs}ms is used`
    line.correct(given, message, hint)
  }
  return held
}
