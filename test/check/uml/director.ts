import {constants, openSync, readFileSync} from 'node:fs'
import {Socket} from 'node:net'
import {CONFIG_FILE, type Daemon, startAgent} from '../../lab/daemon.ts'
import type {Host} from '../../lab/host.ts'
import type {Lab} from '../../lab/lab.ts'
import type {Segment} from '../../lab/segment.ts'
import {sleep, until} from '../../lab/wait.ts'

/** The programs whose decisions are compared. */
export const PROGRAMS = ['keepalived', 'hactl'] as const
export type ProgramName = (typeof PROGRAMS)[number]

/** Where both are told to write what happened; `global_defs` of a configuration has to name it. */
export const FIFO = '/run/lvs.fifo'

/** How often the kernel's table is read, milliseconds. */
const LOOK_EVERY_MS = 5
/** A program may take several steps to get where it wants: what is gone sooner than this was no state, milliseconds. */
const SETTLED_AFTER_MS = 100
/** The agent's processes take seconds to start in User-Mode Linux. */
const START_TIMEOUT_MS = 60_000

interface State {
  readonly atMs: number
  readonly text: string
}

/**
 * A program on a host of its own, with an IPVS of its own, and everything that it does to its services: from the
 * kernel's own table, and from its notify FIFO.
 */
export class Director {
  readonly program: ProgramName
  readonly host: Host
  readonly #states = new Map<string, State[]>()
  readonly #told: State[] = []
  #daemon: Daemon | undefined
  #watch: NodeJS.Timeout | undefined
  #fifo: Socket | undefined
  #last = ''
  #changedAtMs = performance.now()

  private constructor(program: ProgramName, host: Host) {
    this.program = program
    this.host = host
  }

  /** A host that runs nothing yet; `address` has a prefix length. */
  static async on(lab: Lab, segment: Segment, {program, address}: {program: ProgramName; address: string}) {
    const host = await lab.host(program)
    await host.attach(segment, {interface: 'eth0', address})
    await host.run(['mkfifo', FIFO])
    const director = new Director(program, host)
    director.#fifo = new Socket({fd: openSync(host.outside(FIFO), constants.O_RDWR | constants.O_NONBLOCK)})
    director.#fifo.setEncoding('utf8').on('data', (text: string) => director.#hear(text))
    director.#watch = setInterval(() => director.#look(), LOOK_EVERY_MS)
    return director
  }

  /** Starts the program; resolves when it has made its services. */
  async start(config: string): Promise<void> {
    this.host.writeFile(CONFIG_FILE, config)
    this.#daemon = this.program === 'hactl' ? await startAgent(this.host, {config}) : await startKeepalived(this.host)
    await until(
      () => `services of ${this.#daemon?.process.describe()}`,
      () => this.#states.size > 0,
      {timeoutMs: START_TIMEOUT_MS},
    )
  }

  /** Gives the program another configuration. */
  reload(config: string): void {
    this.host.writeFile(CONFIG_FILE, config)
    this.#daemon?.process.signal('SIGHUP')
  }

  async stop(): Promise<void> {
    await this.#daemon?.process.stop({timeoutMs: START_TIMEOUT_MS})
  }

  close(): void {
    clearInterval(this.#watch)
    this.#fifo?.destroy()
  }

  /** What the program said, for messages. */
  describe(): string {
    return this.#daemon?.process.describe() ?? `${this.program} does not run`
  }

  /** For how long nothing has happened, milliseconds. */
  get quietMs(): number {
    return performance.now() - this.#changedAtMs
  }

  /** Services that there ever were whose name begins so, by name: the kernel lists them in an order of its own. */
  servicesWith(prefix: string): readonly string[] {
    return [...this.#states.keys()].filter(name => name.startsWith(prefix)).sort()
  }

  /** States of a service since a moment of `performance.now()`, oldest first, but for those that it only passed. */
  statesSince(service: string, fromMs: number): readonly string[] {
    const states = this.#states.get(service) ?? []
    const lasting = states.filter(({atMs}, i) => (states[i + 1]?.atMs ?? Infinity) - atMs >= SETTLED_AFTER_MS)
    const changes = lasting.filter(({text}, i) => text !== (lasting[i - 1]?.text ?? GONE))
    return changes.filter(({atMs}) => atMs >= fromMs).map(({text}) => text)
  }

  /** Lines of the notify FIFO since a moment of `performance.now()` that have a certain text in them. */
  toldSince(text: string, fromMs: number): readonly string[] {
    return this.#told.flatMap(line => (line.atMs >= fromMs && line.text.includes(text) ? [line.text] : []))
  }

  #hear(text: string): void {
    const atMs = performance.now()
    this.#changedAtMs = atMs
    for (const line of text.split('\n')) if (line !== '') this.#told.push({atMs, text: line})
  }

  #look(): void {
    const text = readFileSync(`/proc/${this.host.entrance.pid}/net/ip_vs`, 'utf8')
    if (text === this.#last) return
    this.#last = text
    const atMs = performance.now()
    const table = tableOf(text)
    for (const service of new Set([...this.#states.keys(), ...table.keys()])) {
      const states = this.#states.get(service) ?? []
      this.#states.set(service, states)
      const now = table.get(service) ?? GONE
      if (now === states.at(-1)?.text) continue
      states.push({atMs, text: now})
      this.#changedAtMs = atMs
    }
  }
}

/** Resolves when no director has done anything for so long, counted from now. */
export async function untilQuiet(directors: readonly Director[], quietMs: number): Promise<void> {
  await sleep(quietMs)
  await until('the directors to be quiet', () => directors.every(director => director.quietMs >= quietMs), {
    timeoutMs: 120_000,
    everyMs: 20,
  })
}

/** A service that IPVS does not have, and one without real servers. */
const GONE = 'gone'
const EMPTY = 'empty'

async function startKeepalived(host: Host): Promise<Daemon> {
  // Without -G each line of its log goes to the console of the machine, slowly.
  const options = ['-n', '-l', '-D', '-G', '-C', '-f', CONFIG_FILE, '-p', '/run/keepalived.pid', '-c', '/run/check.pid']
  return {program: 'keepalived', host, process: await host.start(['keepalived', ...options])}
}

/** /proc/net/ip_vs (net/netfilter/ipvs/ip_vs_ctl.c): real servers by name and weight, those of a service in one line. */
function tableOf(text: string): ReadonlyMap<string, string> {
  const services = new Map<string, string[]>()
  let reals: string[] = []
  for (const line of text.split('\n').slice(3)) {
    const [first = '', second = '', , weight = ''] = line.trim().split(/\s+/)
    if (first === '->') reals.push(`${endpoint(second).replace(/:\d+$/, '')}=${weight}`)
    else if (first !== '') {
      reals = []
      services.set(endpoint(second), reals)
    }
  }
  // The kernel puts a new real server first: their order says nothing.
  const compare = new Intl.Collator('en', {numeric: true}).compare
  return new Map([...services].map(([name, of]) => [name, of.length === 0 ? EMPTY : of.sort(compare).join(' ')]))
}

function endpoint(hex: string): string {
  const [address = '', port = ''] = hex.split(':')
  return `${[...Buffer.from(address, 'hex')].join('.')}:${Number.parseInt(port, 16)}`
}
