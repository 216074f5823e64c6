import type {InstanceConfig} from '../../config/config.ts'
import type {ClusterFindings, Report} from '../findings.ts'
import {hmacOf, hmacRefusal} from '../hmac.ts'
import {isUnicast, type Member, type VirtualRouter} from '../node.ts'
import {differing, nodesOf, placeOf, remarkOn} from './differing.ts'

/** Finds what keeps the nodes of a virtual router from hearing each other, unicast peers aside. */
export function compareProtocol(router: VirtualRouter, findings: ClusterFindings): void {
  for (const aspect of ASPECTS) {
    const members = aspect.among ? router.members.filter(aspect.among) : router.members
    reportAspect(router, aspect, members, findings)
  }
  for (const version of [2, 3] as const) {
    const members = router.members.filter(({instance}) => instance.version === version)
    reportInterval(router, version, members, findings)
    if (version === 2) reportAuthentication(router, members, findings)
  }
  reportHmac(router, findings)
}

/** The multicast group that a member advertises to. RFC 9568 section 5.1.1.2 and 5.1.2.2. */
export function multicastGroupOf({instance, global, family}: Member): string {
  if (family === 6) return instance.multicastGroup ?? global.multicastGroup6 ?? 'ff02::12'
  return instance.multicastGroup ?? global.multicastGroup4 ?? '224.0.0.18'
}

/** One setting that has to be alike. */
interface Aspect {
  readonly name: Report['name']
  readonly field: keyof InstanceConfig['at']
  readonly valueIn: (member: Member) => string | number | boolean
  /** The setting with its value, as a sentence has it. */
  readonly say: (member: Member) => string
  readonly effect: string
  readonly among?: (member: Member) => boolean
  readonly hint?: string
}

const ASPECTS: readonly Aspect[] = [
  {
    name: 'nodes-vrid-differ',
    field: 'vrid',
    valueIn: ({instance}) => instance.vrid,
    say: ({instance}) => `virtual_router_id ${instance.vrid}`,
    effect: 'they are strangers to each other, and both hold the addresses',
    hint: 'use one virtual_router_id on all nodes',
  },
  {
    name: 'nodes-version-differ',
    field: 'version',
    valueIn: ({instance}) => instance.version,
    say: ({instance}) => `version ${instance.version}`,
    effect: 'neither hears the other, and both hold the addresses',
    hint: 'use one version on all nodes',
  },
  {
    name: 'nodes-transport-differ',
    field: 'unicastPeers',
    valueIn: ({instance}) => isUnicast(instance),
    say: ({instance}) => (isUnicast(instance) ? 'unicast' : 'multicast'),
    effect: 'neither hears the other, and both hold the addresses',
    hint: 'use unicast_peer on all nodes or on none',
  },
  {
    name: 'nodes-group-address-differ',
    field: 'multicastGroup',
    valueIn: multicastGroupOf,
    say: member => `multicast group ${multicastGroupOf(member)}`,
    effect: 'neither hears the other, and both hold the addresses',
    among: ({instance}) => !isUnicast(instance),
    hint: 'use one multicast group on all nodes',
  },
  {
    name: 'nodes-checksum-differ',
    field: 'checksumWithoutPseudoHeader',
    valueIn: ({instance}) => instance.checksumWithoutPseudoHeader,
    say: ({instance}) => `v3_checksum_as_v2 ${instance.checksumWithoutPseudoHeader ? 'on' : 'off'}`,
    effect: 'the one without it drops what the other sends, and nothing makes it yield',
    among: ({instance, family}) => instance.version === 3 && family === 4,
    hint: 'set v3_checksum_as_v2 on all nodes or on none',
  },
]

function reportAspect(
  router: VirtualRouter,
  aspect: Aspect,
  members: readonly Member[],
  findings: ClusterFindings,
): void {
  const {name, field, say, effect, hint} = aspect
  const difference = differing(members, aspect.valueIn)
  if (!difference) return
  const {odd, usual, others} = difference
  findings.report({
    name,
    router: router.name,
    at: placeOf(odd, field),
    message: `${router.name}: ${say(odd)} here, ${say(usual[0])} on ${nodesOf(usual)}: ${effect}`,
    ...(hint === undefined ? {} : {hint}),
    related: [usual[0], ...others].map(member => remarkOn(member, field, `${say(member)} here`)),
  })
}

function reportInterval(
  router: VirtualRouter,
  version: 2 | 3,
  members: readonly Member[],
  findings: ClusterFindings,
): void {
  const effect =
    version === 2
      ? 'version 2 drops what is sent at another interval, and both hold the addresses'
      : 'how soon a backup takes over depends on who was master'
  const aspect: Aspect = {
    name: version === 2 ? 'nodes-interval-differ' : 'nodes-interval-differ-v3',
    field: 'advertIntervalMs',
    valueIn: ({instance}) => instance.advertIntervalMs,
    say: ({instance}) => `advert_int ${instance.advertIntervalMs / 1_000}`,
    effect,
    hint: 'use one advert_int on all nodes',
  }
  reportAspect(router, aspect, members, findings)
}

function reportAuthentication(router: VirtualRouter, members: readonly Member[], findings: ClusterFindings): void {
  const plain = members.filter(({instance}) => !instance.authHmac)
  const sayType = ({instance}: Member): string => {
    const {type} = instance.authentication ?? {}
    return type === undefined ? 'no authentication' : `auth_type ${type.toUpperCase()}`
  }
  const type: Aspect = {
    name: 'nodes-auth-type-differ',
    field: 'authentication',
    valueIn: ({instance}) => instance.authentication?.type ?? '',
    say: sayType,
    effect: 'each drops what the other sends, and both hold the addresses',
    hint: 'use the same authentication on all nodes',
  }
  reportAspect(router, type, plain, findings)
  for (const kind of ['pass', 'ah'] as const) {
    const alike = plain.filter(({instance}) => instance.authentication?.type === kind)
    const difference = differing(alike, ({instance}) => instance.authentication?.password ?? '')
    if (!difference) continue
    const {odd, usual, others} = difference
    const at = ({node, instance}: Member) => ({
      node,
      position: instance.authentication?.at.password ?? instance.position,
    })
    findings.report({
      name: 'nodes-auth-pass-differ',
      router: router.name,
      at: at(odd),
      message:
        `${router.name}: auth_pass is not that of ${nodesOf(usual)}: each drops what the other sends, ` +
        'and both hold the addresses',
      hint: 'use one auth_pass on all nodes',
      related: [usual[0], ...others].map(member => ({...at(member), message: 'another auth_pass here'})),
    })
  }
}

/** One finding a pair of nodes; with keys that are being changed some pairs can be fine and others not. */
function reportHmac(router: VirtualRouter, findings: ClusterFindings): void {
  const {name, members} = router
  if (!members.some(({instance}) => instance.authHmac)) return
  for (const [i, a] of members.entries()) {
    for (const b of members.slice(i + 1)) {
      const refusal = hmacRefusal(a.instance, b.instance) ?? hmacRefusal(b.instance, a.instance)
      const changing = refusal === undefined && hmacOf(a.instance) !== hmacOf(b.instance)
      if (refusal === undefined && !changing) continue
      const why = refusal ?? 'they hear each other still, but sign or check differently'
      findings.report({
        name: refusal === undefined ? 'nodes-hmac-changing' : 'nodes-hmac-differ',
        router: name,
        at: placeOf(b, 'authHmac'),
        message: `${name}: auth_hmac is not that of ${a.nodeName}: ${why}`,
        hint: 'use the same keys, active_key and mode on all nodes',
        related: [remarkOn(a, 'authHmac', `auth_hmac of ${a.nodeName}`)],
      })
    }
  }
}
