import type {IpAddress} from '../ip.ts'
import {type IpvsChange, PLAIN_TUNNEL, type ServiceId} from './model.ts'

/** What a rule in its plainest form orders. */
export type PlainRule = Extract<IpvsChange, {readonly type: 'add-service' | 'add-destination'}>

/**
 * Reads the lines that `ipvsadm -S -n` prints most, and only those: services and real servers of TCP and UDP over IPv4
 * without any further option,
 *
 *     -A -t 192.0.2.1:80 -s wrr
 *     -a -t 192.0.2.1:80 -r 10.0.0.1:80 -m -w 1
 *
 * with -u in place of -t and -g in place of -m. Tables have ten thousands of them, for each of which the reader of all
 * lines takes many times as long. One expression reads a line where it stands in the text.
 */
export class PlainRuleReader {
  readonly #text: string
  readonly #destination = new RegExp(DESTINATION_LINE, 'y')
  readonly #service = new RegExp(SERVICE_LINE, 'y')
  #idText = ''
  #id: ServiceAddress | undefined

  constructor(text: string) {
    this.#text = text
  }

  /** Reads the line that begins at `start`; undefined: it has another form, or is no rule at all. */
  read(start: number): PlainRule | undefined {
    this.#destination.lastIndex = start
    const real = this.#destination.exec(this.#text)
    if (real !== null) return this.#addDestination(real)
    this.#service.lastIndex = start
    const service = this.#service.exec(this.#text)
    return service === null ? undefined : this.#addService(service)
  }

  #addService(found: RegExpExecArray): PlainRule | undefined {
    const id = this.#readId(found[1] ?? '')
    if (id === undefined) return undefined
    const service = {id, scheduler: found[2] ?? '', schedulerFlags: [], onePacket: false, persistence: undefined}
    return {type: 'add-service', service}
  }

  #addDestination(found: RegExpExecArray): PlainRule | undefined {
    const id = this.#readId(found[1] ?? '')
    const port = Number(found[3])
    const weight = Number(found[5])
    if (id === undefined || port > MAX_PORT) return undefined
    const isNat = found[4] === 'm'
    const destination = {
      address: found[2] as IpAddress,
      // Only NAT changes the port of packets.
      port: isNat ? port : id.port,
      method: isNat ? ('nat' as const) : ('dr' as const),
      weight,
      upperThreshold: 0,
      lowerThreshold: 0,
      tunnel: PLAIN_TUNNEL,
    }
    return {type: 'add-destination', id, destination}
  }

  /** The same object as long as lines are about the same service. */
  #readId(text: string): ServiceAddress | undefined {
    if (text === this.#idText) return this.#id
    const colon = text.indexOf(':')
    const port = Number(text.slice(colon + 1))
    if (port > MAX_PORT) return undefined
    const address = text.slice('-t '.length, colon) as IpAddress
    this.#idText = text
    this.#id = {type: 'address', protocol: text.startsWith('-t') ? 'tcp' : 'udp', address, port}
    return this.#id
  }
}

type ServiceAddress = Extract<ServiceId, {readonly type: 'address'}>

const MAX_PORT = 65_535
/** Of a dotted quad in its only canonical form. */
const BYTE = '(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)'
const ADDRESS = `${BYTE}\\.${BYTE}\\.${BYTE}\\.${BYTE}`
const NUMBER = '[1-9]\\d{0,4}'
const SERVICE = `-[tu] ${ADDRESS}:${NUMBER}`
const SERVICE_LINE = `-A (${SERVICE}) -s ([a-z]{1,15})(?:\\n|$)`
const DESTINATION_LINE = `-a (${SERVICE}) -r (${ADDRESS}):(${NUMBER}) -([mg]) -w (0|${NUMBER})(?:\\n|$)`
