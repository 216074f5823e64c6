import {setting} from '../schema/entries.ts'
import {type Argument, blockKind, REFUSED} from '../schema/schema.ts'
import {writtenWord} from '../text/written.ts'
import {
  type CheckerConnection,
  type CheckerDefaults,
  type CheckerTiming,
  CONNECTION_ENTRIES,
  timingEntries,
} from './checker-settings.ts'

/** `DNS_CHECK`. */
export interface DnsCheckSettings extends CheckerConnection, CheckerTiming {
  readonly recordType: DnsType
  /** `.` is the root. */
  readonly queryName: string
}

export type DnsType = (typeof DNS_TYPES)[number]

/** Types of records that can be asked for. */
export const DNS_TYPES = ['A', 'NS', 'CNAME', 'SOA', 'MX', 'TXT', 'AAAA', 'RRSIG', 'DNSKEY'] as const

/** Defaults of DNS_CHECK. */
export const DNS_DEFAULTS: CheckerDefaults = {retry: 3, delayBeforeRetryMs: undefined}

const RECORD_TYPE: Argument<DnsType> = {
  form: DNS_TYPES.join('|'),
  read: cursor => {
    const given = cursor.require()
    if (given === REFUSED) return REFUSED
    const type = DNS_TYPES.find(name => name === given.text.toUpperCase())
    return type ?? cursor.fail(given, `${cursor.show(given)} is no type that can be asked for`, DNS_TYPES.join(', '))
  },
  print: String,
}

const QUERY_NAME: Argument<string> = {
  form: 'NAME',
  read: cursor => {
    const given = cursor.require()
    if (given === REFUSED) return REFUSED
    const {text} = given
    if (text === '' || text === '.') return '.'
    if (text.startsWith('.') || text.includes('..')) {
      return cursor.fail(given, `${cursor.show(given)} has an empty label`, 'such as example.org, or . for the root')
    }
    // keepalived takes what follows the first letter of a name for the start of its next label.
    if (!/^[^.]\./.test(text)) return text
    const message = `${cursor.show(given)} cannot begin with a label of one letter; the line is ignored`
    return cursor.fail(given, message, 'ask for another name of the zone')
  },
  print: writtenWord,
}

/** The table of `DNS_CHECK`. */
export const DNS_CHECK = blockKind<DnsCheckSettings>('DNS_CHECK', {
  ...CONNECTION_ENTRIES,
  ...timingEntries(DNS_DEFAULTS),
  recordType: setting('type', RECORD_TYPE, {
    initial: 'SOA',
    doc: 'type of the record to ask for, in any case of letters',
    defaultText: 'SOA',
  }),
  queryName: setting('name', QUERY_NAME, {
    initial: '.',
    doc: 'domain name to ask for',
    defaultText: 'the root',
    repeats: 'first-wins',
  }),
})
