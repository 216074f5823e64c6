import {join} from 'node:path'
import type {Capture} from '../lab/capture.ts'
import {type Daemon, startAgent} from '../lab/daemon.ts'
import type {Host} from '../lab/host.ts'
import {createLab, type Lab} from '../lab/lab.ts'
import type {Link} from '../lab/link.ts'
import {startNginx} from '../lab/nginx.ts'
import type {Segment} from '../lab/segment.ts'
import {until} from '../lab/wait.ts'
import {startWebClient} from '../lab/web-client.ts'
import {knowServers, makeKey, type SshServer, settleRoot, startSshd} from './ssh.ts'

/** One node of the cluster. */
export interface TopNode {
  readonly name: string
  readonly host: Host
  /** Where virtual routers speak. */
  readonly service: Link
  /** Where ssh comes from. */
  readonly management: Link
  readonly address: string
  /** As `--node` takes it. */
  readonly given: string
  agent: Daemon
}

/** Three nodes with agents and sshd, a host with real servers, and the host of an operator who knows them all. */
export interface World {
  readonly lab: Lab
  readonly segment: Segment
  readonly capture: Capture
  readonly nodes: readonly [TopNode, TopNode, TopNode]
  readonly desk: Host
  /** What the operator types before other words: `hactl top dashboard --node ssh://root@lb1 …`. */
  readonly dashboard: string
}

/** Priorities by node; the first of each list is lb1's. */
export const ROUTERS = [
  {name: 'VI_web', vrid: 61, vip: '10.20.0.100', priorities: [150, 100, 50]},
  {name: 'VI_mail', vrid: 62, vip: '10.20.0.101', priorities: [100, 150, 50]},
  {name: 'VI_dns', vrid: 63, vip: '10.20.0.102', priorities: [50, 100, 150]},
  {name: 'VI_db', vrid: 64, vip: '10.20.0.103', priorities: [140, 90, 120]},
  {name: 'VI_vpn', vrid: 65, vip: '10.20.0.104', priorities: [110, 130, 60]},
] as const
/** 10 cs. */
const INTERVAL_MS = 100
/** Behind the first two virtual addresses. */
const REAL_SERVERS = ['10.20.0.61', '10.20.0.62', '10.20.0.63', '10.20.0.64']
const ELECTION_MS = 20_000

/** How the world is. */
export interface WorldOptions {
  /** Between two advertisements; 100 unless said, milliseconds. */
  readonly intervalMs?: number
  /** The kernel has IPVS: clients ask for the virtual addresses. */
  readonly ipvs?: boolean
}

/** Builds it; resolves when every virtual router has the master that its priorities say. */
export async function createWorld({intervalMs = INTERVAL_MS, ipvs = false}: WorldOptions = {}): Promise<World> {
  const lab = await createLab()
  try {
    const [segment, management] = [await lab.segment(), await lab.segment()]
    const capture = await segment.capture()
    const desk = await lab.host('desk')
    await desk.attach(management, {interface: 'mgmt0', address: '10.30.0.9/24'})
    settleRoot(desk)
    const key = await makeKey(desk, 'operator')
    await startRealServers(lab, segment)
    const started = await Promise.all([1, 2, 3].map(n => startNode(lab, {segment, management}, {n, key, intervalMs})))
    knowServers(
      desk,
      join(desk.directory, 'operator'),
      started.map(({server}) => server),
    )
    const nodes = started.map(({node}) => node) as unknown as World['nodes']
    const dashboard = ['hactl top dashboard', ...nodes.map(({given}) => `--node ${given}`)].join(' ')
    const world: World = {lab, segment, capture, nodes, desk, dashboard}
    await untilElected(world)
    if (ipvs) await startClients(lab, segment)
    return world
  } catch (error) {
    await lab.close()
    throw error
  }
}

/** Waits until each virtual router is where its priorities want it, and nowhere else. */
export const untilElected = ({nodes}: World): Promise<unknown> =>
  until(
    () => `the election:\n${nodes.map(({name, agent}) => `--- ${name}\n${agent.process.describe()}`).join('\n')}`,
    () =>
      ROUTERS.every(({vip, priorities}) => {
        const best = priorities.indexOf(Math.max(...priorities) as never)
        return nodes.every(({host}, i) => host.holds(vip) === (i === best))
      }),
    {timeoutMs: ELECTION_MS, everyMs: 50},
  )

interface Segments {
  readonly segment: Segment
  readonly management: Segment
}

async function startNode(
  lab: Lab,
  {segment, management}: Segments,
  {n, key, intervalMs}: {readonly n: number; readonly key: string; readonly intervalMs: number},
): Promise<{readonly node: TopNode; readonly server: SshServer}> {
  const name = `lb${n}`
  const host = await lab.host(name)
  const service = await host.attach(segment, {interface: 'eth0', address: `10.20.0.${n}/24`})
  const way = await host.attach(management, {interface: 'mgmt0', address: `10.30.0.${n}/24`})
  settleRoot(host)
  const server = await startSshd(host, name, `10.30.0.${n}`, key)
  const agent = await startAgent(host, {config: configOf(n, intervalMs)})
  const node = {name, host, service, management: way, address: `10.20.0.${n}`, given: `ssh://root@${name}`, agent}
  return {node, server}
}

/** They have the virtual addresses, too, and do not say so: packets come to them as clients sent them. */
async function startRealServers(lab: Lab, segment: Segment): Promise<void> {
  const host = await lab.host('web')
  await host.run(['sh', '-c', 'cd /proc/sys/net/ipv4/conf/all && echo 1 >arp_ignore && echo 2 >arp_announce'])
  await host.attach(segment, {interface: 'eth0', address: '10.20.0.60/24'})
  for (const address of REAL_SERVERS) await host.run(['ip', 'addr', 'add', `${address}/24`, 'dev', 'eth0'])
  for (const {vip} of SERVED) await host.run(['ip', 'addr', 'add', `${vip}/32`, 'dev', 'lo'])
  await startNginx(host)
}

async function startClients(lab: Lab, segment: Segment): Promise<void> {
  const host = await lab.host('client')
  await host.attach(segment, {interface: 'eth0', address: '10.20.0.70/24'})
  for (const [i, {vip}] of SERVED.entries()) await startWebClient(host, {address: vip, everyMs: 50 * (i + 1)})
}

/** The file of a node; `n` is 1 to 3. */
function configOf(n: number, intervalMs: number): string {
  const instances = ROUTERS.map(
    ({name, vrid, vip, priorities}) => `
vrrp_instance ${name} {
    state BACKUP
    interface eth0
    virtual_router_id ${vrid}
    priority ${priorities[n - 1]}
    advert_int ${intervalMs / 1_000}
    virtual_ipaddress {
        ${vip}/24
    }
}
`,
  )
  const services = SERVED.map(({vip}, i) => serviceOf(vip, REAL_SERVERS.slice(2 * i, 2 * i + 3)))
  return `global_defs {
    router_id lb${n}
    vrrp_version 3
}
${[...instances, ...services].join('')}`
}

const SERVED = ROUTERS.slice(0, 2)

/** Checked each second; of the second another status is wanted than it gives, and the last refuses. */
const serviceOf = (vip: string, addresses: readonly string[]): string => `
virtual_server ${vip} 80 {
    delay_loop 1
    lvs_sched wlc
    lvs_method DR
    protocol TCP
${addresses.map(realServer).join('')}}
`

const realServer = (address: string): string => `    real_server ${address} 80 {
        weight 10
        retry 1
        delay_before_retry 1
        HTTP_GET {
            url {
                path /
                status_code ${address.endsWith('62') ? 204 : 200}
            }
            connect_port ${address.endsWith('64') ? 81 : 80}
            connect_timeout 1
        }
    }
`
