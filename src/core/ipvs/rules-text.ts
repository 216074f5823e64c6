import {parseCommand} from '../ipvsadm/parse.ts'
import {printSavedRules} from '../ipvsadm/save.ts'
import {type NameLookup, wordsOf} from '../ipvsadm/values.ts'
import type {Destination, IpvsChange, Service, ServiceRules} from './model.ts'
import {destinationKey, destinationName, serviceKey, serviceName} from './names.ts'
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
  const rules = new Map<string, {readonly service: Service; readonly destinations: Map<string, Destination>}>()
  let line = 0
  for (const written of text.split('\n')) {
    line++
    const words = wordsOf(written)
    if (words[0] === 'ipvsadm') words.shift()
    if (words.length === 0 || words[0]?.startsWith('#')) continue
    const change = readLine(words, names)
    const problem = typeof change === 'string' ? change : addTo(rules, change)
    if (problem !== undefined) return {ok: false, line, message: problem}
  }
  return {
    ok: true,
    rules: [...rules.values()].map(({service, destinations}) => ({service, destinations: [...destinations.values()]})),
  }
}

/** Prints rules as `ipvsadm -S -n` does, so that `ipvsadm -R` and `readRulesText` read them. */
export const printRulesText = (rules: readonly ServiceRules[]): string => printSavedRules(rules, {readable: true})

function readLine(words: readonly string[], names: NameLookup): IpvsChange | string {
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

function addTo(
  rules: Map<string, {readonly service: Service; readonly destinations: Map<string, Destination>}>,
  change: IpvsChange,
): string | undefined {
  switch (change.type) {
    case 'add-service': {
      const {service} = change
      const key = serviceKey(service.id)
      if (rules.has(key)) return `service ${serviceName(service.id)} is not permitted twice`
      rules.set(key, {service, destinations: new Map()})
      return undefined
    }
    case 'add-destination': {
      const {id, destination} = change
      const known = rules.get(serviceKey(id))
      const name = destinationName(destination)
      if (known === undefined) {
        return `real server ${name} is not permitted here: service ${serviceName(id)} is not in a line before`
      }
      const key = destinationKey(destination)
      if (known.destinations.has(key)) return `real server ${name} of ${serviceName(id)} is not permitted twice`
      known.destinations.set(key, destination)
      return undefined
    }
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
