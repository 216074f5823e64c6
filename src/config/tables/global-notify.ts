import type {Command, ScriptUser} from '../config.ts'
import {alone, onOff, programAs, scriptUser, wholeSeconds, word, writtenUser} from '../schema/arguments.ts'
import {flag, inherited, setting} from '../schema/entries.ts'
import {type Argument, type Entry, REFUSED, type Schema} from '../schema/schema.ts'
import {readArguments} from '../schema/statement-cursor.ts'
import {applyIncludeCheck, INCLUDE_CHECKS, type IncludeCheck, writtenIncludeCheck} from '../text/include-check.ts'
import {writtenWord} from '../text/written.ts'
import {only, optional, ownerOf} from './global-arguments.ts'

/** A pipe that changes of state are written to. */
export interface NotifyFifo {
  readonly path: string
  readonly owner: ScriptUser | undefined
}

/** Scripts, pipes and reloading in `global_defs`. */
export interface GlobalNotifySettings {
  readonly scriptUser: ScriptUser | undefined
  readonly enableScriptSecurity: boolean
  readonly startupScript: Command | undefined
  readonly startupScriptTimeoutMs: number
  readonly shutdownScript: Command | undefined
  readonly shutdownScriptTimeoutMs: number
  readonly notifyFifo: NotifyFifo | undefined
  readonly notifyFifoScript: Command | undefined
  readonly vrrpNotifyFifo: NotifyFifo | undefined
  readonly vrrpNotifyFifoScript: Command | undefined
  readonly lvsNotifyFifo: NotifyFifo | undefined
  readonly lvsNotifyFifoScript: Command | undefined
  readonly notifyPriorityChanges: boolean
  readonly fifoWriteStatesOnReload: boolean
  /** The file for what is found; true: nowhere. */
  readonly reloadCheckConfig: string | true | undefined
  readonly reloadTimeFile: string | undefined
  readonly reloadRepeat: boolean
  /** The file that is there while the configuration is read; true: the usual one. */
  readonly reloadFile: string | true | undefined
  readonly includeCheck: readonly IncludeCheck[]
}

const FIFO: Argument<NotifyFifo> = {
  form: 'PATH [USER [GROUP]]',
  read: cursor => {
    const path = cursor.require()
    return path === REFUSED ? REFUSED : {path: path.text, owner: ownerOf(cursor)}
  },
  print: ({path, owner}) => (owner ? `${writtenWord(path)} ${writtenUser(owner)}` : writtenWord(path)),
}

const fifo = (name: string, what: string): Entry<NotifyFifo | undefined> =>
  setting(name, FIFO, {
    initial: undefined,
    doc: `pipe that gets a line for every change of ${what}`,
    defaultText: 'none',
    repeats: 'first-wins',
  })

const script = (name: string, doc: string): Entry<Command | undefined> =>
  setting(name, programAs, {initial: undefined, doc, defaultText: 'none', repeats: 'first-wins'})

const timeout = (name: string, of: string): Entry<number> =>
  setting(name, wholeSeconds({min: 1, max: 1_000}), {
    initial: 10_000,
    doc: `time after which ${of} is ended`,
    defaultText: '10',
  })

const INCLUDE_CHECK: Argument<readonly string[]> = {
  form: `[[+|-]${INCLUDE_CHECKS.join('|')} …]`,
  read: cursor => {
    const words: string[] = []
    for (let given = cursor.next(); given; given = cursor.next()) {
      words.push(given.text)
      const index = words.length - 1
      const {problem} = applyIncludeCheck(words, []).problems.find(found => found.index === index) ?? {}
      const what = problem === 'unknown' ? 'is not a check of includes' : 'needs a sign: + adds it, - takes it away'
      if (problem) cursor.note('argument-invalid', given, `${cursor.show(given)} ${what}`, INCLUDE_CHECKS.join(', '))
    }
    return words
  },
  print: () => undefined,
}

/** What holds at the end of the file; the includes were read with what held where they stand. */
const INCLUDE_CHECK_ENTRY: Entry<readonly IncludeCheck[]> = {
  keywords: [
    {
      name: 'include_check',
      form: INCLUDE_CHECK.form,
      doc: 'which failing includes are errors, from here to the end of the file',
      defaultText: 'none; all when no check is named',
    },
  ],
  initial: [],
  repeats: 'collects',
  read: (statement, previous, context) => {
    const words = readArguments(statement, INCLUDE_CHECK, context)
    return words === REFUSED ? REFUSED : applyIncludeCheck(words, previous).checks
  },
  print: checks => {
    if (checks.length === 0) return []
    const words = writtenIncludeCheck(checks)
    return [{text: words === '' ? 'include_check' : `include_check ${words}`}]
  },
}

/** The entries of scripts, pipes and reloading in `global_defs`. */
export const GLOBAL_NOTIFY: Schema<GlobalNotifySettings> = {
  includeCheck: INCLUDE_CHECK_ENTRY,
  scriptUser: setting('script_user', scriptUser, {
    initial: undefined,
    doc: 'user and group that scripts run as',
    defaultText: 'keepalived_script if it exists, or else the user of the agent',
  }),
  enableScriptSecurity: setting('enable_script_security', alone(true), {
    initial: false,
    doc: 'do not run as root what others than root could change',
    defaultText: 'off',
  }),
  startupScript: script('startup_script', 'program to run before anything else begins'),
  startupScriptTimeoutMs: timeout('startup_script_timeout', 'startup_script'),
  shutdownScript: script('shutdown_script', 'program to run when everything else has ended'),
  shutdownScriptTimeoutMs: timeout('shutdown_script_timeout', 'shutdown_script'),
  notifyFifo: fifo('notify_fifo', 'virtual routers and servers'),
  notifyFifoScript: script('notify_fifo_script', 'program that reads notify_fifo, whose path is appended'),
  vrrpNotifyFifo: fifo('vrrp_notify_fifo', 'virtual routers'),
  vrrpNotifyFifoScript: script(
    'vrrp_notify_fifo_script',
    'program that reads vrrp_notify_fifo, whose path is appended',
  ),
  lvsNotifyFifo: fifo('lvs_notify_fifo', 'virtual and real servers'),
  lvsNotifyFifoScript: script('lvs_notify_fifo_script', 'program that reads lvs_notify_fifo, whose path is appended'),
  notifyPriorityChanges: setting('vrrp_notify_priority_changes', onOff, {
    initial: false,
    doc: 'whether notify runs when only the priority changes',
    defaultText: 'off',
  }),
  fifoWriteStatesOnReload: flag(
    'fifo_write_vrrp_states_on_reload',
    'write the states to the pipes after a reload although they are the same',
  ),
  reloadCheckConfig: inherited('reload_check_config', optional(word('PATH'), true as const), {
    doc: 'refuse a reload whose configuration has errors, and write them to this file',
    defaultText: 'off; without a file they go nowhere',
  }),
  reloadTimeFile: inherited('reload_time_file', only(word('PATH')), {
    doc: 'file that holds the time of the next reload',
    defaultText: 'none',
  }),
  reloadRepeat: flag('reload_repeat', 'reload every day at the time in reload_time_file'),
  reloadFile: inherited('reload_file', optional(word('PATH'), true as const), {
    doc: 'file that is there while the configuration is being read',
    defaultText: 'none; /run/keepalived.reload when no path is named',
  }),
}
