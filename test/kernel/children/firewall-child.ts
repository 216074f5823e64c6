import {execFileSync} from 'node:child_process'
import {createSocket} from 'node:dgram'
import {createServer} from 'node:net'
import {Firewall} from '../../../src/agent/supervisor/firewall.ts'
import {ownDevicesOf} from '../../../src/config/own-devices.ts'
import {parseConfig} from '../../../src/config/parse.ts'
import {routerConfig} from '../../../src/config/router-config.ts'
import {capture, indexOf, ip, report} from './tools.ts'

const nft = (...args: string[]): string => execFileSync('nft', args, {encoding: 'utf8'})

function configured(accept: string) {
  const text = `global_defs {
      nftables_counters
    }
    vrrp_instance A {
      interface ha0
      virtual_router_id 51
      version 3
      ${accept}
      virtual_ipaddress { 192.0.2.77/24 }
      virtual_ipaddress_excluded {
        2001:db8::77/64
        fe80::77/64
      }
    }`
  const {config} = parseConfig({file: 'x', text})
  const devices = ownDevicesOf(config)
  const routers = config.instances.map(each => routerConfig(each, config.global, undefined, devices.get(each.name)))
  return [routers, config.global] as const
}

/** What becomes of a connection that the peer makes to an address here. */
function connects(address: string): string {
  const code = `const s = net.connect(${PORT}, '${address}'); s.on('connect', () => end('connected'))
    s.on('error', e => end(e.code)); s.setTimeout(500, () => end('nothing'))
    function end(text) { console.log(text); process.exit() }`
  return execFileSync('ip', ['netns', 'exec', process.env.PEER ?? '', process.execPath, '-e', code], {
    encoding: 'utf8',
  }).trim()
}

const PORT = 4_711

async function main(): Promise<void> {
  // A server in another process: this one waits for the peer.
  const problems: string[] = []
  const firewall = new Firewall({onProblem: text => problems.push(text)})
  const server = createServer().listen(PORT, '::')
  ip('addr', 'add', '192.0.2.77/24', 'dev', 'ha0')
  for (const address of ['2001:db8::77/64', 'fe80::77/64']) ip('addr', 'add', address, 'dev', 'ha0', 'nodad')
  ip('-n', process.env.PEER ?? '', 'addr', 'add', '2001:db8::2/64', 'dev', 'pe0', 'nodad')
  const all = () => ['192.0.2.1', '192.0.2.77', '2001:db8::77', 'fe80::77%pe0'].map(connects)
  // As an earlier run and a keepalived left them.
  nft('add table ip hactl; add chain ip hactl old; add table ip keepalived; add chain ip keepalived theirs')

  await firewall.configure(...configured('accept'))
  const accepting = {tables: nft('list', 'tables'), reached: all()}
  await firewall.configure(...configured('no_accept'))
  const closed = {
    reached: all(),
    rules: nft('list', 'table', 'ip6', 'hactl'),
    keepalived: nft('list', 'table', 'ip', 'keepalived'),
  }

  ip('link', 'add', 'vm0', 'link', 'ha0', 'address', '00:00:5e:00:01:33', 'type', 'macvlan', 'mode', 'private')
  ip('addr', 'add', '192.0.2.99/32', 'dev', 'vm0')
  ip('link', 'set', 'vm0', 'up')
  const mac = /link\/ether (\S+)/.exec(ip('link', 'show', 'dev', 'ha0'))?.[1] ?? ''
  // Changes that come at once end in the last one.
  void firewall.devicesChanged([])
  await firewall.devicesChanged([{type: 'macvlan', index: indexOf('vm0'), baseIndex: indexOf('ha0')}])
  const heard = await capture('igmp')
  const socket = createSocket('udp4')
  await new Promise<void>(resolve => socket.bind(0, resolve))
  socket.addMembership('239.1.2.3', '192.0.2.99')
  const reports = await heard.stop()
  socket.close()
  const senders = [...new Set([...reports.matchAll(/([0-9a-f:]{17}) > 01:00:5e/g)].map(([, sender]) => sender))]
  const virtual = nft('list', 'map', 'ip', 'hactl', 'bases')
  await firewall.close()
  const end = {tables: nft('list', 'tables'), reached: all()}

  const without = new Firewall({onProblem: text => problems.push(text)}, 'no-such-nft')
  await without.configure(...configured('accept'))
  const quiet = problems.length
  await without.configure(...configured('no_accept'))
  await without.devicesChanged([])
  server.close()
  report({
    accepting,
    closed,
    senders: senders.map(sender => (sender === mac ? 'base' : sender)),
    virtual,
    end,
    quiet,
    problems,
  })
}

void main()
