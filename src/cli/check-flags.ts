import {string as stringArg} from '@oclif/core/args'
import {boolean, string} from '@oclif/core/flags'
import type {Check, CheckReply} from '../control/check-model.ts'
import type {ItemReply, ListReply} from '../control/model.ts'

/** What a list of checkers is. */
export type ChecksReply = ListReply<'Check', Check>

/** What every order answers. */
export type CheckOrderReply = ItemReply<'Checks', CheckReply>

/** The argument that names a virtual server; `what` is added to its description. */
export const checkServiceArg = (what: string) =>
  stringArg({description: `ADDRESS:PORT/PROTOCOL, fwm/MARK, or its configured name; ${what}`, ignoreStdin: true})

/** From where a probe is made, and how long it may take. */
export const CONNECTION_FLAGS = {
  timeout: string({description: 'from beginning to end, such as 5, 500ms [default: 5]', helpValue: 'SECONDS'}),
  bind: string({description: 'from this address of this host', helpValue: 'ADDRESS'}),
  'bind-port': string({description: 'from this port', helpValue: 'PORT'}),
  interface: string({description: 'through this interface', helpValue: 'NAME'}),
  fwmark: string({description: 'with this mark on its packets', helpValue: 'MARK'}),
}

/** What is asked for over HTTP, and how. */
export const PAGE_FLAGS = {
  virtualhost: string({description: 'field Host, in place of what the URL has', helpValue: 'NAME'}),
  protocol: string({description: 'of HTTP; 1.0c closes the connection', options: ['1.0', '1.0c', '1.1']}),
  sni: string({description: 'name that TLS asks for; else that of the URL, if it has one', helpValue: 'NAME'}),
}

/** What answers are good, and what is asked over other protocols than HTTP. */
export const ANSWER_FLAGS = {
  status: string({description: 'such as 200-299,404 [default: 200-299]', helpValue: 'CODES'}),
  digest: string({description: 'MD5 of the page, see: hactl check digest', helpValue: 'MD5'}),
  regex: string({description: 'the page has to match it', helpValue: 'PATTERN'}),
  'regex-options': string({
    description: 'with commas, as of regex_options: caseless, multiline, …',
    helpValue: 'NAMES',
    dependsOn: ['regex'],
  }),
  'regex-no-match': boolean({description: 'the page must not match it', dependsOn: ['regex']}),
  helo: string({description: 'name to greet with, SMTP', helpValue: 'NAME'}),
  payload: string({description: 'bytes to send, UDP, two digits each', helpValue: 'HEX'}),
  reply: string({
    description: 'what the reply begins with, UDP, x: any digit; "": there has to be one',
    helpValue: 'HEX',
  }),
  'min-reply-length': string({description: 'least bytes of it [default: 0]', helpValue: 'BYTES'}),
  'max-reply-length': string({description: 'most bytes of it [default: 255]', helpValue: 'BYTES'}),
}

type Given<Flags> = {readonly [name in keyof Flags]?: string | boolean | undefined}

/** What flags of `check run` and `check digest` came with. */
export type ProbeFlags = Given<typeof CONNECTION_FLAGS & typeof PAGE_FLAGS & typeof ANSWER_FLAGS>
