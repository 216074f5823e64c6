import {parseCommand} from '../ipvsadm/parse.ts'
import {printSavedRules} from '../ipvsadm/save.ts'
import {type NameLookup, wordsOf} from '../ipvsadm/values.ts'
import type {Destination, IpvsChange, Service, ServiceId, ServiceRules} from './model.ts'
import {destinationKey, destinationName, serviceKey, serviceName} from './names.ts'
import {PlainRuleReader} from './plain-rule-line.ts'
import {shown} from './shown.ts'

/** What a text of rules came to: all of it, or the first line that is wrong. */
export type RulesTextRead =
  | {readonly ok: true; readonly rules: readonly ServiceRules[]}
  | {
      readonly ok: false
      /** Counted from 1. */
      readonly line: number
      /** Which argument, what was given, what is permitted. */
      readonly message: string
    }

/** Ports by the names of their services, services(5). */
export type PortLookup = NameLookup['port']

/**
 * Reads what `ipvsadm -S` prints: lines with -A for a service and -a for a real server of a service that stands before.
 * Empty lines and lines that begin with # are skipped, as is the word "ipvsadm" in front. Hosts are addresses; ports
 * may be names where `port` finds them.
 */
export function readRulesText(
  text: string,
  {port = () => undefined}: {readonly port?: PortLookup} = {},
): RulesTextRead {
  const names: NameLookup = {port, host: () => 'unasked'}
  const plain = new PlainRuleReader(text)
  const gathered = new GatheredRules()
  /** Takes one line; answers what is wrong with it. Of plain ones, no more is made than the rules need. */
  const take = (start: number, end: number): string | undefined => {
    const destination = plain.destination(start, end)
    if (destination !== undefined && plain.id !== undefined) return gathered.addDestination(plain.id, destination)
    const service = plain.service(start, end)
    if (service !== undefined) return gathered.addService(service)
    const change = readLine(text.slice(start, end), names)
    return typeof change === 'string' ? change : change && gathered.add(change)
  }
  let [line, end] = [0, -1]
  while (end < text.length) {
    const start = end + 1
    end = endOfLine(text, start)
    line++
    const problem = take(start, end)
    if (problem !== undefined) return {ok: false, line, message: problem}
  }
  return {ok: true, rules: gathered.rules()}
}

/** Prints rules as `ipvsadm -S -n` does, so that `ipvsadm -R` and `readRulesText` read them. */
export const printRulesText = (rules: Iterable<ServiceRules>): string => printSavedRules(rules, {readable: true})

function endOfLine(text: string, start: number): number {
  const found = text.indexOf('\n', start)
  return found < 0 ? text.length : found
}

/** Undefined: there is nothing in it. */
function readLine(line: string, names: NameLookup): IpvsChange | string | undefined {
  const words = wordsOf(line)
  if (words[0] === 'ipvsadm') words.shift()
  if (words.length === 0 || words[0]?.startsWith('#')) return undefined
  const parsed = parseCommand(words, names, {nested: true})
  switch (parsed.type) {
    case 'failed':
      return parsed.explanation
    case 'unasked':
      return `host ${shown(parsed.host)} is not permitted: addresses only`
    case 'command':
      return parsed.command.type === 'change' ? parsed.command.change : notPermitted(words)
  }
}

const notPermitted = ([word = '']: readonly string[]): string =>
  `${shown(word)} is not permitted: -A for a service or -a for a real server of one before`

interface GatheredService extends ServiceRules {
  readonly destinations: Destination[]
}

/** So many real servers are looked through one by one. */
const FEW = 16

/** Services with their real servers, in the order of their lines. */
class GatheredRules {
  readonly #services = new Map<string, GatheredService>()
  /** Of services with many real servers, the names of those. */
  readonly #names = new Map<GatheredService, Set<string>>()
  /** The one that the line before was about, which most lines are about too. */
  #last: GatheredService | undefined

  /** Takes what a line has; answers what is wrong with it. */
  add(change: IpvsChange): string | undefined {
    switch (change.type) {
      case 'add-service':
        return this.addService(change.service)
      case 'add-destination':
        return this.addDestination(change.id, change.destination)
      case 'edit-service':
        return notPermitted(['-E'])
      case 'delete-service':
        return notPermitted(['-D'])
      case 'edit-destination':
        return notPermitted(['-e'])
      case 'delete-destination':
        return notPermitted(['-d'])
    }
  }

  rules(): readonly ServiceRules[] {
    return [...this.#services.values()]
  }

  addService(service: Service): string | undefined {
    const key = serviceKey(service.id)
    if (this.#services.has(key)) return `service ${serviceName(service.id)} is not permitted twice`
    this.#last = {service, destinations: []}
    this.#services.set(key, this.#last)
    return undefined
  }

  addDestination(id: ServiceId, destination: Destination): string | undefined {
    const known = this.#last?.service.id === id ? this.#last : this.#services.get(serviceKey(id))
    if (known === undefined) {
      const name = destinationName(destination)
      return `real server ${name} is not permitted here: service ${serviceName(id)} is not in a line before`
    }
    this.#last = known
    if (this.#isAmong(known, destination)) {
      return `real server ${destinationName(destination)} of ${serviceName(id)} is not permitted twice`
    }
    known.destinations.push(destination)
    this.#names.get(known)?.add(destinationKey(destination))
    return undefined
  }

  #isAmong(known: GatheredService, {address, port}: Destination): boolean {
    const {destinations} = known
    if (destinations.length <= FEW) {
      // Without an iterator, whose results would be most of the memory that reading a table takes.
      for (let i = 0; i < destinations.length; i++) {
        const one = destinations[i] as Destination
        if (one.address === address && one.port === port) return true
      }
      return false
    }
    let names = this.#names.get(known)
    if (names === undefined) {
      names = new Set(destinations.map(destinationKey))
      this.#names.set(known, names)
    }
    return names.has(destinationKey({address, port}))
  }
}
