import {type Decoded, decoded} from '../decoded.ts'
import {type IpAddress, type IpFamily, ipFromBytes} from '../ip.ts'
import {ADDRESS_FAMILY} from '../netlink/address.ts'
import {ATTRIBUTE_HEADER_BYTES} from '../netlink/attributes.ts'
import {align} from '../netlink/message.ts'
import {COMMAND_ATTRIBUTES, DESTINATION_ATTRIBUTES} from './attributes.ts'
import {CountersReader} from './codec-counters.ts'
import {type DestinationFailure, decodeDestination, METHOD_MASK, METHODS} from './codec-destination.ts'
import {type DestinationEntry, PLAIN_TUNNEL} from './model.ts'

/** The attributes of an answer: the first byte and the one behind the last, in bytes of which `view` is one too. */
export interface AttributesPlace {
  readonly bytes: Buffer
  readonly view: DataView
  readonly start: number
  readonly end: number
}

/**
 * Reads answers to IPVS_CMD_GET_DEST as `decodeDestination` does. Tables have ten thousands of them, most of which have
 * an IPv4 address, the usual tunnel, and all attributes that Linux has had since 5.3: these are read where they stand,
 * without an object for each attribute.
 */
export class DestinationReader {
  readonly #counters = new CountersReader()
  readonly #addresses = new Map<number, IpAddress>()
  /** Of the last plain answer; most are alike. */
  #layout: Layout | undefined

  read(place: AttributesPlace, serviceFamily: IpFamily): Decoded<DestinationEntry, DestinationFailure> {
    const plain = this.#readPlain(place)
    if (plain !== undefined) return decoded(plain)
    const read = decodeDestination(place.bytes.subarray(place.start, place.end), serviceFamily)
    return read.ok ? decoded(read.value.destination) : read
  }

  /** Undefined: it is another one, or none at all. */
  #readPlain({bytes, view, start, end}: AttributesPlace): DestinationEntry | undefined {
    if (!hasLayout(this.#layout, {view, start, end})) this.#layout = layoutOf({view, start, end})
    const at = this.#layout?.values
    if (at === undefined) return undefined
    const family = view.getUint16(start + at.family, true)
    const tunnel =
      view.getUint8(start + at.tunnelType) |
      view.getUint16(start + at.tunnelPort) |
      view.getUint16(start + at.tunnelFlags)
    const method = METHODS[view.getUint32(start + at.method, true) & METHOD_MASK]
    if (family !== ADDRESS_FAMILY.ipv4 || tunnel !== 0 || method === undefined) return undefined
    const countersAt = start + at.counters64
    const countersBytes = view.getUint16(countersAt - ATTRIBUTE_HEADER_BYTES, true) - ATTRIBUTE_HEADER_BYTES
    const counters = this.#counters.read({bytes, view}, countersAt, countersAt + countersBytes)
    if (!counters.ok) return undefined
    return {
      address: this.#address(view.getUint32(start + at.address), bytes, start + at.address),
      port: view.getUint16(start + at.port),
      method,
      weight: view.getInt32(start + at.weight, true),
      upperThreshold: view.getUint32(start + at.upperThreshold, true),
      lowerThreshold: view.getUint32(start + at.lowerThreshold, true),
      tunnel: PLAIN_TUNNEL,
      activeConnections: view.getUint32(start + at.activeConnections, true),
      inactiveConnections: view.getUint32(start + at.inactiveConnections, true),
      persistentConnections: view.getUint32(start + at.persistentConnections, true),
      counters: counters.value,
    }
  }

  /** The same real servers stand behind many services: one text for all of them. */
  #address(number: number, bytes: Buffer, at: number): IpAddress {
    const known = this.#addresses.get(number)
    if (known !== undefined) return known
    const address = ipFromBytes(bytes.subarray(at, at + IPV4_BYTES))
    this.#addresses.set(number, address)
    return address
  }
}

/** Where everything stands in an answer, counted from its start. */
interface Layout {
  readonly lengthBytes: number
  /** The header of each attribute, 32 bits: its place and what it is, one behind the other. */
  readonly headers: readonly number[]
  /** The value of each attribute. */
  readonly values: {readonly [Name in keyof typeof DESTINATION_ATTRIBUTES]: number}
}

type Place = Omit<AttributesPlace, 'bytes'>

function hasLayout(layout: Layout | undefined, {view, start, end}: Place): boolean {
  if (layout === undefined || end - start !== layout.lengthBytes) return false
  const {headers} = layout
  for (let i = 0; i < headers.length; i += 2) {
    if (view.getUint32(start + (headers[i] as number), true) !== headers[i + 1]) return false
  }
  return true
}

/** Undefined: an attribute is missing, of another length, there twice, or unknown. */
function layoutOf({view, start, end}: Place): Layout | undefined {
  const lengthBytes = end - start
  if (lengthBytes < ATTRIBUTE_HEADER_BYTES || view.getUint16(start, true) !== lengthBytes) return undefined
  if ((view.getUint16(start + 2, true) & TYPE_MASK) !== COMMAND_ATTRIBUTES.destination.type) return undefined
  const headers = [0, view.getUint32(start, true)]
  const values = new Map<string, number>()
  for (let at = start + ATTRIBUTE_HEADER_BYTES; at < end; ) {
    if (end - at < ATTRIBUTE_HEADER_BYTES) return undefined
    const attributeBytes = view.getUint16(at, true)
    const line = LINES.get(view.getUint16(at + 2, true) & TYPE_MASK)
    if (attributeBytes < ATTRIBUTE_HEADER_BYTES || attributeBytes > end - at) return undefined
    if (line === undefined || values.has(line.name)) return undefined
    if (line.fixedBytes !== undefined && line.fixedBytes !== attributeBytes - ATTRIBUTE_HEADER_BYTES) return undefined
    headers.push(at - start, view.getUint32(at, true))
    values.set(line.name, at - start + ATTRIBUTE_HEADER_BYTES)
    at += align(attributeBytes)
  }
  if (values.size !== LINES.size) return undefined
  return {lengthBytes, headers, values: Object.fromEntries(values) as Layout['values']}
}

const LINES = new Map(
  Object.entries(DESTINATION_ATTRIBUTES).map(([name, {type, inPlace}]) => [
    type,
    {name, fixedBytes: inPlace?.fixedBytes},
  ]),
)
/** All but NLA_F_NESTED and NLA_F_NET_BYTEORDER. <linux/netlink.h> */
const TYPE_MASK = 0x3fff
const IPV4_BYTES = 4
