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

/** `NAT|DR|TUN …`. A tunnel whose options are wrong is a plain one. */
export const FORWARDING_METHOD: Argument<ForwardingMethod> = {
  form: 'NAT | DR | TUN [type ipip|gue|gre] [port 1..65535] [nocsum|csum|remcsum]',
  read: cursor => {
    const given = cursor.require()
    if (given === REFUSED) return REFUSED
    if (given.text === 'TUN') return readTunnel(cursor)
    if (given.text !== 'NAT' && given.text !== 'DR') {
      const upper = given.text.toUpperCase()
      const hint = ['NAT', 'DR', 'TUN'].includes(upper) ? `did you mean ${upper}?` : 'NAT, DR or TUN'
      return cursor.fail(given, `${cursor.show(given)} is not a forwarding method`, hint)
    }
    const more = cursor.peek()
    if (more && !isTunnelWord(more.text)) {
      return cursor.fail(
        more,
        `${cursor.show(more)} is not permitted after ${given.text}`,
        'put it on a line of its own',
      )
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
const isTunnelWord = (text: string): boolean => text === 'type' || text === 'port' || isChecksum(text)

function readTunnel(cursor: Cursor): TunnelMethod {
  const draft: {tunnel: TunnelType; port: number | undefined; checksum: TunnelChecksum} = {...PLAIN}
  for (let option = cursor.next(); option; option = cursor.next()) {
    if (readTunnelOption(cursor, option, draft) === REFUSED) return plain(cursor)
  }
  const {tunnel, port, checksum} = draft
  if ((tunnel === 'gue') !== (port !== undefined)) {
    const problem = tunnel === 'gue' ? 'a gue tunnel needs a port' : `only a gue tunnel has a port, not ${tunnel}`
    cursor.note('argument-corrected', undefined, `${problem}; a plain tunnel is used`, 'TUN type gue port 6080')
    return PLAIN
  }
  if ((tunnel === 'ipip' && checksum !== 'nocsum') || (tunnel === 'gre' && checksum === 'remcsum')) {
    const message = `a tunnel of type ${tunnel} has no ${checksum}; a plain tunnel is used`
    cursor.note('argument-corrected', undefined, message, 'csum with gue or gre, remcsum with gue')
    return PLAIN
  }
  return {type: 'tun', ...draft}
}

function readTunnelOption(
  cursor: Cursor,
  option: Word,
  draft: {tunnel: TunnelType; port: number | undefined; checksum: TunnelChecksum},
): undefined | Refused {
  if (option.text === 'type') {
    const type = cursor.require()
    if (type === REFUSED) return REFUSED
    if (!isType(type.text)) {
      return cursor.fail(type, `${cursor.show(type)} is no type of tunnel; a plain one is used`, 'ipip, gue or gre')
    }
    draft.tunnel = type.text
  } else if (option.text === 'port') {
    const port = PORT.read(cursor)
    if (port === REFUSED) return REFUSED
    draft.port = port
  } else if (isChecksum(option.text)) draft.checksum = option.text
  else {
    const message = `${cursor.show(option)} is no option of a tunnel; a plain one is used`
    return cursor.fail(option, message, 'type, port, nocsum, csum or remcsum')
  }
  return undefined
}

function plain(cursor: Cursor): TunnelMethod {
  while (cursor.next());
  return PLAIN
}
