import type {IpAddress} from '../ip.ts'
import type {MailText} from './mail-text.ts'

/** A virtual server as notifications name it. */
export interface NotifiedServer {
  readonly service:
    | {readonly type: 'address'; readonly address: IpAddress; readonly port: number}
    | {readonly type: 'fwmark'; readonly mark: number}
    | {readonly type: 'group'; readonly group: string}
  /** Undefined for a mark. */
  readonly protocol: string | undefined
}

/** One of its real servers. */
export interface NotifiedRealServer {
  readonly address: IpAddress
  readonly port: number
}

/** What others are told of a virtual server or of one of its real servers. */
export type CheckNotification =
  | {
      readonly type: 'virtual-server'
      readonly server: NotifiedServer
      readonly up: boolean
      /** The first that is told of it. */
      readonly first: boolean
      readonly quorum: number
      readonly hysteresis: number
      /** Sum of the weights of live real servers. */
      readonly weight: number
    }
  | {
      readonly type: 'real-server'
      readonly server: NotifiedServer
      readonly realServer: NotifiedRealServer
      readonly up: boolean
      /** "TCP_CHECK of 10.0.0.1:80: refused"; undefined: no checker said so. */
      readonly reason: string | undefined
    }

/** A line for a pipe as keepalived 2.2.7 writes it: `RS [10.0.0.1]:tcp:80 [192.0.2.1]:tcp:80 UP`, and a line feed. */
export function checkFifoLine(notification: CheckNotification): string {
  const state = notification.up ? 'UP' : 'DOWN'
  const virtual = virtualServerName(notification.server)
  if (notification.type === 'virtual-server') return `VS ${virtual} ${state}\n`
  return `RS ${realServerName(notification.server, notification.realServer)} ${virtual} ${state}\n`
}

/**
 * The mail in the words of keepalived 2.2.7, the arithmetic of a lost quorum as in its log, since its mails have it
 * wrong ("2+1=1 <= 0"). What a checker found stands in a line of its own, which keepalived's mails lack.
 */
export function checkMailText(routerId: string, notification: CheckNotification): MailText {
  const state = notification.up ? 'UP' : 'DOWN'
  const virtual = virtualServerName(notification.server)
  if (notification.type === 'virtual-server') {
    const subject = `[${routerId}] Virtualserver ${virtual} - ${state}`
    return {subject, text: `=> ${quorumText(notification)} <=\r\n`}
  }
  const {server, realServer, reason} = notification
  const real = realServerName(server, realServer)
  const subject = `[${routerId}] Realserver ${real} of virtual server ${virtual} - ${state}`
  const detail = reason === undefined ? '' : `${reason}\r\n`
  return {subject, text: `=> ${checkerText(notification)} <=\r\n${detail}`}
}

/** "[192.0.2.1]:tcp:80", "FWM 5", "[web]:0". */
export function virtualServerName({service, protocol}: NotifiedServer): string {
  switch (service.type) {
    case 'fwmark':
      return `FWM ${service.mark}`
    case 'group':
      return `[${service.group}]:0`
    case 'address':
      return `[${service.address}]:${protocol ?? NO_PROTOCOL}:${service.port}`
  }
}

/** "[10.0.0.1]:tcp:80"; with "none" for the protocol of a mark. */
export const realServerName = ({service, protocol}: NotifiedServer, {address, port}: NotifiedRealServer): string =>
  `[${address}]:${service.type === 'fwmark' ? NO_PROTOCOL : (protocol ?? NO_PROTOCOL)}:${port}`

const NO_PROTOCOL = 'none'

type Quorum = Extract<CheckNotification, {readonly type: 'virtual-server'}>

function quorumText({up, first, quorum, hysteresis, weight}: Quorum): string {
  if (!up) return `Lost quorum ${quorum}-${hysteresis}=${quorum - hysteresis} > ${weight}`
  const sum = `${quorum}+${hysteresis}=${quorum + hysteresis} <= ${weight}`
  return first ? `Starting with quorum up ${sum}` : `Gained quorum ${sum}`
}

function checkerText({up, reason}: Extract<CheckNotification, {readonly type: 'real-server'}>): string {
  if (reason === undefined) return up ? 'Starting' : 'Removing'
  const kind = /^[A-Z]+_[A-Z]+/.exec(reason)?.[0] ?? ''
  const words = CHECKER_WORDS.get(kind) ?? USUAL_WORDS
  return `${up ? words.up : words.down} on service`
}

const USUAL_WORDS = {down: 'CHECK failed', up: 'CHECK succeed'}

/** keepalived has no mail for FILE_CHECK; HTTP_GET, SSL_GET and SMTP_CHECK are a plain CHECK. */
const CHECKER_WORDS: ReadonlyMap<string, typeof USUAL_WORDS> = new Map([
  ['TCP_CHECK', {down: 'TCP CHECK failed', up: 'TCP CHECK succeed'}],
  ['MISC_CHECK', {down: 'MISC CHECK failed', up: 'MISC CHECK succeeded'}],
  ['DNS_CHECK', {down: 'DNS_CHECK: failed', up: 'DNS_CHECK: succeed'}],
  ['UDP_CHECK', {down: 'UDP CHECK failed', up: 'UDP CHECK succeed'}],
  ['PING_CHECK', {down: 'ICMP CHECK failed', up: 'ICMP CHECK succeed'}],
  ['FILE_CHECK', {down: 'FILE CHECK failed', up: 'FILE CHECK succeed'}],
  ['BFD_CHECK', {down: 'BFD CHECK failed', up: 'BFD CHECK succeed'}],
])
