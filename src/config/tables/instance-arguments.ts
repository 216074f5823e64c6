import {type IpAddress, parseIp} from '../../core/ip.ts'
import type {Command} from '../config.ts'
import {address, programAs, whole} from '../schema/arguments.ts'
import {setting} from '../schema/entries.ts'
import {type Argument, type Entry, REFUSED} from '../schema/schema.ts'
import {closest} from '../text/suggest.ts'

/** Where advertisements come from, and which keyword says so: keepalived holds the two against each other. */
export interface SourceAddress {
  readonly keyword: 'unicast_src_ip' | 'mcast_src_ip'
  readonly address: IpAddress
}

/** Anything else than MASTER means BACKUP, as in keepalived. */
const STATE_NAME: Argument<'master' | 'backup'> = {
  form: 'MASTER|BACKUP',
  read: cursor => {
    const given = cursor.require()
    if (given === REFUSED) return REFUSED
    if (given.text === 'MASTER') return 'master'
    if (given.text === 'BACKUP') return 'backup'
    const meant = closest(given.text, ['MASTER', 'BACKUP'])
    const hint = meant ? `did you mean ${meant}?` : 'MASTER or BACKUP'
    cursor.note('argument-corrected', given, `${cursor.show(given)} is no state; BACKUP is used`, hint)
    return 'backup'
  },
  print: value => value.toUpperCase(),
}

/** Reads the source that one of the two keywords names. */
export const sourceOf = (keyword: SourceAddress['keyword']): Argument<SourceAddress> => ({
  form: address.form,
  read: cursor => {
    const given = cursor.require()
    if (given === REFUSED) return REFUSED
    const slash = given.text.indexOf('/')
    const parsed = parseIp(slash < 0 ? given.text : given.text.slice(0, slash))
    if (!parsed.ok) return cursor.fail(given, `${cursor.show(given)} is not an address`, 'such as 192.0.2.1')
    if (slash >= 0) {
      const message = `${cursor.show(given)} has a prefix length, which is not used`
      cursor.note('source-prefix-ignored', given, message, `write ${parsed.value}`)
    }
    return {keyword, address: parsed.value}
  },
  print: source => (source.keyword === keyword ? source.address : undefined),
})

/** `old_unicast_checksum [never]`. */
export const OLD_CHECKSUM: Argument<'on' | 'never'> = {
  form: '[never]',
  read: cursor => {
    const given = cursor.next()
    if (!given) return 'on'
    if (given.text === 'never') return 'never'
    return cursor.fail(given, `${cursor.show(given)} is not permitted`, 'never, or nothing')
  },
  print: value => (value === 'never' ? 'never' : ''),
}

const ANY_PRIORITY = whole({min: 1, max: 254})

/** `[PRIORITY]` of `timer_expired_backup`. */
export const STALL_PRIORITY: Argument<number> = {
  form: '[1..254]',
  read: cursor => (cursor.peek() ? ANY_PRIORITY.read(cursor) : 254),
  print: String,
}

/** The command of `notify_deleted` may be left out. */
export const NOTIFY_DELETED: Argument<Command | true> = {
  form: `[${programAs.form}]`,
  lexing: 'script',
  read: cursor => (cursor.peek() ? programAs.read(cursor) : true),
  print: value => (value === true ? '' : programAs.print(value)),
}

const STATE = setting('state', STATE_NAME, {
  initial: undefined,
  doc: 'state to begin in; it does not decide who wins, priority does',
  defaultText: 'BACKUP, or MASTER with priority 255',
})

/** keepalived refuses to take MASTER back. */
export const STATE_ONCE_MASTER: Entry<'master' | 'backup' | undefined> = {
  ...STATE,
  repeats: 'collects',
  read: (statement, previous, context) => {
    const state = STATE.read(statement, previous, context)
    const takesBack = state === 'backup' && previous === 'master' && statement.words[0]?.text === 'BACKUP'
    if (!takesBack) return state
    context.findings.report('state-master-repeated', statement.position, 'state: BACKUP after MASTER is ignored')
    return REFUSED
  },
}
