import {oneOf, whole} from '../schema/arguments.ts'
import {setting} from '../schema/entries.ts'
import {type Argument, blockKind, type Entry, REFUSED} from '../schema/schema.ts'
import {readArguments} from '../schema/statement-cursor.ts'
import {writtenWord} from '../text/written.ts'

/** One key of `auth_hmac`, as it is written: text, `hex:…` or `file:PATH`. */
export interface HmacKey {
  readonly id: number
  readonly value: string
}

/** `auth_hmac`: a signed trailer on every advertisement (keepalived 2.4.0). */
export interface HmacSettings {
  readonly keys: readonly HmacKey[]
  readonly activeKey: number | undefined
  readonly timeWindow: number | undefined
  readonly antiReplay: 'time' | 'monotonic'
  readonly mode: 'enforce' | 'permissive' | 'receive-only'
}

const KEY_ID = whole({min: 1, max: 255})

const KEY: Argument<HmacKey> = {
  form: '1..255 TEXT|hex:DIGITS|file:PATH',
  read: cursor => {
    const id = KEY_ID.read(cursor)
    const value = id === REFUSED ? REFUSED : cursor.require()
    if (id === REFUSED || value === REFUSED) return REFUSED
    const problem = keyProblem(value.text)
    return problem === undefined ? {id, value: value.text} : cursor.fail(value, problem, 'a key of 32 to 64 bytes')
  },
  print: ({id, value}) => `${id} ${writtenWord(value)}`,
}

/** What is wrong with a key that does not come from a file. */
function keyProblem(value: string): string | undefined {
  if (value.startsWith('file:')) return value.length > 5 ? undefined : 'the key names no file'
  const hex = value.startsWith('hex:')
  if (hex && !/^hex:([0-9a-f]{2})*$/i.test(value)) return 'the key is not hexadecimal, two digits a byte'
  const bytes = hex ? (value.length - 4) / 2 : Buffer.byteLength(value)
  return bytes >= 32 && bytes <= 64 ? undefined : `the key has ${bytes} bytes`
}

const KEYS: Entry<readonly HmacKey[]> = {
  keywords: [
    {name: 'key', form: KEY.form, doc: 'a key that peers share, with its number', defaultText: 'none', since: '2.4.0'},
  ],
  initial: [],
  repeats: 'collects',
  read: (statement, previous, context) => {
    const key = readArguments(statement, KEY, context)
    if (key === REFUSED) return REFUSED
    if (!previous.some(({id}) => id === key.id)) return [...previous, key]
    context.findings.report('given-again-ignored', statement.position, `key ${key.id} is given again; the first counts`)
    return REFUSED
  },
  print: keys => keys.map(key => ({text: `key ${KEY.print(key)}`})),
}

/** The table of `auth_hmac`. */
export const AUTH_HMAC = blockKind<HmacSettings>(
  'auth_hmac',
  {
    keys: KEYS,
    activeKey: setting('active_key', KEY_ID, {
      initial: undefined,
      doc: 'number of the key that advertisements are signed with',
      defaultText: 'none; it has to be given',
      since: '2.4.0',
    }),
    timeWindow: setting('time_window', whole({min: 1, max: 300}), {
      initial: undefined,
      doc: 'how many seconds the clocks of the nodes may differ',
      defaultText: 'three times advert_int, 5 to 300',
      since: '2.4.0',
    }),
    antiReplay: setting('anti_replay', oneOf({time: 'time', monotonic: 'monotonic'} as const), {
      initial: 'time',
      doc: 'what keeps a recorded advertisement from being accepted again',
      defaultText: 'time',
      since: '2.4.0',
    }),
    mode: setting(
      'mode',
      oneOf({enforce: 'enforce', permissive: 'permissive', 'receive-only': 'receive-only'} as const),
      {
        initial: 'enforce',
        doc: 'what happens to advertisements without a valid signature',
        defaultText: 'enforce',
        since: '2.4.0',
      },
    ),
  },
  {secret: true},
)
