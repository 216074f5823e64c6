import {SCHEDULERS} from '../ipvs/faults.ts'

/** What `ipvsadm -v` prints of version 1.31, whose command line this is; `kernelVersion` as "1.2.1". */
export const versionLine = (kernelVersion: string): string =>
  `ipvsadm v1.31 2019/12/24 (compiled with popt and IPVS v${kernelVersion})\n`

/** What `-h` prints below the version: every command and option, in words of our own. */
export const USAGE = `\
Everything of ipvsadm(8) 1.31 by hactl. "hactl lvs" does the same with checks before and undo after.

Services:
  ipvsadm -A|-E SERVICE [-s SCHEDULER] [-p [SECONDS]] [-M NETMASK] [--pe ENGINE] [-o] [-b FLAGS]
  ipvsadm -D SERVICE
  ipvsadm -Z [SERVICE]
  ipvsadm -L|-l [SERVICE] [LISTING]
Real servers:
  ipvsadm -a|-e SERVICE -r ADDRESS[:PORT] [-g|-i|-m] [-w WEIGHT] [-x UPPER] [-y LOWER] [TUNNEL]
  ipvsadm -d SERVICE -r ADDRESS[:PORT]
Everything:
  ipvsadm -C
  ipvsadm -S [-n]
  ipvsadm -R
  ipvsadm --set TCP TCPFIN UDP
  ipvsadm --start-daemon master|backup [DAEMON]
  ipvsadm --stop-daemon master|backup
  ipvsadm -h | -v

  -A --add-service      -a --add-server      -C --clear     -Z --zero
  -E --edit-service     -e --edit-server     -S --save      -L -l --list
  -D --delete-service   -d --delete-server   -R --restore   -h --help, -v --version

SERVICE:
  -t --tcp-service ADDRESS[:PORT]     -u --udp-service ADDRESS[:PORT]     --sctp-service ADDRESS[:PORT]
  -f --fwmark-service MARK            -6 --ipv6, behind -f: packets of IPv6
Options of services:
  -s --scheduler NAME    ${SCHEDULERS.join(' ')}; wlc unless given
  -p --persistent SECS   clients stay with their real server, for 360 seconds unless given
  -M --netmask MASK      clients of one network count as one; a prefix length for IPv6
     --pe ENGINE         what else tells clients apart: sip
  -o --ops               every packet by itself, UDP only
  -b --sched-flags LIST  sh-fallback,sh-port  mh-fallback,mh-port  flag-1,flag-2,flag-3
Options of real servers:
  -g --gatewaying, which is usual     -i --ipip     -m --masquerading
  -w --weight N          1 unless given; 0: no new connections
  -x --u-threshold N     no new connections above so many
  -y --l-threshold N     new connections again below so many
TUNNEL, with -i:
  --tun-type ipip|gue|gre     --tun-port PORT     --tun-nocsum     --tun-csum     --tun-remcsum
LISTING:
  -n --numeric           addresses and ports without names
  -c --connection        connections in place of services; with --persistent-conn, what the engine says of them
  --stats --rate --thresholds --persistent-conn --tun-info
  --exact                whole numbers; --nosort: as the kernel has them
  --timeout --daemon     these in place of services
DAEMON:
  --mcast-interface NAME     --mcast-group ADDRESS     --mcast-port PORT     --mcast-ttl TTL
  --syncid 0..255            --sync-maxlen BYTES
`
