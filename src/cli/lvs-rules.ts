import type {LvsRealServer, LvsService} from '../control/lvs-model.ts'
import {type Destination, PLAIN_TUNNEL, type SchedulerFlag, type ServiceRules} from '../core/ipvs/model.ts'
import {parseDestinationName, parseServiceName} from '../core/ipvs/names.ts'
import {type RulesDocument, rulesDocument} from '../core/ipvs/rules-json.ts'
import {printRulesText} from '../core/ipvs/rules-text.ts'
import {schedulerFlagNames} from '../core/ipvs/scheduler-flags.ts'
import {HactlError} from '../errors.ts'
import {sortedReals, sortedServices} from './lvs-tree.ts'

/** What `ipvsadm -S -n` prints: a line for each service and real server. */
export const savedText = (services: readonly LvsService[]): string => printRulesText(rulesOf(services))

/** The same as a document of our own. */
export const savedDocument = (services: readonly LvsService[]): RulesDocument => rulesDocument(rulesOf(services))

/** The rules of the kernel's table, in the order of ipvsadm(8); what is wanted but not there is left out. */
export function rulesOf(services: readonly LvsService[]): readonly ServiceRules[] {
  return sortedServices(services)
    .filter(({present}) => present)
    .map(service => ({
      service: {
        id: serviceId(service),
        scheduler: service.scheduler,
        schedulerFlags: flagsOf(service),
        onePacket: service.onePacket,
        persistence:
          service.persistence === null
            ? undefined
            : {...service.persistence, engine: service.persistence.engine ?? undefined},
      },
      destinations: sortedReals(service.realServers)
        .filter(({present}) => present)
        .map(destinationOf),
    }))
}

function serviceId({name}: LvsService): ServiceRules['service']['id'] {
  const parsed = parseServiceName(name)
  if (parsed.ok && parsed.id.type !== 'any-protocol') return parsed.id
  throw unreadable(name)
}

function destinationOf(real: LvsRealServer): Destination {
  const parsed = parseDestinationName(real.name, {defaultPort: 0})
  if (!parsed.ok) throw unreadable(real.name)
  const {method, weight, upperThreshold, lowerThreshold, tunnel} = real
  return {...parsed.id, method, weight, upperThreshold, lowerThreshold, tunnel: tunnel ?? PLAIN_TUNNEL}
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
