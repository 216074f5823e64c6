import type {Host} from './host.ts'
import type {Lab} from './lab.ts'

export interface LinkParts {
  readonly lab: Lab
  /** Both in the lab's own namespace. */
  readonly bridge: string
  readonly port: string
  readonly host: Host
  readonly device: string
}

/** The cable between a host and a segment. */
export class Link {
  readonly host: Host
  /** Name of the interface inside the host. */
  readonly device: string
  readonly #lab: Lab
  readonly #bridge: string
  readonly #port: string

  constructor({lab, bridge, port, host, device}: LinkParts) {
    this.#lab = lab
    this.#bridge = bridge
    this.#port = port
    this.host = host
    this.device = device
  }

  /** Pulls the cable: the host loses its carrier. */
  cut(): Promise<void> {
    return this.#lab.ip([`link set ${this.#port} down`])
  }

  /** Lets nothing through in either direction; the host still sees a carrier. */
  cutSilently(): Promise<void> {
    // Not by disabling the bridge port: the kernel enables it again whenever it next looks at the carrier.
    return this.#lab.ip([`link set ${this.#port} nomaster`])
  }

  /** Lets nothing through to the host but what is sent to it alone; what it sends itself passes. */
  cutInbound(): Promise<void> {
    return this.#lab.ip([`link set ${this.#port} type bridge_slave ${flooding('off')}`])
  }

  /** Undoes any cut. */
  async restore(): Promise<void> {
    await this.#lab.ip([
      `link set ${this.#port} master ${this.#bridge} up`,
      `link set ${this.#port} type bridge_slave ${flooding('on')}`,
    ])
  }
}

/** What goes to everybody, to a group, or to an address that the bridge does not know. */
const flooding = (to: 'on' | 'off'): string => `flood ${to} mcast_flood ${to} bcast_flood ${to}`
