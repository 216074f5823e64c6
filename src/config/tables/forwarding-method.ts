import {type Argument, type Cursor, REFUSED, type Refused} from '../schema/schema.ts'
import type {Word} from '../text/lexer.ts'
import {PORT} from './lvs-arguments.ts'

/** How packets get to a real server. ipvsadm(8) -m, -g, -i and --tun-type. */
export type ForwardingMethod = {readonly type: 'nat'} | {readonly type: 'dr'} | TunnelMethod

/** A tunnel; only `gue` has a port, and `ipip` has no checksum. */
export interface TunnelMethod {
  readonly type: 'tun'
  readonly tunnel: TunnelType
  readonly port: number | undefined
  readonly checksum: TunnelChecksum
}

export type TunnelType = 'ipip' | 'gue' | 'gre'
export type TunnelChecksum = 'nocsum' | 'csum' | 'remcsum'

/** What holds where no method is given. */
export const NAT: ForwardingMethod = {type: 'nat'}

/** `NAT|DR|TUN …`. The method counts even if what follows it is wrong; a tunnel is a plain one then. */
export const FORWARDING_METHOD: Argument<ForwardingMethod> = {
  form: 'NAT | DR | TUN [type ipip|gue|gre] [port 1..65535] [nocsum|csum|remcsum]',
  read: cursor => {
    const given = cursor.require()
    if (given === REFUSED) return REFUSED
    if (given.text === 'TUN') return readOptions(cursor, 'a plain tunnel is used') ?? PLAIN
    if (given.text !== 'NAT' && given.text !== 'DR') {
      const upper = given.text.toUpperCase()
      const hint = ['NAT', 'DR', 'TUN'].includes(upper) ? `did you mean ${upper}?` : 'NAT, DR or TUN'
      return cursor.fail(given, `${cursor.show(given)} is not a forwarding method`, hint)
    }
    const more = cursor.peek()
    // keepalived reads the options of tunnels here, too, but does not use them.
    if (more && readOptions(cursor, `${given.text} is used without it`)) {
      const message = `${cursor.show(more)} belongs to tunnels and has no effect on ${given.text}`
      cursor.note('words-left-over', more, message, 'remove what follows, or put it on a line of its own')
    }
    return given.text === 'NAT' ? NAT : {type: 'dr'}
  },
  print: method => {
    if (method.type !== 'tun') return method.type.toUpperCase()
    const {tunnel, port, checksum} = method
    const words = ['TUN']
    if (tunnel !== 'ipip') words.push('type', tunnel)
    if (port !== undefined) words.push('port', String(port))
    if (checksum !== 'nocsum') words.push(checksum)
    return words.join(' ')
  },
}

const PLAIN: TunnelMethod = {type: 'tun', tunnel: 'ipip', port: undefined, checksum: 'nocsum'}
const TYPES: ReadonlySet<string> = new Set<TunnelType>(['ipip', 'gue', 'gre'])
const CHECKSUMS: ReadonlySet<string> = new Set<TunnelChecksum>(['nocsum', 'csum', 'remcsum'])
const isType = (text: string): text is TunnelType => TYPES.has(text)
const isChecksum = (text: string): text is TunnelChecksum => CHECKSUMS.has(text)

interface Draft {
  tunnel: TunnelType
  port: number | undefined
  checksum: TunnelChecksum
}

/** Reads the rest of the line; undefined, and reported, where it is wrong. `so` is what happens then. */
function readOptions(cursor: Cursor, so: string): TunnelMethod | undefined {
  const draft: Draft = {...PLAIN}
  for (let option = cursor.next(); option; option = cursor.next()) {
    if (readOption(cursor, option, draft, so) === REFUSED) {
      while (cursor.next());
      return undefined
    }
  }
  const {tunnel, port, checksum} = draft
  if ((tunnel === 'gue') !== (port !== undefined)) {
    const problem = tunnel === 'gue' ? 'a gue tunnel needs a port' : `only a gue tunnel has a port, not ${tunnel}`
    cursor.note('argument-corrected', undefined, `${problem}; ${so}`, 'TUN type gue port 6080')
    return undefined
  }
  if ((tunnel === 'ipip' && checksum !== 'nocsum') || (tunnel === 'gre' && checksum === 'remcsum')) {
    const message = `a tunnel of type ${tunnel} has no ${checksum}; ${so}`
    cursor.note('argument-corrected', undefined, message, 'csum with gue or gre, remcsum with gue')
    return undefined
  }
  return {type: 'tun', ...draft}
}

function readOption(cursor: Cursor, option: Word, draft: Draft, so: string): undefined | Refused {
  if (option.text === 'type') {
    const type = cursor.require()
    if (type === REFUSED) return REFUSED
    if (!isType(type.text)) {
      return cursor.fail(type, `${cursor.show(type)} is no type of tunnel; ${so}`, 'ipip, gue or gre')
    }
    draft.tunnel = type.text
  } else if (option.text === 'port') {
    const port = PORT.read(cursor)
    if (port === REFUSED) return REFUSED
    draft.port = port
  } else if (isChecksum(option.text)) draft.checksum = option.text
  else {
    const message = `${cursor.show(option)} is no option of a tunnel; ${so}`
    return cursor.fail(option, message, 'type, port, nocsum, csum or remcsum')
  }
  return undefined
}
