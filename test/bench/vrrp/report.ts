import {quantile} from '../../lab/capture.ts'
import type {Contender} from './crowd.ts'
import {LATE_MS, type Lateness} from './lateness.ts'
import type {Reload} from './reload.ts'
import type {Takeover} from './takeover.ts'

/** Everything measured of one pair. */
export interface Measured {
  readonly lateness: Lateness
  readonly reloads: readonly Reload[]
  readonly takeovers: readonly Takeover[]
}

/** One line of the table: a figure of each pair. */
interface Line {
  readonly name: string
  readonly of: (measured: Measured) => number
  readonly digits?: number
}

const MEGABYTE = 1_048_576

const LINES: readonly Line[] = [
  {name: 'advertisements', of: ({lateness}) => lateness.adverts, digits: 0},
  {name: '  late, p50, ms', of: ({lateness}) => lateness.p50Ms},
  {name: '  late, p99, ms', of: ({lateness}) => lateness.p99Ms},
  {name: '  late, max, ms', of: ({lateness}) => lateness.maxMs},
  {name: `  later than ${LATE_MS} ms`, of: ({lateness}) => lateness.late, digits: 0},
  {name: 'master, CPU s a minute', of: ({lateness}) => lateness.master.cpuSecondsPerMinute},
  {name: 'master, memory (PSS), MB', of: ({lateness}) => lateness.master.pssBytes / MEGABYTE, digits: 1},
  {name: 'backup, CPU s a minute', of: ({lateness}) => lateness.backup.cpuSecondsPerMinute},
  {name: 'backup, memory (PSS), MB', of: ({lateness}) => lateness.backup.pssBytes / MEGABYTE, digits: 1},
  {name: 'reload: untouched, max gap over the interval, ms', of: it => worst(it.reloads, reload => reload.maxExcessMs)},
  {name: '  lost or late by an interval', of: it => worst(it.reloads, reload => reload.lost), digits: 0},
  {name: '  changed value on the wire, ms', of: it => worst(it.reloads, reload => reload.changedAfterMs), digits: 0},
  {name: 'crash: first address announced, ms', of: it => median(it, ({announced}) => announced[0]), digits: 0},
  {name: '  last address announced, ms', of: it => median(it, ({announced}) => announced[1]), digits: 0},
  {name: '  first address there, ms', of: it => median(it, ({present}) => present[0]), digits: 0},
  {name: '  last address there, ms', of: it => median(it, ({present}) => present[1]), digits: 0},
  {name: '  latest advertisement over its formula, ms', of: it => median(it, ({advertLateMs}) => advertLateMs)},
  {name: '  latest announcement over its formula, ms', of: it => median(it, ({announcedLateMs}) => announcedLateMs)},
  {name: '  latest address there over its formula, ms', of: it => median(it, ({presentLateMs}) => presentLateMs)},
]

/** The table of all figures with the ratios of hactl's to keepalived's, and the targets. */
export function report(
  results: ReadonlyMap<Contender, Measured>,
  {instances, seconds, crashes}: {readonly instances: number; readonly seconds: number; readonly crashes: number},
): {readonly text: string; readonly good: boolean} {
  const [keepalived, hactl] = [results.get('keepalived'), results.get('hactl')]
  const rows = LINES.map(({name, of, digits = 2}) => {
    const [theirs, ours] = [keepalived, hactl].map(measured => measured && of(measured))
    const ratio = theirs === undefined || ours === undefined || theirs === 0 ? '-' : (ours / theirs).toFixed(2)
    const cells = [theirs, ours].map(value => value?.toFixed(digits) ?? '-')
    return [name.padEnd(52), ...[...cells, ratio].map(cell => cell.padStart(12))].join('')
  })
  const targets = hactl ? targetsOf(hactl, keepalived) : []
  const head = ['', 'keepalived', 'hactl', 'ratio'].map((word, i) => (i === 0 ? word.padEnd(52) : word.padStart(12)))
  const title = `${instances} virtual routers at 1 s, two addresses each, ${seconds} s; medians of ${crashes} crashes`
  const verdicts = targets.map(({name, met}) => `${met ? 'PASS  ' : 'MISSED'}  ${name}`)
  return {text: [title, head.join(''), ...rows, ...verdicts].join('\n'), good: targets.every(({met}) => met)}
}

interface Target {
  readonly name: string
  readonly met: boolean
}

function targetsOf(hactl: Measured, keepalived: Measured | undefined): readonly Target[] {
  const {lateness, reloads} = hactl
  const targets: Target[] = [
    {name: `no advertisement later than ${LATE_MS} ms`, met: lateness.maxMs <= LATE_MS},
    {name: 'a reload loses no advertisement of the untouched', met: reloads.every(({lost}) => lost === 0)},
  ]
  if (!keepalived) return targets
  const noLater = (of: (takeover: Takeover) => number): boolean => median(hactl, of) <= median(keepalived, of)
  return [
    ...targets,
    {
      name: "after a crash the last address is there no later than keepalived's",
      met: noLater(({presentLateMs}) => presentLateMs),
    },
    {
      name: "after a crash the last address is announced no later than keepalived's",
      met: noLater(({announcedLateMs}) => announcedLateMs),
    },
  ]
}

const worst = <T>(values: readonly T[], of: (value: T) => number): number => Math.max(...values.map(of))

const median = ({takeovers}: Measured, of: (takeover: Takeover) => number): number => quantile(takeovers.map(of), 0.5)
