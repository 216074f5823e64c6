import {word} from '../schema/arguments.ts'
import {inherited, namedBlocks, setting} from '../schema/entries.ts'
import {type Argument, blockKind, type Entry, type Item} from '../schema/schema.ts'
import {settableOnce} from './settable-once.ts'
import {type TrackWeight, weightArgument} from './track-lines.ts'

/** What `init_file` writes into a file that is not there. */
export interface InitFile {
  readonly value: number
  /** Whether a file that is there is written too. */
  readonly overwrite: boolean
}

/** `track_file` as it stands in the text. */
export interface TrackFileSettings {
  readonly file: string | undefined
  readonly weight: TrackWeight
  readonly initFile: InitFile | undefined
}

const INIT_FILE: Argument<InitFile> = {
  form: '[NUMBER] [overwrite]',
  read: cursor => {
    let value = 0
    let overwrite = false
    for (let given = cursor.peek(); given; given = cursor.peek()) {
      const isNumber = /^[-+]?\d{1,10}$/.test(given.text)
      if (!isNumber && given.text !== 'overwrite') {
        const hint = 'a number, or overwrite'
        return cursor.fail(given, `${cursor.show(given)} is neither a number nor overwrite`, hint)
      }
      cursor.next()
      if (isNumber) value = Number(given.text) + 0
      else overwrite = true
      if (isNumber && Math.abs(value) > 0x7fff_ffff) {
        return cursor.fail(given, `${cursor.show(given)} is too great`, 'a number of 32 bits')
      }
      if (isNumber && Math.abs(value) > 254) {
        const message = `${cursor.show(given)} is beyond what a priority can change by`
        cursor.note('argument-corrected', given, message, '-254 to 254')
      }
    }
    return {value, overwrite}
  },
  print: ({value, overwrite}) => [...(value === 0 ? [] : [value]), ...(overwrite ? ['overwrite'] : [])].join(' '),
}

const WEIGHT = setting('weight', weightArgument({max: 254}), {
  initial: {weight: 1, reverse: false},
  doc: 'what the number in the file is multiplied by before it is added to the priority; 0: not 0 means fault',
  defaultText: '1',
})

/** The table of `track_file`. */
export const TRACK_FILE = blockKind<TrackFileSettings>('track_file', {
  file: setting('file', word('PATH'), {
    initial: undefined,
    doc: 'file that holds a number',
    defaultText: 'none; it has to be given',
    repeats: 'first-wins',
  }),
  weight: settableOnce(WEIGHT, ({weight}) => weight === 1),
  initFile: inherited('init_file', INIT_FILE, {
    doc: 'create the file if it is not there, with this number (overwrite: write it in any case)',
    defaultText: 'off; the number is 0',
  }),
})

const FILES = namedBlocks(TRACK_FILE, {
  doc: 'a file whose number virtual routers can track',
  duplicate: 'tracked-duplicate',
})
const OLD_NAME = 'vrrp_track_file'

/** The entry of `track_file` and of its old name. */
export const TRACK_FILES: Entry<readonly Item<TrackFileSettings>[]> = {
  ...FILES,
  keywords: FILES.keywords.flatMap(facts => [facts, {...facts, name: OLD_NAME}]),
  read: (statement, previous, context) => {
    if (statement.keyword.text === OLD_NAME) {
      const message = `${OLD_NAME} is the old name of ${TRACK_FILE.name}`
      context.findings.report('keyword-renamed', statement.position, message, `write ${TRACK_FILE.name}`)
    }
    return FILES.read(statement, previous, context)
  },
}
