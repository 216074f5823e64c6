import {readFileSync} from 'node:fs'
import {join} from 'node:path'
import type {Capture} from '../lab/capture.ts'
import {type Daemon, startAgent} from '../lab/daemon.ts'
import type {Host} from '../lab/host.ts'
import {createLab, type Lab} from '../lab/lab.ts'
import type {LabProcess} from '../lab/lab-process.ts'
import {startNginx} from '../lab/nginx.ts'
import {repoRoot} from '../lab/repo-root.ts'
import {startWebClient, type WebClient} from '../lab/web-client.ts'

/** What the two configuration files say, for the formulas. */
export const VIP = '192.168.31.240'
export const INTERVAL_MS = 2_000
export const CHECK_EVERY_MS = 2_000
export const CLIENT_EVERY_MS = 50
const DEVICE = 'ens33'

/** A director with a web server on it. */
export interface Director {
  readonly host: Host
  readonly address: string
  /** As configured, and less the weight of a failed check. */
  readonly priority: number
  readonly priorityWithoutNginx: number
  nginx: LabProcess | undefined
  daemon: Daemon | undefined
}

/** All that the demo plays with. */
export interface World {
  readonly lab: Lab
  readonly director1: Director
  readonly director2: Director
  readonly capture: Capture
  readonly client: WebClient
}

/** Two directors with nginx, a client that asks for the virtual address, and a capture; nobody holds the address. */
export async function createWorld(): Promise<World> {
  const lab = await createLab()
  try {
    const segment = await lab.segment()
    const director = async (name: string, address: string, priority: number): Promise<Director> => {
      const host = await lab.host(name)
      await host.attach(segment, {interface: DEVICE, address: `${address}/24`})
      host.writeFile('/etc/keepalived/check_nginx.sh', ownFile('check_nginx.sh'), {mode: 0o755})
      const nginx = await startNginx(host)
      return {host, address, priority, priorityWithoutNginx: priority - 5, nginx, daemon: undefined}
    }
    const director1 = await director('director1', '192.168.31.230', 101)
    const director2 = await director('director2', '192.168.31.231', 100)
    const clientHost = await lab.host('client')
    await clientHost.attach(segment, {interface: DEVICE, address: '192.168.31.10/24'})
    const capture = await segment.capture()
    const client = await startWebClient(clientHost, {address: VIP, everyMs: CLIENT_EVERY_MS})
    return {lab, director1, director2, capture, client}
  } catch (error) {
    await lab.close()
    throw error
  }
}

/** Starts hactl on a director with its file as it is written. */
export async function startDirector(director: Director): Promise<void> {
  director.daemon = await startAgent(director.host, {config: ownFile(`${director.host.name}.conf`)})
}

const ownFile = (name: string): string => readFileSync(join(repoRoot(), 'test', 'demo', name), 'utf8')
