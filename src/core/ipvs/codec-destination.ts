import {type Decoded, decoded, rejected} from '../decoded.ts'
import type {IpFamily} from '../ip.ts'
import {
  type AttributeFailure,
  type Attributes,
  type AttributeValues,
  decodeAttributes,
  type RawAttribute,
} from '../netlink/attributes.ts'
import {COMMAND_ATTRIBUTES, type DESTINATION_ATTRIBUTES} from './attributes.ts'
import {addressOf, familyNumberOf, familyOf} from './codec-address.ts'
import {decodeCounters} from './codec-counters.ts'
import {
  type Destination,
  type DestinationEntry,
  type DestinationId,
  type ForwardingMethod,
  PLAIN_TUNNEL,
  type Tunnel,
} from './model.ts'

/** A destination as the kernel tells of it. */
export interface DestinationAnswer {
  readonly destination: DestinationEntry
  /** Attributes of the destination that no table of ours knows. */
  readonly unknown: readonly RawAttribute[]
}

/** Why a message does not tell of a destination. */
export type DestinationFailure =
  | AttributeFailure
  | 'destination-missing'
  | 'family-wrong'
  | 'address-missing'
  | 'method-wrong'
  | 'tunnel-wrong'

/** What names a destination in a request: IPVS_CMD_ATTR_DEST. <linux/ip_vs.h> */
export const destinationIdAttributes = (id: DestinationId): Attributes<typeof DESTINATION_ATTRIBUTES> =>
  whole(idValues(id))

/** A whole destination in a request that adds or edits it: IPVS_CMD_ATTR_DEST. <linux/ip_vs.h> */
export const destinationAttributes = (destination: Destination): Attributes<typeof DESTINATION_ATTRIBUTES> =>
  whole(destinationValues(destination))

/** An answer to IPVS_CMD_GET_DEST, without its generic header; the family is that of the service. <linux/ip_vs.h> */
export function decodeDestination(
  attributes: Buffer,
  serviceFamily: IpFamily,
): Decoded<DestinationAnswer, DestinationFailure> {
  const command = decodeAttributes(COMMAND_ATTRIBUTES, attributes)
  if (!command.ok) return command
  if (command.value.values.destination === undefined) return rejected('destination-missing')
  const {values, unknown} = command.value.values.destination
  const family = values.family === undefined ? serviceFamily : familyOf(values.family)
  if (family === undefined) return rejected('family-wrong')
  const address = addressOf(values.address, family)
  if (address === undefined) return rejected('address-missing')
  const method = METHODS[(values.method ?? 0) & METHOD_MASK]
  if (method === undefined) return rejected('method-wrong')
  const tunnel = decodeTunnel(values)
  if (tunnel === undefined) return rejected('tunnel-wrong')
  const counters = decodeCounters(values)
  if (!counters.ok) return counters
  const destination: DestinationEntry = {
    address,
    port: values.port ?? 0,
    method,
    weight: values.weight ?? 0,
    upperThreshold: values.upperThreshold ?? 0,
    lowerThreshold: values.lowerThreshold ?? 0,
    tunnel,
    activeConnections: values.activeConnections ?? 0,
    inactiveConnections: values.inactiveConnections ?? 0,
    persistentConnections: values.persistentConnections ?? 0,
    counters: counters.value,
  }
  return decoded({destination, unknown})
}

/** IP_VS_CONN_F_MASQ and so on, by their number. <linux/ip_vs.h> */
export const METHODS: readonly ForwardingMethod[] = ['nat', 'local', 'tun', 'dr', 'bypass']
/** IP_VS_CONN_F_FWD_MASK. <linux/ip_vs.h> */
export const METHOD_MASK = 7
/** IP_VS_CONN_F_TUNNEL_TYPE_*, by their number. <linux/ip_vs.h> */
const TUNNEL_TYPES: readonly Tunnel['type'][] = ['ipip', 'gue', 'gre']
/** IP_VS_TUNNEL_ENCAP_FLAG_*. <linux/ip_vs.h> */
const TUNNEL_FLAGS: {readonly [Checksum in Tunnel['checksum']]: number} = {nocsum: 0, csum: 1, remcsum: 2}

type DestinationValues = AttributeValues<typeof DESTINATION_ATTRIBUTES>

const NOTHING: readonly RawAttribute[] = []

const whole = (values: DestinationValues): Attributes<typeof DESTINATION_ATTRIBUTES> => ({values, unknown: NOTHING})

const idValues = ({address, port}: DestinationId): DestinationValues => ({
  address,
  port,
  family: familyNumberOf(address),
})

const destinationValues = (destination: Destination): DestinationValues => ({
  address: destination.address,
  port: destination.port,
  family: familyNumberOf(destination.address),
  method: METHODS.indexOf(destination.method),
  weight: destination.weight,
  upperThreshold: destination.upperThreshold,
  lowerThreshold: destination.lowerThreshold,
  tunnelType: TUNNEL_TYPES.indexOf(destination.tunnel.type),
  tunnelPort: destination.tunnel.port,
  tunnelFlags: TUNNEL_FLAGS[destination.tunnel.checksum],
})

function decodeTunnel(values: DestinationValues): Tunnel | undefined {
  const type = TUNNEL_TYPES[values.tunnelType ?? 0]
  if (type === undefined) return undefined
  const flags = values.tunnelFlags ?? 0
  if (type === 'ipip' && flags === 0 && !values.tunnelPort) return PLAIN_TUNNEL
  const checksum =
    (flags & TUNNEL_FLAGS.remcsum) !== 0 ? 'remcsum' : (flags & TUNNEL_FLAGS.csum) !== 0 ? 'csum' : 'nocsum'
  return {type, port: values.tunnelPort ?? 0, checksum}
}
