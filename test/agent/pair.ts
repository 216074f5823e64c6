import type {AgentStatus, VirtualRouter} from '../../src/control/model.ts'
import type {JournalRecord} from '../../src/core/journal/record.ts'
import type {Capture} from '../lab/capture.ts'
import {type Daemon, runHactl, startAgent} from '../lab/daemon.ts'
import type {Host} from '../lab/host.ts'
import {type Lab, withLab} from '../lab/lab.ts'
import type {Link} from '../lab/link.ts'
import {repoRoot} from '../lab/repo-root.ts'
import type {Segment} from '../lab/segment.ts'
import {sleep, until} from '../lab/wait.ts'

export const VIP = '10.9.0.100'
export const VRID = 51
/** 10 cs. */
export const INTERVAL_MS = 100

/** One director with its link. */
export interface Director {
  readonly name: string
  readonly host: Host
  readonly link: Link
  readonly address: string
  agent: Daemon
}

/** Two directors and whoever watches the segment. */
export interface Pair {
  readonly lab: Lab
  readonly segment: Segment
  readonly capture: Capture
  /** Priority 150. */
  readonly one: Director
  /** Priority 100. */
  readonly two: Director
}

/** A configuration for one director; version 3 at 10 cs unless the lines given say otherwise. */
export const config = (priority: number, lines = '', vips: readonly string[] = [`${VIP}/24`]): string => `
global_defs {
    router_id lab
    vrrp_version 3
    script_user root
}
vrrp_instance VI_1 {
    interface eth0
    virtual_router_id ${VRID}
    priority ${priority}
    advert_int ${INTERVAL_MS / 1000}
    ${lines}
    virtual_ipaddress {
        ${vips.join('\n        ')}
    }
}
`

/** Runs `work` with two agents of which the first is master. */
export const withPair = (work: (pair: Pair) => Promise<void>, lines = ''): Promise<void> =>
  withLab(async lab => {
    const segment = await lab.segment()
    const capture = await segment.capture()
    const one = await director(lab, segment, {name: 'one', address: '10.9.0.1', text: config(150, lines)})
    const two = await director(lab, segment, {name: 'two', address: '10.9.0.2', text: config(100, lines)})
    const pair = {lab, segment, capture, one, two}
    await until('the first to be master', () => holders(pair).join() === 'one', {timeoutMs: 5_000})
    await capture.waitForAdvert({source: one.address}, {timeoutMs: 2_000})
    try {
      await work(pair)
    } catch (error) {
      const said = [one, two].map(each => `--- ${each.name}\n${each.agent.process.describe()}`).join('\n')
      throw new Error(`${error instanceof Error ? (error.stack ?? error.message) : error}\n${said}`)
    }
    await capture.stop()
  })

async function director(
  lab: Lab,
  segment: Segment,
  {name, address, text}: {name: string; address: string; text: string},
): Promise<Director> {
  const host = await lab.host(name)
  const link = await host.attach(segment, {interface: 'eth0', address: `${address}/24`})
  return {name, host, link, address, agent: await startAgent(host, {config: text})}
}

/** The names of those that have the VIP on an interface. */
export const holders = ({one, two}: Pair, vip = VIP): readonly string[] =>
  [one, two].filter(({host}) => host.holds(vip)).map(({name}) => name)

export const ask = async <Reply>({host}: Director, ...args: readonly string[]): Promise<Reply> =>
  JSON.parse(await runHactl(host, [...args, '--json'])) as Reply

/** Runs a command against the agent of a director, whatever its exit code. */
export const hactl = ({host}: Director, ...args: readonly string[]): ReturnType<Host['run']> =>
  host.run([process.execPath, `${repoRoot()}/bin/run.cjs`, ...args, '--socket', '/run/hactl/agent.sock'], {
    check: false,
  })

export const agentStatus = async (director: Director): Promise<AgentStatus> =>
  (await ask<{item: AgentStatus}>(director, 'agent', 'status')).item

export const routerStatus = async (director: Director): Promise<VirtualRouter> =>
  (await ask<{item: VirtualRouter}>(director, 'vrrp', 'show', 'VI_1')).item

/** The number of a child, as its host counts. */
export async function childPid(director: Director, name: 'vrrp' | 'check'): Promise<number> {
  const child = (await agentStatus(director)).processes.find(process => process.name === name)
  if (!child?.pid) throw new Error(`${director.name} has no ${name} process`)
  return child.pid
}

export async function signalChild(director: Director, name: 'vrrp' | 'check', signal: string): Promise<void> {
  await director.host.run(['kill', `-${signal}`, String(await childPid(director, name))])
}

/** What the agent's journal holds, read from its file: the agent need not run. */
export function journal({host}: Pick<Director, 'host'>): readonly JournalRecord[] {
  const path = `${host.directory}/state/journal.ndjson`
  const lines = host.hasFile(path) ? host.readFile(path).split('\n') : []
  return lines.filter(line => line !== '').map(line => JSON.parse(line) as JournalRecord)
}

/** Advertisements of one director while `work` runs and a second after. */
export async function advertsDuring(
  {capture}: Pair,
  {address}: Director,
  work: () => Promise<void>,
): Promise<readonly {readonly atMs: number; readonly priority: number}[]> {
  await capture.settle()
  const fromMs = Date.now()
  await work()
  await sleep(1_000)
  await capture.settle()
  return capture.adverts({source: address, fromMs})
}
