import type {VipConfig} from '../config.ts'
import {lines} from '../schema/entries.ts'
import type {Entry} from '../schema/schema.ts'
import {addressLines} from './virtual-address.ts'
import {type RouteConfig, STATIC_ROUTE} from './virtual-route.ts'
import {type RuleConfig, ruleLines} from './virtual-rule.ts'

/** What the host has as long as the agent runs, whoever is master. */
export interface StaticObjects {
  readonly staticAddresses: readonly VipConfig[]
  readonly staticRoutes: readonly RouteConfig[]
  readonly staticRules: readonly RuleConfig[]
}

/** The entries of static objects, for the table of what stands outside of blocks. */
export const STATIC_OBJECTS: {readonly [Field in keyof StaticObjects]: Entry<StaticObjects[Field]>} = {
  staticAddresses: addressLines('static_ipaddress', {
    isStatic: true,
    doc: 'addresses that this host has while the agent runs',
  }),
  staticRoutes: lines('static_routes', STATIC_ROUTE, {doc: 'routes that this host has while the agent runs'}),
  staticRules: ruleLines('static_rules', {
    isStatic: true,
    doc: 'rules of routing that this host has while the agent runs',
  }),
}
