import {MESSAGE_FLAG} from '../core/netlink/message.ts'
import {encodeRoute, ROUTE_MESSAGE_TYPE, type RouteMessage, SCOPE_NOWHERE} from '../core/netlink/route.ts'
import {encodeRule, RULE_MESSAGE_TYPE, type RuleMessage} from '../core/netlink/rule.ts'
import type {NetlinkRequest} from './netlink-requests.ts'

/** A route as it is to be, or to be no more. */
export interface RouteSpec {
  readonly message: RouteMessage
  /** What happens beside a like route: this one goes before it or after it, or is not added. ip-route(8). */
  readonly mode: 'prepend' | 'append' | 'add'
  /** Whether any scope will do for a removal: the line has none, so the kernel chose it. */
  readonly anyScope: boolean
}

/** Asks for a route; EEXIST where there is the very same. */
export function routeAddition({message, mode}: RouteSpec): NetlinkRequest {
  return {type: ROUTE_MESSAGE_TYPE.new, flags: MESSAGE_FLAG.create | MODE_FLAG[mode], body: encodeRoute(message)}
}

/**
 * Takes a route away; ESRCH where it is not there. The kernel looks at what is given and at the protocol, so that a
 * like route of somebody else stays. Metrics are left out, since the kernel bounds some and would not find them again.
 */
export function routeRemoval({message, anyScope}: RouteSpec): NetlinkRequest {
  const {metrics: _metrics, preference: _preference, expires: _expires, ttlPropagate: _ttl, ...values} = message.values
  const body = encodeRoute({...message, scope: anyScope ? SCOPE_NOWHERE : message.scope, values})
  return {type: ROUTE_MESSAGE_TYPE.delete, flags: 0, body}
}

/** Asks for a rule; EEXIST where there is one that is like it, whoever made it. */
export const ruleAddition = (message: RuleMessage): NetlinkRequest => ({
  type: RULE_MESSAGE_TYPE.new,
  flags: MESSAGE_FLAG.create | MESSAGE_FLAG.exclusive,
  body: encodeRule(message),
})

/** Takes a rule away; ENOENT where it is not there. The kernel looks at everything that is given. */
export const ruleRemoval = (message: RuleMessage): NetlinkRequest => ({
  type: RULE_MESSAGE_TYPE.delete,
  flags: 0,
  body: encodeRule(message),
})

const MODE_FLAG = {prepend: 0, append: MESSAGE_FLAG.append, add: MESSAGE_FLAG.exclusive} as const
