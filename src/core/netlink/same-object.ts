import {type IpAddress, ipToBytes} from '../ip.ts'
import {ADDRESS_FAMILY} from './address.ts'
import type {RouteMessage} from './route.ts'
import type {RuleMessage} from './rule.ts'

/**
 * Whether what the kernel tells of is a route that was asked for, or one of its next hops. What the request left to the
 * kernel, such as the interface of a gateway, may be anything.
 */
export function isSameRoute(asked: RouteMessage, told: RouteMessage): boolean {
  return (
    asked.family === told.family &&
    asked.type === told.type &&
    asked.tos === told.tos &&
    asked.protocol === told.protocol &&
    tableOf(asked) === tableOf(told) &&
    priorityOf(asked) === priorityOf(told) &&
    asked.destinationLength === told.destinationLength &&
    asked.sourceLength === told.sourceLength &&
    sameNetwork(asked.values.destination, told.values.destination, asked.destinationLength) &&
    sameNetwork(asked.values.source, told.values.source, asked.sourceLength) &&
    hopsMeet(waysOf(asked), waysOf(told))
  )
}

/** Whether what the kernel tells of is a rule that was asked for: all that was asked for is there. */
export function isSameRule(asked: RuleMessage, told: RuleMessage): boolean {
  const {source, destination, table: _table, ...values} = asked.values
  return (
    asked.family === told.family &&
    asked.action === told.action &&
    asked.tos === told.tos &&
    (asked.flags & ~told.flags) === 0 &&
    tableOf(asked) === tableOf(told) &&
    asked.destinationLength === told.destinationLength &&
    asked.sourceLength === told.sourceLength &&
    sameNetwork(destination, told.values.destination, asked.destinationLength) &&
    sameNetwork(source, told.values.source, asked.sourceLength) &&
    (Object.keys(values) as (keyof typeof values)[]).every(name => sameValue(values[name], told.values[name]))
  )
}

/** IP6_RT_PRIO_USER: the metric of an IPv6 route that has none. <net/ip6_route.h> of Linux */
const DEFAULT_PRIORITY6 = 1_024

interface WithTable {
  readonly table: number
  readonly values: {readonly table?: number | undefined}
}

const tableOf = ({table, values}: WithTable): number => values.table ?? table

function priorityOf({family, values}: RouteMessage): number {
  const given = values.priority ?? 0
  return family === ADDRESS_FAMILY.ipv6 && given === 0 ? DEFAULT_PRIORITY6 : given
}

/** A prefix of no bits is left out of messages. */
function sameNetwork(a: IpAddress | undefined, b: IpAddress | undefined, lengthBits: number): boolean {
  if (lengthBits === 0) return true
  if (a === undefined || b === undefined) return false
  const [left, right] = [ipToBytes(a), ipToBytes(b)]
  return left.every((byte, i) => {
    const kept = Math.max(0, Math.min(8, lengthBits - i * 8))
    const mask = (0xff << (8 - kept)) & 0xff
    return (byte & mask) === ((right[i] ?? 0) & mask)
  })
}

interface Way {
  readonly gateway: IpAddress | undefined
  readonly index: number
}

const waysOf = ({values}: RouteMessage): readonly Way[] =>
  values.hops?.map(hop => ({gateway: hop.values.gateway, index: hop.index})) ??
  (values.gateway === undefined && values.outIndex === undefined
    ? []
    : [{gateway: values.gateway, index: values.outIndex ?? 0}])

/** IPv6 tells of next hops one by one, and of like routes as one. */
function hopsMeet(asked: readonly Way[], told: readonly Way[]): boolean {
  if (asked.length === 0) return true
  return asked.some(want =>
    told.some(
      have =>
        (want.gateway === undefined || want.gateway === have.gateway) &&
        (want.index === 0 || want.index === have.index),
    ),
  )
}

const sameValue = (a: unknown, b: unknown): boolean =>
  a === undefined || a === b || (isRange(a) && isRange(b) && a.start === b.start && a.end === b.end)

const isRange = (value: unknown): value is {readonly start: number; readonly end: number} =>
  typeof value === 'object' && value !== null && 'start' in value && 'end' in value
