import {ZERO_COUNTERS} from '../../src/core/ipvs/codec-counters.ts'
import type {
  Destination,
  IpvsChange,
  IpvsConnection,
  IpvsInfo,
  IpvsTimeouts,
  Service,
  ServiceEntry,
  ServiceId,
  ServiceRules,
  SyncDaemon,
  SyncRole,
} from '../../src/core/ipvs/model.ts'
import type {IpvsResult, IpvsTable} from '../../src/core/ipvs/table.ts'

/** What a change is to end with in place of what the kernel would say; `done`: it takes effect all the same. */
export interface Fault {
  readonly reason: string
  readonly done?: boolean
}

interface Row {
  service: Service
  destinations: Destination[]
}

const SCHEDULERS = ['rr', 'wrr', 'lc', 'wlc', 'sh', 'mh', 'sed', 'nq', 'fo', 'ovf', 'dh', 'lblc', 'lblcr']

/** The kernel's table as a program sees it: the newest comes first, and errors are those of Linux 6.1. */
export class MemoryTable implements IpvsTable {
  /** Called before each change with its number, 1 the first; what it returns happens. */
  fault: (number: number, change: IpvsChange) => Fault | undefined = () => undefined
  /** Every change that was asked for. */
  readonly asked: IpvsChange[] = []
  /** Established connections by the name of their real server. */
  readonly active = new Map<string, number>()
  tracked: IpvsConnection[] = []
  running: SyncDaemon[] = []
  times: IpvsTimeouts = {tcpSeconds: 900, tcpFinSeconds: 120, udpSeconds: 300}
  zeroed: (ServiceId | undefined)[] = []
  flushes = 0
  closed = false
  #rows: Row[] = []

  /** What is there, in an order that does not depend on how it came about. */
  get rules(): readonly ServiceRules[] {
    return this.#rows
      .map(({service, destinations}) => ({
        service,
        destinations: [...destinations].sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)),
      }))
      .sort((a, b) => (keyOf(a.service.id) < keyOf(b.service.id) ? -1 : 1))
  }

  /** Makes it hold this, as another program would do it. */
  fill(rules: readonly ServiceRules[]): void {
    this.#rows = []
    for (const {service, destinations} of rules) {
      this.#rows.unshift({service, destinations: [...destinations].reverse()})
    }
  }

  async info(): Promise<IpvsInfo> {
    return {version: '1.2.1', connectionTableSize: 4096}
  }

  services(): Promise<readonly ServiceEntry[]> {
    return this.mapServices(entry => entry)
  }

  async mapServices<Value>(each: (entry: ServiceEntry) => Value): Promise<readonly Value[]> {
    return this.#rows.map(row => each(this.#entry(row)))
  }

  async service(id: ServiceId): Promise<ServiceEntry | undefined> {
    const row = this.#row(id)
    return row === undefined ? undefined : this.#entry(row)
  }

  async change(changes: readonly IpvsChange[]): Promise<readonly IpvsResult[]> {
    return changes.map(change => {
      this.asked.push(change)
      const fault = this.fault(this.asked.length, change)
      if (fault !== undefined && fault.done !== true) return refused(fault.reason)
      const result = this.#make(change)
      return fault === undefined ? result : refused(fault.reason)
    })
  }

  async zero(id: ServiceId | undefined): Promise<IpvsResult> {
    if (id !== undefined && this.#row(id) === undefined) return refused('ESRCH')
    this.zeroed.push(id)
    return OK
  }

  async flush(): Promise<IpvsResult> {
    this.flushes++
    this.#rows = []
    return OK
  }

  async timeouts(): Promise<IpvsTimeouts> {
    return this.times
  }

  async setTimeouts({tcpSeconds, tcpFinSeconds, udpSeconds}: IpvsTimeouts): Promise<IpvsResult> {
    this.times = {
      tcpSeconds: tcpSeconds || this.times.tcpSeconds,
      tcpFinSeconds: tcpFinSeconds || this.times.tcpFinSeconds,
      udpSeconds: udpSeconds || this.times.udpSeconds,
    }
    return OK
  }

  async daemons(): Promise<readonly SyncDaemon[]> {
    return this.running
  }

  async startDaemon(daemon: SyncDaemon): Promise<IpvsResult> {
    if (daemon.interface !== 'eth0') return refused('ENODEV')
    if (this.running.some(({role}) => role === daemon.role)) return refused('EEXIST')
    this.running = [...this.running, daemon]
    return OK
  }

  async stopDaemon(role: SyncRole): Promise<IpvsResult> {
    if (!this.running.some(daemon => daemon.role === role)) return refused('ESRCH')
    this.running = this.running.filter(daemon => daemon.role !== role)
    return OK
  }

  async *connections(): AsyncIterable<IpvsConnection> {
    yield* this.tracked
  }

  close(): void {
    this.closed = true
  }

  #make(change: IpvsChange): IpvsResult {
    switch (change.type) {
      case 'add-service':
        if (this.#row(change.service.id) !== undefined) return refused('EEXIST')
        if (!isKnown(change.service)) return refused('ENOENT')
        this.#rows.unshift({service: change.service, destinations: []})
        return OK
      case 'edit-service': {
        const row = this.#row(change.service.id)
        if (row === undefined) return refused('ESRCH')
        if (!isKnown(change.service)) return refused('ENOENT')
        row.service = change.service
        return OK
      }
      case 'delete-service':
        if (this.#row(change.id) === undefined) return refused('ESRCH')
        this.#rows = this.#rows.filter(({service}) => keyOf(service.id) !== keyOf(change.id))
        return OK
      default:
        return this.#makeDestination(change)
    }
  }

  #makeDestination(change: Extract<IpvsChange, {readonly destination: unknown}>): IpvsResult {
    const row = this.#row(change.id)
    if (row === undefined) return refused('ESRCH')
    const {address, port} = change.destination
    const at = row.destinations.findIndex(destination => destination.address === address && destination.port === port)
    if (change.type === 'add-destination') {
      if (at !== -1) return refused('EEXIST')
      row.destinations.unshift(change.destination)
      return OK
    }
    if (at === -1) return refused('ENOENT')
    if (change.type === 'edit-destination') row.destinations[at] = change.destination
    else row.destinations.splice(at, 1)
    return OK
  }

  #row(id: ServiceId): Row | undefined {
    return this.#rows.find(({service}) => keyOf(service.id) === keyOf(id))
  }

  #entry({service, destinations}: Row): ServiceEntry {
    return {
      service,
      counters: ZERO_COUNTERS,
      destinations: destinations.map(destination => ({
        ...destination,
        activeConnections: this.active.get(`${destination.address}:${destination.port}`) ?? 0,
        inactiveConnections: 0,
        persistentConnections: 0,
        counters: ZERO_COUNTERS,
      })),
    }
  }
}

const OK: IpvsResult = {ok: true}
const refused = (reason: string): IpvsResult => ({ok: false, reason})
const isKnown = ({scheduler, persistence}: Service): boolean =>
  SCHEDULERS.includes(scheduler) && (persistence?.engine === undefined || persistence.engine === 'sip')

const keyOf = (id: ServiceId): string =>
  id.type === 'address' ? `${id.protocol} ${id.address} ${id.port}` : `${id.mark} ${id.family}`
