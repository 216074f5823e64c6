import type {IpAddress} from '../ip.ts'
import {type Destination, PLAIN_TUNNEL, type Service, type ServiceId} from './model.ts'

/**
 * Reads the lines that `ipvsadm -S -n` prints most, and only those: services and real servers of TCP and UDP over IPv4
 * without any further option,
 *
 *     -A -t 192.0.2.1:80 -s wrr
 *     -a -t 192.0.2.1:80 -r 10.0.0.1:80 -m -w 1
 *
 * with -u in place of -t and -g in place of -m. Tables have ten thousands of them, for each of which the reader of all
 * lines takes many times as long. Lines are read where they stand in the text, and what a line shares with others is
 * read once: its service, and its real server, which many services share.
 */
export class PlainRuleReader {
  readonly #text: string
  readonly #endpoint = new RegExp(SERVICE, 'y')
  /** The service that the line before was about. */
  #idText = ''
  #id: ServiceAddress | undefined
  /** What the last service has behind its address and port, and the scheduler that this is. */
  #schedulerText: string | undefined
  #scheduler = ''
  /** Real servers by what a line says of them. */
  readonly #known = new Map<string, Destination>()

  constructor(text: string) {
    this.#text = text
  }

  /** The service that the line read last is about. */
  get id(): ServiceId | undefined {
    return this.#id
  }

  /** Reads the line from `start` to `end`; undefined: it adds no service, or not in this form. */
  service(start: number, end: number): Service | undefined {
    if (!this.#text.startsWith(ADD_SERVICE, start)) return undefined
    const at = start + ADD_SERVICE.length
    const found = textAt(this.#endpoint, this.#text, at)
    const scheduler = found === undefined ? undefined : this.#schedulerIn(at + found.length, end)
    const id = scheduler === undefined ? undefined : this.#readId(found ?? '')
    if (id === undefined || scheduler === undefined) return undefined
    return {id, scheduler, schedulerFlags: NO_FLAGS, onePacket: false, persistence: undefined}
  }

  /** Reads the line from `start` to `end`; undefined: it adds no real server, or not in this form. */
  destination(start: number, end: number): Destination | undefined {
    if (!this.#text.startsWith(ADD_DESTINATION, start)) return undefined
    const at = start + ADD_DESTINATION.length
    if (!this.#isAbout(at)) {
      const found = textAt(this.#endpoint, this.#text, at)
      if (found === undefined || this.#readId(found) === undefined) return undefined
    }
    return this.#id && this.#destinationOf(this.#text.slice(at + this.#idText.length, end), this.#id.port)
  }

  /** What stands behind a service; few of them are in use. */
  #schedulerIn(start: number, end: number): string | undefined {
    const rest = this.#text.slice(start, end)
    if (rest === this.#schedulerText) return this.#scheduler
    const scheduler = SCHEDULER.exec(rest)?.[1]
    if (scheduler !== undefined) [this.#schedulerText, this.#scheduler] = [rest, scheduler]
    return scheduler
  }

  #isAbout(start: number): boolean {
    return (
      this.#idText !== '' &&
      this.#text.startsWith(this.#idText, start) &&
      this.#text.charCodeAt(start + this.#idText.length) === SPACE
    )
  }

  #destinationOf(text: string, servicePort: number): Destination | undefined {
    const known = this.#known.get(text)
    // Only NAT changes the port of packets.
    if (known !== undefined && (known.method === 'nat' || known.port === servicePort)) return known
    const [, address, portText, method, weight] = DESTINATION.exec(text) ?? []
    const port = Number(portText)
    // Also of a text without a port.
    if (!(port <= MAX_PORT)) return undefined
    const isNat = method === 'm'
    const destination = {
      address: address as IpAddress,
      port: isNat ? port : servicePort,
      method: isNat ? ('nat' as const) : ('dr' as const),
      weight: Number(weight),
      upperThreshold: 0,
      lowerThreshold: 0,
      tunnel: PLAIN_TUNNEL,
    }
    if (this.#known.size >= MAX_KNOWN) this.#known.clear()
    this.#known.set(text, destination)
    return destination
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

/** What the expression, a sticky one, matches there. */
function textAt(expression: RegExp, text: string, start: number): string | undefined {
  expression.lastIndex = start
  return expression.test(text) ? text.slice(start, expression.lastIndex) : undefined
}

const ADD_SERVICE = '-A '
const ADD_DESTINATION = '-a '
const NO_FLAGS: readonly never[] = []
const SPACE = 0x20
const MAX_PORT = 65_535
/** Beyond so many real servers, few come back. */
const MAX_KNOWN = 1024
/** Of a dotted quad in its only canonical form. */
const BYTE = '(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)'
const ADDRESS = `${BYTE}\\.${BYTE}\\.${BYTE}\\.${BYTE}`
const NUMBER = '[1-9]\\d{0,4}'
const SERVICE = `-[tu] ${ADDRESS}:${NUMBER}`
/** Behind the service of a line that adds it. */
const SCHEDULER = /^ -s ([a-z]{1,15})$/
/** Behind the service of a line about a real server. */
const DESTINATION = new RegExp(`^ -r (${ADDRESS}):(${NUMBER}) -([mg]) -w (0|${NUMBER})$`)
