import {type IpAddress, ipFamily, ipToBytes} from '../ip.ts'
import {ATTRIBUTE_HEADER_BYTES, type AttributeValues, valueOffset} from '../netlink/attributes.ts'
import {encodeGeneric, writeGeneric} from '../netlink/generic.ts'
import {unreachable} from '../never.ts'
import {
  COMMAND_ATTRIBUTES,
  DESTINATION_ATTRIBUTES,
  IPVS_COMMAND,
  IPVS_FAMILY,
  type IpvsCommand,
  SERVICE_ATTRIBUTES,
} from './attributes.ts'
import {destinationAttributes, destinationIdAttributes} from './codec-destination.ts'
import {serviceAttributes, serviceIdAttributes} from './codec-service.ts'
import type {IpvsChange, ServiceId} from './model.ts'
import {sameService} from './rules.ts'

/** The body of a request to the family: generic header and attributes. <linux/ip_vs.h> */
export const encodeCommand = (command: IpvsCommand, values: CommandValues = {}): Buffer =>
  encodeGeneric({command, version: IPVS_FAMILY.version}, COMMAND_ATTRIBUTES, values)

/** The body of a request about one service: to zero its counters, to ask for it or its destinations. <linux/ip_vs.h> */
export const encodeServiceCommand = (command: IpvsCommand, id: ServiceId): Buffer =>
  encodeCommand(command, {service: serviceIdAttributes(id)})

/** More than any change has, bytes: its names have 15 bytes at most. */
export const MAX_CHANGE_BYTES = 512

/**
 * Writes the bodies of requests that make changes, into a buffer that has many of them. Most services, and most real
 * servers, are like the one before: it is copied, and what differs is written over it. <linux/ip_vs.h>
 */
export class ChangeWriter {
  #service: ServiceExample | undefined
  #destination: DestinationExample | undefined
  /** The service that the example of a real server names now. */
  #id: ServiceId | undefined
  /** Addresses of IPv4, most of which come again and again, as 32 bits. */
  readonly #ipv4 = new Map<IpAddress, number>()

  /** Writes one where there is room for `MAX_CHANGE_BYTES`, and answers how long it is. */
  write(change: IpvsChange, into: Buffer, at: number): number {
    switch (change.type) {
      case 'add-service':
      case 'edit-service':
        return this.#writeService(change, into, at)
      case 'delete-service':
        return writeCommand(change, {service: serviceIdAttributes(change.id)}, {into, at})
      case 'delete-destination': {
        const {id, destination} = change
        const values = {service: serviceIdAttributes(id), destination: destinationIdAttributes(destination)}
        return writeCommand(change, values, {into, at})
      }
      case 'add-destination':
      case 'edit-destination':
        return this.#writeDestination(change, into, at)
      default:
        return unreachable(change)
    }
  }

  #writeService(change: ServiceChange, into: Buffer, at: number): number {
    if (this.#service === undefined || !isAlikeService(this.#service.change, change)) {
      this.#service = learnService(change)
    }
    const {bytes, offsets} = this.#service
    into.set(bytes, at)
    const {id} = change.service
    if (id.type === 'address') {
      this.#overwriteAddress(id.address, into, at + offsets.address)
      overwritePort(id.port, into, at + offsets.port)
    }
    return bytes.length
  }

  #writeDestination(change: DestinationChange, into: Buffer, at: number): number {
    const {id, destination} = change
    const known = this.#destination
    if (
      known === undefined ||
      !(id === this.#id || isAlikeId(known.change.id, id)) ||
      !isAlikeDestination(known.change, change)
    ) {
      this.#destination = learnDestination(change)
    }
    const {bytes, offsets, change: example} = this.#destination as DestinationExample
    if (id !== this.#id && id.type === 'address') {
      this.#overwriteAddress(id.address, bytes, offsets.serviceAddress)
      overwritePort(id.port, bytes, offsets.servicePort)
    }
    this.#id = id
    into.set(bytes, at)
    this.#overwriteAddress(destination.address, into, at + offsets.address)
    if (destination.port !== example.destination.port) {
      overwritePort(destination.port, into, at + offsets.port)
    }
    if (destination.weight !== example.destination.weight) {
      overwriteWeight(destination.weight, into, at + offsets.weight)
    }
    return bytes.length
  }

  /** Writes an address in the place of another one of its family. */
  #overwriteAddress(address: IpAddress, into: Buffer, at: number): void {
    let bits = this.#ipv4.get(address)
    if (bits === undefined) {
      const bytes = ipToBytes(address)
      if (bytes.length > IPV4_BYTES) {
        into.set(bytes, at)
        return
      }
      bits = bytes.readInt32BE()
      if (this.#ipv4.size >= MAX_KNOWN) this.#ipv4.clear()
      this.#ipv4.set(address, bits)
    }
    into[at] = bits >>> 24
    into[at + 1] = (bits >> 16) & 0xff
    into[at + 2] = (bits >> 8) & 0xff
    into[at + 3] = bits & 0xff
  }
}

const IPV4_BYTES = 4
/** Beyond so many addresses, few come back. */
const MAX_KNOWN = 1024

/** As `u16be` writes it, but without what Buffer's writers allocate at each call. */
function overwritePort(port: number, into: Buffer, at: number): void {
  into[at] = port >> 8
  into[at + 1] = port & 0xff
}

/** As `i32` writes it. */
function overwriteWeight(weight: number, into: Buffer, at: number): void {
  into[at] = weight & 0xff
  into[at + 1] = (weight >> 8) & 0xff
  into[at + 2] = (weight >> 16) & 0xff
  into[at + 3] = weight >> 24
}

/** A request as an example of others, and where in it the values stand that may differ. */
interface ServiceExample {
  readonly change: ServiceChange
  readonly bytes: Buffer
  readonly offsets: {readonly address: number; readonly port: number}
}

/** The same of a real server; its service is written over. */
interface DestinationExample {
  readonly change: DestinationChange
  readonly bytes: Buffer
  readonly offsets: {
    readonly serviceAddress: number
    readonly servicePort: number
    readonly address: number
    readonly port: number
    readonly weight: number
  }
}

function learnService(change: ServiceChange): ServiceExample {
  const service = serviceAttributes(change.service)
  const command = COMMANDS[change.type]
  // Attributes within an attribute stand behind its header.
  const inService = encodeCommand(command).length + ATTRIBUTE_HEADER_BYTES
  const offset = (name: 'address' | 'port'): number => inService + valueOffset(SERVICE_ATTRIBUTES, service.values, name)
  return {
    change,
    bytes: encodeCommand(command, {service}),
    offsets: {address: offset('address'), port: offset('port')},
  }
}

function learnDestination(change: DestinationChange): DestinationExample {
  const service = serviceIdAttributes(change.id)
  const destination = destinationAttributes(change.destination)
  const command = COMMANDS[change.type]
  const inService = encodeCommand(command).length + ATTRIBUTE_HEADER_BYTES
  const inDestination = encodeCommand(command, {service}).length + ATTRIBUTE_HEADER_BYTES
  const offset = (name: 'address' | 'port' | 'weight'): number =>
    inDestination + valueOffset(DESTINATION_ATTRIBUTES, destination.values, name)
  return {
    change,
    bytes: encodeCommand(command, {service, destination}),
    offsets: {
      serviceAddress: inService + valueOffset(SERVICE_ATTRIBUTES, service.values, 'address'),
      servicePort: inService + valueOffset(SERVICE_ATTRIBUTES, service.values, 'port'),
      address: offset('address'),
      port: offset('port'),
      weight: offset('weight'),
    },
  }
}

type ServiceChange = Extract<IpvsChange, {readonly type: 'add-service' | 'edit-service'}>
type DestinationChange = Extract<IpvsChange, {readonly type: 'add-destination' | 'edit-destination'}>

/** True when the requests differ in addresses, ports, weight and perhaps their services alone. */
const isAlikeDestination = (a: DestinationChange, b: DestinationChange): boolean =>
  a.type === b.type &&
  a.destination.method === b.destination.method &&
  a.destination.tunnel === b.destination.tunnel &&
  a.destination.upperThreshold === b.destination.upperThreshold &&
  a.destination.lowerThreshold === b.destination.lowerThreshold &&
  ipFamily(a.destination.address) === ipFamily(b.destination.address)

/** True when the requests differ in the address and port of the service alone. */
const isAlikeService = (a: ServiceChange, b: ServiceChange): boolean =>
  a.type === b.type && isAlikeId(a.service.id, b.service.id) && sameService(a.service, b.service)

const isAlikeId = (a: ServiceId, b: ServiceId): boolean =>
  a.type === 'address' &&
  b.type === 'address' &&
  a.protocol === b.protocol &&
  ipFamily(a.address) === ipFamily(b.address)

type CommandValues = AttributeValues<typeof COMMAND_ATTRIBUTES>

const COMMANDS: {readonly [type in IpvsChange['type']]: IpvsCommand} = {
  'add-service': IPVS_COMMAND.newService,
  'edit-service': IPVS_COMMAND.setService,
  'delete-service': IPVS_COMMAND.deleteService,
  'add-destination': IPVS_COMMAND.newDestination,
  'edit-destination': IPVS_COMMAND.setDestination,
  'delete-destination': IPVS_COMMAND.deleteDestination,
}

/** Answers how long it is. */
const writeCommand = (
  {type}: IpvsChange,
  values: CommandValues,
  where: {readonly into: Buffer; readonly at: number},
): number =>
  writeGeneric({command: COMMANDS[type], version: IPVS_FAMILY.version}, {table: COMMAND_ATTRIBUTES, values}, where) -
  where.at
