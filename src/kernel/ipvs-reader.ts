import {setImmediate} from 'node:timers/promises'
import type {Decoded} from '../core/decoded.ts'
import {IPVS_COMMAND, IPVS_FAMILY} from '../core/ipvs/attributes.ts'
import {encodeCommand, encodeServiceCommand} from '../core/ipvs/codec-change.ts'
import {CountersReader} from '../core/ipvs/codec-counters.ts'
import {decodeService, type ServiceAnswer} from '../core/ipvs/codec-service.ts'
import {decodeDaemon, decodeInfo, decodeTimeouts} from '../core/ipvs/codec-settings.ts'
import {DestinationReader} from '../core/ipvs/destination-reader.ts'
import type {DestinationEntry, IpvsInfo, IpvsTimeouts, ServiceEntry, ServiceId, SyncDaemon} from '../core/ipvs/model.ts'
import {serviceFamily} from '../core/ipvs/names.ts'
import {decodeGeneric, GENERIC_HEADER_BYTES} from '../core/netlink/generic.ts'
import {MESSAGE_FLAG, NETLINK_GENERIC, type NetlinkMessage} from '../core/netlink/message.ts'
import {HactlError} from '../errors.ts'
import {findFamily} from './genetlink.ts'
import {type DumpResult, Questioner} from './netlink-dump.ts'

/** Reads the kernel's table, each time on sockets of its own. What it returns rejects with a HactlError. */
export class IpvsReader {
  #family: number

  /** The type of the family's messages. */
  constructor(family: number) {
    this.#family = family
  }

  /** The type of the family's messages; another one after the module was loaded anew and something was read. */
  get family(): number {
    return this.#family
  }

  /** Version and size of the table of connections. */
  info(): Promise<IpvsInfo> {
    return this.#run(source => source.one(encodeCommand(IPVS_COMMAND.getInfo), decodeInfo))
  }

  /** Times after which connections are forgotten. */
  timeouts(): Promise<IpvsTimeouts> {
    return this.#run(source => source.one(encodeCommand(IPVS_COMMAND.getConfig), decodeTimeouts))
  }

  /** Running sync daemons. */
  daemons(): Promise<readonly SyncDaemon[]> {
    return this.#run(source => source.all(encodeCommand(IPVS_COMMAND.getDaemon), decodeDaemon))
  }

  /**
   * What becomes of every service with its destinations, in the order of the kernel; `each` is called again for those
   * that were read before something was lost.
   */
  services<Value>(each: (entry: ServiceEntry) => Value): Promise<readonly Value[]> {
    return this.#run(async source => {
      const values: Value[] = []
      for (const {service, counters} of await source.services()) {
        values.push(each({service, counters, destinations: source.destinationsNow(service.id)}))
        if (values.length % SERVICES_IN_TURN === 0) await setImmediate()
      }
      return values
    })
  }

  /** One service with its destinations; undefined: there is none. */
  service(id: ServiceId): Promise<ServiceEntry | undefined> {
    return this.#run(async source => {
      try {
        const body = encodeServiceCommand(IPVS_COMMAND.getService, id)
        const {service, counters} = await source.one(body, decodeService)
        return {service, counters, destinations: source.destinationsNow(service.id)}
      } catch (error) {
        if (error instanceof ReadFailure && error.reason === 'ESRCH') return undefined
        throw error
      }
    })
  }

  /** An answer that was interrupted, cut or lost is asked for again, from the beginning. */
  async #run<Value>(read: (source: Source) => Promise<Value>): Promise<Value> {
    let failure: unknown
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      const opened = Questioner.open(NETLINK_GENERIC)
      if (!opened.ok) throw new HactlError('FAILED', `no netlink socket: ${opened.reason}`)
      try {
        return await read(new Source(opened.questioner, this.#family))
      } catch (error) {
        if (!(error instanceof ReadFailure)) throw error
        failure = error
        if (!(await this.#mayTryAgain(error))) break
      } finally {
        opened.questioner.close()
      }
    }
    throw readError(failure)
  }

  async #mayTryAgain({reason}: ReadFailure): Promise<boolean> {
    if (reason !== 'ENOENT') return TRANSIENT.has(reason)
    const found = await findFamily(IPVS_FAMILY.name)
    const isNew = found.ok && found.id !== this.#family
    if (found.ok) this.#family = found.id
    return isNew
  }
}

const MAX_ATTEMPTS = 5
/** Questions in the loop's own thread before it turns; one takes 20 to 200 microseconds. */
const SERVICES_IN_TURN = 32
/** Reasons for which the next attempt may be better: lost messages, a change meanwhile, a kernel short of memory. */
const TRANSIENT: ReadonlySet<string> = new Set([
  'INTERRUPTED',
  'ENOBUFS',
  'EMSGSIZE',
  'ETIMEDOUT',
  'EINTR',
  'EBUSY',
  'EAGAIN',
  'ENOMEM',
])

/** Why one attempt to read failed: the name of the kernel's error, 'INTERRUPTED', or a decoder's failure. */
class ReadFailure extends Error {
  readonly reason: string

  constructor(reason: string) {
    super(reason)
    this.reason = reason
  }
}

type Decoder<Value> = (attributes: Buffer) => Decoded<Value, string>

/** Questions to the family on one socket; the first that fails ends its use. */
class Source {
  readonly #questioner: Questioner
  readonly #family: number
  readonly #destinations = new DestinationReader()

  constructor(questioner: Questioner, family: number) {
    this.#questioner = questioner
    this.#family = family
  }

  /** The answer to a question that has one. */
  async one<Value>(body: Buffer, decoder: Decoder<Value>): Promise<Value> {
    const answer = new Values(this.#family, decoder)
    const question = {type: this.#family, flags: MESSAGE_FLAG.ack, body}
    const [value] = answer.end(await this.#questioner.ask({...question, onMessages: answer.take}))
    if (value === undefined) throw new ReadFailure('EBADMSG')
    return value
  }

  /** Everything of one kind. */
  async all<Value>(body: Buffer, decoder: Decoder<Value>): Promise<readonly Value[]> {
    const answer = new Values(this.#family, decoder)
    const question = {type: this.#family, flags: MESSAGE_FLAG.dump, body}
    return answer.end(await this.#questioner.ask({...question, onMessages: answer.take}))
  }

  /** Every service, without its destinations. */
  services(): Promise<readonly ServiceAnswer[]> {
    const counters = new CountersReader()
    return this.all(encodeCommand(IPVS_COMMAND.getService), bytes => decodeService(bytes, counters))
  }

  /** The destinations of a service, in the calling thread. */
  destinationsNow(id: ServiceId): readonly DestinationEntry[] {
    const family = serviceFamily(id)
    const destinations: DestinationEntry[] = []
    let failure: string | undefined
    const result = this.#questioner.askNow({
      type: this.#family,
      flags: MESSAGE_FLAG.dump,
      body: encodeServiceCommand(IPVS_COMMAND.getDestination, id),
      onMessage: (type, {bytes, view, start, end}) => {
        if (type !== this.#family) return
        const attributes = {bytes, view, start: Math.min(start + GENERIC_HEADER_BYTES, end), end}
        const read = this.#destinations.read(attributes, family)
        if (read.ok) destinations.push(read.value)
        else failure ??= read.failure
      },
    })
    requireWhole(result, failure)
    return destinations
  }
}

/** Throws a ReadFailure unless an answer is all there is. */
function requireWhole(result: DumpResult, failure: string | undefined): void {
  if (!result.ok) throw new ReadFailure(result.reason)
  if (result.interrupted) throw new ReadFailure('INTERRUPTED')
  if (failure !== undefined) throw new ReadFailure(failure)
}

/** What is read out of the messages of one answer. */
class Values<Value> {
  readonly #family: number
  readonly #decoder: Decoder<Value>
  readonly #values: Value[] = []
  #failure: string | undefined

  constructor(family: number, decoder: Decoder<Value>) {
    this.#family = family
    this.#decoder = decoder
  }

  readonly take = (messages: readonly NetlinkMessage[]): void => {
    for (const {type, body} of messages) {
      if (type !== this.#family) continue
      const generic = decodeGeneric(body)
      const read = generic.ok ? this.#decoder(generic.value.attributes) : generic
      if (read.ok) this.#values.push(read.value)
      else this.#failure ??= read.failure
    }
  }

  /** What was read, if it is all there is; throws a ReadFailure otherwise. */
  end(result: DumpResult): readonly Value[] {
    requireWhole(result, this.#failure)
    return this.#values
  }
}

function readError(failure: unknown): HactlError {
  const reason = failure instanceof ReadFailure ? failure.reason : String(failure)
  if (reason === 'EPERM') {
    return new HactlError('PERMISSION', 'IPVS is only for those with the capability CAP_NET_ADMIN', 'run it as root')
  }
  return new HactlError('FAILED', `the kernel's IPVS cannot be read: ${reason}`)
}
