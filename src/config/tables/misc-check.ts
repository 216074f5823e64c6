import type {Command, ScriptUser} from '../config.ts'
import {program, scriptUser, wholeSeconds} from '../schema/arguments.ts'
import {flag, inherited} from '../schema/entries.ts'
import {type Argument, blockKind} from '../schema/schema.ts'
import {type CheckerDefaults, type CheckerTiming, timingEntries} from './checker-settings.ts'

/** `MISC_CHECK`. */
export interface MiscCheckSettings extends CheckerTiming {
  readonly command: Command | undefined
  /** Undefined: as long as delay_loop. */
  readonly timeoutMs: number | undefined
  /** Exit status 2 to 255 is success and sets the weight to 0 to 253. */
  readonly dynamic: boolean
  readonly user: ScriptUser | undefined
}

/** Defaults of MISC_CHECK. */
export const MISC_DEFAULTS: CheckerDefaults = {retry: 0, delayBeforeRetryMs: 1_000}

const TIMEOUT = wholeSeconds({min: 0, max: 4_294})

/** 0 seconds mean that none is given. */
const MISC_TIMEOUT: Argument<number> = {
  ...TIMEOUT,
  // What was filled in from delay_loop need not be whole seconds; then it is left to delay_loop again.
  print: ms => (ms % 1_000 === 0 && ms <= 4_294_000 ? TIMEOUT.print(ms) : undefined),
}

/** The table of `MISC_CHECK`. */
export const MISC_CHECK = blockKind<MiscCheckSettings>('MISC_CHECK', {
  ...timingEntries(MISC_DEFAULTS),
  command: inherited('misc_path', program, {
    doc: 'program to run; exit status 0 is success',
    defaultText: 'none; it has to be given',
  }),
  timeoutMs: inherited('misc_timeout', MISC_TIMEOUT, {
    doc: 'time after which a run counts as failed and is ended',
    defaultText: 'delay_loop',
  }),
  dynamic: flag('misc_dynamic', 'take an exit status of 2 to 255 as success and as weight 0 to 253'),
  user: inherited('user', scriptUser, {
    doc: 'user and group that the program runs as',
    defaultText: 'script_user',
  }),
})
