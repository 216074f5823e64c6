import {createHash} from 'node:crypto'

/** What happens to every real server at once; after each but the first `up` comes back. */
export const EVENTS = ['up', 'refused', 'filtered', 'slow', 'wrong', 'flapping'] as const
export type EventName = (typeof EVENTS)[number]

/** Steps of the play, in order. */
export const STEPS: readonly (EventName | 'back')[] = EVENTS.flatMap(event =>
  event === 'up' ? [event] : [event, 'back'],
)

/** A checker and what answers it. */
export interface Kind {
  /** As in the table of the document. */
  readonly checker: string
  readonly server: string
  readonly address: string
  readonly port: number
  /** Block of the checker in keepalived.conf. */
  readonly block: string
  /** What cannot happen to it. */
  readonly lacks: readonly EventName[]
}

/** Body of the page that SSL_GET looks at. */
export const BODY = 'all is well\n'
/** What DNS_CHECK asks for. */
export const DNS_NAME = 'www.lab.test'
/** The program that MISC_CHECK runs. */
export const MISC_PROGRAM = '/run/ask'

/** From the beginning of a probe to its end, seconds. */
const TIMEOUT = 'connect_timeout 2'

/** Every checker that asks somebody; FILE_CHECK has its scenario, and BFD_CHECK nobody to ask yet. */
export const KINDS: readonly Kind[] = [
  kind(1, 'TCP_CHECK', 'nginx', 80, TIMEOUT, {lacks: ['wrong']}),
  kind(2, 'HTTP_GET', 'nginx', 80, `${TIMEOUT}\nurl {\npath /\nstatus_code 200\n}`),
  kind(3, 'SSL_GET', 'nginx', 443, `${TIMEOUT}\nurl {\npath /\ndigest ${md5(BODY)}\n}`),
  kind(4, 'SMTP_CHECK', 'OpenSMTPD', 25, `${TIMEOUT}\nhelo_name lab.test`),
  kind(5, 'DNS_CHECK', 'dnsmasq', 53, `${TIMEOUT}\ntype A\nname ${DNS_NAME}`),
  kind(6, 'UDP_CHECK', 'socat', 9000, `${TIMEOUT}\npayload 70696e67\nrequire_reply 70696e67`),
  kind(7, 'PING_CHECK', 'Linux', 80, TIMEOUT, {lacks: ['refused', 'slow', 'wrong']}),
  kind(8, 'MISC_CHECK', 'nginx', 80, `misc_path "${MISC_PROGRAM} 10.4.0.18"\nmisc_timeout 2`),
]

/** One virtual server for each kind, with the real server in question and nothing else. */
export const kindsConfig = (globals: string): string =>
  globals +
  KINDS.map(
    ({address, port, block, checker}) => `virtual_server ${serviceAddress(address)} ${port} {
lvs_sched rr
lvs_method NAT
protocol ${['UDP_CHECK', 'DNS_CHECK'].includes(checker) ? 'UDP' : 'TCP'}
delay_loop 1
retry 1
delay_before_retry 1
warmup 0
real_server ${address} ${port} {
weight 1
${checker} {
${block}
retry 1
delay_before_retry 1
}
}
}
`,
  ).join('')

/** Service of a real server, as the table of IPVS names it. */
export const serviceOf = ({address, port}: Kind): string => `${serviceAddress(address)}:${port}`

const serviceAddress = (address: string): string => address.replace('10.4.0.', '10.4.9.')

function kind(
  index: number,
  checker: string,
  server: string,
  port: number,
  block: string,
  {lacks = []}: {readonly lacks?: readonly EventName[]} = {},
): Kind {
  return {checker, server, address: `10.4.0.1${index}`, port, block, lacks}
}

function md5(text: string): string {
  return createHash('md5').update(text).digest('hex')
}
