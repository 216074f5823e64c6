import type {LvsRealServer, LvsService} from '../control/lvs-model.ts'
import {parseIp} from '../core/ip.ts'
import {
  type Destination,
  PLAIN_TUNNEL,
  type SchedulerFlag,
  type ServiceId,
  type ServiceRules,
} from '../core/ipvs/model.ts'
import {type RulesDocument, rulesDocument} from '../core/ipvs/rules-json.ts'
import {printRulesText} from '../core/ipvs/rules-text.ts'
import {schedulerFlagNames} from '../core/ipvs/scheduler-flags.ts'
import {HactlError} from '../errors.ts'
import {sortedReals, sortedServices} from './lvs-tree.ts'

/** What `ipvsadm -S -n` prints: a line for each service and real server. */
export const savedText = (services: readonly LvsService[]): string => printRulesText(eachRules(services))

/** The same as a document of our own. */
export const savedDocument = (services: readonly LvsService[]): RulesDocument => rulesDocument(rulesOf(services))

/** The rules of the kernel's table, in the order of ipvsadm(8); what is wanted but not there is left out. */
export const rulesOf = (services: readonly LvsService[]): readonly ServiceRules[] => [...eachRules(services)]

/** One after the other, so that those of a large table need not be there at once. */
function* eachRules(services: readonly LvsService[]): Iterable<ServiceRules> {
  for (const service of sortedServices(services)) {
    const {scheduler, onePacket, persistence} = service
    if (!service.present) continue
    const destinations = sortedReals(service.realServers)
      .filter(({present}) => present)
      .map(destinationOf)
    yield {
      service: {
        id: serviceId(service),
        scheduler,
        schedulerFlags: flagsOf(service),
        onePacket,
        persistence: persistence === null ? undefined : {...persistence, engine: persistence.engine ?? undefined},
      },
      destinations,
    }
  }
}

function serviceId({name, protocol, address, port, mark, family}: LvsService): ServiceId {
  if (mark !== null) return {type: 'fwmark', mark, family}
  const parsed = parseIp(address ?? '')
  if (!parsed.ok || protocol === null || port === null) throw unreadable(name)
  return {type: 'address', protocol, address: parsed.value, port}
}

function destinationOf(real: LvsRealServer): Destination {
  const parsed = parseIp(real.address)
  if (!parsed.ok) throw unreadable(real.name)
  const {port, method, weight, upperThreshold, lowerThreshold, tunnel} = real
  return {
    address: parsed.value,
    port,
    method,
    weight,
    upperThreshold,
    lowerThreshold,
    tunnel: tunnel ?? PLAIN_TUNNEL,
  }
}

function flagsOf({name, scheduler, schedulerFlags}: LvsService): readonly SchedulerFlag[] {
  const known = schedulerFlagNames(scheduler)
  return schedulerFlags.map(word => {
    const flag = known.get(word)
    if (flag === undefined) throw unreadable(`${name} with ${word}`)
    return flag
  })
}

function unreadable(what: string): HactlError {
  return new HactlError('AGENT_VERSION', `the agent tells of ${what}, which is not known`, 'use the same version here')
}
