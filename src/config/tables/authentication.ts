import {oneOf, word} from '../schema/arguments.ts'
import {setting} from '../schema/entries.ts'
import {blockKind} from '../schema/schema.ts'

/** `authentication` as it stands in the text. */
export interface AuthenticationSettings {
  readonly type: 'pass' | 'ah' | undefined
  readonly password: string | undefined
}

/** The table of `authentication`. */
export const AUTHENTICATION = blockKind<AuthenticationSettings>(
  'authentication',
  {
    type: setting('auth_type', oneOf({PASS: 'pass', AH: 'ah'} as const), {
      initial: undefined,
      doc: 'kind of authentication of version 2',
      defaultText: 'none',
    }),
    password: setting('auth_pass', word('TEXT'), {
      initial: undefined,
      doc: 'password in clear text, eight bytes at most',
      defaultText: 'none',
    }),
  },
  {secret: true},
)
