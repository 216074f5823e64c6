import {compareIp, type IpAddress, type IpFamily, ipFamily, ipFromBytes, ipToBytes, parseIp} from '../../core/ip.ts'
import type {Position} from '../config.ts'
import type {DataLines} from '../schema/entries.ts'
import {type Argument, type Cursor, type Entry, type Item, REFUSED, type Refused} from '../schema/schema.ts'
import {readArguments} from '../schema/statement-cursor.ts'
import {OPAQUE} from '../text/blocks.ts'
import type {Word} from '../text/lexer.ts'
import {writtenWord} from '../text/written.ts'
import {MAX_UINT32, onlyWord, readPort} from './lvs-arguments.ts'

/** What one line of a group adds: addresses with a port (0: every port), or packets with a mark. */
export type GroupMember =
  | {
      readonly type: 'addresses'
      readonly position: Position
      readonly first: IpAddress
      /** The same as `first` for one address. */
      readonly last: IpAddress
      readonly port: number
    }
  | {
      readonly type: 'fwmark'
      readonly position: Position
      readonly mark: number
      /** Undefined: that of the virtual server. */
      readonly family: IpFamily | undefined
    }

/** `virtual_server_group`. */
export interface ServerGroupSettings {
  readonly members: readonly GroupMember[]
}

const NAME = 'virtual_server_group'

/** A line of `virtual_server_group`. */
const MEMBER: DataLines<GroupMember> = {
  form: `ADDRESS[/LENGTH|-LAST] [1..65535] | fwmark 0..${MAX_UINT32} [inet|inet6]`,
  read: (cursor, {position}) => {
    const given = cursor.require()
    if (given === REFUSED) return REFUSED
    if (given.text === 'fwmark') return readMark(cursor, position)
    const range = readRange(cursor, given)
    const port = range === REFUSED ? REFUSED : readPort(cursor, 'server-group-line-invalid')
    return range === REFUSED || port === REFUSED ? REFUSED : {type: 'addresses', position, ...range, port}
  },
  print: member => {
    if (member.type === 'fwmark') {
      return `fwmark ${member.mark}${member.family === undefined ? '' : member.family === 4 ? ' inet' : ' inet6'}`
    }
    const {first, last, port} = member
    const range = first === last ? first : `${first}-${last}`
    return port === 0 ? range : `${range} ${port}`
  },
}

const HEAD = onlyWord('NAME')
const NO_GROUPS: readonly Item<ServerGroupSettings>[] = []

/** The groups; those of one name are all kept here. */
export const SERVER_GROUPS: Entry<readonly Item<ServerGroupSettings>[]> = {
  keywords: [
    {
      name: NAME,
      form: `NAME { ${MEMBER.form} … }`,
      doc: 'addresses and marks that a virtual server serves together',
      defaultText: 'none',
    },
  ],
  initial: NO_GROUPS,
  repeats: 'collects',
  grammar: OPAQUE,
  read: (statement, previous, context) => {
    if (!statement.block) return REFUSED
    const name = readArguments(statement, HEAD, context)
    if (name === REFUSED) return REFUSED
    const members: GroupMember[] = []
    for (const data of statement.block.statements) {
      const line: Argument<GroupMember> = {...MEMBER, read: cursor => MEMBER.read(cursor, data)}
      const member = readArguments(data, line, context, NAME)
      if (member !== REFUSED) members.push(member)
    }
    const {position} = statement
    // The list is nobody else's while it grows.
    const groups = previous === NO_GROUPS ? [] : (previous as Item<ServerGroupSettings>[])
    groups.push({name, position, members, at: {members: position}, order: context.nextOrder()})
    return groups
  },
  print: groups =>
    groups.map(({name, members}) => ({
      text: `${NAME} ${writtenWord(name)}`,
      block: members.map(member => ({text: MEMBER.print(member)})),
    })),
}

const FAULT = 'server-group-line-invalid'

function readMark(cursor: Cursor, position: Position): GroupMember | Refused {
  const given = cursor.require()
  if (given === REFUSED) return REFUSED
  const mark = /^\+?\d{1,10}$/.test(given.text) ? Number(given.text) : Number.NaN
  if (!(mark <= MAX_UINT32)) {
    return cursor.fail(given, `${cursor.show(given)} is not a mark`, `0 to ${MAX_UINT32}`, FAULT)
  }
  const word = cursor.next()
  if (!word) return {type: 'fwmark', position, mark, family: undefined}
  if (word.text === 'inet') return {type: 'fwmark', position, mark, family: 4}
  if (word.text === 'inet6') return {type: 'fwmark', position, mark, family: 6}
  return cursor.fail(word, `${cursor.show(word)} is not a family`, 'inet or inet6', FAULT)
}

interface Range {
  readonly first: IpAddress
  readonly last: IpAddress
}

function readRange(cursor: Cursor, given: Word): Range | Refused {
  const {text} = given
  const slash = text.indexOf('/')
  const dash = text.indexOf('-')
  const end = slash >= 0 ? slash : dash >= 0 ? dash : text.length
  const parsed = parseIp(text.slice(0, end))
  const fail = (problem: string, hint: string): Refused =>
    cursor.fail(given, `${cursor.show(given)} ${problem}; the line is ignored`, hint, FAULT)
  if (!parsed.ok) {
    const joined = /^\d+(\.\d+){3}:\d+$/.test(text)
    return fail(
      'is not an address',
      joined ? `write the port as a word of its own: ${text.replace(':', ' ')}` : MEMBER.form,
    )
  }
  const first = parsed.value
  if (slash >= 0) return networkRange(first, text.slice(slash + 1), fail)
  if (dash < 0) return {first, last: first}
  const last = lastAddress(first, text.slice(dash + 1))
  if (last === undefined) {
    const short = ipFamily(first) === 4 ? 'the last number, up to 255' : 'the last group, up to ffff'
    return fail('is no range of addresses', `the end is a whole address of the same family, or ${short}`)
  }
  const isShort = !/[.:]/.test(text.slice(dash + 1))
  if (compareIp(first, last) < (isShort ? 0 : 1)) return {first, last}
  return fail('ends before it begins', 'write the lower address first')
}

function networkRange(first: IpAddress, length: string, fail: (problem: string, hint: string) => Refused) {
  const bytes = ipToBytes(first)
  const longest = bytes.length * 8
  const bits = /^\d{1,3}$/.test(length) ? Number(length) : 0
  if (bits < 1 || bits > longest) return fail('has no valid prefix length', `1 to ${longest}`)
  const last = Buffer.from(bytes)
  for (let i = 0; i < bytes.length; i++) {
    const hostBits = 0xff >> Math.max(0, Math.min(8, bits - i * 8))
    if (((bytes[i] ?? 0) & hostBits) !== 0) {
      return fail('is not the first address of its network', 'clear the bits after the prefix, or write FIRST-LAST')
    }
    last[i] = (bytes[i] ?? 0) | hostBits
  }
  return {first, last: ipFromBytes(last)}
}

/** The end of a range: a whole address, or in place of the last number of IPv4 or the last group of IPv6. */
function lastAddress(first: IpAddress, text: string): IpAddress | undefined {
  if (/[.:]/.test(text)) {
    const parsed = parseIp(text)
    return parsed.ok && ipFamily(parsed.value) === ipFamily(first) ? parsed.value : undefined
  }
  const bytes = ipToBytes(first)
  if (bytes.length === 4) {
    if (!/^\d{1,3}$/.test(text) || Number(text) > 255) return undefined
    bytes[3] = Number(text)
    return ipFromBytes(bytes)
  }
  if (!/^[\da-f]{1,4}$/i.test(text)) return undefined
  bytes.writeUInt16BE(Number.parseInt(text, 16), 14)
  return ipFromBytes(bytes)
}
