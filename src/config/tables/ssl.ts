import {word} from '../schema/arguments.ts'
import {block} from '../schema/entries.ts'
import {blockKind, type Entry, type Item} from '../schema/schema.ts'
import {complainingAgain, replaceable} from './lvs-arguments.ts'

/** `SSL`: what SSL_GET shows of itself. */
export interface SslSettings {
  readonly password: string | undefined
  readonly caFile: string | undefined
  readonly certificateFile: string | undefined
  readonly keyFile: string | undefined
}

const file = (name: string, doc: string): Entry<string | undefined> =>
  replaceable(name, word('FILE'), {initial: undefined, doc, defaultText: 'none'})

/** The table of `SSL`. */
export const SSL = blockKind<SslSettings>(
  'SSL',
  {
    password: replaceable('password', word('TEXT'), {
      initial: undefined,
      doc: 'password of the private key',
      defaultText: 'none',
    }),
    caFile: file('ca', 'certificates of authorities'),
    certificateFile: file('certificate', 'certificate that SSL_GET shows'),
    keyFile: file('key', 'private key of the certificate'),
  },
  {secret: true},
)

const PLAIN = block(SSL, {doc: 'certificate and key of the SSL_GET checkers'})

/** A second block takes the place of the first. */
export const SSL_BLOCK: Entry<Item<SslSettings> | undefined> = complainingAgain({
  ...PLAIN,
  // The earlier block is told by whoever complains; what is read here begins anew.
  read: (statement, _previous, context) => PLAIN.read(statement, undefined, context),
})
