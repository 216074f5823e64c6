import {ipFamily, parseIp} from '../../../src/core/ip.ts'
import {
  type Destination,
  PLAIN_TUNNEL,
  type SchedulerFlag,
  type Service,
  type ServiceId,
  type ServiceRules,
  type Tunnel,
} from '../../../src/core/ipvs/model.ts'
import {destinationKey, parseServiceName, serviceFamily, serviceKey} from '../../../src/core/ipvs/names.ts'

/** A number below `below` of a generator. */
export const under = (random: () => number, below: number): number => Math.floor(random() * below)

/** One of a list. */
export function oneOf<Value>(random: () => number, values: readonly Value[]): Value {
  if (values.length === 0) throw new Error('the list is empty')
  return values[under(random, values.length)] as Value
}

/** A service by its name, which has to be one. */
export function idOf(name: string): ServiceId {
  const parsed = parseServiceName(name)
  if (!parsed.ok || parsed.id.type === 'any-protocol') throw new Error(`${name} should be the name of a service`)
  return parsed.id
}

/** A plain service. */
export const serviceOf = (name: string, more: Partial<Service> = {}): Service => ({
  id: idOf(name),
  scheduler: 'wlc',
  schedulerFlags: [],
  onePacket: false,
  persistence: undefined,
  ...more,
})

/** A plain real server. */
export function realOf(address: string, port: number, more: Partial<Destination> = {}): Destination {
  const parsed = parseIp(address)
  if (!parsed.ok) throw new Error(`${address} should be an address`)
  return {
    address: parsed.value,
    port,
    method: 'dr',
    weight: 1,
    upperThreshold: 0,
    lowerThreshold: 0,
    tunnel: PLAIN_TUNNEL,
    ...more,
  }
}

const NAMES = [
  '10.0.0.1:80/tcp',
  '10.0.0.1:80/udp',
  '10.0.0.1:443/sctp',
  '[2001:db8::1]:80/tcp',
  'fwm/1',
  'fwm6/1',
  'fwm/4294967295',
]
const FLAGS: readonly (readonly SchedulerFlag[])[] = [[], [1], [2], [1, 2], [1, 2, 3]]
const TUNNELS: readonly Tunnel[] = [
  PLAIN_TUNNEL,
  {type: 'gue', port: 6080, checksum: 'remcsum'},
  {type: 'gre', port: 0, checksum: 'csum'},
]

/** A service of that name that the kernel could have. */
export function anyService(random: () => number, name: string): Service {
  const service = serviceOf(name)
  const isIpv4 = serviceFamily(service.id) === 4
  const prefixLength = oneOf(random, isIpv4 ? [0, 24, 32] : [1, 64, 128])
  const engine = oneOf(random, [undefined, 'sip'])
  const persistence = {timeoutSeconds: oneOf(random, [1, 300]), prefixLength, engine}
  const isUdp = service.id.type === 'fwmark' || service.id.protocol === 'udp'
  return {
    ...service,
    scheduler: oneOf(random, ['rr', 'wrr', 'sh', 'mh']),
    schedulerFlags: oneOf(random, FLAGS),
    onePacket: isUdp && random() < 0.5,
    persistence: random() < 0.5 ? persistence : undefined,
  }
}

/** A real server of that service that the kernel could have. */
export function anyReal(random: () => number, id: ServiceId): Destination {
  const address = oneOf(random, ['10.0.1.1', '10.0.1.2', '10.0.1.3', '2001:db8::a', '2001:db8::b'])
  const plain = realOf(address, id.type === 'address' ? id.port : 0)
  const isOther = ipFamily(plain.address) !== serviceFamily(id)
  const method = isOther ? 'tun' : oneOf(random, ['nat', 'dr', 'tun'] as const)
  const upperThreshold = oneOf(random, [0, 0, 10, 4_294_967_295])
  return {
    ...plain,
    port: method === 'nat' ? oneOf(random, [plain.port, 8080]) : plain.port,
    method,
    weight: oneOf(random, [0, 1, 2, 2_147_483_647]),
    upperThreshold,
    lowerThreshold: Math.min(upperThreshold, oneOf(random, [0, 5])),
    tunnel: method === 'tun' ? oneOf(random, TUNNELS) : PLAIN_TUNNEL,
  }
}

/** Rules of some services, each with some real servers; nothing stands twice. */
export function anyRules(random: () => number): readonly ServiceRules[] {
  return NAMES.filter(() => random() < 0.6).map(name => {
    const service = anyService(random, name)
    const reals = Array.from({length: under(random, 5)}, () => anyReal(random, service.id))
    return {service, destinations: [...new Map(reals.map(real => [destinationKey(real), real])).values()]}
  })
}

/** Rules in one order, for comparing them. */
export const sorted = (rules: readonly ServiceRules[]): readonly ServiceRules[] =>
  rules
    .map(({service, destinations}) => ({
      service,
      destinations: destinations.toSorted((a, b) => (destinationKey(a) < destinationKey(b) ? -1 : 1)),
    }))
    .toSorted((a, b) => (serviceKey(a.service.id) < serviceKey(b.service.id) ? -1 : 1))
