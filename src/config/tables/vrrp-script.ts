import type {Command, ScriptUser} from '../config.ts'
import {NOTHING_KNOWN} from '../known-keywords.ts'
import {alone, program, scriptUser, seconds, whole} from '../schema/arguments.ts'
import {setting} from '../schema/entries.ts'
import {type Argument, blockKind, type Cursor, REFUSED} from '../schema/schema.ts'

/** `vrrp_script` as it stands in the text. */
export interface ScriptSettings {
  readonly command: Command | undefined
  readonly intervalMs: number
  readonly timeoutMs: number | undefined
  readonly weight: ScriptWeight
  readonly rise: number
  readonly fall: number
  readonly user: ScriptUser | undefined
  readonly initFail: boolean
}

/** A weight and whether success and failure are exchanged. */
export interface ScriptWeight {
  readonly weight: number
  readonly reverse: boolean
}

/** Weights beyond this change no priority more than this one does. */
const MAX_WEIGHT = 253

/** `-253..253 [reverse]`; a number beyond is held to the range, which has the same effect as in keepalived. */
export const SCRIPT_WEIGHT: Argument<ScriptWeight> = {
  form: '-253..253 [reverse]',
  read: cursor => {
    const weight = readWeight(cursor)
    if (weight === REFUSED) return REFUSED
    const reverse = cursor.peek()?.text === 'reverse'
    if (reverse) cursor.next()
    return {weight, reverse}
  },
}

/** The number of a weight. */
export function readWeight(cursor: Cursor): number | typeof REFUSED {
  const given = cursor.require()
  if (given === REFUSED) return REFUSED
  if (!/^[-+]?\d{1,9}$/.test(given.text)) {
    return cursor.fail(given, `${cursor.show(given)} is not a weight`, `-${MAX_WEIGHT} to ${MAX_WEIGHT}`)
  }
  const weight = Number(given.text)
  const held = Math.max(-MAX_WEIGHT, Math.min(MAX_WEIGHT, weight))
  if (held !== weight) {
    const message = `the weight ${weight} is out of range; ${held} is used`
    cursor.note('argument-corrected', given, message, `-${MAX_WEIGHT} to ${MAX_WEIGHT}`)
  }
  return held
}

const COUNT = whole({min: 1, max: 0x7fff_ffff, tooSmall: 1})

/** The table of `vrrp_script`. */
export const SCRIPT = blockKind<ScriptSettings>(
  'vrrp_script',
  {
    command: setting('script', program, {
      initial: undefined,
      doc: 'the program to run; exit status 0 is success',
      defaultText: 'none; it has to be given',
    }),
    intervalMs: setting('interval', seconds({min: 0.001, max: 4_294, tooSmall: 1}), {
      initial: 1_000,
      doc: 'time from one run to the next',
      defaultText: '1',
    }),
    timeoutMs: setting('timeout', seconds({min: 0.001, max: 4_294}), {
      initial: undefined,
      doc: 'time after which a run counts as failed and is ended',
      defaultText: 'interval',
    }),
    weight: setting('weight', SCRIPT_WEIGHT, {
      initial: {weight: 0, reverse: false},
      doc: 'added to the priority: below 0 while failing, above 0 while succeeding; 0: failure means fault',
      defaultText: '0',
    }),
    rise: setting('rise', COUNT, {initial: 1, doc: 'successes in a row to be held good', defaultText: '1'}),
    fall: setting('fall', COUNT, {initial: 1, doc: 'failures in a row to be held bad', defaultText: '1'}),
    user: setting('user', scriptUser, {
      initial: undefined,
      doc: 'user and group that the script runs as',
      defaultText: 'script_user',
    }),
    initFail: setting('init_fail', alone(true), {
      initial: false,
      doc: 'has no effect: a tracked script is good until it has run',
      defaultText: 'off',
    }),
  },
  NOTHING_KNOWN,
  {duplicate: 'script-duplicate'},
)
