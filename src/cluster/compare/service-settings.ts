import type {Config, Position} from '../../config/config.ts'
import type {RealServerConfig, VirtualServerConfig} from '../../config/lvs-config.ts'
import {FORWARDING_METHOD, type ForwardingMethod} from '../../config/tables/forwarding-method.ts'
import {endpoint} from '../../config/tables/lvs-arguments.ts'
import {serviceName} from '../../config/tables/virtual-server.ts'
import {type ClusterFindings, enumerated, type Report} from '../findings.ts'

/** A virtual server on one node. */
export interface Service {
  readonly node: number
  readonly nodeName: string
  readonly config: Config
  readonly server: VirtualServerConfig
}

/** The name and protocol of a service, as a sentence has it. */
export function describeService({service, protocol}: VirtualServerConfig): string {
  return `virtual_server ${serviceName(service)}${protocol === undefined ? '' : ` ${protocol.toUpperCase()}`}`
}

/** Finds what differs between one virtual server on two nodes: a finding for each kind of thing. */
export function compareServices(reference: Service, service: Service, findings: ClusterFindings): void {
  const report = (name: Report['name'], position: Position | undefined, what: string, hint: string): void =>
    findings.report({
      name,
      at: {node: service.node, position: position ?? service.server.position},
      message: `${describeService(service.server)}: ${what}`,
      hint,
      related: [
        {
          node: reference.node,
          position: reference.server.position,
          message: `${describeService(reference.server)} on ${reference.nodeName}`,
        },
      ],
    })
  const {server} = service
  const settings = differences(SETTINGS, reference, service)
  if (settings.length > 0) {
    report('nodes-service-differ', undefined, enumerated(settings), 'write the same settings on all nodes')
  }
  const [theirs, ours] = [realsOf(reference.server), realsOf(server)]
  const sets = missingFrom([...ours.keys()], [...theirs.keys()], reference.nodeName)
  if (sets) report('nodes-real-servers-differ', undefined, sets, 'list the same real servers on all nodes')
  const shared = [...ours].flatMap(([name, real]) => {
    const other = theirs.get(name)
    return other ? [{name, real, other}] : []
  })
  const methods = shared.filter(({real, other}) => methodOf(real.method) !== methodOf(other.method))
  const [method] = methods
  if (method) {
    const what =
      `lvs_method ${methodOf(method.real.method)} to ${enumerated(methods.map(({name}) => name))} here, ` +
      `${methodOf(method.other.method)} on ${reference.nodeName}: a real server is set up for one of them`
    report('nodes-service-method-differ', server.at.method, what, 'use one forwarding method on all nodes')
  }
  for (const {name, real, other} of shared) {
    const facts = REAL_FACTS.filter(({valueIn}) => valueIn(real) !== valueIn(other))
    const [fact] = facts
    if (!fact) continue
    const what = facts.map(
      ({say, valueIn}) => `${say} ${valueIn(real)} here, ${valueIn(other)} on ${reference.nodeName}`,
    )
    report(
      'nodes-real-server-differ',
      real.position,
      `real_server ${name} has ${enumerated(what)}`,
      'use the same on all nodes',
    )
  }
}

interface Setting {
  /** The keyword. */
  readonly say: string
  readonly valueIn: (service: Service) => string | number | boolean
}

const SETTINGS: readonly Setting[] = [
  {say: 'lvs_sched', valueIn: ({server: {scheduling}}) => [scheduling.scheduler, ...scheduling.flags].join(' ')},
  {say: 'ops', valueIn: ({server}) => onOff(server.onePacket)},
  {say: 'persistence_timeout', valueIn: ({server}) => server.persistenceTimeoutSeconds ?? 'none'},
  {say: 'persistence_granularity', valueIn: ({server}) => server.persistenceGranularity ?? 'none'},
  {say: 'persistence_engine', valueIn: ({server}) => server.persistenceEngine ?? 'none'},
  {say: 'quorum', valueIn: ({server}) => server.quorum},
  {say: 'hysteresis', valueIn: ({server}) => server.hysteresis},
  {
    say: 'sorry_server',
    valueIn: ({server: {sorryServer}}) => (sorryServer && endpoint.print(sorryServer)) ?? 'none',
  },
  {say: 'virtual_server_group', valueIn: ({server: {service}, config}) => groupText(service, config)},
]

interface RealFact {
  readonly say: string
  readonly valueIn: (real: RealServerConfig) => string | number
}

const REAL_FACTS: readonly RealFact[] = [
  {say: 'weight', valueIn: real => real.weight},
  {say: 'uthreshold', valueIn: real => real.upperThreshold},
  {say: 'lthreshold', valueIn: real => real.lowerThreshold},
  {
    say: 'the checks',
    valueIn: ({checkers}) =>
      checkers
        .map(({type}) => type.toUpperCase())
        .toSorted()
        .join('+') || 'none',
  },
]

const onOff = (on: boolean): string => (on ? 'on' : 'off')
const methodOf = (method: ForwardingMethod): string => FORWARDING_METHOD.print(method) ?? method.type

function differences(settings: readonly Setting[], reference: Service, service: Service): readonly string[] {
  return settings.flatMap(({say, valueIn}) => {
    const [here, there] = [valueIn(service), valueIn(reference)]
    return here === there ? [] : [`${say} ${here} here, ${there} on ${reference.nodeName}`]
  })
}

function realsOf({realServers}: VirtualServerConfig): ReadonlyMap<string, RealServerConfig> {
  return new Map(realServers.map(real => [endpoint.print(real) ?? real.address, real]))
}

/** What a group serves, in one line. */
function groupText(service: VirtualServerConfig['service'], {virtualServerGroups}: Config): string {
  if (service.type !== 'group') return ''
  const members = virtualServerGroups.find(({name}) => name === service.group)?.members ?? []
  return members
    .map(member =>
      member.type === 'fwmark'
        ? `fwmark ${member.mark} ${member.family ?? ''}`
        : `${member.first}-${member.last} ${member.port}`,
    )
    .toSorted()
    .join(', ')
}

/** What one has and the other has not, as a sentence has it; undefined when there is nothing. */
function missingFrom(here: readonly string[], there: readonly string[], otherName: string): string | undefined {
  const missing = there.filter(name => !here.includes(name))
  const more = here.filter(name => !there.includes(name))
  const are = (names: readonly string[]): string => (names.length > 1 ? 'are' : 'is')
  const parts = [
    ...(missing.length > 0 ? [`real_server ${enumerated(missing)} of ${otherName} ${are(missing)} missing here`] : []),
    ...(more.length > 0 ? [`real_server ${enumerated(more)} ${are(more)} missing on ${otherName}`] : []),
  ]
  return parts.length > 0 ? parts.join(', ') : undefined
}
