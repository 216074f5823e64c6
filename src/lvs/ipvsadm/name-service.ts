import {lookup, lookupService} from 'node:dns/promises'
import {readFileSync} from 'node:fs'
import type {IpAddress} from '../../core/ip.ts'
import type {IpvsProtocol} from '../../core/ipvs/model.ts'
import type {NameReverse} from '../../core/ipvsadm/addresses.ts'
import type {NameLookup} from '../../core/ipvsadm/values.ts'

/** Names of hosts as the system resolves them, and of ports from services(5); what was asked once is kept. */
export class NameService {
  readonly #hosts = new Map<string, IpAddress | undefined>()
  readonly #namesOfHosts = new Map<IpAddress, string | undefined>()
  #services: Services | undefined

  /** For reading command lines: hosts that were not looked up before are 'unasked'. */
  readonly lookup: NameLookup = {
    port: (name, protocol) => this.#ports().byName.get(serviceKey(name, protocol)),
    host: name => (this.#hosts.has(name) ? this.#hosts.get(name) : 'unasked'),
  }

  /** For printing: hosts that were not asked for before have no name. */
  readonly reverse: NameReverse = {
    port: (port, protocol) => this.#ports().byPort.get(serviceKey(String(port), protocol)),
    host: address => this.#namesOfHosts.get(address),
  }

  /** Looks a host up, IPv4 only, as ipvsadm(8) does. Never rejects. */
  async askHost(name: string): Promise<void> {
    try {
      const {address} = await lookup(name, {family: 4})
      this.#hosts.set(name, address as IpAddress)
    } catch {
      this.#hosts.set(name, undefined)
    }
  }

  /** Asks for the names of hosts, a few at a time. Never rejects. */
  async askNames(addresses: Iterable<IpAddress>): Promise<void> {
    const unknown = [...new Set(addresses)].filter(address => !this.#namesOfHosts.has(address)).values()
    const ask = async (): Promise<void> => {
      for (const address of unknown) this.#namesOfHosts.set(address, await nameOf(address))
    }
    await Promise.all(Array.from({length: AT_ONCE}, ask))
  }

  #ports(): Services {
    this.#services ??= readServices()
    return this.#services
  }
}

/** As many as the thread pool of Node asks at a time. */
const AT_ONCE = 4
const SERVICES_PATH = '/etc/services'

interface Services {
  readonly byName: ReadonlyMap<string, number>
  readonly byPort: ReadonlyMap<string, string>
}

const serviceKey = (name: string, protocol: IpvsProtocol): string => `${name}/${protocol}`

async function nameOf(address: IpAddress): Promise<string | undefined> {
  try {
    return (await lookupService(address, 0)).hostname
  } catch {
    return undefined
  }
}

/** Reads services(5): name, port and protocol, other names, comments behind #. The first of several counts. */
function readServices(): Services {
  const byName = new Map<string, number>()
  const byPort = new Map<string, string>()
  for (const line of servicesText().split('\n')) {
    const [name, portAndProtocol = '', ...others] = line.replace(/#.*/, '').trim().split(/\s+/)
    const [, port, protocol = ''] = /^(\d{1,5})\/(\w+)$/.exec(portAndProtocol) ?? []
    if (name === undefined || port === undefined) continue
    for (const known of [name, ...others]) {
      const key = `${known}/${protocol}`
      if (!byName.has(key)) byName.set(key, Number(port))
    }
    const key = `${Number(port)}/${protocol}`
    if (!byPort.has(key)) byPort.set(key, name)
  }
  return {byName, byPort}
}

function servicesText(): string {
  try {
    return readFileSync(SERVICES_PATH, 'utf8')
  } catch {
    return ''
  }
}
