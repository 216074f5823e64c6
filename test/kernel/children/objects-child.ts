import {execFileSync, spawn} from 'node:child_process'
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {objectsOf} from '../../../src/agent/vrrp/held-object.ts'
import {lookupIn} from '../../../src/agent/vrrp/link-lookup.ts'
import {ObjectHolder} from '../../../src/agent/vrrp/object-holder.ts'
import {loadConfig} from '../../../src/config/load.ts'
import {routersOf} from '../../../src/config/router-config.ts'
import {Network} from '../../../src/kernel/network.ts'
import {ObjectChanger} from '../../../src/kernel/object-changer.ts'
import {eventually, ip, report, sleep} from './tools.ts'

const METRICS = [
  'mtu 1400 advmss lock 1300 hoplimit 33 rtt 300ms rttvar 400ms reordering 5 window 5000 cwnd lock 10 ssthresh 30',
  'rto_min 1s initcwnd 11 initrwnd 12 features ecn quickack 1 congctl cubic fastopen_no_cookie 1',
].join(' ')

/** Everything that a virtual router can hold, in lines that keepalived 2.2.7 takes without a complaint. */
const TEXT = `
vrrp_instance A {
  interface ha0
  virtual_router_id 5
  priority 255
  state MASTER
  virtual_ipaddress {
    10.1.0.1
    10.1.1.1/24 brd + label ha0:v1 scope link
    10.1.2.1/24 brd -
    10.1.3.1/24 brd 10.1.3.9 dev ha1
    10.1.4.1 peer 10.1.4.2
    10.1.7.1/24 noprefixroute
    10.1.9.1/24 preferred_lft 300
    10.1.10.1/24 home mngtmpaddr
    10.1.11.1/24 -nodad
  }
  virtual_ipaddress_excluded {
    2001:db8:5::1
    2001:db8:5::2/64
    2001:db8:5::3/64 home
    2001:db8:5::4/64 -nodad
    2001:db8:5::5/64 mngtmpaddr
    2001:db8:5::6/64 noprefixroute
    2001:db8:5::8/64 preferred_lft 5000
    2001:db8:5::9 preferred_lft forever
    2001:db8:5::a/64 preferred_lft 0
    2001:db8:5::b peer 2001:db8:6::1
    2001:db8:5::c/64 home -nodad mngtmpaddr noprefixroute dev ha1
    fe80::5:5/64
    10.1.20.1/24 dev ha1
  }
  virtual_routes {
    10.2.0.0/24 dev ha0
    10.2.1.0/24 via 192.0.2.9
    10.2.2.0/24 via 192.0.2.9 dev ha0 onlink src 10.1.0.1 metric 77 tos 0x10 table 100
    blackhole 10.2.3.0/24
    unreachable 10.2.4.0/24 table 200
    prohibit 10.2.5.0/24
    throw 10.2.6.0/24
    10.2.7.0/24 dev ha0 scope link protocol 99 no_track
    10.2.8.0/24 via 192.0.2.9 ${METRICS}
    10.2.9.0/24 nexthop via 192.0.2.9 weight 3 nexthop via 198.51.100.9 dev ha1 weight 5 onlink
    10.2.11.0/24 via 192.0.2.9 realms 3/4
    10.2.12.0/24 encap ip id 5 dst 10.9.9.9 src 10.9.9.8 tos 4 ttl 9 dev ha0
    10.2.13.0/24 encap ip6 id 5 dst 2001:db8::77 src 2001:db8::78 tc 4 hoplimit 9 dev ha0
    multicast 239.1.1.0/24 dev ha0
    default via 192.0.2.9 metric 1000
    10.2.18.0/24 via 192.0.2.9 append
    10.2.18.0/24 via 192.0.2.10 append
    10.2.19.0/24 via 192.0.2.9 add
    10.2.20.0/24 via 192.0.2.9 ttl-propagate enabled
    10.2.21.0/24 nexthop via 192.0.2.9 realms 3 nexthop dev ha1
    10.2.22.0/24 via 192.0.2.9 congctl lock reno rtt lock 3000 mtu lock 1400
    10.2.23.0/24 dev ha0 tos AF41
    10.2.24.0/24 via 192.0.2.9 table 300
    2001:db8:9:1::/64 dev ha0
    2001:db8:9:2::/64 via 2001:db8::9 metric 55 pref high
    2001:db8:9:3::/64 via 2001:db8::9 from 2001:db8:7::/48
    2001:db8:9:4::/64 via 2001:db8::9 dev ha0 expires 10000
    blackhole 2001:db8:9:5::/64
    unreachable 2001:db8:9:6::/64
    2001:db8:9:7::/64 nexthop via 2001:db8::9 weight 3 nexthop via 2001:db8:1::9 dev ha1 weight 5
    2001:db8:9:8::/64 via 2001:db8::9 src 2001:db8:5::9 mtu 1300 hoplimit 4
    2001:db8:9:9::/64 encap ip6 id 5 dst 2001:db8::77 hoplimit 9 tc 0 dev ha0
    2001:db8:9:a::/64 dev ha0 pref low table 300
    prohibit 2001:db8:9:c::/64
    throw 2001:db8:9:d::/64
    local 2001:db8:9:e::1/128 dev ha0
    2001:db8:9:f::/64 via 2001:db8::9 append
    2001:db8:9:f::/64 via 2001:db8::10 append
    2001:db8:9:12::1 via 2001:db8::9 dev ha0 onlink
  }
  virtual_rules {
    from 10.3.0.0/24 table 100 preference 1000
    not to 10.3.1.0/24 table 100 preference 1001
    from 10.3.2.0/24 to 10.3.3.0/24 iif ha0 tos 0x10 fwmark 0x10/0xff table 300 preference 1002
    oif ha1 fwmark 7 blackhole preference 1003
    uidrange 100-200 ipproto tcp sport 10-20 dport 30-40 unreachable preference 1004
    from 10.3.4.0/24 goto 1010 preference 1005
    from 10.3.5.0/24 nop preference 1006
    from 10.3.6.0/24 prohibit preference 1007
    from 10.3.7.0/24 table 100 realms 3/4 suppress_prefixlength 8 suppress_ifgroup 5 preference 1008
    from all l3mdev preference 1009
    tunnel-id 99 table 100 preference 1010
    from 10.3.8.0/24 table 100 protocol 77 no_track preference 1011
    from 10.3.9.0/24 table 100 no_track preference 1012
    from 2001:db8:3::/48 to 2001:db8:4::/48 table 300 preference 1000
    from 2001:db8:5::/48 fwmark 5 tos 8 unreachable preference 1001
    not from 2001:db8:5::/48 iif ha1 table main preference 1003
  }
}
`

async function main(): Promise<void> {
  ip('link', 'add', 'ha1', 'type', 'veth', 'peer', 'name', 'pe1')
  for (const link of ['ha1', 'pe1']) ip('link', 'set', link, 'up')
  ip('addr', 'add', '198.51.100.1/24', 'dev', 'ha1')
  ip('addr', 'add', '2001:db8::1/64', 'dev', 'ha0', 'nodad')
  ip('addr', 'add', '2001:db8:1::1/64', 'dev', 'ha1', 'nodad')
  // The link-local addresses come by themselves.
  await eventually(() => !ip('-6', 'addr').includes('tentative') && ip('-6', 'addr').match(/fe80::/g)?.length === 3)
  const directory = mkdtempSync(join(tmpdir(), 'hactl-objects-'))
  const file = join(directory, 'keepalived.conf')
  writeFileSync(file, TEXT)
  const before = snapshot()
  const theirs = await withKeepalived(directory, file)
  const leftByThem = snapshot().filter(line => !before.includes(line))
  // It does not find an address with a peer again.
  ip('addr', 'del', '10.1.4.1', 'peer', '10.1.4.2', 'dev', 'ha0')

  const [router] = routersOf(loadConfig(file).config)
  const objects = router ? objectsOf(router) : []
  const network = await Network.open({onChange: () => {}, onError: () => {}})
  const changer = ObjectChanger.open()
  const failures: string[] = []
  const outcomes = {added: 0, adopted: 0, removed: 0}
  const holder = new ObjectHolder(
    changer,
    {
      onAdded: (_, {adopted}) => outcomes[adopted ? 'adopted' : 'added']++,
      onRemoved: () => outcomes.removed++,
      onFailed: ({key}, verb, reason) => failures.push(`${verb} ${key}: ${reason}`),
    },
    lookupIn(network),
  )
  await holder.hold(objects, 0)
  await eventually(() => !ip('-6', 'addr').includes('tentative'))
  const ours = snapshot()
  const first = {...outcomes}
  await holder.hold(objects, 0)
  const second = {...outcomes}
  await holder.release(objects)
  const after = snapshot()
  holder.close()
  changer.close()
  network.close()
  rmSync(directory, {recursive: true})
  report({
    objects: objects.length,
    lines: theirs.length - before.length,
    onlyTheirs: theirs.filter(line => !ours.includes(line)),
    onlyOurs: ours.filter(line => !theirs.includes(line)),
    failures,
    first,
    second,
    removed: outcomes.removed,
    leftByThem,
    leftByUs: after.filter(line => !before.includes(line)),
    lostByUs: before.filter(line => !after.includes(line)),
  })
}

/** What ip(8) shows, a line an object; times that run, link-local addresses and the links themselves are left out. */
function snapshot(): readonly string[] {
  const kinds = [
    ['-4', 'addr'],
    ['-6', 'addr'],
    ['-4', 'route', 'show', 'table', 'all'],
  ]
  const all = [...kinds, ['-6', 'route', 'show', 'table', 'all'], ['-4', 'rule'], ['-6', 'rule']]
  return all.flatMap(words =>
    ip('-d', ...words)
      // The second line of an address, and the next hops of a route.
      .replaceAll(/\n\s+(?=nexthop|valid_lft)/g, ' ')
      .replaceAll(/[1-9]\d*sec/g, 'some sec')
      .split('\n')
      .map(line => line.trim())
      .filter(line => line !== '' && !/^\d+: \w+|^link\/|^veth|^bridge|fe80::[0-9a-f]+:[0-9a-f]+:/.test(line))
      .map(line => `${words.slice(0, 2).join(' ')}: ${line}`),
  )
}

/** What keepalived makes of the same file. */
async function withKeepalived(directory: string, file: string): Promise<readonly string[]> {
  const pids = ['-p', join(directory, 'k.pid'), '-r', join(directory, 'v.pid')]
  const child = spawn('keepalived', ['-n', '-l', '-P', '-f', file, ...pids], {stdio: 'ignore'})
  const ended = new Promise(resolve => child.on('close', resolve))
  // The rules come last, and DAD of the addresses that ask for it takes a second.
  await eventually(() => ip('-6', 'rule').includes('1003:'))
  await eventually(() => !ip('-6', 'addr').includes('tentative'))
  await sleep(100)
  const shown = snapshot()
  execFileSync('kill', ['-TERM', String(child.pid)])
  await ended
  return shown
}

void main()
