import type {Override} from '../../control/model.ts'
import {describeOverride} from '../../core/ipvs/describe.ts'
import {serviceKey} from '../../core/ipvs/names.ts'
import type {ConfiguredService, ServiceOverride} from '../../core/ipvs/wanted.ts'
import type {KeptDaemon, KeptService, LvsState} from './lvs-state.ts'

/** A state without one override, and what that concerns. */
export interface TakenBack {
  readonly state: LvsState
  readonly concerns: 'timeouts' | 'daemons' | {readonly service: string}
  /** What others had made of the service, which is theirs again. */
  readonly found: ServiceOverride | undefined
}

/** How many overrides there are. */
export const keptCount = ({services, timeouts, daemons}: LvsState): number =>
  services.length + (timeouts ? 1 : 0) + daemons.length

/** The names of all overrides for the API: "lvs-192.0.2.1:80/tcp", "lvs-timeouts", "lvs-sync-master". */
export const overrideIds = ({services, timeouts, daemons}: LvsState): readonly string[] => [
  ...(timeouts ? [TIMEOUTS_ID] : []),
  ...daemons.map(daemonId),
  ...services.map(serviceId),
]

/** Overrides as the API shows them, the first so many of those that are named. */
export function describeKept(
  state: LvsState,
  configured: readonly ConfiguredService[],
  {ids, limit}: {readonly ids: readonly string[]; readonly limit: number},
): readonly Override[] {
  const asked = new Set(ids.slice(0, limit))
  const isConfigured = new Set(configured.map(({service}) => serviceKey(service.id)))
  const services = state.services.filter(kept => asked.has(serviceId(kept)))
  const daemons = state.daemons.filter(kept => asked.has(daemonId(kept)))
  const timeouts = state.timeouts && asked.has(TIMEOUTS_ID) ? [state.timeouts] : []
  return [
    ...timeouts.map(({since, timeouts: {tcpSeconds, tcpFinSeconds, udpSeconds}}): Override => {
      const set = Object.entries({tcp: tcpSeconds, tcpfin: tcpFinSeconds, udp: udpSeconds})
      const words = set.flatMap(([name, seconds]) => (seconds === 0 ? [] : [`${name} ${seconds} s`]))
      return {...LASTING, id: TIMEOUTS_ID, kind: 'ipvs-timeouts', since, text: `timeouts ${words.join(', ')}`}
    }),
    ...daemons.map((kept): Override => {
      const {since, role, daemon} = kept
      const text = daemon === 'stopped' ? `sync daemon ${role} stopped` : `sync daemon ${role} on ${daemon.interface}`
      return {...LASTING, id: daemonId(kept), kind: 'sync-daemon', since, text}
    }),
    ...services.map((kept): Override => {
      const {since, override} = kept
      const name = serviceKey(override.id)
      const applies = typeof override.service === 'object' || isConfigured.has(name)
      return {
        ...LASTING,
        id: serviceId(kept),
        kind: 'service',
        instance: name,
        since,
        text: linesText(describeOverride(override)),
        applies,
      }
    }),
  ]
}

/** Takes one back; undefined: there is none of that name. */
export function takeBack(state: LvsState, id: string): TakenBack | undefined {
  if (id === TIMEOUTS_ID) {
    return state.timeouts && {state: {...state, timeouts: undefined}, concerns: 'timeouts', found: undefined}
  }
  if (state.daemons.some(kept => daemonId(kept) === id)) {
    const daemons = state.daemons.filter(kept => daemonId(kept) !== id)
    return {state: {...state, daemons}, concerns: 'daemons', found: undefined}
  }
  const kept = state.services.find(each => serviceId(each) === id)
  if (!kept) return undefined
  const services = state.services.filter(each => each !== kept)
  return {state: {...state, services}, concerns: {service: serviceKey(kept.override.id)}, found: kept.found}
}

const PREFIX = 'lvs-'
const TIMEOUTS_ID = `${PREFIX}timeouts`

const serviceId = ({override}: KeptService): string => `${PREFIX}${serviceKey(override.id)}`
const daemonId = ({role}: KeptDaemon): string => `${PREFIX}sync-${role}`

const LASTING = {instance: null, until: null, applies: true} as const

/** Lines of one override that are shown. */
const MAX_LINES = 10

function linesText(lines: readonly string[]): string {
  const more = lines.length > MAX_LINES ? [`and ${lines.length - MAX_LINES} more`] : []
  return [...lines.slice(0, MAX_LINES), ...more].join('; ')
}
