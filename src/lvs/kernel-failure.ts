import {ipFamily} from '../core/ip.ts'
import type {Destination, IpvsChange, Service, SyncDaemon, SyncRole} from '../core/ipvs/model.ts'
import {destinationName, serviceName} from '../core/ipvs/names.ts'
import type {IpvsResult} from '../core/ipvs/table.ts'
import {type ErrorCode, HactlError} from '../errors.ts'

/** How the kernel refused something. */
export type Refusal = Extract<IpvsResult, {readonly ok: false}>

/** What a refusal means for whoever ordered it. */
export interface Meaning {
  readonly code: ErrorCode
  /** One line that names the object. */
  readonly text: string
  readonly hint: string | undefined
}

/** What the kernel's refusal of one change means. The errors are those of net/netfilter/ipvs/ip_vs_ctl.c. */
export function changeRefused(change: IpvsChange, refusal: Refusal): Meaning {
  const what = OF_CHANGE[change.type](change as never)
  return what.meanings[refusal.reason] ?? general(what.object, refusal)
}

/** The same as a failure, with what is said behind it. */
export function toError({code, text, hint}: Meaning, more = ''): HactlError {
  return new HactlError(code, `${text}${more}`, hint)
}

/** What the kernel's refusal to start a sync daemon means. */
export function startRefused(daemon: SyncDaemon, refusal: Refusal, more = ''): HactlError {
  const object = `the sync daemon ${daemon.role} on ${daemon.interface}`
  const known: Meanings = {
    EEXIST: {
      code: 'REFUSED',
      text: `a sync daemon ${daemon.role} runs already`,
      hint: 'stop it first: hactl lvs sync stop',
    },
    ENODEV: {code: 'NOT_FOUND', text: `there is no interface ${daemon.interface}`, hint: undefined},
    EINVAL: {
      code: 'REFUSED',
      text: `the kernel refused ${object}: it cannot run while a real server's family differs from its service's`,
      hint: undefined,
    },
  }
  return toError(known[refusal.reason] ?? general(object, refusal), more)
}

/** What the kernel's refusal to stop a sync daemon means. */
export function stopRefused(role: SyncRole, refusal: Refusal, more = ''): HactlError {
  const meaning = general(`to stop the sync daemon ${role}`, refusal)
  const isGone = refusal.reason === 'ESRCH'
  return toError(isGone ? {code: 'NOT_FOUND', text: `no sync daemon ${role} runs`, hint: undefined} : meaning, more)
}

/** What any other refusal means. */
export function orderRefused(object: string, refusal: Refusal, more = ''): HactlError {
  return toError(general(object, refusal), more)
}

type Meanings = {readonly [reason: string]: Meaning | undefined}

interface Subject {
  /** "the service 192.0.2.1:80/tcp" */
  readonly object: string
  readonly meanings: Meanings
}

const OF_CHANGE: {
  readonly [Type in IpvsChange['type']]: (change: Extract<IpvsChange, {readonly type: Type}>) => Subject
} = {
  'add-service': ({service}) => ofService(service),
  'edit-service': ({service}) => ofService(service),
  'delete-service': ({id}) => {
    const object = `the service ${serviceName(id)}`
    return {object, meanings: {ESRCH: missing(object), ENOENT: missing(object)}}
  },
  'add-destination': ({id, destination}) => ofDestination(id, destination),
  'edit-destination': ({id, destination}) => ofDestination(id, destination),
  'delete-destination': ({id, destination}) => ofDestination(id, destination),
}

function ofService(service: Service): Subject {
  const name = serviceName(service.id)
  const object = `the service ${name}`
  const {scheduler, persistence} = service
  const engine = persistence?.engine
  const noScheduler = `the scheduler ${scheduler} is not known: the module ip_vs_${scheduler} cannot be loaded`
  const noEngine = `or the persistence engine ${engine}: ip_vs_pe_${engine}`
  return {
    object,
    meanings: {
      EEXIST: {code: 'REFUSED', text: `there is a service ${name} already`, hint: 'change it: hactl lvs edit-service'},
      ESRCH: missing(object),
      ENOENT: {
        code: 'REFUSED',
        text: `${name}: ${noScheduler}${engine === undefined ? '' : `; ${noEngine}`}`,
        hint: 'modules are in /lib/modules/$(uname -r)/kernel/net/netfilter/ipvs',
      },
      EAFNOSUPPORT: {code: 'REFUSED', text: `the kernel's IPVS has no IPv6, which ${name} needs`, hint: undefined},
      EPROTONOSUPPORT: {code: 'REFUSED', text: `the kernel's IPVS has not the protocol of ${name}`, hint: undefined},
      EINVAL: {
        code: 'REFUSED',
        text: `the kernel refused ${object} as it is wanted (EINVAL): scheduler ${scheduler} cannot serve it so`,
        hint: undefined,
      },
    },
  }
}

function ofDestination(
  id: Service['id'],
  destination: Destination | {address: Destination['address']; port: number},
): Subject {
  const name = destinationName(destination)
  const service = serviceName(id)
  const object = `the real server ${name} of ${service}`
  const family = id.type === 'address' ? ipFamily(id.address) : id.family
  const isMixed = ipFamily(destination.address) !== family
  return {
    object,
    meanings: {
      EEXIST: {
        code: 'REFUSED',
        text: `${service} has a real server ${name} already`,
        hint: 'change it: hactl lvs edit-real',
      },
      ENOENT: missing(object),
      ESRCH: missing(`the service ${service}`),
      EINVAL: {
        code: 'REFUSED',
        text: isMixed
          ? `the kernel refused ${object} (EINVAL): behind IPv${family} it needs method tun, and no sync daemon here`
          : `the kernel refused ${object} (EINVAL): its address has to be that of one host`,
        hint: undefined,
      },
      ERANGE: {
        code: 'REFUSED',
        text: `the kernel refused ${object}: its weight or its thresholds are out of range`,
        hint: undefined,
      },
      EOPNOTSUPP: {code: 'REFUSED', text: `the kernel's IPVS cannot do what ${object} needs`, hint: undefined},
    },
  }
}

const missing = (object: string): Meaning => ({
  code: 'NOT_FOUND',
  text: `${object} is not in the kernel's table`,
  hint: undefined,
})

function general(object: string, {reason, text}: Refusal): Meaning {
  if (reason === 'EPERM' || reason === 'EACCES') {
    return {code: 'PERMISSION', text: 'only root may change the table of IPVS (CAP_NET_ADMIN)', hint: 'become root'}
  }
  const why = text === undefined ? reason : `${reason}: ${text}`
  const known = reason === 'ENOMEM' ? 'the kernel has no memory for' : 'the kernel refused'
  return {code: 'FAILED', text: `${known} ${object} (${why})`, hint: undefined}
}
