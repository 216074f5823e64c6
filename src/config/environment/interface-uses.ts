import type {Config, Position} from '../config.ts'

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
  addInstances(config, add)
  for (const {name, trackInterfaces} of config.syncGroups) {
    for (const track of trackInterfaces) add(track.name, track.position, `${name}: track_interface`)
  }
  const {lvsSyncDaemon, at, position} = config.global
  add(lvsSyncDaemon?.interface, at.lvsSyncDaemon ?? position, 'lvs_sync_daemon')
  return uses
}

type Add = (name: string | undefined, position: Position, what: string) => void

function addInstances({instances}: Config, add: Add): void {
  for (const instance of instances) {
    const {name, at, position} = instance
    add(instance.interface, at.interface ?? position, name)
    add(instance.vrf, at.vrf ?? position, `${name}: vrf`)
    for (const {device, position: line, address} of [...instance.vips, ...instance.excludedVips]) {
      add(device, line, `${name}: ${address}`)
    }
    for (const track of instance.trackInterfaces) add(track.name, track.position, `${name}: track_interface`)
  }
}
