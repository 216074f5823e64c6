import {readFileSync, statSync} from 'node:fs'
import type {AgentClient} from '../../../src/control/client.ts'
import {agentClient} from '../../../src/control/client.ts'
import type {AgentStatus, Override} from '../../../src/control/model.ts'
import {AGENT_SOCKET, CONFIG_FILE, crash, type Daemon, startAgent, stopGracefully} from '../../lab/daemon.ts'
import type {Host} from '../../lab/host.ts'
import {type Lab, withLab} from '../../lab/lab.ts'
import type {Link} from '../../lab/link.ts'
import {guest} from '../../lab/uml/guest.ts'
import {sleep} from '../../lab/wait.ts'

/** Which play is to be seen. */
export interface AgentInput {
  readonly play: 'life' | 'kills' | 'daemons' | 'disk'
}

/** Tables as `ipvsadm -S -n` writes them, and what the agent said. */
export interface Life {
  readonly started: string
  readonly ordered: string
  readonly reloaded: string
  readonly stopped: string
  readonly again: string
  readonly overrides: readonly Override[]
  readonly counted: number
  readonly checkKilled: string
  readonly takenBack: string
  readonly timeouts: readonly string[]
  readonly observed: string
  readonly refused: string
  readonly flushed: string
  readonly journal: readonly string[]
}

/** One sudden end in the middle of a restore. */
export interface Kill {
  readonly who: 'everything' | 'supervisor' | 'check'
  readonly when: 'written' | number
  /** How many services were in the kernel when it was dead. */
  readonly servicesThen: number
  /** Lines that the kernel lacks after the next start, or has too many, of what is wanted and what others made. */
  readonly amiss: readonly string[]
  /** What is left when the agent was stopped. */
  readonly stopped: string
}

/** `ipvsadm -L --daemon` in each situation. */
export type Daemons = Readonly<Record<'backup' | 'master' | 'fault' | 'again' | 'stopped', string>>

/** What a full disk did. */
export interface Disk {
  readonly refused: string
  readonly before: string
  readonly after: string
  readonly freed: string
}

guest<AgentInput, Life | readonly Kill[] | Daemons | Disk>(({play}) => withLab(lab => PLAYS[play](lab)))

/** What another program made; it is to be there at every moment. */
const FOREIGN = ['-A -t 10.9.9.9:80 -s rr', '-a -t 10.9.9.9:80 -r 10.9.9.1:80 -m -w 5', '-A -f 7 -s wlc -p 60']

const server = (port: number, reals: readonly string[], {scheduler = 'wrr'} = {}): string => `
virtual_server 10.9.0.100 ${port} {
    lb_algo ${scheduler}
    lb_kind DR
    protocol TCP
    ${reals.map(real => `real_server ${real} ${port} {\nweight 3\n}`).join('\n')}
}`

const globals = (lines = ''): string => `global_defs {\nrouter_id lab\nvrrp_version 3\n${lines}\n}\n`

const PLAYS: {readonly [Play in AgentInput['play']]: (lab: Lab) => Promise<Life | readonly Kill[] | Daemons | Disk>} = {
  life,
  kills,
  daemons,
  disk,
}

async function life(lab: Lab): Promise<Life> {
  const {host} = await director(lab)
  await change(host, ...FOREIGN)
  const first = globals('lvs_timeouts tcp 1234') + server(80, ['10.9.0.1', '10.9.0.2']) + server(81, ['10.9.0.1'])
  let agent = await startAgent(host, {config: first})
  const started = await tableWhen(host, table => lines(table) === 8)
  const timeouts = [await timeoutsOf(host)]
  const client = clientOf(host)
  await client.drainReal({service: '10.9.0.100:80', real: '10.9.0.1', reason: 'disk'})
  await client.addReal({service: '10.9.0.100 80', real: '10.9.0.3', method: 'dr', weight: 2})
  await client.editReal({service: '10.9.9.9:80', real: '10.9.9.1:80', weight: 6})
  const ordered = await tableOf(host)

  host.writeFile(CONFIG_FILE, globals() + server(80, ['10.9.0.1', '10.9.0.2'], {scheduler: 'sh'}))
  await client.reload({})
  const reloaded = await tableOf(host)
  timeouts.push(await timeoutsOf(host))
  await stopGracefully(agent)
  const stopped = await tableOf(host)

  await change(host, ...FOREIGN.slice(0, 2))
  agent = await startAgent(host, {config: globals() + server(80, ['10.9.0.1', '10.9.0.2'])})
  const again = await tableWhen(host, table => table.includes('10.9.0.100:80 -r 10.9.0.3:80'))
  const {items: overrides} = await clientOf(host).overrides()
  const counted = (await clientOf(host).status()).item.overrides
  await killCheck(host)
  await clientOf(host).drainReal({service: '10.9.0.100:80', real: '10.9.0.2'})
  const checkKilled = await tableOf(host)
  for (const {id} of overrides) await clientOf(host).cancelOverride({id})
  const takenBack = await tableOf(host)
  const {items} = await clientOf(host).journal({limit: 1000})
  const journal = items.map(({kind, text}) => `${kind}: ${text}`)
  await stopGracefully(agent)

  await change(host, '-A -u 10.9.7.7:53')
  agent = await startAgent(host, {config: globals('lvs_flush') + server(80, ['10.9.0.1']), flags: ['--observe']})
  const refused = await failureOf(clientOf(host).addService({service: '10.9.0.5:5/tcp'}))
  await clientOf(host).lvsServices({})
  await stopGracefully(agent)
  const observed = await tableOf(host)
  agent = await startAgent(host, {config: globals('lvs_flush') + server(80, ['10.9.0.1'])})
  const flushed = await tableWhen(host, table => table.includes('10.9.0.1:80'))
  await stopGracefully(agent)
  return {
    started,
    ordered,
    reloaded,
    stopped,
    again,
    overrides,
    counted,
    checkKilled,
    takenBack,
    timeouts,
    observed,
    refused,
    flushed,
    journal,
  }
}

/** 2,000 services with 4 real servers each: 10,000 objects. */
const SERVICES = Array.from({length: 2_000}, (_, i) => `10.8.${Math.floor(i / 250)}.${(i % 250) + 1}:80`)
const RULES = SERVICES.flatMap(service => [
  `-A -t ${service} -s wrr`,
  ...[1, 2, 3, 4].map(n => `-a -t ${service} -r 10.7.0.${n}:80 -g -w ${n}`),
])
/** What others made, what is configured, and the rules, as `kernelTable` has them. */
const EXPECTED: ReadonlySet<string> = new Set([
  '-A 10.9.9.9:80 rr',
  '10.9.9.9:80 -a 10.9.9.1:80 Masq 5',
  '-A fwm/7 wlc',
  '-A 10.9.0.100:80 wrr',
  ...[1, 2].map(n => `10.9.0.100:80 -a 10.9.0.${n}:80 Route 3`),
  ...SERVICES.flatMap(service => [
    `-A ${service} wrr`,
    ...[1, 2, 3, 4].map(n => `${service} -a 10.7.0.${n}:80 Route ${n}`),
  ]),
])

/** Who ends, and when: once the order is on the disk, or once the kernel has so many services. */
const MOMENTS: readonly Pick<Kill, 'who' | 'when'>[] = [
  {who: 'everything', when: 'written'},
  {who: 'everything', when: 100},
  {who: 'supervisor', when: 400},
  {who: 'check', when: 200},
  {who: 'everything', when: 800},
]

async function kills(lab: Lab): Promise<readonly Kill[]> {
  const {host} = await director(lab)
  const seen: Kill[] = []
  for (const moment of MOMENTS) seen.push(await kill(host, moment))
  return seen
}

async function kill(host: Host, {who, when: moment}: Pick<Kill, 'who' | 'when'>): Promise<Kill> {
  await host.run(['rm', '-rf', `${host.directory}/state`])
  await host.run(['ipvsadm', '-C'])
  await change(host, ...FOREIGN)
  const config = globals() + server(80, ['10.9.0.1', '10.9.0.2'])
  let agent = await startAgent(host, {config})
  await tableWhen(host, table => lines(table) === 6)
  const pids = agent.process.tree()
  const named = (name: string): number =>
    pids.find(pid => readFileSync(`/proc/${pid}/comm`, 'utf8').trim() === name) ?? 0
  const check = named('hactl_check')
  const state = `${host.directory}/state/lvs.json`
  const text = RULES.join('\n')
  const ordered = clientOf(host)
    .restoreLvs({text})
    .catch(() => undefined)
  const {pid} = host.entrance
  await eventually('the moment', async () =>
    moment === 'written' ? statSync(state).size > text.length : kernelTable(pid).filter(isService).length >= moment,
  )
  const victim = who === 'supervisor' ? named('hactl') : check
  process.kill(victim, who === 'everything' ? 'SIGSTOP' : 'SIGKILL')
  if (who === 'everything') await crash(agent)
  const servicesThen = kernelTable(pid).filter(isService).length
  await ordered
  if (who !== 'check') agent = await startAgent(host, {config})
  const amiss = await differences(pid)
  await stop(agent)
  return {who, when: moment, servicesThen, amiss, stopped: await tableOf(host)}
}

const isService = (line: string): boolean => line.startsWith('-A')

/** Ten thousand objects take their time to be withdrawn where many programs share a processor. */
const stop = (agent: Daemon): Promise<unknown> => agent.process.stop({timeoutMs: 60_000})

/** What differs from what is expected, once nothing does or a long while has passed. */
async function differences(pid: number): Promise<readonly string[]> {
  const giveUpAt = performance.now() + 60_000
  for (;;) {
    const there = new Set(kernelTable(pid))
    const more = [...there].filter(line => !EXPECTED.has(line))
    const differing = [...more, ...[...EXPECTED].filter(line => !there.has(line))]
    if (differing.length === 0 || performance.now() > giveUpAt) return differing.slice(0, 10)
    await sleep(100)
  }
}

/** The kernel's table around a process, which no program tells as quickly. /proc/net/ip_vs, net/netfilter/ipvs/ip_vs_ctl.c */
function kernelTable(pid: number): readonly string[] {
  let service = ''
  return readFileSync(`/proc/${pid}/net/ip_vs`, 'utf8')
    .split('\n')
    .slice(3)
    .flatMap(line => {
      const [first = '', second = '', third = '', fourth = ''] = line.trim().split(/\s+/)
      if (first === '') return []
      if (first === '->') return [`${service} -a ${endpoint(second)} ${third} ${fourth}`]
      service = first === 'FWM' ? `fwm/${Number.parseInt(second, 16)}` : endpoint(second)
      return [`-A ${service} ${third}`]
    })
}

function endpoint(hex: string): string {
  const [address = '', port = ''] = hex.split(':')
  return `${[...Buffer.from(address, 'hex')].join('.')}:${Number.parseInt(port, 16)}`
}

async function daemons(lab: Lab): Promise<Daemons> {
  const {host, link} = await director(lab)
  const config = `${globals('lvs_sync_daemon eth0 inst VI_1 id 9 maxlen 1400')}
vrrp_instance VI_1 {
    interface eth0
    virtual_router_id 51
    priority 100
    advert_int 0.5
    virtual_ipaddress {
        10.9.0.100/24
    }
}
${server(80, ['10.9.0.1'])}`
  const agent = await startAgent(host, {config})
  const backup = await daemonsWhen(host, text => text !== '')
  const master = await daemonsWhen(host, text => text.includes('master'))
  await link.cut()
  const fault = await daemonsWhen(host, text => text.includes('backup'))
  await link.restore()
  const again = await daemonsWhen(host, text => text.includes('master'))
  await stopGracefully(agent)
  return {backup, master, fault, again, stopped: await daemonsOf(host)}
}

async function disk(lab: Lab): Promise<Disk> {
  const {host} = await director(lab)
  const state = `${host.directory}/state`
  await host.run(['mkdir', '-p', state])
  await host.run(['mount', '-t', 'tmpfs', '-o', 'size=128k', 'tmpfs', state])
  const agent = await startAgent(host, {config: globals() + server(80, ['10.9.0.1', '10.9.0.2'])})
  const before = await tableWhen(host, table => lines(table) === 3)
  await host.run(['dd', 'if=/dev/zero', `of=${state}/fill`, 'bs=1k'], {check: false})
  const drain = {service: '10.9.0.100:80', real: '10.9.0.1'}
  const refused = await failureOf(clientOf(host).drainReal(drain))
  const after = await tableOf(host)
  await host.run(['rm', `${state}/fill`])
  await clientOf(host).drainReal(drain)
  const freed = await tableOf(host)
  await stopGracefully(agent)
  return {refused, before, after, freed}
}

async function director(lab: Lab): Promise<{readonly host: Host; readonly link: Link}> {
  const segment = await lab.segment()
  const host = await lab.host('director')
  const link = await host.attach(segment, {interface: 'eth0', address: '10.9.0.50/24'})
  return {host, link}
}

const clientOf = (host: Host): AgentClient => agentClient({socket: host.outside(AGENT_SOCKET)})

/** Kills the check process; resolves when there is another one. */
async function killCheck(host: Host): Promise<void> {
  const check = async (): Promise<AgentStatus['processes'][number] | undefined> =>
    (await clientOf(host).status()).item.processes.find(({name}) => name === 'check')
  const before = (await check())?.pid
  await host.run(['kill', '-KILL', String(before)])
  await eventually('another check process', async () => {
    const present = await check()
    return present?.state === 'running' && present.pid !== before
  })
}

/** Changes the table as another program does it. */
const change = (host: Host, ...rules: readonly string[]): Promise<unknown> =>
  host.run(['ipvsadm', '-R'], {input: `${rules.join('\n')}\n`})

const lines = (table: string): number => table.split('\n').filter(line => line !== '').length

const tableOf = async (host: Host): Promise<string> => (await host.run(['ipvsadm', '-S', '-n'])).stdout

const daemonsOf = async (host: Host): Promise<string> => (await host.run(['ipvsadm', '-L', '--daemon'])).stdout

const timeoutsOf = async (host: Host): Promise<string> =>
  (await host.run(['ipvsadm', '-L', '--timeout'])).stdout.replace(/.*: /, '').trim()

const tableWhen = (host: Host, isSo: (table: string) => boolean): Promise<string> => when(() => tableOf(host), isSo)

const daemonsWhen = (host: Host, isSo: (text: string) => boolean): Promise<string> => when(() => daemonsOf(host), isSo)

/** What is seen once it is as it is to be, or after a while all the same. */
async function when(look: () => Promise<string>, isSo: (seen: string) => boolean): Promise<string> {
  const giveUpAt = performance.now() + 15_000
  for (;;) {
    const seen = await look()
    if (isSo(seen) || performance.now() > giveUpAt) return seen
    await sleep(20)
  }
}

async function eventually(what: string, isSo: () => Promise<boolean>): Promise<void> {
  const giveUpAt = performance.now() + 60_000
  while (!(await isSo())) {
    if (performance.now() > giveUpAt) throw new Error(`waited in vain for ${what}`)
    await sleep(5)
  }
}

const failureOf = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'it was done',
    (error: Error & {code?: string}) => `${error.code}: ${error.message}`,
  )
