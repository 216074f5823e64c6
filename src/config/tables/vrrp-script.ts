import type {Command, ScriptUser} from '../config.ts'
import {converted, program, scriptUser, seconds, whole} from '../schema/arguments.ts'
import {flag, setting} from '../schema/entries.ts'
import {blockKind} from '../schema/schema.ts'
import {decimals} from './global-arguments.ts'
import {TRACK_WEIGHT, type TrackWeight} from './track-lines.ts'

/** `vrrp_script` as it stands in the text. */
export interface ScriptSettings {
  readonly command: Command | undefined
  readonly intervalMs: number
  readonly timeoutMs: number | undefined
  readonly weight: TrackWeight
  readonly rise: number
  readonly fall: number
  readonly user: ScriptUser | undefined
  readonly initFail: boolean
}

const COUNT = whole({min: 1, max: 0x7fff_ffff, tooSmall: 1})

/** Milliseconds count; 0 means a second, with a complaint. */
const TIME = converted(decimals(3, seconds({min: 0.001, max: 4_294, tooSmall: 1})), Math.round, Number)

/** The table of `vrrp_script`. */
export const SCRIPT = blockKind<ScriptSettings>('vrrp_script', {
  command: setting('script', program, {
    initial: undefined,
    doc: 'the program to run; exit status 0 is success',
    defaultText: 'none; it has to be given',
  }),
  intervalMs: setting('interval', TIME, {
    initial: 1_000,
    doc: 'time from one run to the next',
    defaultText: '1',
  }),
  timeoutMs: setting('timeout', TIME, {
    initial: undefined,
    doc: 'time after which a run counts as failed and is ended',
    defaultText: 'interval',
  }),
  weight: setting('weight', TRACK_WEIGHT, {
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
  initFail: flag('init_fail', 'has no effect: a tracked script is good until it has run'),
})
