import type {Config, Position} from '../config.ts'
import type {RtId, RtKind} from '../tables/rt-names.ts'
import type {RouteConfig} from '../tables/virtual-route.ts'
import type {RuleConfig} from '../tables/virtual-rule.ts'

/** A name whose number only the tables of the host know. */
export interface RoutingName {
  readonly kind: RtKind
  readonly id: string
  readonly position: Position
  /** Where it stands, as a message begins. */
  readonly what: string
}

/** Every such name of the routes and rules of a configuration. */
export function routingNames(config: Config): readonly RoutingName[] {
  const found: RoutingName[] = []
  const add = (kind: RtKind, id: RtId | undefined, position: Position, what: string): void => {
    if (typeof id === 'string') found.push({kind, id, position, what})
  }
  addRoutes(config.staticRoutes, add, 'static_routes')
  addRules(config.staticRules, add, 'static_rules')
  for (const {name, routes, rules} of config.instances) {
    addRoutes(routes, add, `${name}: virtual_routes`)
    addRules(rules, add, `${name}: virtual_rules`)
  }
  return found
}

type Add = (kind: RtKind, id: RtId | undefined, position: Position, what: string) => void

function addRoutes(routes: readonly RouteConfig[], add: Add, what: string): void {
  for (const {table, protocol, scope, tos, position} of routes) {
    add('table', table, position, what)
    add('protocol', protocol, position, what)
    add('scope', scope, position, what)
    add('dsfield', tos, position, what)
  }
}

function addRules(rules: readonly RuleConfig[], add: Add, what: string): void {
  for (const {action, tos, position} of rules) {
    if (action.type === 'table') add('table', action.table, position, what)
    add('dsfield', tos, position, what)
  }
}
