import type {IpAddress} from '../../core/ip.ts'
import type {AddressConflictWatch} from '../../kernel/address-conflict-watch.ts'
import type {FrameSender} from '../../kernel/frame-sender.ts'
import type {Network} from '../../kernel/network.ts'
import type {RouteMonitor} from '../../kernel/route-monitor.ts'
import type {Announcer} from './announcer.ts'
import type {InterfaceSockets} from './interface-sockets.ts'
import type {ObjectOperations} from './object-holder.ts'
import type {DeviceKeeper} from './own-devices.ts'
import type {StaticObjects} from './static-objects.ts'

/** Everything through which the vrrp process touches the kernel. */
export interface Kernel {
  readonly network: Network
  readonly objects: ObjectOperations
  /** Another size of the receive buffer of what carries `objects`, bytes. */
  readonly resizeObjects: (receiveBufferBytes: number) => void
  /** The addresses of virtual routers and static ones: whoever else has some on our interfaces keeps them. */
  readonly ours: Set<IpAddress>
  /** Tells of routes and rules that somebody else deleted. */
  readonly routes: RouteMonitor
  readonly sockets: InterfaceSockets
  readonly announcer: Announcer
  /** Sends frames that are no announcements. */
  readonly frames: Pick<FrameSender, 'send'>
  /** Interfaces that are made for virtual routers. */
  readonly devices: DeviceKeeper
  /** Addresses, routes and rules that the host has all the time. */
  readonly statics: StaticObjects
  /** Hears others claim virtual addresses. */
  readonly claims: AddressConflictWatch
}
