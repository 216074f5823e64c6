import type {Host} from './host.ts'
import type {LabProcess} from './lab-process.ts'
import {peer} from './peers.ts'
import {frrConfig, type Role, virtualMac, withColons} from './role.ts'

/** The interface with the virtual router's MAC address; whether it has a carrier is whether its addresses count. */
export const FRR_DEVICE = 'vrrp'
const FOLDER = '/run/frr'

/**
 * Starts FRR's vrrpd and the zebra that it needs; resolves when it is backup. The interface with the virtual MAC
 * address and all VIPs is made once and stays: vrrpd takes its carrier away while it is backup.
 */
export async function startFrr(host: Host, role: Role): Promise<LabProcess> {
  const found = peer('vrrpd')
  if (!found.ok) throw new Error(found.reason)
  await host.run(['sh', '-c', INTERFACE_SCRIPT, 'interface', ...interfaceArguments(role)])
  host.removeFile(FOLDER)
  host.writeFile(`${FOLDER}/zebra.conf`, '')
  host.writeFile(`${FOLDER}/vrrpd.conf`, frrConfig(role))
  const program = await host.start(['sh', '-c', START_SCRIPT, 'frr', FOLDER, found.path.replace(/\/vrrpd$/, '')])
  await program.waitForOutput(/Initialize -> Backup/)
  return program
}

function interfaceArguments(role: Role): readonly string[] {
  const {device, source, vips, protocol} = role
  // Over IPv6 it advertises from the link-local address of that interface that the kernel lists first: the newest.
  const own = protocol.family === 6 ? [`${source}/64`] : []
  // Without a network, or there were two ways to it and answers would wait for this one to find the neighbours anew.
  const prefixLength = protocol.family === 4 ? 32 : 128
  return [FRR_DEVICE, device, withColons(virtualMac(role)), ...vips.map(vip => `${vip}/${prefixLength}`), ...own]
}

/** Without arp_ignore the host would answer for the VIPs also while it is backup. */
const INTERFACE_SCRIPT = `set -e
name=$1 base=$2 mac=$3; shift 3
[ ! -e /sys/class/net/$name ] || exit 0
ip link add $name link $base address $mac type macvlan mode bridge
ip link set $name addrgenmode none
for address; do
  case $address in
    *:*) ip addr add $address dev $name nodad ;;
    *) ip addr add $address dev $name ;;
  esac
done
ip link set $name up
echo 1 >/proc/sys/net/ipv4/conf/$base/arp_ignore`

/** vrrpd has to leave first: zebra sets the carrier for it. */
const START_SCRIPT = `cd "$1"
chown -R frr:frr .
common="-z $1/zserv.api --vty_socket $1 -A 127.0.0.1 --log stdout --log-level debug"
"$2"/zebra -i "$1/zebra.pid" -f "$1/zebra.conf" $common & zebra=$!
until [ -S zserv.api ]; do sleep 0.05; done
"$2"/vrrpd -i "$1/vrrpd.pid" -f "$1/vrrpd.conf" $common & vrrpd=$!
trap 'kill $vrrpd; wait $vrrpd; kill $zebra; wait $zebra; exit 0' TERM
wait $vrrpd`
