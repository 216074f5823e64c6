import type {Network} from '../../kernel/network.ts'
import type {AddressOperations} from './address-holder.ts'
import type {Announcer} from './announcer.ts'
import type {InterfaceSockets} from './interface-sockets.ts'

/** Everything through which the vrrp process touches the kernel. */
export interface Kernel {
  readonly network: Network
  readonly addresses: AddressOperations
  readonly sockets: InterfaceSockets
  readonly announcer: Announcer
}
