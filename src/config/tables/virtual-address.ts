import {type IpAddress, type IpFamily, ipFamily, parseIp} from '../../core/ip.ts'
import type {VipConfig, VipFlag} from '../config.ts'
import {readInterface} from '../schema/arguments.ts'
import type {DataLines} from '../schema/entries.ts'
import {type Cursor, REFUSED, type Refused} from '../schema/schema.ts'
import type {Word} from '../text/lexer.ts'
import type {Statement} from '../text/pieces.ts'
import {writtenWord} from '../text/written.ts'

/** A line of `virtual_ipaddress`, `virtual_ipaddress_excluded` or `static_ipaddress`. keepalived.conf(5). */
export const VIRTUAL_ADDRESS: DataLines<VipConfig> = {
  form:
    'ADDRESS[/LENGTH] [dev INTERFACE] [scope SCOPE] [brd|broadcast ADDRESS|+|-] [label LABEL] [peer ADDRESS[/LENGTH]] ' +
    '[home] [-nodad] [mngtmpaddr] [noprefixroute] [autojoin] [no_track] [preferred_lft forever|SECONDS] ' +
    '[track_group GROUP] [use_vmac]',
  read: readVirtualAddress,
  print: writtenAddress,
}

function readVirtualAddress(cursor: Cursor, statement: Statement): VipConfig | Refused {
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

function writtenAddress(vip: VipConfig): string {
  const {address, prefixLength, peer} = vip
  const words = [`${address}/${prefixLength}`]
  const add = (word: string, value: string | number | undefined): void => {
    if (value !== undefined) words.push(word, String(value))
  }
  add('dev', vip.device === undefined ? undefined : writtenWord(vip.device))
  add('scope', vip.scope)
  add('brd', vip.broadcast)
  add('label', vip.label === undefined ? undefined : writtenWord(vip.label))
  add('peer', peer && `${peer.address}/${peer.prefixLength}`)
  words.push(...(vip.flags ?? []))
  add('preferred_lft', vip.preferredLifetime)
  add('track_group', vip.trackGroup === undefined ? undefined : writtenWord(vip.trackGroup))
  return words.join(' ')
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

/** Options that stand alone. */
const FLAGS: ReadonlySet<string> = new Set<VipFlag>([
  'home',
  '-nodad',
  'mngtmpaddr',
  'noprefixroute',
  'autojoin',
  'no_track',
  'use_vmac',
])
const isFlag = (text: string): text is VipFlag => FLAGS.has(text)

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
      return readOtherOption(cursor, option, vip, family)
  }
}

function readOtherOption(cursor: Cursor, option: Word, vip: Draft, family: IpFamily): undefined | Refused {
  const {text} = option
  if (isFlag(text)) {
    vip.flags = [...(vip.flags ?? []).filter(flag => flag !== text), text]
    cursor.note('not-acted-on', option, `${text} is accepted, but not acted on yet`)
    return undefined
  }
  if (text !== 'peer' && text !== 'preferred_lft' && text !== 'track_group') {
    const another = parseIp(splitOnce(text, '/')[0] ?? '').ok
    const hint = another ? 'write one address on a line' : VIRTUAL_ADDRESS.form
    const message = `${cursor.show(option)} is not an option of an address; it is ignored`
    cursor.note('vip-option-invalid', option, message, hint)
    return undefined
  }
  const value = cursor.next()
  if (!value) return missing(cursor, option)
  if (text === 'peer') return readPeer(cursor, value, vip, family)
  cursor.note('not-acted-on', option, `${text} is accepted, but not acted on yet`)
  if (text === 'track_group') vip.trackGroup = value.text
  else if (value.text === 'forever') delete vip.preferredLifetime
  else if (/^\d{1,10}$/.test(value.text) && Number(value.text) <= 0xffff_ffff)
    vip.preferredLifetime = Number(value.text)
  else {
    const message = `${cursor.show(value)} is not a lifetime; forever is used`
    cursor.note('vip-option-invalid', value, message, 'forever, or 0 to 4294967295 seconds')
  }
  return undefined
}

function readPeer(cursor: Cursor, given: Word, vip: Draft, family: IpFamily): undefined | Refused {
  const [addressText = '', prefixText] = splitOnce(given.text, '/')
  const parsed = parseIp(addressText)
  if (!parsed.ok || ipFamily(parsed.value) !== family) {
    const message = `${cursor.show(given)} is not an address of that family; the address is left out`
    return cursor.fail(given, message, 'peer ADDRESS[/LENGTH]', 'vip-option-invalid')
  }
  vip.peer = {address: parsed.value, prefixLength: readPrefix(cursor, given, prefixText, family)}
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
    VIRTUAL_ADDRESS.form,
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
