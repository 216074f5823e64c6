import type {Problem} from './model.ts'

/** Something that is wrong with one thing. Several with one cause become one line. */
export interface Finding extends Pick<Problem, 'severity' | 'kind' | 'subject'> {
  /** What it is called in a sentence: "VI_1", "10.0.0.1:80 of 192.0.2.1:80/tcp". */
  readonly about: string
  /** What several of it are called: "virtual routers". */
  readonly plural: string
  /** The same for whatever is wrong for the same reason. */
  readonly cause: string
  /** The whole sentence; `verb` chooses between the forms for one thing and for several. */
  readonly say: (about: string, verb: (one: string, several: string) => string) => string
}

/** The line of a single finding. */
export function problemOf({severity, kind, subject, about, say}: Finding): Problem {
  return {severity, kind, subject, text: say(about, one => one)}
}

/** The worst of what is wrong with one thing; null: nothing. */
export function worstOf(findings: readonly Finding[]): Problem | null {
  let worst: Finding | undefined
  for (const finding of findings) {
    if (worst === undefined || orderOf(finding) < orderOf(worst)) worst = finding
  }
  return worst === undefined ? null : problemOf(worst)
}

/** One line for each cause, the worst first; at most 200 of them. */
export function problemsOf(findings: readonly Finding[]): readonly Problem[] {
  const groups = new Map<string, Finding[]>()
  for (const finding of findings) {
    const key = `${finding.severity} ${finding.kind} ${finding.cause}`
    const group = groups.get(key)
    if (group) group.push(finding)
    else groups.set(key, [finding])
  }
  const lines = [...groups.values()].flatMap(group =>
    group.length < MANY ? group.map(finding => problemOf(finding)) : [problemOfMany(group)],
  )
  return lines.toSorted((a, b) => orderOf(a) - orderOf(b)).slice(0, MAX_PROBLEMS)
}

/** Two problems say the same of the same. */
export function isSameProblem(a: Problem | undefined, b: Problem | undefined): boolean {
  return a?.severity === b?.severity && a?.kind === b?.kind && a?.text === b?.text && a?.subject === b?.subject
}

/** "lb1", "lb1 and lb2", "lb1, lb2 and lb3". */
export function listed(names: readonly string[]): string {
  if (names.length < 2) return names.join('')
  return `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`
}

/** So many with one cause are told in one line. */
const MANY = 3
const NAMED = 3
const MAX_PROBLEMS = 200

function problemOfMany(group: readonly Finding[]): Problem {
  const [first] = group
  if (first === undefined) throw new RangeError('a group has findings')
  const named = group.slice(0, NAMED).map(({about}) => about)
  const names = `${named.join(', ')}${group.length > NAMED ? ', …' : ''}`
  const text = first.say(`${group.length} ${first.plural} (${names})`, (_, several) => several)
  return {severity: first.severity, kind: first.kind, subject: first.subject, text}
}

/** What service depends on comes before what only takes redundancy or order away. */
const KINDS: readonly Problem['kind'][] = [
  'split-brain',
  'no-holder',
  'service-down',
  'router-fault',
  'drift',
  'holder-unknown',
  'node-silent',
  'no-backup',
  'process',
  'configuration',
  'version',
  'clock',
  'held',
  'real-down',
  'drained',
  'check-paused',
  'observed',
]
const SEVERITIES: readonly Problem['severity'][] = ['critical', 'unknown', 'warning']
const ORDER = new Map(SEVERITIES.flatMap((severity, s) => KINDS.map((kind, k) => [`${severity} ${kind}`, s * 100 + k])))

function orderOf({severity, kind}: Pick<Problem, 'severity' | 'kind'>): number {
  return ORDER.get(`${severity} ${kind}`) ?? Number.POSITIVE_INFINITY
}
