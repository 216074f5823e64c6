import {onOff, whole, wholeSeconds, word} from '../schema/arguments.ts'
import {flag, inherited, type NamedAt, nameList, setting} from '../schema/entries.ts'
import {type Argument, type Entry, REFUSED, type Schema} from '../schema/schema.ts'
import type {Statement} from '../text/pieces.ts'
import {writtenWord} from '../text/written.ts'

/** Where mail goes to. */
export interface SmtpServer {
  /** An address or a name. */
  readonly host: string
  readonly port: number
}

/** Mail in `global_defs`. */
export interface GlobalMailSettings {
  readonly notificationEmail: readonly NamedAt[]
  readonly notificationEmailFrom: string | undefined
  readonly smtpServer: SmtpServer | undefined
  readonly smtpHeloName: string | undefined
  readonly smtpConnectTimeoutMs: number
  readonly smtpAlert: boolean | undefined
  readonly smtpAlertVrrp: boolean | undefined
  readonly smtpAlertChecker: boolean | undefined
  readonly noEmailFaults: boolean
  readonly noCheckerEmails: boolean
  readonly checkerLogAllFailures: boolean
  readonly rsInitNotifies: boolean
}

const RECIPIENTS = nameList('notification_email', {doc: 'who gets mail'}, 'ADDRESS|"NAME <ADDRESS>"')

/** Every word is somebody to write to. */
const NOTIFICATION_EMAIL: Entry<readonly NamedAt[]> = {
  ...RECIPIENTS,
  read: (statement, previous, context) => {
    const recipients = RECIPIENTS.read(statement, previous, context)
    if (recipients === REFUSED) return REFUSED
    const lines = statement.block?.statements ?? []
    if (lines.length === 0) {
      const message = 'notification_email names nobody'
      context.findings.report('block-empty', statement.position, message, 'notification_email { ADDRESS }')
    }
    for (const line of lines) {
      const bare = nameBesideAddress(line)
      if (!bare) continue
      const message = `${bare.keyword.text} is taken for an address of its own`
      const hint = 'put the name and the address between double quotes: "NAME <ADDRESS>"'
      context.findings.report('mail-name-unquoted', bare.position, message, hint)
    }
    return recipients
  },
}

/** A line such as `Ann <ann@example.org>`, whose first word is meant as a name. */
function nameBesideAddress(line: Statement): Statement | undefined {
  const texts = [line.keyword, ...line.words].map(({text}) => text)
  const hasBare = texts.some(text => !text.includes('@'))
  return hasBare && texts.some(text => /^<.*@.*>$/.test(text)) ? line : undefined
}

/** `ADDRESS`, or a name before it: `NAME <ADDRESS>`. */
const SENDER: Argument<string> = {
  form: 'ADDRESS|[NAME] <ADDRESS>',
  read: cursor => {
    const given = cursor.require()
    if (given === REFUSED) return REFUSED
    const more = cursor.next()
    const extra = cursor.next()
    if (extra) {
      const hint = 'put a name with spaces between double quotes: "NAME <ADDRESS>"'
      return cursor.fail(extra, `${cursor.show(extra)} is one word too many; the line is ignored`, hint)
    }
    return more ? `${given.text} ${more.text}` : given.text
  },
  print: writtenWord,
}

const PORT = whole({min: 1, max: 65_535})

const SERVER: Argument<SmtpServer> = {
  form: 'ADDRESS|NAME [1..65535]',
  read: cursor => {
    const host = cursor.require()
    if (host === REFUSED) return REFUSED
    const port = cursor.peek() ? PORT.read(cursor) : 25
    return port === REFUSED ? REFUSED : {host: host.text, port}
  },
  print: ({host, port}) => (port === 25 ? writtenWord(host) : `${writtenWord(host)} ${port}`),
}

/** The entries of mail in `global_defs`. */
export const GLOBAL_MAIL: Schema<GlobalMailSettings> = {
  notificationEmail: NOTIFICATION_EMAIL,
  notificationEmailFrom: inherited('notification_email_from', SENDER, {
    doc: 'whom mail comes from',
    defaultText: 'the user of the agent at the name of the host',
  }),
  smtpServer: inherited('smtp_server', SERVER, {
    doc: 'server that takes the mail',
    defaultText: 'none, and no mail; port 25',
  }),
  smtpHeloName: inherited('smtp_helo_name', word('NAME'), {
    doc: 'name to greet the server with',
    defaultText: 'the name of the host',
  }),
  smtpConnectTimeoutMs: setting('smtp_connect_timeout', wholeSeconds({min: 1, max: 4_294, tooSmall: 1}), {
    initial: 30_000,
    doc: 'how long to wait for the server at each step',
    defaultText: '30',
  }),
  smtpAlert: inherited('smtp_alert', onOff, {
    doc: 'whether to send mail on changes of virtual routers and servers',
    defaultText: 'off for virtual routers and servers, on for real servers',
  }),
  smtpAlertVrrp: inherited('smtp_alert_vrrp', onOff, {
    doc: 'whether to send mail on changes of virtual routers',
    defaultText: 'smtp_alert',
  }),
  smtpAlertChecker: inherited('smtp_alert_checker', onOff, {
    doc: 'whether to send mail on changes of virtual and real servers',
    defaultText: 'smtp_alert',
  }),
  noEmailFaults: flag('no_email_faults', 'send no mail on going to fault'),
  noCheckerEmails: setting('no_checker_emails', onOff, {
    initial: false,
    doc: 'send mail when a real server comes or goes only, not on each change of a checker',
    defaultText: 'off',
  }),
  checkerLogAllFailures: setting('checker_log_all_failures', onOff, {
    initial: false,
    doc: 'log each failed check, not the last one of the retries only',
    defaultText: 'off',
  }),
  rsInitNotifies: setting('rs_init_notifies', onOff, {
    initial: false,
    doc: 'run notify_up of the real servers that are there at the start',
    defaultText: 'off',
  }),
}
