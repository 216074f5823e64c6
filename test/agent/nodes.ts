import type {VirtualRouter, WhyReply} from '../../src/control/model.ts'
import type {JournalKind, JournalRecord} from '../../src/core/journal/record.ts'
import type {Capture} from '../lab/capture.ts'
import {CONFIG_FILE, runHactl, startAgent, startKeepalived} from '../lab/daemon.ts'
import {type Lab, withLab} from '../lab/lab.ts'
import type {LabProcess} from '../lab/lab-process.ts'
import type {Link} from '../lab/link.ts'
import type {Segment} from '../lab/segment.ts'
import {sleep, until} from '../lab/wait.ts'
import {ask, type Director, hactl, INTERVAL_MS} from './pair.ts'

/** A host with an agent, on every segment of its lab: eth0 is on the first one, eth1 on the second. */
export interface Node extends Director {
  readonly links: readonly Link[]
}

/** Segments with everybody on them who was started. */
export interface Site {
  readonly lab: Lab
  readonly segments: readonly Segment[]
  /** One a segment. */
  readonly captures: readonly Capture[]
  readonly nodes: Director[]
}

/** What a node is to be. */
export interface NodeSpec {
  readonly name: string
  /** Its last octet: eth0 has 10.9.0.N/24 and fd09:0::N/64, eth1 has 10.9.1.N/24 and so on. */
  readonly n: number
  readonly config: string
  /** Default: hactl. */
  readonly program?: 'hactl' | 'keepalived'
  /** Runs on the host before the program does. */
  readonly prepare?: (node: Omit<Node, 'agent'>) => Promise<void>
}

/** One virtual router of a configuration. */
export interface InstanceSpec {
  readonly name: string
  /** Default: eth0. */
  readonly device?: string
  readonly vrid: number
  readonly priority: number
  readonly vips?: readonly string[]
  readonly lines?: string
}

/** Gives `work` a lab with so many segments; what the programs said comes with whatever goes wrong. */
export const withSite = (segments: number, work: (site: Site) => Promise<void>): Promise<void> =>
  withLab(async lab => {
    const site: Site = {lab, segments: [], captures: [], nodes: []}
    for (let i = 0; i < segments; i++) {
      const segment = await lab.segment()
      Object.assign(site, {
        segments: [...site.segments, segment],
        captures: [...site.captures, await segment.capture()],
      })
    }
    try {
      await work(site)
    } catch (error) {
      const said = site.nodes.map(({name, agent}) => `--- ${name}\n${agent.process.describe()}`).join('\n')
      throw new Error(`${error instanceof Error ? (error.stack ?? error.message) : error}\n${said}`)
    }
    for (const capture of site.captures) await capture.stop()
  })

/** A host with an address on every segment, and the program on it. */
export async function startNode(site: Site, {name, n, config, program, prepare}: NodeSpec): Promise<Node> {
  const host = await site.lab.host(name)
  const links: Link[] = []
  for (const [i, segment] of site.segments.entries()) {
    links.push(await host.attach(segment, {interface: `eth${i}`, address: `10.9.${i}.${n}/24`}))
    await host.run(['ip', 'addr', 'add', `fd09:${i}::${n}/64`, 'dev', `eth${i}`, 'nodad'])
  }
  const rest = {name, host, links, link: links[0] as Link, address: `10.9.0.${n}`}
  await prepare?.(rest)
  const agent = program === 'keepalived' ? await startKeepalived(host, {config}) : await startAgent(host, {config})
  const node = {...rest, agent}
  site.nodes.push(node)
  return node
}

/** The text of a configuration: version 3 unless `globals` says otherwise. */
export const text = (instances: readonly InstanceSpec[], {globals = '', more = ''} = {}): string => `
global_defs {
    router_id lab
    vrrp_version 3
    script_user root
    ${globals}
}
${more}
${instances.map(instanceText).join('')}`

/** One `vrrp_instance`, at 10 cs. */
export const instanceText = ({name, device = 'eth0', vrid, priority, vips, lines = ''}: InstanceSpec): string => `
vrrp_instance ${name} {
    interface ${device}
    virtual_router_id ${vrid}
    priority ${priority}
    advert_int ${INTERVAL_MS / 1000}
    ${lines}
    virtual_ipaddress {
        ${(vips ?? [`10.9.0.${100 + vrid}/24`]).join('\n        ')}
    }
}
`

/** Puts another configuration to work by `hactl agent reload`; answers what the command said. */
export function reload({host}: Director, config: string): Promise<string> {
  host.writeFile(CONFIG_FILE, config)
  return runHactl(host, ['agent', 'reload'])
}

/** An instance as the API shows it, once that has come to its last transition in the journal. */
export async function shown(node: Director, name: string): Promise<VirtualRouter> {
  const giveUpAt = performance.now() + 3_000
  for (;;) {
    const {item} = await ask<{item: VirtualRouter}>(node, 'vrrp', 'show', name)
    const last = records(node).findLast(({kind, instance}) => kind === 'transition' && instance === name)
    const isLast = Date.parse(item.since) >= Date.parse(last?.at ?? item.since) - SAME_MOMENT_MS
    if (isLast || performance.now() > giveUpAt) return item
  }
}

/** The two times of one transition are taken one after the other. */
const SAME_MOMENT_MS = 20

/** Waits until the API shows an instance as it is to be. */
export async function shownWhen(
  node: Director,
  name: string,
  isAsExpected: (router: VirtualRouter) => boolean,
): Promise<VirtualRouter> {
  const giveUpAt = performance.now() + 3_000
  for (;;) {
    const router = await shown(node, name)
    if (isAsExpected(router) || performance.now() > giveUpAt) return router
  }
}

/** The same of an agent that may have been started a moment ago. */
export async function shownSoon(node: Director, name: string): Promise<VirtualRouter> {
  const giveUpAt = performance.now() + 3_000
  for (;;) {
    const {code, stdout, stderr} = await hactl(node, 'vrrp', 'show', name, '--json')
    if (code === 0) return (JSON.parse(stdout) as {item: VirtualRouter}).item
    if (performance.now() > giveUpAt) throw new Error(`${node.name} does not show ${name}: ${stderr}`)
    await sleep(50)
  }
}

export async function whyOf(node: Director, name: string): Promise<WhyReply> {
  await shown(node, name)
  return (await ask<{item: WhyReply}>(node, 'vrrp', 'why', name)).item
}

/** The journal's records, without one that is being written; none while there is no journal. */
export function records({host}: Director): readonly JournalRecord[] {
  const path = `${host.directory}/state/journal.ndjson`
  const whole = host.hasFile(path) ? host.readFile(path).split('\n').slice(0, -1) : []
  return whole.map(line => JSON.parse(line) as JournalRecord)
}

/** The states that an instance went through by the journal: "init -> backup". */
export const transitions = (node: Director, instance: string): readonly string[] =>
  records(node)
    .filter(({kind, instance: name}) => kind === 'transition' && name === instance)
    .map(({facts}) => `${facts.from} -> ${facts.to}`)

/** The state that an instance is in by the journal. */
export const stateOf = (node: Director, instance: string): unknown =>
  records(node).findLast(({kind, instance: name}) => kind === 'transition' && name === instance)?.facts.to

/** Waits until the journal has instances in a state. */
export const untilState = (
  node: Director,
  state: string,
  names: readonly string[],
  timeoutMs = 5_000,
): Promise<unknown> =>
  until(
    () => `${names.join(', ')} of ${node.name} to be ${state}: ${names.map(name => stateOf(node, name)).join(', ')}`,
    () => names.every(name => stateOf(node, name) === state),
    {timeoutMs, everyMs: 10},
  )

/** The sentences of one kind in the journal. */
export const said = (node: Director, kind: JournalKind): readonly string[] =>
  records(node)
    .filter(record => record.kind === kind)
    .map(record => record.text)

/** Waits for a sentence of the journal. */
export const untilSaid = (node: Director, kind: JournalKind, what: RegExp, timeoutMs = 3_000): Promise<string> =>
  until(
    () => `${kind} ${what} of ${node.name}: ${said(node, kind).join('; ')}`,
    () => said(node, kind).find(sentence => what.test(sentence)),
    {timeoutMs, everyMs: 10},
  )

/** Reads a pipe from before there is one, and goes on when a writer closes it. */
export const readPipe = ({host}: Pick<Director, 'host'>, path: string): Promise<LabProcess> =>
  host.start(['sh', '-c', `[ -p ${path} ] || mkfifo -m 600 ${path}; exec 3<>${path}; exec cat <&3`])

/** The lines that a program has printed. */
export const linesOf = ({stdout}: LabProcess): readonly string[] => stdout.split('\n').filter(line => line !== '')
