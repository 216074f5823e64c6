import {type IpAddress, type IpFamily, ipFamily, parseIp} from '../../core/ip.ts'
import type {VipConfig} from '../config.ts'
import {readInterface} from '../schema/arguments.ts'
import {type Cursor, REFUSED, type Refused} from '../schema/schema.ts'
import type {Statement} from '../text/blocks.ts'
import type {Word} from '../text/lexer.ts'

/** The form of a line of `virtual_ipaddress`. */
export const VIRTUAL_ADDRESS_FORM =
  'ADDRESS[/LENGTH] [dev INTERFACE] [scope SCOPE] [brd|broadcast ADDRESS|+|-] [label LABEL]'

/** Reads a line of `virtual_ipaddress`. keepalived.conf(5). */
export function readVirtualAddress(cursor: Cursor, statement: Statement): VipConfig | Refused {
  const given = cursor.require()
  if (given === REFUSED) return REFUSED
  const [addressText = '', prefixText] = splitOnce(given.text, '/')
  const parsed = parseIp(addressText)
  if (!parsed.ok) {
    const message = `${cursor.show(given)} is not an address; it is left out`
    return cursor.fail(given, message, hintFor(given.text), 'vip-invalid')
  }
  const address = parsed.value
  const family = ipFamily(address)
  const vip: Draft = {
    position: statement.position,
    address,
    prefixLength: readPrefix(cursor, given, prefixText, family),
  }
  for (let option = cursor.next(); option; option = cursor.next()) {
    if (readOption(cursor, option, vip, family) === REFUSED) return REFUSED
  }
  if ((vip.broadcast === '+' || vip.broadcast === '-') && vip.prefixLength > 30) {
    cursor.note('vip-option-invalid', given, `/${vip.prefixLength} has no broadcast address; none is set`)
    delete vip.broadcast
  }
  return vip
}

type Draft = {-readonly [Field in keyof VipConfig]: VipConfig[Field]}

/** <linux/rtnetlink.h> and /etc/iproute2/rt_scopes. */
const SCOPES = new Map([
  ['global', 0],
  ['universe', 0],
  ['site', 200],
  ['link', 253],
  ['host', 254],
  ['nowhere', 255],
])

/** Options that are known but not acted on yet, and whether a value follows. */
const KNOWN_OPTIONS = new Map([
  ['peer', true],
  ['preferred_lft', true],
  ['track_group', true],
  ['home', false],
  ['-nodad', false],
  ['mngtmpaddr', false],
  ['noprefixroute', false],
  ['autojoin', false],
  ['no_track', false],
  ['use_vmac', false],
])

function readPrefix(cursor: Cursor, given: Word, text: string | undefined, family: IpFamily): number {
  const longest = family === 4 ? 32 : 128
  if (text === undefined) return longest
  if (/^\d{1,3}$/.test(text) && Number(text) <= longest) return Number(text)
  const mask = parseIp(text)
  const hint = mask.ok ? `write the number of bits, 0 to ${longest}, not a netmask` : `0 to ${longest}`
  const message = `the prefix length of ${cursor.show(given)} is not permitted; ${longest} is used`
  cursor.note('vip-option-invalid', given, message, hint)
  return longest
}

function readOption(cursor: Cursor, option: Word, vip: Draft, family: IpFamily): undefined | Refused {
  switch (option.text) {
    case 'dev': {
      const device = cursor.next()
      if (!device) return missing(cursor, option)
      const name = readInterface(cursor, device)
      if (name === REFUSED) return REFUSED
      vip.device = name
      return undefined
    }
    case 'scope': {
      const scope = cursor.next()
      if (!scope) return missing(cursor, option)
      return readScope(cursor, scope, vip)
    }
    case 'brd':
    case 'broadcast': {
      const broadcast = cursor.next()
      if (!broadcast) return missing(cursor, option)
      return readBroadcast(cursor, broadcast, vip, family)
    }
    case 'label': {
      const label = cursor.next()
      if (!label) return missing(cursor, option)
      if (Buffer.byteLength(label.text) > 15) {
        const message = `the label ${cursor.show(label)} is too long; the address is left out`
        return cursor.fail(label, message, '15 bytes at most', 'vip-option-invalid')
      }
      vip.label = label.text
      return undefined
    }
    default:
      return readOtherOption(cursor, option)
  }
}

function readOtherOption(cursor: Cursor, option: Word): undefined | Refused {
  const hasValue = KNOWN_OPTIONS.get(option.text)
  if (hasValue === undefined) {
    const another = parseIp(splitOnce(option.text, '/')[0] ?? '').ok
    const hint = another ? 'write one address on a line' : VIRTUAL_ADDRESS_FORM
    cursor.note(
      'vip-option-invalid',
      option,
      `${cursor.show(option)} is not an option of an address; it is ignored`,
      hint,
    )
    return undefined
  }
  if (hasValue && !cursor.next()) return missing(cursor, option)
  if (option.text === 'peer') {
    return cursor.fail(option, 'peer is not supported yet: the address is left out', undefined, 'not-acted-on-changes')
  }
  cursor.note('not-acted-on', option, `${option.text} is accepted, but not acted on yet`)
  return undefined
}

function readScope(cursor: Cursor, given: Word, vip: Draft): undefined {
  const scope = SCOPES.get(given.text) ?? (/^\d{1,3}$/.test(given.text) ? Number(given.text) : undefined)
  if (scope !== undefined && scope <= 255) vip.scope = scope
  else {
    const message = `${cursor.show(given)} is not a scope; none is set`
    cursor.note('vip-option-invalid', given, message, `${[...SCOPES.keys()].join(', ')} or 0 to 255`)
  }
}

function readBroadcast(cursor: Cursor, given: Word, vip: Draft, family: IpFamily): undefined {
  const sign = given.text === '+' || given.text === '-' ? given.text : undefined
  const address = sign ? undefined : parseIp(given.text)
  if (family === 6) {
    cursor.note('vip-option-invalid', given, 'an IPv6 address has no broadcast address; none is set')
  } else if (sign) vip.broadcast = sign
  else if (address?.ok && ipFamily(address.value) === 4) vip.broadcast = address.value as IpAddress
  else {
    const message = `${cursor.show(given)} is not a broadcast address; none is set`
    cursor.note('vip-option-invalid', given, message, 'an IPv4 address, + or -')
  }
}

function missing(cursor: Cursor, option: Word): Refused {
  return cursor.fail(
    option,
    `${option.text} lacks its value; the address is left out`,
    VIRTUAL_ADDRESS_FORM,
    'vip-option-invalid',
  )
}

function hintFor(text: string): string {
  if (/[,;]$/.test(text)) return `write one address on a line, without '${text.at(-1)}'`
  if (/^[A-Za-z]/.test(text) && !text.includes(':')) return 'write the address as numbers; names are not resolved'
  return 'such as 192.0.2.1/24'
}

function splitOnce(text: string, separator: string): readonly string[] {
  const at = text.indexOf(separator)
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)]
}
