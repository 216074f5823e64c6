import type {IpAddress} from '../../core/ip.ts'
import type {JournalEntry, JournalKind} from '../../core/journal/record.ts'
import type {ArrivedPacket} from '../../core/vrrp/arrived.ts'
import {errorText} from '../../errors.ts'
import {AddressConflictWatch, type ForeignClaim} from '../../kernel/address-conflict-watch.ts'
import {FrameSender} from '../../kernel/frame-sender.ts'
import {forwardsIpv6} from '../../kernel/ipv6-forwarding.ts'
import {LinkChanger} from '../../kernel/links.ts'
import {Network} from '../../kernel/network.ts'
import {ObjectChanger} from '../../kernel/object-changer.ts'
import {type Deletion, RouteMonitor} from '../../kernel/route-monitor.ts'
import {Announcer} from './announcer.ts'
import {InterfaceSockets} from './interface-sockets.ts'
import type {Kernel} from './kernel.ts'
import {entry} from './news.ts'
import {DeviceKeeper, type PresentDevice} from './own-devices.ts'
import {type ChangedSysctl, HOST_SYSCTLS, SysctlKeeper} from './own-devices-sysctls.ts'
import {sparingSecondaries} from './secondaries.ts'
import {StaticObjects} from './static-objects.ts'

/** What happens in the kernel, and where it is told. All of these come from the event loop. */
export interface KernelEvents {
  onPacket(device: string, packet: ArrivedPacket): void
  /** No reason: the interface is gone. */
  onSocketLost(device: string, reason: string | undefined): void
  /** `expected`: only addresses of ours appeared. */
  onNetworkChanged(how: {readonly expected: boolean}): void
  onRoutesDeleted(deletions: readonly Deletion[]): void
  onRoutesDoubtful(): void
  onClaim(claim: ForeignClaim): void
  onDevices(devices: readonly PresentDevice[]): void
  onSysctls(changed: readonly ChangedSysctl[]): void
  onJournal(entry: JournalEntry): void
}

/** Opens everything through which the vrrp process touches the kernel; rejects where that cannot be. */
export async function openKernel(events: KernelEvents): Promise<Kernel & {readonly sysctls: SysctlKeeper}> {
  const tell = (kind: JournalKind, text: string): void => events.onJournal(entry(kind, undefined, text))
  const complain = (text: string): void => tell('kernel-error', text)
  const network = await Network.open({
    onChange: changes => {
      devices.networkChanged()
      statics.networkChanged()
      const expected = changes.every(change => change.type === 'address-appeared' && ours.has(change.address.address))
      events.onNetworkChanged({expected})
    },
    onError: reason => complain(`network monitor: ${reason}`),
  })
  const changer = ObjectChanger.open()
  const frames = FrameSender.open()
  const ours = new Set<IpAddress>()
  const objects = sparingSecondaries(changer, network, address => ours.has(address))
  const sysctls = new SysctlKeeper(HOST_SYSCTLS, {onChanged: changed => events.onSysctls(changed), onFailed: complain})
  const devices: DeviceKeeper = new DeviceKeeper(
    {network, links: LinkChanger.open(), sysctls},
    {
      onChanged: () => {
        events.onDevices(devices.devices)
        events.onNetworkChanged({expected: false})
      },
      onNews: tell,
    },
  )
  const statics: StaticObjects = new StaticObjects(
    {network, objects},
    {
      onRestored: text => tell('vip-restored', text),
      onFailed: complain,
      onChanged: () => events.onNetworkChanged({expected: false}),
    },
  )
  return {
    network,
    objects,
    resizeObjects: receiveBufferBytes => changer.resize(receiveBufferBytes),
    ours,
    sysctls,
    devices,
    statics,
    routes: new RouteMonitor(
      {onDeleted: deletions => events.onRoutesDeleted(deletions), onUncertain: () => events.onRoutesDoubtful()},
      () => changer.port,
    ),
    sockets: new InterfaceSockets({
      onPacket: (device, packet) => events.onPacket(device, packet),
      onLost: (device, reason) => events.onSocketLost(device, reason),
      onThrown: (device, error) => complain(`a packet on ${device}: ${errorText(error)}`),
    }),
    announcer: new Announcer(frames, forwardsIpv6),
    frames,
    claims: new AddressConflictWatch(claim => events.onClaim(claim)),
  }
}
