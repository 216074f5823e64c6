import {parseIp} from '../../core/ip.ts'
import type {VipConfig} from '../config.ts'
import {type BlockFacts, type DataLines, lines} from '../schema/entries.ts'
import {type Cursor, type Entry, REFUSED, type Refused} from '../schema/schema.ts'
import type {Statement} from '../text/pieces.ts'
import {ADDRESS_OPTIONS, type AddressDraft, USE_VMAC} from './address-options.ts'
import {readPrefix, writtenPrefix} from './ip-prefix.ts'
import {
  correctedPrefix,
  formOf,
  type LineFindings,
  type LineOption,
  lineReader,
  meantOption,
  optionIndex,
  printOptions,
  readOption,
  TRACK_GROUP,
} from './line-options.ts'

/** The blocks of addresses of one name: `virtual_ipaddress` and its likes. keepalived.conf(5). */
export function addressLines(
  name: string,
  {isStatic = false, ...facts}: BlockFacts & {readonly isStatic?: boolean},
): Entry<readonly VipConfig[]> {
  return lines(name, isStatic ? STATIC_ADDRESS : VIRTUAL_ADDRESS, facts)
}

/** A line of `virtual_ipaddress` or `virtual_ipaddress_excluded`. */
export const VIRTUAL_ADDRESS = addressLine([...ADDRESS_OPTIONS, USE_VMAC])

/** A line of `static_ipaddress`. */
export const STATIC_ADDRESS = addressLine([...ADDRESS_OPTIONS, TRACK_GROUP])

const FINDINGS: LineFindings = {
  leftOut: 'the address is left out',
  invalid: 'vip-option-invalid',
  corrected: 'vip-option-invalid',
  surprising: 'vip-option-surprising',
}

const NO_OPTIONS = new Map([
  ['nodad', 'addresses are never looked for twice, unless -nodad is given'],
  ['track_group', 'only static addresses have a track_group'],
  ['use_vmac', 'only virtual addresses have use_vmac'],
  ['gw', 'write routes in virtual_routes'],
  ['via', 'write routes in virtual_routes'],
])

function addressLine(options: readonly LineOption<AddressDraft>[]): DataLines<VipConfig> {
  const index = optionIndex(options)
  return {
    form: `ADDRESS[/LENGTH] ${formOf(options)}`,
    brief: 'ADDRESS[/LENGTH] [OPTION …]',
    options,
    read: (cursor, statement) => readAddressLine(cursor, statement, index),
    print: address => writtenAddress(address, options),
  }
}

function readAddressLine(
  cursor: Cursor,
  {position}: Statement,
  index: ReadonlyMap<string, LineOption<AddressDraft>>,
): VipConfig | Refused {
  const line = lineReader(cursor, FINDINGS)
  const first = cursor.require()
  if (first === REFUSED) return REFUSED
  const prefix = readPrefix(first.text)
  if (!prefix) {
    const message = `${cursor.show(first)} is not an address; it is left out`
    return cursor.fail(first, message, hintFor(first.text), 'vip-invalid')
  }
  const draft: AddressDraft = {position, ...correctedPrefix(line, first, prefix)}
  const given = new Set<LineOption<AddressDraft>>()
  let inUnknown = false
  for (let word = line.next(); word; word = line.next()) {
    const option = index.get(word.text)
    if (option) {
      inUnknown = false
      if (readOption(option, line, draft, {word, given}) === REFUSED) return REFUSED
      continue
    }
    // What follows an unknown word is most often its value.
    if (inUnknown) continue
    inUnknown = true
    const another = parseIp(word.text.split('/')[0] ?? '').ok
    const hint = another ? 'write one address on a line' : meantOption(word.text, index.keys(), NO_OPTIONS)
    line.correct(word, `${line.show(word)} is not an option of an address; it is ignored`, hint ?? 'dev INTERFACE …')
  }
  const {broadcast, ...rest} = draft
  if (!broadcast) return rest
  if (broadcast.value.length > 1 || rest.prefixLength <= LONGEST_WITH_BROADCAST) {
    return {...rest, broadcast: broadcast.value}
  }
  line.correct(first, `/${rest.prefixLength} has no broadcast address; none is set`, 'remove brd, or write a length')
  return rest
}

/** Of two addresses none is left over. RFC 3021. */
const LONGEST_WITH_BROADCAST = 30

function writtenAddress(vip: VipConfig, options: readonly LineOption<AddressDraft>[]): string {
  const {broadcast, ...rest} = vip
  const draft: AddressDraft = {...rest, ...(broadcast ? {broadcast: {value: broadcast, word: undefined}} : {})}
  // An address with a peer has no length of its own.
  return [vip.peer ? vip.address : writtenPrefix(vip), ...printOptions(options, draft)].join(' ')
}

function hintFor(text: string): string {
  if (/[,;]$/.test(text)) return `write one address on a line, without '${text.at(-1)}'`
  if (text.includes('%')) return "name the interface with dev, not after '%'"
  if (/^[A-Za-z]/.test(text) && !text.includes(':')) return 'write the address as numbers; names are not resolved'
  return 'such as 192.0.2.1/24'
}
