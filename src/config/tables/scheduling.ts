import {oneOf} from '../schema/arguments.ts'
import {type Entry, type KeywordFacts, REFUSED, type ReadContext} from '../schema/schema.ts'
import {readArguments} from '../schema/statement-cursor.ts'
import type {Statement} from '../text/pieces.ts'

/** How connections are spread. ipvsadm(8) -s and -b. */
export interface Scheduling {
  readonly scheduler: Scheduler | undefined
  /** The scheduler's own bits: of sh and mh, flag-1 is fallback and flag-2 is port. <linux/ip_vs.h> */
  readonly flags: readonly SchedulerFlag[]
}

export type Scheduler = (typeof SCHEDULERS)[number]
export type SchedulerFlag = (typeof FLAGS)[number]

/** Every scheduler that keepalived knows. */
export const SCHEDULERS = [
  'rr',
  'wrr',
  'lc',
  'wlc',
  'lblc',
  'sh',
  'mh',
  'dh',
  'fo',
  'ovf',
  'lblcr',
  'sed',
  'nq',
  'twos',
] as const

const FLAGS = ['flag-1', 'flag-2', 'flag-3'] as const

/** The flags of the two schedulers that hash, and which bit each is. */
const HASH_FLAGS: ReadonlyMap<string, {readonly scheduler: 'sh' | 'mh'; readonly flag: SchedulerFlag}> = new Map([
  ['sh-port', {scheduler: 'sh', flag: 'flag-2'}],
  ['sh-fallback', {scheduler: 'sh', flag: 'flag-1'}],
  ['mh-port', {scheduler: 'mh', flag: 'flag-2'}],
  ['mh-fallback', {scheduler: 'mh', flag: 'flag-1'}],
])

const SCHEDULER = oneOf(Object.fromEntries(SCHEDULERS.map(name => [name, name])) as {[name: string]: Scheduler})

const FLAG_KEYWORDS: readonly KeywordFacts[] = [
  ...FLAGS.map(name => flagFacts(name, `the ${ordinal(name)} flag of the scheduler`)),
  flagFacts('sh-port', 'let sh hash the source port too; after lvs_sched sh'),
  flagFacts('sh-fallback', 'let sh take another server when one is unavailable; after lvs_sched sh'),
  flagFacts('mh-port', 'let mh hash the source port too; after lvs_sched mh'),
  flagFacts('mh-fallback', 'let mh take another server when one is unavailable; after lvs_sched mh'),
  flagFacts('hashed', 'has no effect; keepalived documents it and complains of it'),
]

/** `lvs_sched` and the flags of schedulers, which depend on what stands before them. */
export const SCHEDULING: Entry<Scheduling> = {
  keywords: [
    ...['lvs_sched', 'lb_algo'].map(name => ({
      name,
      form: SCHEDULER.form,
      doc: 'how connections are spread over the real servers',
      defaultText: 'wlc, with a complaint',
    })),
    ...FLAG_KEYWORDS,
  ],
  initial: {scheduler: undefined, flags: []},
  repeats: 'collects',
  read: (statement, previous, context) => {
    const keyword = statement.keyword.text
    if (keyword === 'lvs_sched' || keyword === 'lb_algo') return readScheduler(statement, previous, context)
    readArguments(statement, NOTHING, context)
    const flag = flagMeant(keyword, statement, previous, context)
    if (flag === undefined) return REFUSED
    const flags = FLAGS.filter(name => name === flag || previous.flags.includes(name))
    return {...previous, flags}
  },
  print: ({scheduler, flags}) => [
    ...(scheduler === undefined ? [] : [{text: `lvs_sched ${scheduler}`}]),
    ...flags.map(flag => ({text: flagName(flag, scheduler)})),
  ],
}

const NOTHING = {form: '', read: () => undefined, print: () => ''}

function flagFacts(name: string, doc: string): KeywordFacts {
  return {name, form: '', doc, defaultText: 'off'}
}

function ordinal(flag: SchedulerFlag): string {
  return {'flag-1': 'first', 'flag-2': 'second', 'flag-3': 'third'}[flag]
}

function readScheduler(statement: Statement, previous: Scheduling, context: ReadContext): Scheduling {
  const {scheduler: earlier} = previous
  const scheduler = readArguments(statement, SCHEDULER, context)
  if (scheduler === REFUSED) return {...previous, scheduler: earlier ?? 'wlc'}
  if (earlier !== undefined) {
    const message = `${statement.keyword.text} ${scheduler} overrides ${earlier}`
    context.findings.report('given-again', statement.position, message, 'give it once')
  }
  return {...previous, scheduler}
}

function flagMeant(
  keyword: string,
  statement: Statement,
  {scheduler}: Scheduling,
  {findings}: ReadContext,
): SchedulerFlag | undefined {
  const plain = FLAGS.find(flag => flag === keyword)
  if (plain) return plain
  const hash = HASH_FLAGS.get(keyword)
  if (hash && hash.scheduler === scheduler) return hash.flag
  const {position} = statement
  if (hash && (scheduler === 'sh' || scheduler === 'mh')) {
    const message = `${keyword} has no effect on the scheduler ${scheduler}`
    findings.report('scheduler-flag-unused', position, message, `write ${keyword.replace(/^../, scheduler)}`)
  } else if (hash) {
    const message = `${keyword} has no effect: the scheduler is not ${hash.scheduler} at this line`
    findings.report('scheduler-flag-ignored', position, message, `put it after lvs_sched ${hash.scheduler}`)
  } else findings.report('scheduler-flag-ignored', position, `${keyword} has no effect with any scheduler`, 'remove it')
  return undefined
}

function flagName(flag: SchedulerFlag, scheduler: Scheduler | undefined): string {
  const own = [...HASH_FLAGS].find(([, meant]) => meant.scheduler === scheduler && meant.flag === flag)
  return own ? own[0] : flag
}
