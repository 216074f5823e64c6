import type {Destination, DestinationId, IpvsChange, Service, ServiceId, ServiceRules} from './model.ts'
import {destinationKey, destinationName, serviceFamily, serviceKey, serviceName} from './names.ts'
import {schedulerFlagName} from './scheduler-flags.ts'
import type {ServiceOverride} from './wanted.ts'

/** A service in words: "192.0.2.1:80/tcp scheduler wrr persistent 300". */
export const describeService = (service: Service): string =>
  [serviceName(service.id), ...unusual(serviceSettings(service))].join(' ')

/** A real server in words: "10.0.0.1:80 of 192.0.2.1:80/tcp dr weight 1". */
export const describeDestination = (id: ServiceId, destination: Destination): string =>
  [realName(id, destination), ...unusual(destinationSettings(destination))].join(' ')

/**
 * One line for each change, the earlier ones counted in, of the first `most` changes; `actual` is what there was before
 * the first.
 */
export function describeChanges(
  changes: readonly IpvsChange[],
  actual: readonly ServiceRules[],
  most = Number.POSITIVE_INFINITY,
): readonly string[] {
  const known = new KnownRules(actual)
  const told = changes.length > most ? changes.slice(0, most) : changes
  return told.map(change => {
    const line = describe(change, known)
    known.apply(change)
    return line
  })
}

/** A change in a line of its own; `before` is the service as it was. */
export const describeChange = (change: IpvsChange, before?: ServiceRules): string =>
  describe(change, new KnownRules(before ? [before] : []))

/** How a service in the kernel differs from the wanted one, "scheduler rr in place of wrr"; undefined: it does not. */
export const driftOfService = (wanted: Service, actual: Service): string | undefined =>
  drift(serviceSettings(wanted), serviceSettings(actual))

/** How a real server in the kernel differs from the wanted one, "weight 1 in place of 3"; undefined: it does not. */
export const driftOfDestination = (wanted: Destination, actual: Destination): string | undefined =>
  drift(destinationSettings(wanted), destinationSettings(actual))

/** What operators changed of one service, a line each. */
export function describeOverride({id, service, destinations}: ServiceOverride): readonly string[] {
  const lines: string[] = []
  if (service === 'deleted') lines.push(`service ${serviceName(id)} deleted`)
  else if (service !== undefined) lines.push(`service ${describeService(service)}`)
  for (const {id: real, destination, hold} of destinations) {
    if (destination === 'deleted') lines.push(`real server ${realName(id, real)} deleted`)
    else if (destination !== undefined) lines.push(`real server ${describeDestination(id, destination)}`)
    if (hold !== undefined) {
      const reason = hold.reason === undefined ? '' : `: ${hold.reason}`
      lines.push(`real server ${realName(id, real)} ${hold.type} since ${hold.since}${reason}`)
    }
  }
  return lines
}

/** One setting in words. `usual`: it goes without saying. */
interface Setting {
  readonly name: string
  readonly text: string
  readonly usual?: boolean
}

function serviceSettings({id, scheduler, schedulerFlags, persistence, onePacket}: Service): readonly Setting[] {
  const flags = schedulerFlags.map(flag => schedulerFlagName(scheduler, flag)).join(',')
  const longest = serviceFamily(id) === 4 ? 32 : 128
  const {timeoutSeconds, prefixLength = longest, engine} = persistence ?? {}
  return [
    {name: 'scheduler', text: scheduler},
    optional('flags', flags === '' ? undefined : flags),
    optional('persistent', timeoutSeconds),
    {name: 'netmask', text: String(prefixLength), usual: prefixLength === longest},
    optional('engine', engine),
    {name: 'one-packet', text: onePacket ? 'on' : 'off', usual: !onePacket},
  ]
}

function destinationSettings({
  method,
  weight,
  upperThreshold,
  lowerThreshold,
  tunnel: {type, port, checksum},
}: Destination): readonly Setting[] {
  const tunnel = [type, ...(port === 0 ? [] : [`port ${port}`]), ...(checksum === 'nocsum' ? [] : [checksum])].join(' ')
  const isPlain = method !== 'tun' || tunnel === 'ipip'
  return [
    {name: 'method', text: method},
    {name: 'tunnel', text: isPlain ? 'ipip' : tunnel, usual: isPlain},
    {name: 'weight', text: String(weight)},
    {name: 'upper-threshold', text: String(upperThreshold), usual: upperThreshold === 0},
    {name: 'lower-threshold', text: String(lowerThreshold), usual: lowerThreshold === 0},
  ]
}

function optional(name: string, value: string | number | undefined): Setting {
  return value === undefined ? {name, text: 'none', usual: true} : {name, text: String(value)}
}

const unusual = (settings: readonly Setting[]): readonly string[] =>
  settings.flatMap(({name, text, usual}) => (usual ? [] : [name === 'method' ? text : `${name} ${text}`]))

function drift(wanted: readonly Setting[], actual: readonly Setting[]): string | undefined {
  const texts = differing(wanted, actual).map(([name, want, is]) => `${name} ${is} in place of ${want}`)
  return texts.length === 0 ? undefined : texts.join(', ')
}

function differing(
  before: readonly Setting[],
  after: readonly Setting[],
): readonly (readonly [name: string, before: string, after: string])[] {
  return before.flatMap(({name, text}, i) => {
    const other = after[i]?.text ?? ''
    return text === other ? [] : [[name, text, other] as const]
  })
}

const realName = (id: ServiceId, real: DestinationId): string => `${destinationName(real)} of ${serviceName(id)}`

function describe(change: IpvsChange, known: KnownRules): string {
  switch (change.type) {
    case 'add-service':
      return `+ service ${describeService(change.service)}`
    case 'delete-service':
      return `- service ${serviceName(change.id)}`
    case 'add-destination':
      return `+ real server ${describeDestination(change.id, change.destination)}`
    case 'delete-destination':
      return `- real server ${realName(change.id, change.destination)}`
    case 'edit-service': {
      const {service} = change
      const before = known.service(service.id)
      if (before === undefined) return `~ service ${describeService(service)}`
      return `~ service ${serviceName(service.id)}: ${edited(serviceSettings(before), serviceSettings(service))}`
    }
    case 'edit-destination': {
      const {id, destination} = change
      const before = known.destination(id, destination)
      if (before === undefined) return `~ real server ${describeDestination(id, destination)}`
      const settings = edited(destinationSettings(before), destinationSettings(destination))
      return `~ real server ${realName(id, destination)}: ${settings}`
    }
  }
}

function edited(before: readonly Setting[], after: readonly Setting[]): string {
  const texts = differing(before, after).map(([name, was, is]) => `${name} ${was} -> ${is}`)
  return texts.length === 0 ? 'as it was' : texts.join(', ')
}

/** What there is after each change; the real servers of a service are looked up when the first one is asked for. */
class KnownRules {
  readonly #services: Map<string, {service: Service; listed: readonly Destination[]; found?: Map<string, Destination>}>

  constructor(actual: readonly ServiceRules[]) {
    this.#services = new Map(
      actual.map(({service, destinations}) => [serviceKey(service.id), {service, listed: destinations}]),
    )
  }

  service(id: ServiceId): Service | undefined {
    return this.#services.get(serviceKey(id))?.service
  }

  destination(id: ServiceId, real: DestinationId): Destination | undefined {
    return this.#destinations(id)?.get(destinationKey(real))
  }

  apply(change: IpvsChange): void {
    switch (change.type) {
      case 'add-service':
        this.#services.set(serviceKey(change.service.id), {service: change.service, listed: []})
        break
      case 'edit-service': {
        const entry = this.#services.get(serviceKey(change.service.id))
        if (entry) entry.service = change.service
        break
      }
      case 'delete-service':
        this.#services.delete(serviceKey(change.id))
        break
      case 'add-destination':
      case 'edit-destination':
        this.#destinations(change.id)?.set(destinationKey(change.destination), change.destination)
        break
      case 'delete-destination':
        this.#destinations(change.id)?.delete(destinationKey(change.destination))
        break
    }
  }

  #destinations(id: ServiceId): Map<string, Destination> | undefined {
    const entry = this.#services.get(serviceKey(id))
    if (!entry) return undefined
    entry.found ??= new Map(entry.listed.map(destination => [destinationKey(destination), destination]))
    return entry.found
  }
}
