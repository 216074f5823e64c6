import type {Config, Position} from '../config.ts'
import type {RouteConfig} from '../tables/virtual-route.ts'
import type {RuleConfig} from '../tables/virtual-rule.ts'

/** A place that names an interface. */
export interface InterfaceUse {
  readonly name: string
  readonly position: Position
  /** What it is named for, as a message begins. */
  readonly what: string
}

/** Every interface that a configuration names, in the order of its objects. */
export function interfaceUses(config: Config): readonly InterfaceUse[] {
  const uses: InterfaceUse[] = []
  const add = (name: string | undefined, position: Position, what: string): void => {
    if (name !== undefined) uses.push({name, position, what})
  }
  for (const {name, position} of config.linkbeatInterfaces) add(name, position, 'linkbeat_interfaces')
  for (const {name, position} of config.upDownDelays) add(name, position, 'interface_up_down_delays')
  for (const {singleInterfaces, interfaces} of config.garpGroups) {
    for (const {name, position} of [...singleInterfaces, ...interfaces]) add(name, position, 'garp_group')
  }
  addStatic(config, add)
  addInstances(config, add)
  for (const {name, trackInterfaces} of config.syncGroups) {
    for (const track of trackInterfaces) add(track.name, track.position, `${name}: track_interface`)
  }
  addCheckers(config, add)
  const {lvsSyncDaemon, at, position} = config.global
  add(lvsSyncDaemon?.interface, at.lvsSyncDaemon ?? position, 'lvs_sync_daemon')
  return uses
}

type Add = (name: string | undefined, position: Position, what: string) => void

function addStatic({staticAddresses, staticRoutes, staticRules}: Config, add: Add): void {
  for (const {device, address, position} of staticAddresses) {
    add(device, position, `static_ipaddress ${address}`)
  }
  addRoutes(staticRoutes, add, 'static_routes')
  addRules(staticRules, add, 'static_rules')
}

function addRoutes(routes: readonly RouteConfig[], add: Add, what: string): void {
  for (const {device, nextHops, position} of routes) {
    for (const name of [device, ...nextHops.map(hop => hop.device)]) add(name, position, what)
  }
}

function addRules(rules: readonly RuleConfig[], add: Add, what: string): void {
  for (const {device, outDevice, position} of rules) for (const name of [device, outDevice]) add(name, position, what)
}

function addCheckers({virtualServers}: Config, add: Add): void {
  for (const {realServers} of virtualServers) {
    for (const {name, checkers} of realServers) {
      for (const checker of checkers) {
        if (!('bindInterface' in checker)) continue
        add(checker.bindInterface, checker.at.bindInterface ?? checker.position, `real_server ${name}: bind_if`)
      }
    }
  }
}

function addInstances({instances}: Config, add: Add): void {
  for (const instance of instances) {
    const {name, at, position} = instance
    add(instance.interface, at.interface ?? position, name)
    add(instance.vrf, at.vrf ?? position, `${name}: vrf`)
    for (const {device, position: line, address} of [...instance.vips, ...instance.excludedVips]) {
      add(device, line, `${name}: ${address}`)
    }
    addRoutes(instance.routes, add, `${name}: virtual_routes`)
    addRules(instance.rules, add, `${name}: virtual_rules`)
    for (const track of instance.trackInterfaces) add(track.name, track.position, `${name}: track_interface`)
  }
}
