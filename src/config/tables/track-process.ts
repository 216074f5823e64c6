import {oneOf, seconds, whole} from '../schema/arguments.ts'
import {flag, inherited, setting} from '../schema/entries.ts'
import {type Argument, blockKind, REFUSED} from '../schema/schema.ts'
import {writtenWord} from '../text/written.ts'
import {decimals, optional} from './global-arguments.ts'
import {settableOnce} from './settable-once.ts'
import {type TrackWeight, weightArgument} from './track-lines.ts'

/** `vrrp_track_process` as it stands in the text. */
export interface TrackProcessSettings {
  /** The name of the program and the arguments that it has to have. */
  readonly process: readonly [string, ...string[]] | undefined
  /** How many of the arguments have to be the same. */
  readonly parameterMatch: 'exact' | 'initial' | 'partial' | undefined
  readonly weight: TrackWeight
  readonly quorum: number
  readonly quorumMax: number | undefined
  /** Sets the two that follow it. */
  readonly delayMs: number | undefined
  readonly terminateDelayMs: number | undefined
  readonly forkDelayMs: number | undefined
  readonly fullCommand: boolean
}

const PROCESS: Argument<readonly [string, ...string[]]> = {
  form: 'PROGRAM [ARGUMENT …]',
  read: cursor => {
    const program = cursor.require()
    if (program === REFUSED) return REFUSED
    const words: [string, ...string[]] = [program.text]
    for (let given = cursor.next(); given; given = cursor.next()) words.push(given.text)
    return words
  },
  print: words => words.map(writtenWord).join(' '),
}

const MATCH = optional(oneOf({initial: 'initial', partial: 'partial'} as const), 'exact' as const)
const DELAY = decimals(6, seconds({min: 0.000_001, max: 3_600}))

const WEIGHT = setting('weight', weightArgument({max: 254}), {
  initial: {weight: 0, reverse: false},
  doc: 'added to the priority: below 0 without the quorum, above 0 with it; 0: no quorum means fault',
  defaultText: '0',
})

/** The table of `vrrp_track_process`. */
export const TRACK_PROCESS = blockKind<TrackProcessSettings>('vrrp_track_process', {
  process: setting('process', PROCESS, {
    initial: undefined,
    doc: 'program that has to run, and the arguments that it has to have',
    defaultText: 'none; it has to be given',
    repeats: 'first-wins',
  }),
  parameterMatch: inherited('param_match', MATCH, {
    doc: 'which arguments have to be the same: all, the first ones, or the beginning of the first ones',
    defaultText: 'all, when process has arguments',
  }),
  weight: settableOnce(WEIGHT, ({weight}) => weight === 0),
  quorum: setting('quorum', whole({min: 1, max: 65_535}), {
    initial: 1,
    doc: 'how many such processes have to run',
    defaultText: '1',
  }),
  quorumMax: inherited('quorum_max', whole({min: 0, max: 65_535}), {
    doc: 'how many such processes may run; 0 means that none may',
    defaultText: 'any number',
  }),
  delayMs: inherited('delay', DELAY, {
    doc: 'how long a change has to last until it counts, coming and going alike',
    defaultText: 'none',
  }),
  terminateDelayMs: inherited('terminate_delay', DELAY, {
    doc: 'how long the quorum has to be missing until that counts',
    defaultText: 'delay, or else none',
  }),
  forkDelayMs: inherited('fork_delay', DELAY, {
    doc: 'how long the quorum has to be there until that counts',
    defaultText: 'delay, or else none',
  }),
  fullCommand: flag('full_command', 'compare the whole command line, not the name that the kernel keeps'),
})
