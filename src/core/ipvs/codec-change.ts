import type {AttributeValues} from '../netlink/attributes.ts'
import {encodeGeneric} from '../netlink/generic.ts'
import {unreachable} from '../never.ts'
import {COMMAND_ATTRIBUTES, IPVS_COMMAND, IPVS_FAMILY, type IpvsCommand} from './attributes.ts'
import {destinationAttributes, destinationIdAttributes} from './codec-destination.ts'
import {serviceAttributes, serviceIdAttributes} from './codec-service.ts'
import type {IpvsChange, ServiceId} from './model.ts'

/** The body of a request to the family: generic header and attributes. <linux/ip_vs.h> */
export const encodeCommand = (command: IpvsCommand, values: AttributeValues<typeof COMMAND_ATTRIBUTES> = {}): Buffer =>
  encodeGeneric({command, version: IPVS_FAMILY.version}, COMMAND_ATTRIBUTES, values)

/** The body of a request about one service: to zero its counters, to ask for it or its destinations. <linux/ip_vs.h> */
export const encodeServiceCommand = (command: IpvsCommand, id: ServiceId): Buffer =>
  encodeCommand(command, {service: serviceIdAttributes(id)})

/** The body of the request that makes a change. <linux/ip_vs.h> */
export function encodeChange(change: IpvsChange): Buffer {
  switch (change.type) {
    case 'add-service':
      return encodeCommand(IPVS_COMMAND.newService, {service: serviceAttributes(change.service)})
    case 'edit-service':
      return encodeCommand(IPVS_COMMAND.setService, {service: serviceAttributes(change.service)})
    case 'delete-service':
      return encodeServiceCommand(IPVS_COMMAND.deleteService, change.id)
    case 'add-destination':
      return encodeCommand(IPVS_COMMAND.newDestination, {
        service: serviceIdAttributes(change.id),
        destination: destinationAttributes(change.destination),
      })
    case 'edit-destination':
      return encodeCommand(IPVS_COMMAND.setDestination, {
        service: serviceIdAttributes(change.id),
        destination: destinationAttributes(change.destination),
      })
    case 'delete-destination':
      return encodeCommand(IPVS_COMMAND.deleteDestination, {
        service: serviceIdAttributes(change.id),
        destination: destinationIdAttributes(change.destination),
      })
    default:
      return unreachable(change)
  }
}
