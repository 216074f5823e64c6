import {type Daemon, startAgent} from '../../lab/daemon.ts'
import type {Host} from '../../lab/host.ts'
import type {Lab} from '../../lab/lab.ts'
import type {LabProcess} from '../../lab/lab-process.ts'
import {until} from '../../lab/wait.ts'

/** How much there is. */
export interface Size {
  readonly routers: number
  readonly services: number
  /** Of each service. */
  readonly reals: number
  /** `delay_loop` of each checker, seconds. */
  readonly delaySeconds: number
  /** Whether the kernel has IPVS. */
  readonly ipvs: boolean
}

/** Three nodes of one configuration but for the priorities, and a host that is all real servers. */
export interface Cluster {
  readonly size: Size
  readonly agents: readonly Daemon[]
  readonly servers: Host
}

const NODES = 3
const START_TIMEOUT_MS = 180_000
/** Of so many real servers one has a port on which nobody listens, and one a port on which somebody does at times. */
const ONE_IN = 100
/** Nobody listens here. */
const DEAD_PORT = 81
/** Somebody listens here at times. */
const CHANGING_PORT = 82

/** Builds it; resolves when every virtual router has a master and all services are where they can be. */
export async function createCluster(lab: Lab, size: Size): Promise<Cluster> {
  const segment = await lab.segment()
  const servers = await lab.host('servers')
  await servers.attach(segment, {interface: 'eth0', address: '10.4.0.200/16'})
  await startNginx(servers)
  const agents: Daemon[] = []
  for (let n = 1; n <= NODES; n++) {
    const host = await lab.host(`lb${n}`)
    await host.attach(segment, {interface: 'eth0', address: `10.4.0.${n}/16`})
    await host.run(['ip', 'route', 'add', '10.5.0.0/16', 'via', '10.4.0.200'])
    agents.push(await startAgent(host, {config: configOf(size, n)}))
  }
  await until(
    () =>
      `${size.routers} virtual routers to have a master: ${agents.map(({process}) => process.describe()).join('\n')}`,
    () => routerIndices(size).every(i => agents[masterOf(i)]?.host.holds(routerAddress(i))),
    {timeoutMs: START_TIMEOUT_MS, everyMs: 500},
  )
  return {size, agents, servers}
}

/** Some real servers come back; they go again when the program that this gives is stopped. */
export const startChangingServers = (servers: Host): Promise<LabProcess> =>
  servers.start([
    process.execPath,
    '-e',
    `require('node:net').createServer(socket => socket.on('error', () => {}).end()).listen(${CHANGING_PORT})`,
  ])

/** What a virtual router is called. */
export const routerName = (index: number): string => `VI_${index + 1}`

/** Of the node (0 to 2): 150 where it is to be master, 100 and 50 on the next ones. */
export const routerPriority = (index: number, node: number): number => 150 - 50 * ((index + node) % NODES)

const masterOf = (index: number): number => (NODES - (index % NODES)) % NODES

/** The index of a virtual router that this node (0 to 2) is the second backup of. */
export const backupRouterOf = (node: number): number => (NODES + 2 - node) % NODES

function configOf(size: Size, n: number): string {
  const routers = routerIndices(size).map(
    i => `vrrp_instance ${routerName(i)} {
state BACKUP
interface eth0
virtual_router_id ${i + 1}
priority ${routerPriority(i, n - 1)}
advert_int 1
virtual_ipaddress {
${routerAddress(i)}/32
}
}`,
  )
  const services = Array.from({length: size.services}, (_, i) => serviceOf(size, i))
  return `global_defs {\nrouter_id lb${n}\nvrrp_version 3\n}\n${[...routers, ...services].join('\n')}\n`
}

function serviceOf({reals, delaySeconds}: Size, service: number): string {
  const blocks = Array.from({length: reals}, (_, i) => {
    const index = service * reals + i
    return `real_server 10.5.${Math.floor(index / 200) + 1}.${(index % 200) + 1} ${portOf(index)} {
weight 1
TCP_CHECK {
connect_timeout 1
}
}`
  })
  return `virtual_server 10.6.${Math.floor(service / 200)}.${(service % 200) + 1} 80 {
lvs_sched wrr
lvs_method NAT
protocol TCP
delay_loop ${delaySeconds}
retry 1
delay_before_retry 1
${blocks.join('\n')}
}`
}

function portOf(index: number): number {
  if (index % ONE_IN === 7) return DEAD_PORT
  return index % ONE_IN === 57 ? CHANGING_PORT : 80
}

const routerIndices = ({routers}: Size): readonly number[] => Array.from({length: routers}, (_, i) => i)
const routerAddress = (index: number): string => `10.4.1.${index + 1}`

/** One nginx answers for the whole network 10.5.0.0/16, of which each address is a real server. */
async function startNginx(host: Host): Promise<void> {
  await host.run(['ip', 'route', 'add', 'local', '10.5.0.0/16', 'dev', 'lo'])
  host.writeFile('/run/nginx/nginx.conf', NGINX)
  await host.start(['nginx', '-p', '/run/nginx/', '-e', 'stderr', '-c', '/run/nginx/nginx.conf'])
  await host.listening(80)
}

const NGINX = `daemon off;
user root;
worker_processes 1;
pid /run/nginx.pid;
events { worker_connections 4096; }
http {
  access_log off;
${['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(kind => `  ${kind}_temp_path ${kind};`).join('\n')}
  server {
    listen 80 backlog=4096;
    location / { return 200; }
  }
}
`
