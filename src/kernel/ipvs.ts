import {setTimeout as sleep} from 'node:timers/promises'
import {IPVS_COMMAND, IPVS_FAMILY} from '../core/ipvs/attributes.ts'
import {ChangeWriter, encodeCommand, encodeServiceCommand, MAX_CHANGE_BYTES} from '../core/ipvs/codec-change.ts'
import {daemonRoleValues, daemonValues, timeoutValues} from '../core/ipvs/codec-settings.ts'
import type {
  IpvsChange,
  IpvsConnection,
  IpvsInfo,
  IpvsTimeouts,
  ServiceEntry,
  ServiceId,
  SyncDaemon,
  SyncRole,
} from '../core/ipvs/model.ts'
import type {IpvsResult, IpvsTable} from '../core/ipvs/table.ts'
import {NETLINK_GENERIC} from '../core/netlink/message.ts'
import {HactlError} from '../errors.ts'
import {findFamily} from './genetlink.ts'
import {CONNECTIONS_PATH, readConnections} from './ipvs-connections.ts'
import {loadModule} from './ipvs-module.ts'
import {IpvsReader} from './ipvs-reader.ts'
import {type NetlinkRequest, NetlinkRequester} from './netlink-requests.ts'

/**
 * IPVS of the network namespace in which it was opened, by generic netlink. What changes something goes out on one
 * socket, in the order in which it was asked for; what reads has sockets of its own.
 */
export class Ipvs implements IpvsTable {
  readonly #reader: IpvsReader
  #requester: NetlinkRequester
  #skippedLines = 0
  #closed = false

  private constructor(reader: IpvsReader, requester: NetlinkRequester) {
    this.#reader = reader
    this.#requester = requester
  }

  /** Finds the kernel's IPVS, loading its module where it is missing; rejects with a HactlError where there is none. */
  static async open(): Promise<Ipvs> {
    const reader = new IpvsReader(await familyId())
    await reader.info()
    return new Ipvs(reader, NetlinkRequester.open(NETLINK_GENERIC))
  }

  /** How many lines of the list of connections could not be read so far. */
  get skippedLines(): number {
    return this.#skippedLines
  }

  info(): Promise<IpvsInfo> {
    return this.#reader.info()
  }

  services(): Promise<readonly ServiceEntry[]> {
    return this.mapServices(entry => entry)
  }

  mapServices<Value>(each: (entry: ServiceEntry) => Value): Promise<readonly Value[]> {
    return this.#reader.services(each)
  }

  service(id: ServiceId): Promise<ServiceEntry | undefined> {
    return this.#reader.service(id)
  }

  change(changes: readonly IpvsChange[]): Promise<readonly IpvsResult[]> {
    const writer = new ChangeWriter()
    return this.#usableRequester().batch({
      type: this.#reader.family,
      count: changes.length,
      maxBodyBytes: MAX_CHANGE_BYTES,
      write: (number, into, at) => writer.write(changes[number] as IpvsChange, into, at),
    })
  }

  zero(id: ServiceId | undefined): Promise<IpvsResult> {
    const body = id === undefined ? encodeCommand(IPVS_COMMAND.zero) : encodeServiceCommand(IPVS_COMMAND.zero, id)
    return this.#order(body)
  }

  flush(): Promise<IpvsResult> {
    return this.#order(encodeCommand(IPVS_COMMAND.flush))
  }

  timeouts(): Promise<IpvsTimeouts> {
    return this.#reader.timeouts()
  }

  setTimeouts(timeouts: IpvsTimeouts): Promise<IpvsResult> {
    return this.#order(encodeCommand(IPVS_COMMAND.setConfig, timeoutValues(timeouts)))
  }

  daemons(): Promise<readonly SyncDaemon[]> {
    return this.#reader.daemons()
  }

  async startDaemon(daemon: SyncDaemon): Promise<IpvsResult> {
    const result = await this.#order(encodeCommand(IPVS_COMMAND.newDaemon, daemonValues(daemon)))
    if (result.ok) await sleep(DAEMON_START_MS)
    return result
  }

  stopDaemon(role: SyncRole): Promise<IpvsResult> {
    return this.#order(encodeCommand(IPVS_COMMAND.deleteDaemon, daemonRoleValues(role)))
  }

  connections(): AsyncIterable<IpvsConnection> {
    return readConnections(CONNECTIONS_PATH, () => {
      this.#skippedLines++
    })
  }

  /** Closes the socket; what is under way ends with 'ECANCELED'. */
  close(): void {
    this.#closed = true
    this.#requester.close()
  }

  #order(body: Buffer): Promise<IpvsResult> {
    return this.#usableRequester().request(this.#request(body))
  }

  #request(body: Buffer): NetlinkRequest {
    return {type: this.#reader.family, flags: 0, body}
  }

  /** A socket that broke is replaced; where that cannot be, what is asked of it ends with 'EBADF'. */
  #usableRequester(): NetlinkRequester {
    if (this.#requester.usable || this.#closed) return this.#requester
    try {
      this.#requester = NetlinkRequester.open(NETLINK_GENERIC)
    } catch (error) {
      if (!(error instanceof HactlError)) throw error
    }
    return this.#requester
  }
}

/**
 * A daemon that is stopped before its thread has got to run is waited for by the kernel without an end, with the lock
 * on all of IPVS's settings: seen with 6.1 within a millisecond of the start, never after five.
 */
const DAEMON_START_MS = 25

async function familyId(): Promise<number> {
  const found = await findFamily(IPVS_FAMILY.name)
  if (found.ok) return found.id
  if (found.reason !== 'ENOENT') throw new HactlError('FAILED', `generic netlink does not answer: ${found.reason}`)
  const why = (await loadModule(MODULE)) ?? 'modprobe(8) says it is loaded'
  const again = await findFamily(IPVS_FAMILY.name)
  if (again.ok) return again.id
  throw new HactlError(
    'FAILED',
    `this kernel has no IPVS: the module ${MODULE} cannot be loaded (${why})`,
    'load it as root with: modprobe ip_vs',
  )
}

const MODULE = 'ip_vs'
