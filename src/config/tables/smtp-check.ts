import {word} from '../schema/arguments.ts'
import {setting} from '../schema/entries.ts'
import {blockKind, type Entry, type Item} from '../schema/schema.ts'
import {
  CHECKER_DEFAULTS,
  type CheckerConnection,
  type CheckerTiming,
  CONNECTION_ENTRIES,
  timingEntries,
} from './checker-settings.ts'
import {repeatedBlocks} from './repeated-blocks.ts'

/** `host` in SMTP_CHECK: one more server to ask. */
export interface SmtpHostSettings extends CheckerConnection, CheckerTiming {}

/** `SMTP_CHECK`. */
export interface SmtpCheckSettings extends CheckerConnection, CheckerTiming {
  readonly heloName: string
  /** Each is a checker of its own once the configuration is built. */
  readonly hosts: readonly Item<SmtpHostSettings>[]
}

/** The table of `host`. */
export const SMTP_HOST = blockKind<SmtpHostSettings>('host', {
  ...CONNECTION_ENTRIES,
  ...timingEntries(CHECKER_DEFAULTS),
})

const PLAIN_HOSTS = repeatedBlocks(SMTP_HOST, {
  doc: 'one more server to ask; deprecated in favour of another SMTP_CHECK',
})

const HOSTS: Entry<readonly Item<SmtpHostSettings>[]> = {
  ...PLAIN_HOSTS,
  read: (statement, previous, context) => {
    const message = 'host is deprecated: each is a checker of its own'
    context.findings.report('smtp-host-deprecated', statement.position, message, 'write another SMTP_CHECK')
    return PLAIN_HOSTS.read(statement, previous, context)
  },
}

const {bindTo, ...OTHER_CONNECTION_ENTRIES} = CONNECTION_ENTRIES

/** The table of `SMTP_CHECK`. */
export const SMTP_CHECK = blockKind<SmtpCheckSettings>('SMTP_CHECK', {
  // Before connect_ip, so that it is written there: only what follows that is held against it when it is read.
  bindTo,
  ...OTHER_CONNECTION_ENTRIES,
  ...timingEntries(CHECKER_DEFAULTS),
  heloName: setting('helo_name', word('NAME'), {
    initial: 'smtpchecker.keepalived.org',
    doc: 'name to greet the server with',
    defaultText: 'smtpchecker.keepalived.org',
  }),
  hosts: HOSTS,
})
