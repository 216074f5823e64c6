import type {IpFamily} from '../../core/ip.ts'
import type {Position} from '../config.ts'
import type {Findings} from '../findings.ts'
import {type BlockFacts, type DataLines, lines} from '../schema/entries.ts'
import {type Cursor, type Entry, REFUSED, type Refused} from '../schema/schema.ts'
import type {Word} from '../text/lexer.ts'
import type {IpPrefix} from './ip-prefix.ts'
import {
  formOf,
  type LineFindings,
  type LineOption,
  type LineReader,
  lineReader,
  meantOption,
  optionIndex,
  printOptions,
  readOption,
  TRACK_GROUP,
} from './line-options.ts'
import type {Realms} from './route-nexthop.ts'
import {OWN_PROTOCOL, type RtId, readRouteType} from './rt-names.ts'
import {RULE_OPTIONS} from './rule-options.ts'

/** What a rule does with the packets that it is for. */
export type RuleAction =
  | {readonly type: 'table'; readonly table: RtId}
  | {readonly type: 'goto'; readonly target: number}
  | {readonly type: 'nop' | 'blackhole' | 'unreachable' | 'prohibit' | 'l3mdev'}

/** A mark of packets, and which of its bits count; undefined: all. */
export interface FirewallMark {
  readonly mark: number
  readonly mask?: number
}

/** Numbers from `start` to `end`. */
export interface NumberRange {
  readonly start: number
  readonly end: number
}

/** One line of `virtual_rules` or `static_rules`. */
export interface RuleConfig {
  readonly position: Position
  readonly family: IpFamily
  /** The rule is for all packets but these. */
  readonly invert: boolean
  readonly from?: IpPrefix
  readonly to?: IpPrefix
  /** The interface that packets came through. */
  readonly device?: string
  /** The interface that their program is bound to. */
  readonly outDevice?: string
  readonly tos?: RtId
  readonly mark?: FirewallMark
  /** Decimal digits of a number of 64 bits. */
  readonly tunnelId?: string
  readonly userIds?: NumberRange
  readonly ipProtocol?: number
  readonly sourcePorts?: NumberRange
  readonly destinationPorts?: NumberRange
  readonly action: RuleAction
  readonly realms?: Realms
  readonly suppressPrefixLength?: number
  readonly suppressGroup?: RtId
  readonly preference: number
  /** Undefined: none, which takes `no_track`. */
  readonly protocol?: number
  /** Whether its loss is ignored. */
  readonly noTrack: boolean
  /** `track_group`, for static rules. */
  readonly trackGroup?: string
}

type Settled = 'family' | 'action' | 'preference' | 'protocol'

/** A rule while its line is read. */
export interface RuleDraft extends Draft<Omit<RuleConfig, Settled>> {
  family?: IpFamily
  action?: RuleAction
  preference?: number
  protocol?: {readonly number: number; readonly word: Word | undefined}
}
type Draft<T> = {-readonly [Field in keyof T]: T[Field]}

/** The blocks of rules of one name: `static_rules` or `virtual_rules`. */
export function ruleLines(
  name: string,
  {isStatic, ...facts}: BlockFacts & {readonly isStatic: boolean},
): Entry<readonly RuleConfig[]> {
  const kind = isStatic ? STATIC : VIRTUAL
  return {
    ...lines(name, ruleLine(kind, undefined), facts),
    read: (statement, previous, context) =>
      lines(name, ruleLine(kind, context.findings), facts).read(statement, previous, context),
  }
}

interface RuleKind {
  readonly options: readonly LineOption<RuleDraft>[]
  readonly index: ReadonlyMap<string, LineOption<RuleDraft>>
  readonly form: string
}

const kindOf = (options: readonly LineOption<RuleDraft>[]): RuleKind => ({
  options,
  index: optionIndex(options),
  form: formOf(options),
})
const VIRTUAL = kindOf(RULE_OPTIONS)
const STATIC = kindOf([...RULE_OPTIONS, TRACK_GROUP])

const FINDINGS: LineFindings = {
  leftOut: 'the rule is left out',
  invalid: 'rule-invalid',
  corrected: 'rule-corrected',
  surprising: 'rule-unusual',
}

const NO_OPTIONS = new Map([
  ['ip_proto', 'did you mean ipproto?'],
  ['proto', 'did you mean ipproto or protocol?'],
  ['pref', 'did you mean preference?'],
  ['mark', 'did you mean fwmark?'],
  ['throw', 'rules know blackhole, unreachable and prohibit'],
  ['track_group', 'only static rules have a track_group'],
])

function ruleLine({options, index, form}: RuleKind, findings: Findings | undefined): DataLines<RuleConfig> {
  return {
    form,
    brief: 'OPTION …',
    options,
    read: (cursor, {position}) => readRule(cursor, position, index, findings),
    print: rule => writtenRule(rule, options),
  }
}

function readRule(
  cursor: Cursor,
  position: Position,
  index: ReadonlyMap<string, LineOption<RuleDraft>>,
  findings: Findings | undefined,
): RuleConfig | Refused {
  const line = lineReader(cursor, FINDINGS)
  const draft: RuleDraft = {position, invert: false, noTrack: false}
  const given = new Set<LineOption<RuleDraft>>()
  for (let word = line.next(); word; word = line.next()) {
    const option = index.get(readRouteType(word.text) ?? word.text)
    if (!option) {
      const hint = meantOption(word.text, index.keys(), NO_OPTIONS) ?? 'from PREFIX table TABLE preference NUMBER …'
      return line.refuse(word, `${line.show(word)} is no option of a rule`, hint)
    }
    if (readOption(option, line, draft, {word, given}) === REFUSED) return REFUSED
  }
  return settled(line, draft, findings)
}

function settled(line: LineReader, draft: RuleDraft, findings: Findings | undefined): RuleConfig | Refused {
  const {action, family = 4, preference, protocol: asked, ...rest} = draft
  if (!action) return line.refuse(undefined, 'it does nothing', 'table TABLE, goto, nop, blackhole, … or l3mdev')
  if (action.type === 'goto' && (preference ?? action.target) >= action.target) {
    const problem = preference === undefined ? 'goto without a preference' : 'goto leads back'
    return line.refuse(undefined, problem, `a preference below ${action.target}`)
  }
  const tableOption = TABLE_OPTIONS.find(field => draft[field] !== undefined)
  if (tableOption && action.type !== 'table' && action.type !== 'l3mdev') {
    return line.refuse(undefined, 'realms, suppress_prefixlength and suppress_ifgroup go with table only')
  }
  const protocol = rest.noTrack ? asked?.number : OWN_PROTOCOL
  if (asked && protocol !== asked.number) {
    const message = `a rule that is tracked has protocol ${OWN_PROTOCOL}; it is used`
    line.correct(asked.word, message, 'add no_track, or leave protocol out')
  }
  if (typeof rest.tos === 'number' && (rest.tos & 3) !== 0) {
    line.warn(undefined, 'the kernel refuses such a rule: the two lowest bits of tos are no part of it')
  }
  return {
    ...rest,
    family,
    action,
    preference: preference ?? nextPreference(line, family, findings),
    ...(protocol === undefined ? {} : {protocol}),
  }
}

const TABLE_OPTIONS = ['realms', 'suppressPrefixLength', 'suppressGroup'] as const

/** Half of where the kernel's own rules begin. */
const FIRST_PREFERENCE = 16_384
/** The next one in each reading of a configuration, by family. */
const preferences = new WeakMap<Findings, {4: number; 6: number}>()

/** Rules without a preference get one each, counted down over the whole configuration, as keepalived does it. */
function nextPreference(line: LineReader, family: IpFamily, findings: Findings | undefined): number {
  const counters = (findings && preferences.get(findings)) ?? {4: FIRST_PREFERENCE, 6: FIRST_PREFERENCE}
  if (findings) preferences.set(findings, counters)
  const preference = Math.max(0, counters[family]--)
  line.cursor.note('rule-without-preference', undefined, `it has no preference; it gets ${preference}`, 'give it one')
  return preference
}

function writtenRule(rule: RuleConfig, options: readonly LineOption<RuleDraft>[]): string {
  const {protocol, ...rest} = rule
  const draft: RuleDraft = {...rest, ...(protocol === undefined ? {} : {protocol: {number: protocol, word: undefined}})}
  const words = printOptions(options, draft)
  // Where nothing else tells that it is for IPv6.
  return [...words, ...(rule.family === 6 && !rule.from && !rule.to ? ['from default6'] : [])].join(' ')
}
