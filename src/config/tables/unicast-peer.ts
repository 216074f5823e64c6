import type {IpAddress} from '../../core/ip.ts'
import {parseIp} from '../../core/ip.ts'
import type {Position} from '../config.ts'
import type {DataLines} from '../schema/entries.ts'
import {type Cursor, REFUSED} from '../schema/schema.ts'

/** One line of `unicast_peer`. */
export interface UnicastPeer {
  readonly position: Position
  readonly address: IpAddress
  /** Bounds of the TTL or hop limit of what it sends; undefined: not looked at. */
  readonly minTtl: number | undefined
  readonly maxTtl: number | undefined
}

/** A line of `unicast_peer`. */
export const UNICAST_PEER: DataLines<UnicastPeer> = {
  form: 'ADDRESS [min_ttl 0..255] [max_ttl 0..255]',
  read: (cursor, {position}) => {
    const given = cursor.require()
    if (given === REFUSED) return REFUSED
    const parsed = parseIp(given.text)
    if (!parsed.ok)
      return cursor.fail(given, `${cursor.show(given)} is not an address; it is no peer`, UNICAST_PEER.form)
    const ttl: {min_ttl?: number; max_ttl?: number} = {}
    for (let option = cursor.peek(); option; option = cursor.peek()) {
      const {text} = option
      if (text !== 'min_ttl' && text !== 'max_ttl') {
        cursor.note('argument-invalid', option, `${cursor.show(option)} is no option of a peer`, UNICAST_PEER.form)
        while (cursor.next());
        break
      }
      cursor.next()
      const value = readTtl(cursor)
      if (value === undefined) break
      ttl[text] = value
    }
    return {position, address: parsed.value, minTtl: ttl.min_ttl, maxTtl: ttl.max_ttl}
  },
  print: ({address, minTtl, maxTtl}) =>
    [
      address,
      ...(minTtl === undefined ? [] : ['min_ttl', minTtl]),
      ...(maxTtl === undefined ? [] : ['max_ttl', maxTtl]),
    ].join(' '),
}

function readTtl(cursor: Cursor): number | undefined {
  const given = cursor.require()
  if (given === REFUSED) return undefined
  if (/^\d{1,3}$/.test(given.text) && Number(given.text) <= 255) return Number(given.text)
  cursor.note('argument-invalid', given, `${cursor.show(given)} is not a TTL`, '0 to 255')
  while (cursor.next());
  return undefined
}
