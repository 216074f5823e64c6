import {type Decoded, decoded, rejected} from '../decoded.ts'
import type {IpFamily} from '../ip.ts'
import {
  type AttributeFailure,
  type Attributes,
  type AttributeValues,
  decodeAttributes,
  type RawAttribute,
} from '../netlink/attributes.ts'
import {COMMAND_ATTRIBUTES, type SERVICE_ATTRIBUTES, SERVICE_FLAG} from './attributes.ts'
import {addressOf, familyNumber, familyNumberOf, familyOf} from './codec-address.ts'
import {CountersReader} from './codec-counters.ts'
import type {Counters, IpvsProtocol, Persistence, SchedulerFlag, Service, ServiceId} from './model.ts'

/** A service as the kernel tells of it. */
export interface ServiceAnswer {
  readonly service: Service
  readonly counters: Counters
  /** Attributes of the service that no table of ours knows. */
  readonly unknown: readonly RawAttribute[]
}

/** Why a message does not tell of a service. */
export type ServiceFailure =
  | AttributeFailure
  | 'service-missing'
  | 'family-wrong'
  | 'protocol-wrong'
  | 'address-missing'
  | 'flags-wrong'

/** What names a service in a request: IPVS_CMD_ATTR_SERVICE. <linux/ip_vs.h> */
export const serviceIdAttributes = (id: ServiceId): Attributes<typeof SERVICE_ATTRIBUTES> => whole(idValues(id))

/** A whole service in a request that adds or edits it: IPVS_CMD_ATTR_SERVICE. <linux/ip_vs.h> */
export const serviceAttributes = (service: Service): Attributes<typeof SERVICE_ATTRIBUTES> =>
  whole(serviceValues(service))

/** The answer to IPVS_CMD_GET_SERVICE, without its generic header; one reader is quicker for many. <linux/ip_vs.h> */
export function decodeService(
  attributes: Buffer,
  reader = new CountersReader(),
): Decoded<ServiceAnswer, ServiceFailure> {
  const command = decodeAttributes(COMMAND_ATTRIBUTES, attributes)
  if (!command.ok) return command
  if (command.value.values.service === undefined) return rejected('service-missing')
  const {values, unknown} = command.value.values.service
  const family = familyOf(values.family)
  if (family === undefined) return rejected('family-wrong')
  const id = decodeId(values, family)
  if (!id.ok) return id
  if (values.flags === undefined || values.flags.length !== FLAGS_BYTES) return rejected('flags-wrong')
  const flags = values.flags.readUInt32LE(0)
  const counters = reader.decode(values)
  if (!counters.ok) return counters
  const service: Service = {
    id: id.value,
    scheduler: values.scheduler ?? '',
    schedulerFlags: SCHEDULER_FLAGS.filter(flag => (flags & flagBit(flag)) !== 0),
    onePacket: (flags & SERVICE_FLAG.onePacket) !== 0,
    persistence: (flags & SERVICE_FLAG.persistent) === 0 ? undefined : decodePersistence(values, family),
  }
  return decoded({service, counters: counters.value, unknown})
}

/** IPPROTO_* of the protocols of services. <linux/in.h> */
const PROTOCOL_NUMBERS: {readonly [Protocol in IpvsProtocol]: number} = {tcp: 6, udp: 17, sctp: 132}
const PROTOCOLS: ReadonlyMap<number | undefined, IpvsProtocol> = new Map([
  [PROTOCOL_NUMBERS.tcp, 'tcp'],
  [PROTOCOL_NUMBERS.udp, 'udp'],
  [PROTOCOL_NUMBERS.sctp, 'sctp'],
])
const SCHEDULER_FLAGS: readonly SchedulerFlag[] = [1, 2, 3]
/** All that a request decides of; what else the kernel keeps in its flags is its own. */
const FLAGS_MASK =
  SERVICE_FLAG.persistent |
  SERVICE_FLAG.onePacket |
  SERVICE_FLAG.scheduler1 |
  SERVICE_FLAG.scheduler2 |
  SERVICE_FLAG.scheduler3
/** struct ip_vs_flags: flags and mask. */
const FLAGS_BYTES = 8
const NETMASK_BYTES = 4

type ServiceValues = AttributeValues<typeof SERVICE_ATTRIBUTES>

const NOTHING: readonly RawAttribute[] = []

const whole = (values: ServiceValues): Attributes<typeof SERVICE_ATTRIBUTES> => ({values, unknown: NOTHING})

const flagBit = (flag: SchedulerFlag): number => SERVICE_FLAG.scheduler1 << (flag - 1)

function idValues(id: ServiceId): ServiceValues {
  if (id.type === 'fwmark') return {family: familyNumber(id.family), mark: id.mark}
  return {
    family: familyNumberOf(id.address),
    protocol: PROTOCOL_NUMBERS[id.protocol],
    address: id.address,
    port: id.port,
  }
}

function serviceValues({id, scheduler, schedulerFlags, onePacket, persistence}: Service): ServiceValues {
  const values = idValues(id)
  const family = familyOf(values.family) ?? 4
  let bits = (onePacket ? SERVICE_FLAG.onePacket : 0) | (persistence === undefined ? 0 : SERVICE_FLAG.persistent)
  for (const flag of schedulerFlags) bits |= flagBit(flag)
  const flags = Buffer.alloc(FLAGS_BYTES)
  flags.writeUInt32LE(bits, 0)
  flags.writeUInt32LE(FLAGS_MASK, 4)
  return {
    ...values,
    scheduler,
    flags,
    timeout: persistence?.timeoutSeconds ?? 0,
    // Without persistence it counts for nothing, but IPv6 takes no prefix of length 0.
    netmask: encodeNetmask(persistence?.prefixLength ?? (family === 4 ? 32 : 128), family),
    engine: persistence?.engine,
  }
}

function encodeNetmask(prefixLength: number, family: IpFamily): Buffer {
  const bytes = Buffer.alloc(NETMASK_BYTES)
  if (family === 6) bytes.writeUInt32LE(prefixLength, 0)
  else bytes.writeUInt32BE(prefixLength === 0 ? 0 : (0xffff_ffff << (32 - prefixLength)) >>> 0, 0)
  return bytes
}

/** Of an IPv4 mask with gaps, which the kernel takes, the length of its first run of ones. */
function decodeNetmask(bytes: Buffer | undefined, family: IpFamily): number {
  if (bytes === undefined || bytes.length !== NETMASK_BYTES) return family === 4 ? 32 : 128
  return family === 6 ? bytes.readUInt32LE(0) : Math.clz32(~bytes.readUInt32BE(0))
}

function decodeId(values: ServiceValues, family: IpFamily): Decoded<ServiceId, ServiceFailure> {
  if (values.mark !== undefined) return decoded({type: 'fwmark', mark: values.mark, family})
  const protocol = PROTOCOLS.get(values.protocol)
  if (protocol === undefined) return rejected('protocol-wrong')
  const address = addressOf(values.address, family)
  if (address === undefined) return rejected('address-missing')
  return decoded({type: 'address', protocol, address, port: values.port ?? 0})
}

const decodePersistence = (values: ServiceValues, family: IpFamily): Persistence => ({
  timeoutSeconds: values.timeout ?? 0,
  prefixLength: decodeNetmask(values.netmask, family),
  engine: values.engine,
})
