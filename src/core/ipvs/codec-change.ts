import {ipFamily} from '../ip.ts'
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

/** The body of a request to the family: generic header and attributes. <linux/ip_vs.h> */
export const encodeCommand = (command: IpvsCommand, values: CommandValues = {}): Buffer =>
  encodeGeneric({command, version: IPVS_FAMILY.version}, COMMAND_ATTRIBUTES, values)

/** The body of a request about one service: to zero its counters, to ask for it or its destinations. <linux/ip_vs.h> */
export const encodeServiceCommand = (command: IpvsCommand, id: ServiceId): Buffer =>
  encodeCommand(command, {service: serviceIdAttributes(id)})

/** More than any change has, bytes: its names have 15 bytes at most. */
export const MAX_CHANGE_BYTES = 512

/**
 * Writes the bodies of requests that make changes, into a buffer that has many of them. Most real servers are like the
 * one before: it is copied, and what differs is written over it. <linux/ip_vs.h>
 */
export class ChangeWriter {
  #last: Example | undefined
  /** The service that the example names now. */
  #id: ServiceId | undefined

  /** Writes one where there is room for `MAX_CHANGE_BYTES`, and answers how long it is. */
  write(change: IpvsChange, into: Buffer, at: number): number {
    switch (change.type) {
      case 'add-service':
      case 'edit-service':
        return writeCommand(change, {service: serviceAttributes(change.service)}, {into, at})
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

  #writeDestination(change: DestinationChange, into: Buffer, at: number): number {
    if (this.#last === undefined || !isAlike(this.#last.change, change)) this.#last = learn(change)
    const {bytes, offsets, change: example} = this.#last
    const {id, destination} = change
    if (id !== this.#id && id.type === 'address') {
      SERVICE_ATTRIBUTES.address.inPlace?.write(id.address, bytes, offsets.serviceAddress)
      SERVICE_ATTRIBUTES.port.inPlace?.write(id.port, bytes, offsets.servicePort)
    }
    this.#id = id
    bytes.copy(into, at)
    DESTINATION_ATTRIBUTES.address.inPlace?.write(destination.address, into, at + offsets.address)
    if (destination.port !== example.destination.port) {
      DESTINATION_ATTRIBUTES.port.inPlace?.write(destination.port, into, at + offsets.port)
    }
    if (destination.weight !== example.destination.weight) {
      DESTINATION_ATTRIBUTES.weight.inPlace?.write(destination.weight, into, at + offsets.weight)
    }
    return bytes.length
  }
}

/** A request as an example of others, and where in it the values stand that may differ; its service is written over. */
interface Example {
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

function learn(change: DestinationChange): Example {
  const service = serviceIdAttributes(change.id)
  const destination = destinationAttributes(change.destination)
  const command = COMMANDS[change.type]
  // Attributes within an attribute stand behind its header.
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

type DestinationChange = Extract<IpvsChange, {readonly type: 'add-destination' | 'edit-destination'}>

/** True when the requests differ in addresses, ports and weight alone. */
const isAlike = (a: DestinationChange, b: DestinationChange): boolean =>
  a.type === b.type &&
  (a.id === b.id || isAlikeId(a.id, b.id)) &&
  a.destination.method === b.destination.method &&
  a.destination.tunnel === b.destination.tunnel &&
  a.destination.upperThreshold === b.destination.upperThreshold &&
  a.destination.lowerThreshold === b.destination.lowerThreshold &&
  ipFamily(a.destination.address) === ipFamily(b.destination.address)

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
