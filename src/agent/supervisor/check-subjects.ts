import {checkPlanOf} from '../../config/check-plan.ts'
import type {Command, Config} from '../../config/config.ts'
import {idsOfVirtualServers} from '../../config/ipvs-services.ts'
import type {VirtualServerConfig} from '../../config/lvs-config.ts'
import type {CheckedRealServer, CheckedVirtualServer} from '../../core/check/plan.ts'
import {destinationName} from '../../core/ipvs/names.ts'
import type {NotifiedRealServer, NotifiedServer} from '../../core/notify/check-notification.ts'

/** What somebody is told of, and how. */
export type CheckSubject = VirtualServerSubject | RealServerSubject

interface Told {
  /** "virtual_server 192.0.2.1 80", "real_server 10.0.0.1:80 of 192.0.2.1 80": scripts of one run in order. */
  readonly name: string
  readonly server: NotifiedServer
  readonly onUp: Command | undefined
  readonly onDown: Command | undefined
  readonly smtpAlert: boolean
  /** It is told of at the end of the agent, too. */
  readonly omega: boolean
  /** It is up from the start, and nobody is told of that. */
  readonly assumedUp: boolean
}

/** A `virtual_server`. */
export interface VirtualServerSubject extends Told {
  readonly type: 'virtual-server'
  readonly quorum: number
  readonly hysteresis: number
}

/** A `real_server`. */
export interface RealServerSubject extends Told {
  readonly type: 'real-server'
  readonly realServer: NotifiedRealServer
}

/** A virtual server or one of its real servers, by the names of the plan; none of them holds a line feed. */
export const subjectKey = (virtualServer: string, realServer: string | undefined): string =>
  realServer === undefined ? virtualServer : `${virtualServer}\n${realServer}`

/** Everything in a configuration that checks have something to tell of, by `subjectKey`. */
export function checkSubjects(config: Config): ReadonlyMap<string, CheckSubject> {
  const subjects = new Map<string, CheckSubject>()
  const plan = checkPlanOf(config)
  // The plan has those that get packets, in their order.
  const servers = [...idsOfVirtualServers(config, () => {})].filter(([, services]) => services.length > 0)
  for (const [i, checked] of plan.virtualServers.entries()) {
    const server = servers[i]?.[0]
    if (!server) continue
    subjects.set(subjectKey(checked.name, undefined), virtualServerSubject(checked, server))
    const settings = new Map([...server.realServers].reverse().map(real => [destinationName(real), real]))
    for (const real of checked.realServers) {
      const {notifyUp, notifyDown, smtpAlert} = settings.get(real.name) ?? {}
      subjects.set(subjectKey(checked.name, real.name), {
        type: 'real-server',
        name: `real_server ${real.name} of ${checked.name}`,
        server: notifiedServer(server),
        realServer: {address: real.address, port: real.port},
        onUp: notifyUp,
        onDown: notifyDown,
        smtpAlert: smtpAlert === true,
        omega: server.omega,
        assumedUp: !plan.tellsOfStart && !startsDown(real),
      })
    }
  }
  return subjects
}

function virtualServerSubject({name}: CheckedVirtualServer, server: VirtualServerConfig): VirtualServerSubject {
  const {quorumUp, quorumDown, smtpAlert, omega, quorum, hysteresis} = server
  return {
    type: 'virtual-server',
    name: `virtual_server ${name}`,
    server: notifiedServer(server),
    onUp: quorumUp,
    onDown: quorumDown,
    smtpAlert,
    omega,
    assumedUp: false,
    quorum,
    hysteresis,
  }
}

const notifiedServer = ({service, protocol}: VirtualServerConfig): NotifiedServer => ({service, protocol})

const startsDown = ({checkers}: CheckedRealServer): boolean => checkers.some(({timing}) => timing.alpha)
