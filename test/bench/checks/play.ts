import {readFileSync} from 'node:fs'
import {enterNetworkOf, TalkingServer} from '../../check/uml/talking-server.ts'
import {gapsMs} from '../../lab/capture.ts'
import {CONFIG_FILE, type Daemon, startAgent} from '../../lab/daemon.ts'
import type {Host} from '../../lab/host.ts'
import {type Lab, withLab} from '../../lab/lab.ts'
import {sleep, until} from '../../lab/wait.ts'
import {costSince, usageOf} from '../vrrp/cost.ts'
import {type Figures, type Play, RETRY_DELAY_MS} from './figures.ts'

/** The agent reads many real servers, and the first checks are spread over a second. */
const SETTLE_MS = 8_000
const START_TIMEOUT_MS = 120_000
/** How often the table of IPVS is looked at while real servers die, milliseconds. */
const LOOK_EVERY_MS = 10
/** Real servers that die within one second. */
const KILLS_AT_ONCE = 10
/** Longer than any removal takes, milliseconds. */
const REMOVAL_TIMEOUT_MS = 10_000
const ADVERT_MS = 100
const REALS_PER_SERVICE = 10

/** Runs one program with many checkers, and a virtual router at 10 cs beside them. */
export const playChecks = (play: Play): Promise<Figures> => withLab(lab => playIn(lab, play))

async function playIn(lab: Lab, {program, kind, reals, seconds, kills, ipvs}: Play): Promise<Figures> {
  const segment = await lab.segment()
  const capture = await segment.capture()
  const [director, servers] = [await lab.host('director'), await lab.host('servers')]
  await director.attach(segment, {interface: 'eth0', address: '10.4.0.1/24'})
  await servers.attach(segment, {interface: 'eth0', address: '10.4.0.200/24'})
  await startNginx(servers)
  const victims = ipvs ? await startVictims(servers, {reals, kills}) : []
  await director.run(['ip', 'route', 'add', '10.5.0.0/16', 'via', '10.4.0.200'])
  const config = configOf({kind, reals, kills: ipvs ? kills : 0})
  const daemon = program === 'hactl' ? await startAgent(director, {config}) : await startKeepalived(director, config)
  await until(
    () => `${reals} real servers in IPVS: ${daemon.process.describe()}`,
    () => !ipvs || countReals(director) === reals,
    {timeoutMs: START_TIMEOUT_MS, everyMs: 200},
  )
  await sleep(SETTLE_MS)
  const [fromMs, openedBefore, before] = [Date.now(), activeOpens(director), usageOf(daemon.process.tree())]
  await sleep(seconds * 1_000)
  const [toMs, openedAfter, after] = [Date.now(), activeOpens(director), usageOf(daemon.process.tree())]
  await capture.settle()
  const adverts = capture.adverts({source: '10.4.0.1', fromMs, toMs}).map(({atMs}) => atMs)
  const figures = {
    checksPerSecond: (openedAfter - openedBefore) / ((toMs - fromMs) / 1_000),
    ...costSince(before, after),
    advertsLateMs: gapsMs(adverts).map(gap => gap - ADVERT_MS),
  }
  const removalsMs = await measureRemovals(director, victims)
  await daemon.process.stop({timeoutMs: START_TIMEOUT_MS})
  return {...figures, removalsMs}
}

/** One nginx answers for the whole network 10.5.0.0/16, of which each address is a real server. */
async function startNginx(host: Host): Promise<void> {
  await host.run(['ip', 'route', 'add', 'local', '10.5.0.0/16', 'dev', 'lo'])
  host.writeFile('/run/nginx/nginx.conf', NGINX)
  await host.start(['nginx', '-p', '/run/nginx/', '-e', 'stderr', '-c', '/run/nginx/nginx.conf'])
  await host.listening(80)
}

/** Those that are to die listen on a port of their own, in this program. */
async function startVictims(host: Host, {reals, kills}: Pick<Play, 'reals' | 'kills'>): Promise<readonly Victim[]> {
  enterNetworkOf(host)
  const victims: Victim[] = []
  for (let index = 0; index < reals; index++) {
    if (!isVictim(index, {reals, kills})) continue
    const server = new TalkingServer(realAddress(index), VICTIM_PORT)
    await server.listen()
    victims.push({server, inTable: `${hexOf(realAddress(index))}:0051`})
  }
  return victims
}

interface Victim {
  readonly server: TalkingServer
  /** As /proc/net/ip_vs has it. */
  readonly inTable: string
}

const VICTIM_PORT = 81

const isVictim = (index: number, {reals, kills}: Pick<Play, 'reals' | 'kills'>): boolean =>
  index % Math.max(1, Math.floor(reals / kills)) === 0

/** For an agent that is to be compared everything runs: virtual router, and checkers. */
async function startKeepalived(host: Host, config: string): Promise<Daemon> {
  host.writeFile(CONFIG_FILE, config)
  const process_ = await host.start(['keepalived', '-n', '-l', '-G', '-f', CONFIG_FILE, '-p', '/run/keepalived.pid'])
  return {program: 'keepalived', host, process: process_}
}

/** Real servers die one after the other; resolves to how long each stayed in IPVS. */
async function measureRemovals(director: Host, victims: readonly Victim[]): Promise<readonly number[]> {
  const removals: number[] = []
  for (let first = 0; first < victims.length; first += KILLS_AT_ONCE) {
    const group = victims.slice(first, first + KILLS_AT_ONCE)
    const deaths = new Map<string, number>()
    const watched = watchRemovals(director, deaths, group.length)
    for (const {server, inTable} of group) {
      if (!readTable(director).includes(inTable)) throw new Error(`${inTable} is out before it dies: too much load`)
      server.refuse()
      deaths.set(inTable, performance.now())
      // No two at the same place in the interval.
      await sleep(1_070 / group.length)
    }
    removals.push(...(await watched))
  }
  return removals
}

async function watchRemovals(director: Host, deaths: ReadonlyMap<string, number>, count: number) {
  const removed = new Map<string, number>()
  await until(
    () => `${count} real servers to leave IPVS: ${removed.size} of ${deaths.size} that died did`,
    () => {
      const table = readTable(director)
      const now = performance.now()
      for (const [name, diedAtMs] of deaths) {
        if (!removed.has(name) && !table.includes(name)) removed.set(name, now - diedAtMs)
      }
      return removed.size === count
    },
    {timeoutMs: REMOVAL_TIMEOUT_MS, everyMs: LOOK_EVERY_MS},
  )
  return [...removed.values()]
}

const readTable = ({entrance}: Host): string => readFileSync(`/proc/${entrance.pid}/net/ip_vs`, 'latin1')
const countReals = (host: Host): number => readTable(host).split('  -> 0A05').length - 1
const hexOf = (address: string): string =>
  address
    .split('.')
    .map(byte => Number(byte).toString(16).toUpperCase().padStart(2, '0'))
    .join('')

/** Connections that a host has begun. RFC 4022, tcpActiveOpens; /proc/net/snmp. */
function activeOpens({entrance}: Host): number {
  const [names = '', values = ''] = readFileSync(`/proc/${entrance.pid}/net/snmp`, 'latin1').match(/^Tcp: .*$/gm) ?? []
  return Number(values.split(' ')[names.split(' ').indexOf('ActiveOpens')])
}

const realAddress = (index: number): string => `10.5.${Math.floor(index / 200) + 1}.${(index % 200) + 1}`

function configOf({kind, reals, kills}: Pick<Play, 'kind' | 'reals' | 'kills'>): string {
  const checker =
    kind === 'tcp'
      ? 'TCP_CHECK {\nconnect_timeout 1\n}'
      : 'HTTP_GET {\nurl {\npath /\nstatus_code 200\n}\nconnect_timeout 1\n}'
  const services = Array.from({length: Math.ceil(reals / REALS_PER_SERVICE)}, (_, service) => {
    const blocks = Array.from({length: Math.min(REALS_PER_SERVICE, reals - service * REALS_PER_SERVICE)}, (_, i) => {
      const index = service * REALS_PER_SERVICE + i
      const port = kills > 0 && isVictim(index, {reals, kills}) ? VICTIM_PORT : 80
      return `real_server ${realAddress(index)} ${port} {\nweight 1\n${checker}\n}`
    })
    return `virtual_server 10.6.${Math.floor(service / 200)}.${(service % 200) + 1} 80 {
lvs_sched wrr
lvs_method NAT
protocol TCP
delay_loop 1
retry 1
delay_before_retry ${RETRY_DELAY_MS / 1_000}
${blocks.join('\n')}
}`
  })
  return `${GLOBALS}${services.join('\n')}\n`
}

const GLOBALS = `global_defs {
router_id lab
vrrp_version 3
}
vrrp_instance VI_1 {
state MASTER
interface eth0
virtual_router_id 51
priority 200
advert_int ${ADVERT_MS / 1_000}
virtual_ipaddress {
10.4.0.100/32
}
}
`

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
    location / { default_type text/plain; return 200 "all is well\\n"; }
  }
}
`
