import type {RuleConfig} from '../../config/tables/virtual-rule.ts'
import {ADDRESS_FAMILY} from '../../core/netlink/address.ts'
import {RULE_ACTION, RULE_FLAG_INVERT, type RuleMessage} from '../../core/netlink/rule.ts'
import {type Needs, type Translated, translated} from './link-lookup.ts'
import {flowOf} from './route-spec.ts'

/** A line of virtual_rules or static_rules in the kernel's terms; its interfaces need not be there. ip-rule(8). */
export const ruleSpecOf = (rule: RuleConfig): Translated<RuleMessage> =>
  translated(NO_LINKS, needs => messageOf(rule, needs))

const NO_LINKS = {indexOf: () => undefined, tableOf: () => undefined}

function messageOf(rule: RuleConfig, needs: Needs): RuleMessage {
  const {family, invert, from, to, tos = 0, mark, action, suppressGroup} = rule
  const table = action.type === 'table' ? needs.number(action.table) : 0
  return {
    family: family === 4 ? ADDRESS_FAMILY.ipv4 : ADDRESS_FAMILY.ipv6,
    destinationLength: to?.prefixLength ?? 0,
    sourceLength: from?.prefixLength ?? 0,
    tos: needs.number(tos),
    table: table > LARGEST_IN_HEADER ? 0 : table,
    // A rule for the table of a VRF has the action of a table, and no table.
    action: RULE_ACTION[action.type === 'l3mdev' ? 'table' : action.type],
    flags: invert ? RULE_FLAG_INVERT : 0,
    values: {
      destination: to?.address,
      source: from?.address,
      inInterface: rule.device,
      outInterface: rule.outDevice,
      target: action.type === 'goto' ? action.target : undefined,
      preference: rule.preference,
      mark: mark?.mark,
      markMask: mark?.mask,
      flow: rule.realms && flowOf(rule.realms, needs),
      tunnelId: rule.tunnelId === undefined ? undefined : BigInt(rule.tunnelId),
      suppressGroup: suppressGroup === undefined ? undefined : needs.number(suppressGroup),
      suppressPrefixLength: rule.suppressPrefixLength,
      table: table > LARGEST_IN_HEADER ? table : undefined,
      l3mdev: action.type === 'l3mdev' ? 1 : undefined,
      userIds: rule.userIds,
      protocol: rule.protocol,
      ipProtocol: rule.ipProtocol,
      sourcePorts: rule.sourcePorts,
      destinationPorts: rule.destinationPorts,
    },
    unknown: [],
  }
}

const LARGEST_IN_HEADER = 255
